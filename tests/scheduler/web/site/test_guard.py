"""Which requests are let in."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from scheduler.web.site.guard import MAX_BODY
from tests.scheduler.web.site.running import Site


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "10.0.0.1"])
def test_a_name_that_was_bent_to_this_machine_is_refused(site: Site, host: str) -> None:
    assert site.ask("/", Host=host).code == 421


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_the_names_of_this_machine_are_let_in(site: Site, host: str) -> None:
    assert site.ask("/", Host=host).code == 200


def test_a_body_that_is_too_long_is_not_read(site: Site) -> None:
    assert site.ask("/review", "POST", {"document": "1" * MAX_BODY}).code == 413


def test_a_method_that_no_page_has_is_refused(site: Site) -> None:
    assert site.ask("/", "DELETE", {}).code == 405


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "utf-16", "undefined"])
def test_a_form_in_a_charset_that_no_browser_sends_is_refused(site: Site, charset: str) -> None:
    kind = f"multipart/form-data; boundary=xx; charset={charset}"
    assert site.ask("/rules/try", "POST", {}, Content_Type=kind).code == 415


@pytest.mark.parametrize("path", ["/", "/search", "/feed.atom", "/api/v1/runs", "/static/site.css"])
def test_what_can_be_read_has_a_head(site: Site, path: str) -> None:
    head, whole = site.ask(path, "HEAD"), site.ask(path)
    assert (head.code, head.body) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert site.ask("/nowhere", "HEAD").code == 404


@pytest.mark.parametrize("done", ["abc", "-1", "9" * 5000, "1.5", "%00", ""])
def test_a_number_of_an_answer_that_is_none_is_not_shown(site: Site, done: str) -> None:
    answer = site.ask(f"/review?done={done}")
    assert answer.code == 200
    assert "curate undo" not in answer.text


def test_a_moment_beyond_all_calendars_is_refused(site: Site) -> None:
    key = site.served.secret
    token = hmac.new(key, b"/seen", hashlib.sha256).hexdigest()
    for until, code in ((2**40, 422), (2**33, 303), (-1, 422)):
        assert site.ask("/seen", "POST", {"until": str(until), "token": token}).code == code
