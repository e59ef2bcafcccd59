"""Which requests are let in, and what strangers learn of the health of the page."""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

import pytest

from scheduler.web.site.guard import MAX_BODY
from tests.scheduler.web.site.access.team import Team, team
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import judged


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "10.0.0.1"])
def test_a_name_that_was_bent_to_this_machine_is_refused(site: Site, host: str) -> None:
    assert site.ask("/", Host=host).code == 421


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_the_names_of_this_machine_are_let_in(site: Site, host: str) -> None:
    assert site.ask("/", Host=host).code == 200


def test_a_body_that_is_too_long_is_not_read(site: Site) -> None:
    assert site.ask("/review", "POST", {"document": "1" * MAX_BODY}).code == 413


def test_a_body_that_does_not_say_how_long_it_is_is_not_read(site: Site) -> None:
    for stated in ({}, {"Content-Length": "3"}):  # in chunks, whatever else is said
        sent = {"Content-Type": "text/plain", "Transfer-Encoding": "chunked", **stated}
        assert site.post("/review", "3\r\na=b\r\n0\r\n\r\n", sent).code == 411


@pytest.mark.parametrize("origin", ["http://[", "null", "https://evil.example", ""])
def test_an_origin_that_is_not_ours_is_refused(site: Site, origin: str) -> None:
    path = "/agreements/A1/notes"
    form = {"text": "mine", "token": form_token(site, path)}
    assert site.ask(path, "POST", form, Origin=origin).code == 403
    assert site.ask(path, "POST", form, Origin=site.url).code == 303
    assert site.ask(path, "POST", form).code == 303


def form_token(site: Site, action: str) -> str:
    """The token that our own form for this address would send."""
    return hmac.new(site.served.secret, action.encode(), hashlib.sha256).hexdigest()


def test_what_is_refused_is_said_in_the_language_of_the_reader(site: Site) -> None:
    for path, method, form, headers in (
        ("/review", "POST", {"a": "b" * MAX_BODY}, {}),
        ("/review", "POST", {}, {"Origin": "https://evil.example"}),
        ("/rules", "POST", {}, {}),
        ("/rules", "POST", {"token": "old"}, {}),
        ("/", "DELETE", {}, {}),
        ("/", "GET", None, {"Host": "evil.example"}),
    ):
        headings = [
            re.search(
                'class="empty".*',
                site.ask(path, method, form, Cookie=f"language={one}", **headers).text,
            )
            for one in ("en", "ar")
        ]
        assert headings[0]
        assert headings[1]
        assert headings[0][0] != headings[1][0]
        assert re.search("[\u0621-\u064a]{3}", headings[1][0])


def test_a_script_is_refused_with_one_line(site: Site) -> None:
    form = {"document": "1" * MAX_BODY}
    answer = site.ask("/review", "POST", form, HX_Request="true")
    assert answer.code == 413
    assert answer.text.strip() == '<p class="fault">The form is too long.</p>'


def test_a_program_is_refused_with_a_problem_object(site: Site) -> None:
    answer = site.ask("/api/v1/agreements", Host="evil.example", Accept_Language="ar")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == 421
    assert "does not answer to that name" in answer.json["detail"]


def test_a_method_that_no_page_has_is_refused(site: Site) -> None:
    assert site.ask("/", "DELETE", {}).code == 405


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "utf-16", "undefined"])
def test_a_form_in_a_charset_that_no_browser_sends_is_refused(site: Site, charset: str) -> None:
    kind = f"multipart/form-data; boundary=xx; charset={charset}"
    assert site.ask("/rules", "POST", {}, Content_Type=kind).code == 415


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


def test_it_is_well_while_the_database_answers(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        answer = site.ask("/healthz")
        assert (answer.code, answer.json) == (200, {"status": "ok"})
        break_database(site)
        answer = site.ask("/healthz")
        assert answer.code == 503
        assert answer.json == {"status": "failing", "database": "does not answer"}


def test_a_proxy_needs_no_login(tmp_path: Path) -> None:
    with team(tmp_path) as made:
        assert health_of(made) == (200, {"status": "ok"})


def health_of(made: Team) -> tuple[int, object]:
    answer = made.site.ask("/healthz")
    return answer.code, answer.json


def break_database(site: Site) -> None:
    with site.served.database.begin() as s:
        s.exec_driver_sql("ALTER TABLE alembic_version RENAME TO gone")
