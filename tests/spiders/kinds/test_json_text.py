"""JSON with something in it that no text can hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from spiders.kinds import feed, json_api
from spiders.kinds.json_feed import loads
from spiders.kinds.offer import Offer
from storage.records import Fetched, JsonPaths, Source, SourceKind
from tests.spiders.answers import fetched, source


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
    for one in offer.candidates:
        f"{one.url} {one.title} {one.summary}".encode()
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
