"""Programs and feed readers, who log in with tokens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest
from sqlalchemy import text

from storage.notifications.incidents import save_open
from storage.notifications.tables import Incident
from storage.sources.ledger import Tally, write
from storage.users import logins, users
from storage.users.accounts import TokenScope
from tests.scheduler.web.site.access.team import KEY, Team, add_token, basic, until

FEEDS = tuple(f"{place}/feed.atom" for place in ("", "/agreements/A1", "/changes"))


def test_a_program_without_a_token_gets_a_problem_and_is_told_how_to_log_in(
    logged_in: Team,
) -> None:
    answer = logged_in.ask("/api/v1/agreements")
    assert answer.code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="Accordwatch"'
    assert answer.json["status"] == 401
    assert "items" not in answer.json


@pytest.mark.parametrize(
    "header",
    [
        "Bearer", "Bearer x", "Bearer aw_" + "A" * 43, "Bearer " + "A" * 10_000, "bearer \xff",
        "Basic cml0YTp4", "Digest x", "Negotiate", "Bearer aw_" + "A" * 42 + "'", "x",
    ],
)  # fmt: skip
def test_a_forged_token_is_refused_whatever_the_cookie(logged_in: Team, header: str) -> None:
    for who in ("", "ada"):
        answer = logged_in.ask("/api/v1/agreements", who, Authorization=header)
        assert answer.code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_take_a_token_as_the_password_of_its_user(logged_in: Team, path: str) -> None:
    given = basic("edda", logged_in.tokens["read"])
    assert logged_in.ask(path, Authorization=given).code == 200
    assert logged_in.ask(path, "read").code == 200
    refused = logged_in.ask(path)
    assert refused.code == 401
    assert refused.headers["www-authenticate"].startswith('Basic realm="Accordwatch"')


@pytest.mark.parametrize(
    "name_and_password", [("rita", "read"), ("", "read"), ("edda", ""), ("edda", "password")]
)
def test_a_feed_takes_no_token_of_somebody_else_and_no_password(
    logged_in: Team, name_and_password: tuple[str, str]
) -> None:
    name, kind = name_and_password
    password = logged_in.tokens.get(kind, "four unrelated words" if kind else "")
    assert logged_in.ask("/feed.atom", Authorization=basic(name, password)).code == 401


@pytest.mark.parametrize("header", ["Basic", "Basic ====", "Basic /w==", "Basic " + "A" * 9000])
def test_a_garbled_login_at_a_feed_is_refused(logged_in: Team, header: str) -> None:
    assert logged_in.ask("/feed.atom", Authorization=header).code == 401


def test_a_token_in_the_address_is_no_login(logged_in: Team) -> None:
    token = logged_in.tokens["read"]
    for path in ("/feed.atom", "/api/v1/agreements"):
        assert logged_in.ask(f"{path}?token={token}&access_token={token}").code == 401


def test_pages_are_for_people(logged_in: Team) -> None:
    assert logged_in.ask("/", "edit").code == 303


def test_a_token_that_expired_or_was_removed_is_refused_at_once(fresh: Team) -> None:
    short = add_token(fresh.database, "rita", TokenScope.READ, fresh.clock.at.replace(hour=23))
    fresh.tokens["short"] = short
    assert fresh.ask("/api/v1/runs", "short").code == 200
    fresh.clock.move(days=2)
    answer = fresh.ask("/api/v1/runs", "short")
    assert (answer.code, answer.json["detail"]) == (401, "this token has expired")
    with fresh.database.begin() as s:
        logins.remove_token(s, 1)
    assert fresh.ask("/api/v1/runs", "read").code == 401


def test_the_last_use_of_a_token_is_noted(fresh: Team) -> None:
    def used() -> list[datetime | None]:
        with fresh.database.read() as s:
            return [token.used_at for token in logins.tokens(s)]

    fresh.ask("/api/v1/runs", "read")
    until(lambda: used() == [fresh.clock.at, None])


def decide(team: Team, who: str, path: str = "/api/v1/review/4", **headers: str) -> int:
    """The status of an answer that is sent as JSON."""
    sent = {"Content-Type": "application/json", **headers}
    if who in team.tokens:
        sent["Authorization"] = f"Bearer {team.tokens[who]}"
    else:
        sent["Cookie"] = f"accordwatch_session={team.cookies.get(who, '')}"
    connection = HTTPConnection("127.0.0.1", team.site.port, timeout=30)
    connection.request("POST", path, json.dumps({"relevant": False}), sent)
    code = connection.getresponse().status
    connection.close()
    return code


def test_a_token_that_may_edit_answers_for_its_user(fresh: Team) -> None:
    fresh.login("edda")
    assert decide(fresh, "read") == 403
    assert decide(fresh, "edda") == 403  # a browser sends its cookie whoever asks it to
    assert decide(fresh, "nobody") == 401
    assert decide(fresh, "edit") == 201
    assert decide(fresh, "edit") == 409  # it waits no longer
    with fresh.database.read() as s:
        assert s.execute(text("SELECT who FROM decisions")).scalar_one() == "edda"


def test_without_users_no_program_decides(fresh: Team) -> None:
    with fresh.database.begin() as s:
        for user in users.users(s):
            users.remove_user(s, user.name)
    assert decide(fresh, "nobody") == 403


def test_what_changed_in_a_source_is_told_without_its_keys(fresh: Team) -> None:
    now = datetime.now(UTC)
    url = f"https://u:pw@fleuve.example/rss?key={KEY}"
    line = f"since 14 November none of its 23 documents has a date: {url}"
    with fresh.database.begin() as s:
        write(s, now, [("fleuve", Tally(polls=4, new=2, outcomes={"robots": 2}))])
        save_open(s, [Incident("source:fleuve:undated", line, now, now)])
    (item,) = fresh.ask("/api/v1/sources", "edit").json["items"]
    assert item["changes"][0].startswith("since 14 November none of its 23 documents has a date")
    assert KEY not in item["changes"][0]
    (day,) = [day for day in item["days"] if day["polls"]]
    assert (day["new"], day["outcomes"]) == (2, {"robots": 2})


@pytest.mark.parametrize(("who", "sees"), [("rita", False), ("edda", False), ("ada", True)])
def test_keys_in_addresses_of_sources_are_for_admins(logged_in: Team, who: str, sees: bool) -> None:
    for path in ("/sources", "/api/v1/sources", "/runs/1"):
        shown = logged_in.ask(path, who)
        assert shown.code == 200
        assert "https://fleuve.example/rss" in shown.text
        assert (KEY in shown.text) is sees
        assert ("u:pw" in shown.text) is sees
    assert KEY not in logged_in.ask("/api/v1/sources", "edit").text
