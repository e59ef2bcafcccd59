"""Accounts that people own: invited by mail, a forgotten password, own language, first page and
searches, notes that the team shares, stars.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scheduler import curation
from scheduler.curation import Curator
from scheduler.notify.account_letters import send_reset
from scheduler.notify.letters import LetterRefused
from scheduler.web.site.installation import Reach
from storage.access import users
from storage.access.records import Role
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.web.site.access.team import (
    Team,
    team,
    token_in,
    until,
)
from tests.scheduler.web.site.running import Answer
from tests.storage.given import NOW

NEW = "quite another long password"


def forget(page: Team, named: str) -> Answer:
    shown = page.site.ask("/forgotten")
    cookie = shown.headers["set-cookie"].partition(";")[0]
    form = {"named": named, "token": token_in(shown)}
    return page.site.ask("/forgotten", "POST", form, Cookie=cookie)


def link_in(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://\S+/password/\S+", str(body.get_content()))
    assert found
    return urlsplit(found[0]).path


def last_link(mails: MailServer, number: int) -> str:
    until(lambda: len(mails.accepted) >= number)
    return link_in(mails.accepted[number - 1][1])


def submit(page: Team, who: str, at: str, action: str, **form: str) -> Answer:
    """Send the form to `action` that stands on the page `at`."""
    shown = page.ask(at, who)
    found = re.search(
        rf'action="{re.escape(action)}".*?name="token" value="([^"]+)"', shown.text, re.S
    )
    assert found, shown.text
    return page.ask(action, who, "POST", form={"token": found[1], **form})


def choose(page: Team, link: str, password: str = NEW, again: str = NEW) -> Answer:
    return page.site.ask(link, "POST", {"password": password, "again": again})


# --- a forgotten password -------------------------------------------------------------------------


def test_a_forgotten_password_is_set_anew_once(page: Team, mails: MailServer) -> None:
    forget(page, "rita")
    link = last_link(mails, 1)
    assert mails.recipients == ["rita@ngo.example"]
    assert page.site.ask(link).code == 200
    assert choose(page, link).code == 303
    assert page.ask("/", "rita").code == 303  # sessions that began with the old one have ended
    assert page.try_login("rita").code == 403
    assert page.try_login("rita", NEW).code == 303
    assert choose(page, link, "yet another password", "yet another password").code == 404
    assert page.site.ask(link).code == 404


def test_a_link_that_was_used_says_so_and_after_the_password_the_page_says_how_to_go_on(
    page: Team, mails: MailServer
) -> None:
    forget(page, "rita")
    link = last_link(mails, 1)
    kept = choose(page, link)
    assert (
        "Your password is kept. Log in with it now." in page.site.ask(kept.headers["location"]).text
    )
    for used in (page.site.ask(link), choose(page, link)):
        assert "This link works once: it was used, or its time is over." in used.text
        assert 'href="/login"' in used.text
    assert "Este enlace sirve una sola vez" in page.site.ask(f"{link}?lang=es").text


def test_a_link_lasts_an_hour(page: Team, mails: MailServer) -> None:
    forget(page, "RITA@ngo.example")
    link = last_link(mails, 1)
    page.clock.move(minutes=59)
    assert page.site.ask(link).code == 200
    page.clock.move(minutes=1)
    assert choose(page, link).code == 404
    assert page.try_login("rita").code == 303


def test_setting_a_password_ends_all_other_links(page: Team, mails: MailServer) -> None:
    forget(page, "rita")
    first = last_link(mails, 1)
    forget(page, "rita")
    second = last_link(mails, 2)
    assert choose(page, first).code == 303
    assert choose(page, second).code == 404


def test_the_answer_is_the_same_whether_there_is_an_account(page: Team, mails: MailServer) -> None:
    def shown(named: str) -> tuple[int, str]:
        answer = forget(page, named)
        return answer.code, re.sub(r'value="[0-9a-f]{64}"', "", answer.text)

    known, without_mail, unknown = shown("rita"), shown("edda"), shown("nobody")
    assert known == without_mail == unknown
    last_link(mails, 1)
    assert len(mails.accepted) == 1


def test_a_user_is_not_flooded_with_links(page: Team, mails: MailServer) -> None:
    served = page.site.served

    def ask() -> None:
        at = page.site.url
        send_reset(served.database, served.chosen, "rita", "en", at, "network x", page.clock())

    for _ in range(3):
        ask()
    for _ in range(2):
        with pytest.raises(LetterRefused):
            ask()
    assert len(mails.accepted) == 3
    assert choose(page, last_link(mails, 1)).code == 303  # however often others asked since


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("short", "short", "12 to 1,024"), (NEW, NEW + "x", "differ"), ("", "", "12 to 1,024")],
)
def test_a_password_that_cannot_be_is_refused_and_the_link_still_works(
    page: Team, mails: MailServer, password: str, again: str, said: str
) -> None:
    forget(page, "rita")
    link = last_link(mails, 1)
    refused = choose(page, link, password, again)
    assert (refused.code, said in refused.text) == (422, True)
    assert choose(page, link).code == 303


def test_a_form_of_another_browser_is_refused(page: Team) -> None:
    assert page.site.ask("/forgotten", "POST", {"named": "rita", "token": "x"}).code == 403


def test_only_the_hash_of_a_link_is_kept(page: Team, mails: MailServer) -> None:
    forget(page, "rita")
    secret = last_link(mails, 1).rpartition("/")[2].encode()
    files = Path(page.database.url.removeprefix("sqlite:///"))
    assert not any(secret in one.read_bytes() for one in files.parent.glob(f"{files.name}*"))


def test_asking_and_setting_leave_lines_in_the_log(page: Team, mails: MailServer) -> None:
    forget(page, "rita\nforged line")
    forget(page, "rita")
    choose(page, last_link(mails, 1))
    log = page.site.served.chosen.folder / "access.log"
    until(lambda: log.exists() and "password set" in log.read_text(encoding="utf-8"))
    lines = log.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "forged" in line and 'for "rita' not in line] == []
    assert any('link for a password asked from 127.0.0.1 for "rita"' in line for line in lines)
    assert any('password set by link from 127.0.0.1 for "rita"' in line for line in lines)


def test_no_mail_leads_to_a_name_that_a_stranger_chose(tmp_path: Path) -> None:
    """A page that answers to any name does not know which of them is its own."""
    with team(tmp_path, reach=Reach(is_wide=True)) as wide:
        shown = wide.site.ask("/forgotten", Host="evil.example")
        cookie = shown.headers["set-cookie"].partition(";")[0]
        form = {"named": "rita", "token": token_in(shown)}
        answer = wide.site.ask("/forgotten", "POST", form, Cookie=cookie, Host="evil.example")
        assert answer.code == 503


def test_no_mail_leads_to_a_port_that_a_stranger_chose(page: Team, mails: MailServer) -> None:
    shown = page.site.ask("/forgotten", Host="127.0.0.1:9")
    cookie = shown.headers["set-cookie"].partition(";")[0]
    form = {"named": "rita", "token": token_in(shown)}
    answer = page.site.ask("/forgotten", "POST", form, Cookie=cookie, Host="127.0.0.1:9")
    assert answer.code == 503
    assert mails.accepted == []


# --- an invitation --------------------------------------------------------------------------------


def test_who_is_invited_chooses_a_password_and_reads_in_their_language(
    page: Team, mails: MailServer
) -> None:
    form = {"name": "Nour", "mail": "nour@ngo.example", "role": "editor", "language": "ar"}
    assert "on its way to nour@ngo.example" in submit(page, "ada", "/users", "/users", **form).text
    ((recipient, mail),) = mails.accepted
    assert (recipient, mail["Content-Language"]) == ("nour@ngo.example", "ar")
    assert page.try_login("nour", "").code == 403  # nobody logs in before
    assert choose(page, link_in(mail)).code == 303
    answer = page.try_login("nour", NEW)
    assert answer.code == 303
    assert "language=ar" in answer.headers["set-cookie"]
    with page.database.read() as s:
        found = users.user_named(s, "Nour")
    assert found
    assert found[0].role is Role.EDITOR


@pytest.mark.parametrize(
    "form",
    [
        {"name": "rita", "mail": "new@ngo.example"},
        {"name": "nour", "mail": "RITA@ngo.example"},
        {"name": "nour", "mail": "x@y.example\r\nBcc: z@y.example"},
        {"name": "a:b", "mail": "new@ngo.example"},
        {"name": "", "mail": "new@ngo.example"},
    ],
)
def test_an_invitation_that_cannot_be_is_refused_with_a_sentence(
    page: Team, mails: MailServer, form: dict[str, str]
) -> None:
    answer = submit(page, "ada", "/users", "/users", **form)
    assert (answer.code, 'role="alert"' in answer.text) == (422, True)
    assert mails.accepted == []
    with page.database.read() as s:
        assert len(users.users(s)) == 3


def test_an_invitation_that_cannot_be_mailed_adds_nobody(page: Team, mails: MailServer) -> None:
    mails.refused = {"nour@ngo.example": "550 no such mailbox"}
    form = {"name": "nour", "mail": "nour@ngo.example"}
    assert submit(page, "ada", "/users", "/users", **form).code == 422
    with page.database.read() as s:
        assert users.user_named(s, "nour") is None


# --- what is one's own ----------------------------------------------------------------------------


def test_language_and_first_page_are_those_of_the_account(page: Team) -> None:
    kept = submit(page, "rita", "/account", "/account", language="fr", start="/changes")
    assert kept.code == 303
    answer = page.try_login("rita")
    assert answer.headers["location"] == "/changes"
    assert "language=fr" in answer.headers["set-cookie"]
    assert page.try_login("rita", wanted="/map").headers["location"] == "/map"


@pytest.mark.parametrize("start", ["https://evil.example/", "//evil.example", "/logout", "x"])
def test_no_other_page_can_be_the_first(page: Team, start: str) -> None:
    submit(page, "rita", "/account", "/account", language="tlh", start=start)
    assert page.try_login("rita").headers["location"] == "/"


def test_a_note_is_read_by_the_team_and_does_nothing_on_their_page(page: Team) -> None:
    at, action = "/agreements/A1", "/agreements/A1/notes"
    written = "<script>alert(1)</script>\r\nask the ministry\u202e"
    assert submit(page, "rita", at, action, text=written).code == 303
    shown = page.ask(at, "edda").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert" not in shown
    assert "ask the ministry" in shown
    assert "\u202e" not in shown
    assert "<bdi>rita</bdi>" in shown


def test_a_note_is_removed_by_who_wrote_it_or_an_admin(page: Team) -> None:
    at, action = "/agreements/A1", "/agreements/A1/notes"
    for text in ("first note", "second note"):
        submit(page, "rita", at, action, text=text)
    assert "/notes/1/remove" not in page.ask(at, "edda").text
    assert submit(page, "rita", at, "/notes/1/remove", agreement="A1").code == 303
    assert submit(page, "ada", at, "/notes/2/remove", agreement="A1").code == 303
    assert "note</p>" not in page.ask(at, "edda").text


@pytest.mark.parametrize("text", ["", " \r\n ", "x" * 2001])
def test_a_note_that_cannot_be_is_refused(page: Team, text: str) -> None:
    answer = submit(page, "rita", "/agreements/A1", "/agreements/A1/notes", text=text)
    assert (answer.code, "1 to 2,000 characters" in answer.text) == (409, True)


def test_notes_go_on_with_what_an_agreement_was_merged_into(page: Team) -> None:
    submit(page, "edda", "/agreements/A2", "/agreements/A2/notes", text="same as the other")
    with page.database.begin() as s:
        curation.merge(s, "A1", "A2", Curator("edda", "the same", NOW))
    assert "same as the other" in page.ask("/agreements/A1", "rita").text
