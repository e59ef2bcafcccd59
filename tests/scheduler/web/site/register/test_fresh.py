"""What is new since a reader was here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.web.site.register.fresh import COOKIE
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import NOW


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as site:
        yield site


def seen(hours_ago: float) -> str:
    return f"{COOKIE}={int((NOW - timedelta(hours=hours_ago)).timestamp())}"


def test_a_first_visit_is_remembered_in_a_cookie_that_no_script_can_read(site: Site) -> None:
    answer = site.ask("/")
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}={int(NOW.timestamp())};")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "since you were here" not in answer.text


def test_a_later_visit_says_what_is_new_and_moves_nothing(site: Site) -> None:
    answer = site.ask("/", Cookie=seen(2))
    assert "New since you were here (12 March 2026, 07:30 UTC)" in answer.text
    assert answer.text.count("new agreement</small>") == 3
    assert "set-cookie" not in answer.headers


def test_where_nothing_is_new_the_page_says_since_when(site: Site) -> None:
    assert "Nothing new since you were here" in site.ask("/", Cookie=seen(-0.01)).text


def test_what_was_shown_can_be_marked_as_seen(own: Site) -> None:
    shown = own.ask("/", Cookie=seen(2)).text
    form = dict(re.findall(r'name="(token|until)" value="([^"]+)"', shown))
    answer = own.ask("/seen", "POST", form)
    assert (answer.code, answer.headers["location"]) == (303, "/")
    assert f"{COOKIE}={form['until']};" in answer.headers["set-cookie"]


def test_a_mark_needs_its_token_and_is_never_in_the_future(own: Site) -> None:
    shown = own.ask("/", Cookie=seen(2)).text
    form = dict(re.findall(r'name="(token|until)" value="([^"]+)"', shown))
    assert own.ask("/seen", "POST", {**form, "token": "0" * 64}).code == 403
    late = own.ask("/seen", "POST", {**form, "until": "4000000000"})
    assert f"{COOKIE}={int(NOW.timestamp())};" in late.headers["set-cookie"]
    assert own.ask("/seen", "POST", {**form, "until": "soon"}).code == 422


@pytest.mark.parametrize("wrong", ["", "yesterday", "-5", "99999999999", "9999999999", "٣", "<b>"])
def test_a_broken_cookie_is_that_of_a_first_visit(site: Site, wrong: str) -> None:
    answer = site.ask("/", Cookie=f"{COOKIE}={wrong}".encode().decode("latin-1"))
    assert answer.code == 200
    assert "since you were here" not in answer.text
    assert COOKIE in answer.headers["set-cookie"]


def test_a_selection_of_the_register_is_no_visit(site: Site) -> None:
    assert "since you were here" not in site.ask("/?party=IT", Cookie=seen(2)).text
    assert "set-cookie" not in site.ask("/?party=IT").headers
