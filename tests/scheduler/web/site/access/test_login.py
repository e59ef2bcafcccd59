"""Logging in and out, for how long a session holds, and addresses without their secrets."""

from __future__ import annotations

import re
from datetime import datetime
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from scheduler.access.accounts import IDLE, LONGEST
from scheduler.access.secret_values import stored_hash
from scheduler.web.site.addresses import error_without_secrets, row_number, without_secrets
from scheduler.web.site.gate import COOKIE
from scheduler.web.site.pages import login_page as login
from storage.database.session import Session
from storage.register.decisions import decision, decisions_before
from storage.users import logins, users
from storage.users.accounts import Role
from tests.scheduler.web.site.access.team import PASSWORD, Team, session_in, token_in, until


def test_who_knows_the_password_gets_to_where_they_wanted(fresh: Team) -> None:
    sent = fresh.ask("/search?q=workers")
    assert sent.headers["location"] == "/login?next=%2Fsearch%3Fq%3Dworkers"
    answer = fresh.try_login("rita", wanted="/search?q=workers")
    assert (answer.code, answer.headers["location"]) == (303, "/search?q=workers")


def test_a_name_with_a_question_mark_is_found_again_after_logging_in(fresh: Team) -> None:
    wanted = "/corridors/who%3F%20100%25"
    sent = fresh.ask(wanted)
    again = parse_qs(urlsplit(sent.headers["location"]).query)["next"][0]
    assert fresh.try_login("rita", wanted=again).headers["location"] == wanted


def test_the_cookie_is_for_the_server_alone_and_only_its_hash_is_kept(fresh: Team) -> None:
    answer = fresh.try_login("rita")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/;" in cookie
    assert "Secure" not in cookie  # it came by http
    assert "strict-transport-security" not in answer.headers
    assert len(session_in(answer)) == 43  # 256 bits
    with fresh.database.read() as s:
        (stored,) = s.execute(text("SELECT token_hash FROM sessions")).one()
    assert session_in(answer) not in stored


def test_the_page_says_who_is_logged_in_as_what(fresh: Team) -> None:
    fresh.login("edda")
    shown = fresh.ask("/", "edda").text
    assert re.search(r"Signed in as <a href=\"/account\"[^>]*><bdi>edda</bdi></a>", shown)
    assert "editor" in shown


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("rita", "wrong"), ("nobody", PASSWORD), ("", ""), ("rita", ""), ("rita\0", PASSWORD),
        ("rita", PASSWORD + "\0"), ("r" * 10_000, "x" * 10_000), ("rita", PASSWORD * 500),
        ("' OR 1=1 --", "x"), ("\ud7ff\uffff", "\u202e"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_the_same_sentence(
    logged_in: Team, name: str, password: str
) -> None:
    logged_in.clock.move(hours=1)
    answer = logged_in.try_login(name, password)
    assert answer.code == 403
    assert "The name or password is wrong." in answer.text
    assert COOKIE not in answer.headers["set-cookie"]


def test_a_session_ends_when_it_was_idle_and_at_its_end(fresh: Team) -> None:
    def seen() -> datetime:
        with fresh.database.read() as s:
            found = logins.session_of(s, stored_hash(cookie))
            assert found
            return found[2]

    cookie = fresh.login("rita")
    begun, step = fresh.clock.at, IDLE * 3 / 4
    while fresh.clock.at + step < begun + LONGEST:
        fresh.clock.at += step
        assert fresh.ask("/", "rita").code == 200
        until(lambda: seen() == fresh.clock.at)
    fresh.clock.at += step  # never idle, yet at its end
    assert fresh.ask("/", "rita").code == 303
    fresh.login("edda")
    fresh.clock.at += IDLE
    assert fresh.ask("/", "edda").code == 303


def test_logging_out_ends_the_session_in_the_database(fresh: Team) -> None:
    fresh.login("rita")
    form = {"token": token_in(fresh.ask("/", "rita"))}
    answer = fresh.ask("/logout", "rita", "POST", form=form)
    assert (answer.code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert answer.headers["clear-site-data"] == '"cache"'
    assert fresh.ask("/", "rita").code == 303


def test_nothing_is_changed_by_a_get(fresh: Team) -> None:
    fresh.login("edda")
    assert fresh.ask("/logout", "edda").code == 405
    assert fresh.ask("/", "edda").code == 200


def test_a_changed_role_holds_from_the_next_request_on(fresh: Team) -> None:
    fresh.login("rita")
    assert "<button name" not in fresh.ask("/review", "rita").text
    assert "You may read here, not answer." in fresh.ask("/review", "rita").text
    with fresh.database.begin() as s:
        users.set_role(s, "rita", Role.EDITOR)
    assert "<button name" in fresh.ask("/review", "rita").text
    with fresh.database.begin() as s:
        users.set_role(s, "edda", Role.READER)
    answer = fresh.ask("/api/v1/review/4", "edit", "POST", form={"relevant": "true"})
    assert answer.code == 403


def test_who_is_removed_is_out_at_once(fresh: Team) -> None:
    fresh.login("edda")
    with fresh.database.begin() as s:
        users.remove_user(s, "edda")
    assert fresh.ask("/", "edda").code == 303
    assert fresh.ask("/api/v1/agreements", "read").code == 401


def test_a_new_password_ends_the_sessions_of_the_old_one(fresh: Team) -> None:
    fresh.login("rita")
    fresh.login("edda")
    with fresh.database.begin() as s:
        users.set_password(s, "rita", "no hash at all")
    assert fresh.ask("/", "rita").code == 303
    assert fresh.ask("/", "edda").code == 200
    assert fresh.try_login("rita").code == 403


@pytest.mark.parametrize(
    "forged",
    ["", "x", "A" * 43, "A" * 10_000, "\xff" * 43, "../" * 15, "A" * 42 + "'", '"; DROP TABLE x'],
)
def test_a_forged_cookie_lets_nobody_in(logged_in: Team, forged: str) -> None:
    assert logged_in.ask("/", Cookie=f"{COOKIE}={forged}").code == 303


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\x",
     "/\t/evil.example", "evil.example", "/login", "/logout", "/%0d%0aX: y" + "\r\n", "/" * 3000, "//["],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(fresh: Team, wanted: str) -> None:
    answer = fresh.try_login("rita", wanted=wanted)
    assert (answer.code, answer.headers["location"]) == (303, "/")


def test_who_is_logged_in_already_is_sent_to_no_other_site_either(logged_in: Team) -> None:
    for wanted in ("//evil.example", "https://evil.example"):
        assert logged_in.ask(f"/login?next={wanted}", "rita").headers["location"] == "/"
    assert logged_in.ask("/login?next=/search", "rita").headers["location"] == "/search"


def test_more_logins_than_can_be_checked_are_asked_to_come_back(
    fresh: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "_MOST_WAITING", 0)
    answer = fresh.try_login("rita")
    assert (answer.code, answer.headers["retry-after"]) == (503, "5")
    assert "Try again in 5 seconds." in answer.text


def test_guesses_at_one_name_have_to_wait_longer_and_longer(fresh: Team) -> None:
    codes = [fresh.try_login("rita", "wrong").code for _ in range(6)]
    assert codes == [403] * 5 + [429]
    answer = fresh.try_login("rita")  # the right password is no way around the wait
    assert answer.code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert "Too many attempts. Try again in" in answer.text
    fresh.clock.move(seconds=2)
    assert fresh.try_login("rita", "wrong").code == 403
    assert int(fresh.try_login("rita").headers["retry-after"]) > 1
    assert fresh.try_login("edda").code == 303  # others are not kept out
    fresh.clock.move(minutes=16)
    assert fresh.try_login("rita").code == 303
    assert fresh.try_login("rita", "wrong").code == 403  # the count is over


def test_guesses_at_a_name_that_is_not_there_wait_just_so(fresh: Team) -> None:
    assert [fresh.try_login("nobody", "x").code for _ in range(6)] == [403] * 5 + [429]


def test_guesses_at_many_names_from_one_address_have_to_wait(fresh: Team) -> None:
    codes = [fresh.try_login(f"user{number}", "guess").code for number in range(21)]
    assert codes == [403] * 20 + [429]
    # Who has a password of their own does not wipe out guesses at those of others.
    fresh.clock.move(minutes=16)
    assert fresh.try_login("rita").code == 303
    assert fresh.try_login("user1", "guess").code == 403
    assert fresh.try_login("user2", "guess").code == 429


def test_a_restart_forgives_nothing(fresh: Team) -> None:
    for _ in range(5):
        fresh.try_login("rita", "wrong")
    with fresh.database.read() as s:
        stored = s.execute(text("SELECT failures, key FROM login_attempts")).all()
    assert sorted(failures for failures, _ in stored) == [5, 5]
    assert "rita" not in str(stored)
    with fresh.database.read() as s:
        assert logins.attempts_of(s, stored[0][1]) is not None


def test_the_form_of_another_browser_logs_nobody_in(fresh: Team) -> None:
    token = token_in(fresh.ask("/login"))
    form = {"name": "rita", "password": PASSWORD, "token": token}
    for cookie in ("", "accordwatch_login=other"):
        answer = fresh.ask("/login", "", "POST", form=form, Cookie=cookie)
        assert answer.code == 403
        assert "Please try again." in answer.text


def test_a_form_of_one_session_is_none_of_another(fresh: Team) -> None:
    for name in ("edda", "ada"):
        fresh.login(name)
    foreign = token_in(fresh.ask("/review", "ada"))
    form = {"document": "4", "says": "no", "token": foreign}
    assert fresh.ask("/review", "edda", "POST", form=form).code == 403


def test_an_answer_is_kept_under_the_name_of_who_is_logged_in(fresh: Team) -> None:
    fresh.login("edda")
    shown = fresh.ask("/review", "edda").text
    token = shown.split('name="document"')[1].split('name="token" value="')[1].split('"')[0]
    form = {"document": "4", "says": "no", "token": token}
    assert fresh.ask("/review", "edda", "POST", form=form).code == 303
    with fresh.database.read() as s:
        assert s.execute(text("SELECT who FROM decisions")).scalar_one() == "edda"


def test_a_stranger_learns_nothing_of_what_is_stored(fresh: Team) -> None:
    shown = fresh.ask("/login").text
    assert "Compiled from" not in shown
    assert "/review" not in shown
    assert version("accordwatch") not in shown


def test_the_first_user_ends_reading_without_a_login_while_the_page_runs(fresh: Team) -> None:
    with fresh.database.begin() as s:
        for user in users.users(s):
            users.remove_user(s, user.name)
    assert fresh.ask("/").code == 200
    assert fresh.ask("/login").headers["location"] == "/"
    with fresh.database.begin() as s:
        users.add_user(s, "rita", Role.READER, "x", fresh.clock.at)
    assert fresh.ask("/").code == 303


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/rss", "https://news.example/rss"),
        ("https://news.example:8443/rss?key=abc&x=1#frag", "https://news.example:8443/rss?***"),
        ("https://user:secret@news.example/", "https://news.example/"),
        ("https://user@[2001:db8::1]:8080/a", "https://[2001:db8::1]:8080/a"),
        ("https://[broken/?key=abc", "***"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize(
    "error",
    [
        "GET https://news.example/rss?key=abcdef&b=2 answered 500",
        "moved to https://u:abcdef@cdn.example/",
        "the parameter abcdef is not known",
        "HTTP://news.example/?q=abcdef",
    ],
)
def test_an_error_is_told_without_what_may_be_secret(error: str) -> None:
    assert "abcdef" not in error_without_secrets(error, "https://news.example/rss?key=abcdef")


def test_what_is_no_secret_stays_readable() -> None:
    text = "news.example does not answer: timed out after 30 s"
    assert error_without_secrets(text, "https://news.example/rss?key=abcdef") == text


def test_a_number_in_an_address_is_one_that_both_databases_can_compare(s: Session) -> None:
    largest = row_number("2147483647")
    assert largest == 2**31 - 1
    assert [row_number(text) for text in ("2147483648", "9" * 19, "-1", "٣")] == [None] * 4
    assert decision(s, largest) is None
    assert decisions_before(s, largest, 1) == []
    assert logins.remove_token(s, largest) is False
