from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from spiders.kinds import json_api
from spiders.kinds.json_paths import day_at, path_fault, text_at, value_at, values_at
from spiders.kinds.offer import Offer
from spiders.kinds.table import discover, guess_kind
from storage.records import Candidate
from storage.source import JsonPaths, SourceKind
from tests.spiders.answers import fetched, source

DATA = {
    "meta": {"next": "/api/news?page=2"},
    "sections": [
        {
            "news": [
                {"id": 7, "slug": "a b", "title": {"fr": "Accord &amp; traité"}, "at": 1795392000}
            ]
        },
        {
            "news": [
                {"id": 8, "slug": "c", "title": {"fr": "Deux"}, "at": "2026-11-20T23:30:00-02:00"}
            ]
        },
    ],
}
PATHS = JsonPaths("sections[].news", "/news/{id}/{slug}", "title.fr", "at", "meta.next")


def read(data: Any = DATA, paths: JsonPaths | None = PATHS, **values: Any) -> Offer:
    body = data if isinstance(data, str | bytes) else json.dumps(data)
    return json_api.read(
        fetched(body, "application/json"), source(SourceKind.JSON, paths=paths, **values)
    )


def test_paths_lead_to_documents_and_to_the_next_page() -> None:
    assert read() == Offer(
        (
            Candidate("https://a.org/news/7/a%20b", "Accord & traité", date(2026, 11, 23)),
            Candidate("https://a.org/news/8/c", "Deux", date(2026, 11, 21)),
        ),
        following="https://a.org/api/news?page=2",
    )


def test_paths_are_guessed_from_the_longest_list_with_addresses_and_headlines() -> None:
    rows = [{"url": f"/n/{n}", "headline": f"News {n}", "date": "2026-11-20"} for n in range(3)]
    answer = {"menu": [{"url": "/x", "title": "X"}], "data": {"rows": rows}, "next": "/api?p=2"}
    paths = JsonPaths("data.rows", "url", "headline", "date", "next")
    assert json_api.guess_paths(answer) == paths
    page = fetched(json.dumps(answer), "application/json")
    assert guess_kind(page) is SourceKind.JSON
    assert len(discover(page).candidates) == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "empty"),
        ("<!doctype html><html>", "html"),
        ('{"sections": [', "broken"),
        ("[" * 200_000, "broken"),
        ({"sections": [{"news": [{"slug": "a"}]}]}, "no_items"),
        ({"other": []}, None),  # each of its sections may be empty
    ],
)
def test_what_cannot_be_read_fails_with_a_name(data: Any, reason: str | None) -> None:
    problem = read(data).problem
    assert problem is None if reason is None else (problem or "").startswith(f"{reason}: ")


def test_a_path_that_leads_nowhere_is_a_problem() -> None:
    assert (read(DATA, JsonPaths("data.items", "url")).problem or "").startswith("no_items: ")


@pytest.mark.parametrize(
    "path", ["", "a", "a.b", "a[0].b", "a[].b[]", "[]", "/x/{a.b}/{c}", "à.b-c"]
)
def test_paths_that_can_be_used(path: str) -> None:
    assert path_fault(path) is None


@pytest.mark.parametrize(
    "path",
    [
        *("env.HOME", "$ENV.HOME", "env|.HOME", "input_filename", "keys", "__class__"),
        *("unparsed-text('file:///etc/passwd')", "json-doc('/etc/passwd')"),
        *("a.__class__.__init__", "a[0].real"),
    ],
)
def test_a_path_reads_keys_and_nothing_else(path: str) -> None:
    assert value_at({"a": [1], "b": "/etc/passwd"}, path) is None


@pytest.mark.parametrize("path", [".", "a..b", "a.", "a[x]", "/x/{a", "/x/{a..b}", "a" * 301, "a{"])
def test_paths_that_cannot_be_used(path: str) -> None:
    assert path_fault(path) is not None


@pytest.mark.parametrize(
    "value", [None, True, [], {}, "x", 10**40, -(10**30), float("1e300"), 10**400, "9" * 99, "²"]
)
def test_dates_that_are_none_are_none(value: object) -> None:
    assert day_at({"at": value}, "at") is None


@pytest.mark.parametrize(
    "value",
    [1795392000, 1795392000000, "1795392000", "2026-11-23", "Mon, 23 Nov 2026 08:00:00 GMT"],
)
def test_dates_in_all_their_forms(value: object) -> None:
    assert day_at({"at": value}, "at") == date(2026, 11, 23)


def test_a_text_with_a_part_missing_is_none() -> None:
    assert text_at({"id": 1}, "/n/{id}/{slug}") is None
    assert list(values_at([{"a": 1}, 3], "[].a")) == [1]
