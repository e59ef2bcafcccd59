"""What users do to their own account: password, mail address and language, tokens, sessions."""

from __future__ import annotations

import re

import pytest

from scheduler.access import accounts
from scheduler.access.accounts import FREE_OF_NAME
from storage.notifications import user_subscriptions
from storage.users import logins, users
from storage.users.accounts import Role, TokenScope
from tests.scheduler.web.site.access.team import PASSWORD, Team, add_token, session_in
from tests.scheduler.web.site.access.test_accounts import submit
from tests.scheduler.web.site.running import Answer
from tests.storage.given import kept_mail

ACCOUNT, AT_PASSWORD = "/account", "/account/password"
NEW = "quite another long password"
TOKEN = re.compile(r"aw_[\w-]{43}")


def logged(page: Team) -> str:
    return (page.site.served.chosen.folder / "access.log").read_text(encoding="utf-8")


def change(page: Team, password: str = PASSWORD, new: str = NEW, again: str = NEW) -> Answer:
    form = {"password": password, "new": new, "again": again}
    return submit(page, "rita", ACCOUNT, AT_PASSWORD, **form)


# --- the password ---------------------------------------------------------------------------------


def test_a_new_password_ends_other_sessions_and_not_this_one(page: Team) -> None:
    elsewhere = page.cookies["rita"]
    page.login("rita")
    changed = change(page)
    assert (changed.code, changed.headers["location"]) == (303, "/account?saved=password")
    before, page.cookies["rita"] = page.cookies["rita"], session_in(changed)
    shown = page.ask(changed.headers["location"], "rita").text
    assert "Your password was changed." in shown
    for over in (elsewhere, before):
        page.cookies["other"] = over
        assert page.ask("/", "other").code == 303
    assert page.try_login("rita").code == 403
    assert page.try_login("rita", NEW).code == 303
    assert 'password changed for "rita", by "rita"' in logged(page)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"password": "not the one before"}, "The current password is wrong."),
        ({"again": NEW + "x"}, "The two passwords differ."),
        ({"new": "short", "again": "short"}, "12 to 1,024 characters"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(
    page: Team, form: dict[str, str], expected: str
) -> None:
    refused = change(page, **form)
    assert (refused.code, 'role="alert"' in refused.text, expected in refused.text) == (
        422,
        True,
        True,
    )
    assert page.ask("/", "rita").code == 200
    assert page.try_login("rita").code == 303


def test_guesses_at_the_password_from_a_session_count_as_logins_do(page: Team) -> None:
    for _ in range(FREE_OF_NAME):
        assert change(page, "a guess at it").code == 422
    locked = change(page)
    assert (locked.code, "Too many attempts." in locked.text) == (429, True)
    assert logged(page).count('failed login from 127.0.0.1 for "rita"') == FREE_OF_NAME


# --- mail address and language --------------------------------------------------------------------


def test_the_language_of_an_account_is_that_of_the_page_in_any_browser(page: Team) -> None:
    saved = submit(page, "rita", ACCOUNT, ACCOUNT, deed="contact", language="fr")
    assert "language=fr" in saved.headers["set-cookie"]
    assert '<html lang="fr"' in page.ask("/", "rita").text
    assert '<html lang="en"' in page.ask("/", "edda").text
    shown = page.ask("/", "rita", Cookie=f"accordwatch_session={page.cookies['rita']}; language=ar")
    assert '<html lang="ar"' in shown.text  # what was chosen here a moment ago
    again = submit(page, "rita", "/account?lang=en", ACCOUNT, deed="contact", language="")
    assert "Max-Age=0" in again.headers["set-cookie"]
    assert '<html lang="en"' in page.ask("/", "rita").text


def test_a_subscription_begins_with_the_address_and_language_of_the_account(page: Team) -> None:
    with page.database.begin() as s:
        rita = users.user_named(s, "rita")
        assert rita
        for address in ("rita@ngo.example", "else@ngo.example"):
            stored = kept_mail(user_id=rita[0].id, address=address, language="en")
            user_subscriptions.add(s, stored)
    form = {"deed": "contact", "address": " rita@ngo.example", "language": "es"}
    assert submit(page, "rita", ACCOUNT, ACCOUNT, **form).code == 303
    shown = page.ask("/subscribe", "rita").text
    assert 'name="address" value="rita@ngo.example"' in shown
    assert re.search(r'<option value="es"[^>]* selected', shown)
    assert "rita@ngo.example" not in page.ask("/subscribe", "edda").text
    with page.database.read() as s:
        spoken = [
            (everybody.address, everybody.language)
            for everybody in user_subscriptions.everybodys(s)
        ]
    assert spoken == [("rita@ngo.example", "es"), ("else@ngo.example", "en")]


@pytest.mark.parametrize(
    "form", [{"address": "rita"}, {"address": "a@b\r\nBcc: c@d"}, {"language": "de"}]
)
def test_what_is_no_address_or_language_of_ours_is_not_kept(
    page: Team, form: dict[str, str]
) -> None:
    refused = submit(page, "rita", ACCOUNT, ACCOUNT, deed="contact", **form)
    assert (refused.code, 'role="alert"' in refused.text) == (422, True)
    with page.database.read() as s:
        rita = users.user_named(s, "rita")
    assert rita
    assert (rita[0].address, rita[0].language) == ("", "")


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_is_removed(page: Team) -> None:
    form = {"deed": "token", "note": "my <notebook>", "scope": "read", "days": "30"}
    made = submit(page, "rita", ACCOUNT, ACCOUNT, **form)
    token = TOKEN.search(made.text)
    assert token
    page.tokens["mine"] = token[0]
    assert page.ask("/api/v1/agreements", "mine").code == 200
    shown = page.ask(ACCOUNT, "rita").text
    assert token[0] not in shown
    assert "my &lt;notebook&gt;" in shown
    assert "until 11 April 2026" in shown
    with page.database.read() as s:
        number = logins.tokens(s)[-1].id
    gone = submit(page, "rita", ACCOUNT, ACCOUNT, deed="revoke", number=str(number))
    assert "The token was removed." in page.ask(gone.headers["location"], "rita").text
    assert page.ask("/api/v1/agreements", "mine").code == 401
    assert f'token {number} added to read for "rita", by "rita"' in logged(page)
    assert f'token {number} removed for "rita", by "rita"' in logged(page)
    assert token[0] not in logged(page)


def test_a_reader_makes_no_token_that_decides(page: Team) -> None:
    assert 'value="edit"' not in page.ask(ACCOUNT, "rita").text
    assert 'value="edit"' in page.ask(ACCOUNT, "edda").text
    form = {"deed": "token", "note": "mine", "scope": "edit"}
    refused = submit(page, "rita", f"{ACCOUNT}?lang=fr", ACCOUNT, **form)
    assert (refused.code, "rita is a reader" in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"note": " "}, 422),
        ({"note": "x", "scope": "admin"}, 404),
        ({"note": "x", "days": "3650"}, 404),
        ({"note": "x", "days": "-1"}, 404),
    ],
)
def test_a_token_that_cannot_be_is_not_made(page: Team, form: dict[str, str], code: int) -> None:
    assert submit(page, "rita", ACCOUNT, ACCOUNT, deed="token", **form).code == code
    with page.database.read() as s:
        rita = users.user_named(s, "rita")
        assert rita
        assert logins.tokens(s, rita[0].id) == []


def test_nobody_sees_or_removes_the_tokens_of_others(page: Team) -> None:
    add_token(page.database, "ada", TokenScope.READ)
    with page.database.read() as s:
        number = logins.tokens(s)[-1].id
    assert f'name="number" value="{number}"' not in page.ask(ACCOUNT, "rita").text
    for written in (str(number), "", "x", "9" * 19):
        assert submit(page, "rita", ACCOUNT, ACCOUNT, deed="revoke", number=written).code == 404
    with page.database.read() as s:
        assert logins.tokens(s)[-1].id == number


def test_one_user_has_so_many_tokens_and_no_more(
    page: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "MOST_TOKENS", 1)
    assert submit(page, "rita", ACCOUNT, ACCOUNT, deed="token", note="one").code == 200
    refused = submit(page, "rita", ACCOUNT, ACCOUNT, deed="token", note="two")
    assert (refused.code, "rita has 1 tokens" in refused.text) == (422, True)


# --- sessions -------------------------------------------------------------------------------------


def test_logging_out_everywhere_ends_all_sessions_of_one_user(page: Team) -> None:
    page.cookies["phone"] = page.cookies["rita"]
    page.login("rita")
    gone = submit(page, "rita", ACCOUNT, ACCOUNT, deed="everywhere")
    assert (gone.code, gone.headers["location"]) == (303, "/login")
    assert [page.ask("/", who).code for who in ("rita", "phone", "edda")] == [303, 303, 200]
    assert 'all sessions ended for "rita", by "rita"' in logged(page)


def test_who_may_what_stands_beside_the_name(page: Team) -> None:
    for name, role in (("rita", Role.READER), ("ada", Role.ADMIN)):
        shown = page.ask(ACCOUNT, name).text
        assert re.search(rf"<bdi>{name}</bdi> <span[^>]*>·</span> {role}</small>", shown)
        assert 'href="/subscriptions"' in shown
