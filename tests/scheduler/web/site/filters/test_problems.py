"""A filter that is not understood gets the same answer behind every door of the page: what was not
understood, what is near it, and nothing else.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from itertools import product
from urllib.parse import quote

import pytest

from storage.filter import described
from tests.scheduler.configuration.misread_values import ANYTHING, VALUES, bad_queries
from tests.scheduler.web.site.running import Answer, Site

LISTS = ("/", "/search", "/map", "/pending", "/changes", "/corridors/MA-NE")
FILES = tuple(f"{path}?format={form}" for path, form in product(LISTS, ("csv", "xlsx", "json")))
FEEDS = ("/feed.atom", "/changes/feed.atom")
API = tuple(
    f"/api/v1/{name}"
    for name in ("agreements", "changes", "pending", "facets", "documents", "documents/facets")
)
BAD = bad_queries()


def ask(site: Site, path: str, query: str) -> Answer:
    return site.ask(f"{path}{'&' if '?' in path else '?'}{query}")


def test_every_filter_has_a_value_that_is_not_understood() -> None:
    searched = {one.name for one in described().values() if one.searched}
    assert searched == {*VALUES, *ANYTHING}


@pytest.mark.parametrize(("query", "value", "near"), BAD)
def test_files_feeds_and_api_answer_422_and_say_what_is_near(
    site: Site, query: str, value: str, near: str
) -> None:
    for path in (*FILES, *FEEDS, *API):
        answer = ask(site, path, query)
        assert answer.code == 422, path
        assert answer.headers["content-type"] == "application/problem+json", path
        (one,) = answer.json["misread"]
        assert one["value"] == value, path
        assert near == "" or near in one["near"], path


@pytest.mark.parametrize(("query", "value", "near"), BAD)
def test_a_page_shows_the_field_and_no_list(site: Site, query: str, value: str, near: str) -> None:
    for path in (*LISTS, "/subscribe"):
        answer = ask(site, path, query)
        shown = answer.text.partition("<main")[2].partition("</main>")[0]
        assert answer.code == 422, path
        assert (
            f"“{value}”" in shown
            or f"{value} values" in shown
            or "more than one" in shown
            or (query == "clock=stood" and "“as things stood that day” needs a day" in shown)
        ), path
        assert "/agreements/" not in shown, path
        assert 'action="/subscribe" class="edit"' not in shown, path
        assert "format=csv" not in answer.text, path
        if near:
            (chip,) = re.findall(rf'<a href="([^"]+)" class="chip"><bdi>{near}</bdi>', shown)
            # Alerts tell what is new, and a clock needs a day.
            is_past = (path == "/subscribe" and "as_of=" in query) or "clock=" in query
            assert site.ask(chip.replace("&amp;", "&")).code == (422 if is_past else 200), path


NO_FIELD = {
    *("probability", "reviewed", "known", "any_party", "not_party", "not_topic", "not_status"),
    *("not_step", "not_group", "not_instrument"),
}


@pytest.mark.parametrize("name", sorted({*VALUES} - {"corridor", "agreement"}))
def test_the_field_is_marked_and_points_at_what_is_said_of_it(site: Site, name: str) -> None:
    shown = site.ask(f"/?{name}={VALUES[name][0]}").text
    marked = re.findall(
        r'name="(\w+)"[^>]* aria-invalid="true" aria-describedby="misread-0"', shown
    )
    assert marked == ([] if name in NO_FIELD else [name])
    assert 'id="misread-0"' in shown


@pytest.mark.parametrize(
    ("query", "panels"),
    [
        ("party=Morroco", ["others"]),
        ("since=2023-13-01", ["when"]),
        ("columns=nosuch", ["which"]),
        ("since=x&topic=y", ["when", "others"]),
        ("partyy=MA", []),
    ],
)
def test_the_panel_of_what_is_not_understood_is_open(
    site: Site, query: str, panels: list[str]
) -> None:
    shown = site.ask(f"/?{query}").text
    assert re.findall(r'<details class="(\w+)" open>', shown) == panels


def test_what_is_understood_stays_in_the_form(site: Site) -> None:
    shown = site.ask("/?party=Morroco&topic=visa&q=border&since=2026-01-01").text
    assert 'value="border"' in shown
    assert 'value="2026-01-01"' in shown
    assert '<option value="visa" selected>' in shown
    assert re.search('<input name="party" value="Morroco" [^>]*list="parties"', shown)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            "“Morroco” is not a known party. Write a name, or a code such as MA. Did you mean Morocco?",
        ),
        (
            "fr",
            "« Morroco » n’est pas une partie connue. Écrivez un nom, ou un code comme MA. Vouliez-vous dire Morocco ?",
        ),
        (
            "es",
            "«Morroco» no es una parte conocida. Escriba un nombre o un código como MA. ¿Quiso decir Morocco?",
        ),
        ("ar", "«Morroco» ليس طرفًا معروفًا. اكتب اسمًا أو رمزًا مثل MA. هل تقصد Morocco؟"),
    ],
)
def test_it_is_said_in_the_language_of_the_reader(site: Site, language: str, expected: str) -> None:
    shown = site.ask(f"/?party=Morroco&lang={language}").text
    assert expected in re.sub("[\u2068\u2069]", "", re.sub("[\u00a0\u202f]", " ", shown))


def test_nobody_subscribes_to_what_is_not_understood(site: Site) -> None:
    form = site.ask("/subscribe?party=MA").text
    (token,) = re.findall(r'name="token" value="([^"]+)"', form)
    filled = {"token": token, "selection": "party=Morroco", "kind": "feed", "name": "x"}
    before = site.ask("/subscriptions").text
    answer = site.ask("/subscribe", "POST", {**filled, "rate": "daily", "at": "07:00"})
    assert answer.code == 422
    assert "“Morroco” is not a known party" in answer.text
    assert site.ask("/subscriptions").text.count("<article") == before.count("<article")


def test_many_values_all_count(site: Site) -> None:
    """The last of thirty is asked for, too, on the page as in the API."""
    several = "&".join(f"source=s{number}" for number in range(29))
    (one,) = site.ask("/api/v1/agreements?party=MA").json["items"]
    source = quote(one["reports"][0]["outlet"])
    assert "0 agreements<" in site.ask(f"/?party=MA&{several}").text
    assert "1 agreement<" in site.ask(f"/?party=MA&{several}&source={source}").text
    found = site.ask(f"/api/v1/agreements?party=MA&{several}&source={source}").json["items"]
    assert [row["id"] for row in found] == [one["id"]]


def test_a_long_address_is_answered_alike_in_one_piece_or_two(site: Site) -> None:
    head = f"GET /?q={'x' * 40_000} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n".encode()
    for cut in (len(head), 20_000):
        with socket.create_connection(("127.0.0.1", site.port)) as line:
            line.sendall(head[:cut])
            time.sleep(0.1)  # so that the server reads it alone
            line.sendall(head[cut:])
            assert line.recv(12) == b"HTTP/1.1 422"


PAGES = (*LISTS, "/count", "/timeline", "/subscribe")


@pytest.mark.parametrize("filling", ["(a] ", "\0[b) ", "Maroc "])
def test_words_beyond_what_is_searched_for_are_one_line_on_each_page(
    site: Site, filling: str
) -> None:
    for path in (*PAGES, *FILES, *FEEDS, *API):
        for length in (500, 501, 20_000):
            words = f"x{(filling * length)[: length - 2]}x"
            answer = ask(site, path, f"q={quote(words)}")
            assert answer.code == (200 if length == 500 else 422), (path, length)
            if length > 500 and path in PAGES:
                shown = answer.text.partition("<main")[2].partition("</main>")[0]
                assert shown.count("more than 500 characters") == 1, (path, length)
            if length > 500 and path not in PAGES:
                (one,) = answer.json["misread"]
                assert (one["parameter"], one["key"]) == ("q", "too_long"), path


def test_an_address_as_long_as_a_server_reads_breaks_no_page(site: Site) -> None:
    for path in PAGES:
        assert ask(site, path, f"q={'(' * 60_000}").code == 422, path


def test_an_address_longer_than_a_server_reads_leaves_the_next_request_alone(site: Site) -> None:
    for path in PAGES:
        with suppress(ConnectionError):  # what is unread when it is refused cuts the answer off
            assert ask(site, path, f"q={'(' * 100_000}").code in {400, 422}, path
        assert site.ask(path).code == 200, path


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/agreements/A999", "/api/v1/corridors/ITTN"]
)
def test_what_is_not_there_says_so(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert (answer.code, answer.json["detail"]) == (404, "Nothing is stored under this address.")


def test_a_language_that_no_page_has_is_named(site: Site) -> None:
    answer = site.ask("/?lang=xx")
    assert answer.code == 422
    assert "“xx” is not one of" in answer.text
