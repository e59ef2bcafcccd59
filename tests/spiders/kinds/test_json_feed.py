from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from spiders.kinds import feed, json_api
from spiders.kinds.json_feed import loads
from spiders.kinds.offer import Offer
from spiders.kinds.table import discover, guess_kind
from storage.records import Candidate, Fetched
from storage.source import JsonPaths, Source, SourceKind
from tests.spiders.answers import fetched, source

FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "T",
    "language": "fr-FR",
    "items": [
        {
            "id": "1",
            "url": "https://a.org/1?utm_source=json",
            "title": "Accord <b>signé</b> &amp; publié",
            "date_published": "2026-11-23T23:30:00-02:00",
        },
        {"id": "https://a.org/2", "title": "Deux", "date_modified": "2026-11-20", "language": "en"},
        {"id": "3", "external_url": "/3", "content_text": "no title"},
        {"id": "tag:4", "title": "Sans lien"},
        {"id": "5", "url": "https://a.org/1", "title": "Encore le premier"},
    ],
}
CANDIDATES = (
    Candidate("https://a.org/1", "Accord signé & publié", date(2026, 11, 24), "fr"),
    Candidate("https://a.org/2", "Deux", date(2026, 11, 20), "en"),
    Candidate("https://a.org/3", None, None, "fr", "no title"),
)


def written(**values: Any) -> str:
    return json.dumps(FEED | values, ensure_ascii=False)


def read(body: str | bytes, content_type: str = "application/feed+json", **values: Any) -> Offer:
    return feed.read(fetched(body, content_type), source(SourceKind.FEED, **values))


@pytest.mark.parametrize("content_type", ["application/feed+json", "application/json", "text/html"])
def test_a_feed_is_told_from_its_bytes(content_type: str) -> None:
    assert read(written(), content_type) == Offer(CANDIDATES)
    assert guess_kind(fetched(written(), content_type)) is SourceKind.FEED
    assert discover(fetched(written(), content_type)).candidates == CANDIDATES


@pytest.mark.parametrize(
    "body",
    [
        written(version="https://jsonfeed.org/version/1"),
        written().replace("https://jsonfeed", "https:\\/\\/jsonfeed"),
        "\ufeff\n" + written(),
        json.dumps({"items": FEED["items"], "language": "fr", "version": FEED["version"]}),
        json.dumps({"items": FEED["items"], "language": "fr"}),  # its version was forgotten
    ],
)
def test_variants_are_read_alike(body: str) -> None:
    assert read(body) == Offer(CANDIDATES)


def test_max_items_keeps_the_first() -> None:
    assert read(written(), max_items=2) == Offer(CANDIDATES[:2], cut=len(CANDIDATES) - 2)


def test_a_feed_without_items_is_a_feed() -> None:
    assert read(written(items=[])) == Offer()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{}", "not_a_feed"),
        ('{"items": 3, "version": "https://jsonfeed.org/version/1"}', "not_a_feed"),
        ('{"items": [{"id": 1, "name": "x"}]}', "not_a_feed"),
        (written(items=[{"id": "tag:4"}, 3, None, "x"]), "no_items"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [{"id"', "truncated"),
        ("{" + '"a":[' * 200_000, "not_a_feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [' + "[" * 200_000, "truncated"),
        ('{"version": "https://jsonfeed.org/version/1", "x": ' + "9" * 5000 + "}", "not_a_feed"),
    ],
)
def test_what_is_no_feed_fails_with_a_name(body: str, reason: str) -> None:
    offer = read(body)
    assert offer.failed
    assert (offer.problem or "").startswith(f"{reason}: ")


def test_a_feed_that_breaks_off_gives_what_arrived_and_says_so() -> None:
    body = written()
    offer = read(body[: body.index('"Sans lien"')])
    assert offer.candidates == CANDIDATES
    assert (offer.problem or "").startswith("truncated: ")
    assert not offer.failed


@pytest.mark.parametrize("value", [3, None, [], {}, "", "yesterday", "2026-13-99", "9" * 400])
@pytest.mark.parametrize("key", ["url", "title", "date_published", "language", "external_url"])
def test_values_of_the_wrong_type_are_passed_over(key: str, value: object) -> None:
    good = {"id": "2", "url": "https://a.org/2", "title": "Deux"}
    offer = read(written(items=[{"id": "1", "url": "https://a.org/1", key: value}, good]))
    assert offer.candidates[-1] == Candidate("https://a.org/2", "Deux", None, "fr")


def _rows(values: list[Any]) -> str:
    return json.dumps(values)


def _feed(values: list[Any]) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": values})


def _item(number: int) -> dict[str, Any]:
    return {"url": f"https://a.org/{number}", "title": f"Item {number}"}


def _post(number: int) -> dict[str, Any]:
    return {"link": f"https://a.org/{number}", "title": {"rendered": f"Item {number}"}}


Case = tuple[
    Callable[[Fetched, Source], Offer], Source, Callable[[int], Any], Callable[[list[Any]], str]
]
CASES: dict[str, Case] = {
    "feed": (feed.read, source(SourceKind.FEED), _item, _feed),
    "api": (
        json_api.read,
        source(SourceKind.JSON, paths=JsonPaths("", "url", "title")),
        _item,
        _rows,
    ),
    "api without paths": (json_api.read, source(SourceKind.JSON), _item, _rows),
    "wordpress": (json_api.read_posts, source(SourceKind.WORDPRESS), _post, _rows),
}


def _read(case: Case, text: str) -> Offer:
    return case[0](fetched(text, "application/json"), case[1])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize(
    "poison",
    [r"a\ud800b", r"a\udc00", r"a\xb", "two\nlines"],
    ids=["half", "other half", "backslash", "line break"],
)
def test_what_no_text_can_hold_costs_nothing(case: Case, poison: str) -> None:
    text = case[3]([case[2](n) for n in range(10)]).replace("Item 3", poison)
    offer = _read(case, text.replace("a.org/4", "a.org/4\\ud800"))
    assert (len(offer.candidates), offer.problem) == (10, None)
    for candidate in offer.candidates:
        f"{candidate.url} {candidate.title} {candidate.summary}".encode()
    assert offer.candidates[4].url == "https://a.org/4%EF%BF%BD%EF%BF%BD%EF%BF%BD"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("poison", [None, 7, "text", ["list"]])
def test_what_is_no_item_is_named_and_the_others_are_taken(case: Case, poison: Any) -> None:
    if case[0] is json_api.read and poison == ["list"]:
        poison = 7.5  # an API may have lists inside of its list
    values: list[Any] = [case[2](n) for n in range(10)]
    values[3] = poison
    offer = _read(case, case[3](values))
    assert len(offer.candidates) == 9
    assert offer.problem == f"left_out: 1 of 10 items cannot be read: {poison}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"]": ', "}")])
def test_an_item_that_is_nested_too_deeply_costs_nothing_but_its_depths(
    case: Case, opened: str, closed: str
) -> None:
    values: list[Any] = [case[2](n) for n in range(10)]
    values[3] |= {"deep": "HERE"}
    deep = opened * 100_000 + "1" + closed * 100_000
    offer = _read(case, case[3](values).replace('"HERE"', deep))
    assert (len(offer.candidates), offer.problem) == (10, None)


def test_depths_that_never_end_are_no_json() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        loads('{"a": "]", "b": ' + "[" * 100_000)


def test_a_number_that_is_too_long_is_none() -> None:
    assert loads(f'[1, {"9" * 6_000}, "\\ud83d\\ude00"]') == [1, None, "😀"]
