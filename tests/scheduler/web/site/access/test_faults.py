"""What is answered when the database, or the page itself, is at fault."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.web.site.guard import HEADERS
from scheduler.web.site.installation import Reach
from storage.database import engines
from storage.lists import queries
from storage.users import users
from tests.scheduler.web.site.access.team import Team, team
from tests.scheduler.web.site.running import Answer


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A page that waits for other writers for a moment only."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 200)
    with team(tmp_path) as made:
        yield made


def file_of(team: Team) -> Path:
    return Path(team.database.url.removeprefix("sqlite:///"))


def check_headers(answer: Answer) -> None:
    for name, value in HEADERS.items():
        assert answer.headers[name.lower()] == value
    assert "cache-control" in answer.headers


def test_a_database_that_another_writes_is_read_but_nobody_logs_in(impatient: Team) -> None:
    impatient.login("rita")
    impatient.clock.move(hours=1)  # so that this visit would be noted
    with closing(sqlite3.connect(file_of(impatient))) as other:
        other.execute("BEGIN IMMEDIATE")
        assert impatient.ask("/", "rita").code == 200
        answer = impatient.try_login("edda")
    assert answer.code == 503
    assert "is locked" in answer.text
    check_headers(answer)


def test_a_database_that_a_newer_program_upgraded_is_left_alone(fresh: Team) -> None:
    fresh.login("rita")
    with fresh.database.begin() as s:
        s.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for path in ("/", "/login", "/api/v1/agreements", "/feed.atom"):
        answer = fresh.ask(path, "rita")
        assert answer.code == 503
        assert "update this program and start it again" in answer.text
        check_headers(answer)


def test_strangers_from_elsewhere_do_not_learn_where_the_database_lies(tmp_path: Path) -> None:
    with team(tmp_path, reach=Reach(is_wide=True)) as made:
        with made.database.begin() as s:
            s.execute(text("ALTER TABLE users RENAME TO gone"))
        answer = made.ask("/")
        assert answer.code == 503
        assert str(tmp_path) not in answer.text
        assert "accordwatch doctor" in answer.text


def test_without_users_nobody_from_elsewhere_gets_in(tmp_path: Path) -> None:
    with team(tmp_path, reach=Reach(is_wide=True)) as made:
        made.login("ada")
        with made.database.begin() as s:
            for user in users.users(s):
                users.remove_user(s, user.name)
        for path in ("/", "/login", "/api/v1/agreements", "/feed.atom", "/nowhere"):
            answer = made.ask(path, "ada")
            assert answer.code == 503
            assert "accordwatch users add NAME --role admin" in answer.text


def test_a_fault_of_ours_is_an_answer_with_the_headers_of_all_others(
    fresh: Team, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault at /secret/place")

    fresh.login("rita")
    monkeypatch.setattr(queries, "agreements", fail)
    for path in ("/", "/api/v1/agreements"):
        answer = fresh.ask(path, "rita")
        assert answer.code == 500
        assert "/secret/place" not in answer.text
        check_headers(answer)
    assert "/secret/place" in caplog.text


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/", "GET", {}), ("/", "GET", {"Host": "evil.example"}), ("/login", "POST", {}),
        ("/login", "POST", {"Origin": "https://evil.example"}), ("/static/no.css", "GET", {}),
        ("/static/site.css", "GET", {}), ("/nowhere", "GET", {}), ("/login", "PUT", {}),
    ],
)  # fmt: skip
def test_every_answer_has_the_headers(
    logged_in: Team, path: str, method: str, headers: dict[str, str]
) -> None:
    form = {"a": "b"} if method != "GET" else None
    check_headers(logged_in.ask(path, "", method, form=form, **headers))


def test_a_wide_page_with_a_name_answers_to_that_name_alone(tmp_path: Path) -> None:
    reach = Reach(is_wide=True, names=frozenset({"watch.example"}))
    with team(tmp_path, reach=reach) as made:
        assert made.ask("/login", Host="watch.example").code == 200
        assert made.ask("/login", Host="WATCH.example:8443").code == 200
        assert made.ask("/login", Host="evil.example").code == 421


def test_a_wide_page_without_a_name_answers_to_any(tmp_path: Path) -> None:
    with team(tmp_path, reach=Reach(is_wide=True)) as made:
        assert made.ask("/login", Host="192.0.2.7:8080").code == 200
        assert made.ask("/login", Host="").code == 421


def test_a_session_that_ended_leads_the_script_to_the_login(logged_in: Team) -> None:
    answered = logged_in.site.ask("/review", "POST", {"document": "4"}, HX_Request="true")
    assert answered.code == 401
    assert answered.headers["hx-redirect"] == "/login"
