"""The users page: links that set a password, roles, removal; notes that the team shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scheduler.access import accounts
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.web.site.context import TOLD, UNTOLD
from storage.errors import ConfigurationError
from storage.notifications import user_subscriptions
from storage.register.decisions import decisions
from storage.users import logins, users
from storage.users.accounts import Role, User
from storage.users.users import set_contact, user_named
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.web.site.access.team import Team, until
from tests.scheduler.web.site.editing.filled_forms import Fields, fill, form_in
from tests.scheduler.web.site.running import Answer, Site, serving
from tests.storage.given import NOW, kept_mail

NEW = "quite another long password"


def submit(page: Team, who: str, at: str, action: str, **form: str) -> Answer:
    """Send the form to `action` that stands on the page `at`."""
    shown = page.ask(at, who)
    match = re.search(
        rf'action="{re.escape(action)}".*?name="token" value="([^"]+)"', shown.text, re.S
    )
    assert match, shown.text
    return page.ask(action, who, "POST", form={"token": match[1], **form})


def link_for(page: Team, name: str) -> str:
    """The path of a link that an admin makes for a user."""
    made = submit(page, "ada", "/users", "/users", name=name, deed="link")
    assert made.code == 200, made.text
    match = re.search(r"http://\S+/password/[\w-]+", made.text)
    assert match
    return urlsplit(match[0]).path


def choose(page: Team, link: str, password: str = NEW, again: str = NEW) -> Answer:
    return page.site.ask(link, "POST", {"password": password, "again": again})


# --- a link ---------------------------------------------------------------------------------------


def test_a_link_sets_a_password_once(page: Team) -> None:
    link = link_for(page, "RITA")
    assert page.site.ask(link).code == 200
    assert choose(page, link).code == 303
    assert page.ask("/", "rita").code == 303  # sessions that began with the old one have ended
    assert page.try_login("rita").code == 403
    assert page.try_login("rita", NEW).code == 303
    assert choose(page, link, "yet another password", "yet another password").code == 404
    assert page.site.ask(link).code == 404


def test_a_link_that_was_used_says_so_and_after_the_password_the_page_says_how_to_go_on(
    page: Team,
) -> None:
    link = link_for(page, "rita")
    saved = choose(page, link)
    assert (
        "Your password is saved. You can log in with it now."
        in page.site.ask(saved.headers["location"]).text
    )
    for used in (page.site.ask(link), choose(page, link)):
        assert "This link works once: it was used, or its time is over." in used.text
        assert 'href="/login"' in used.text
    assert "Este enlace sirve una sola vez" in page.site.ask(f"{link}?lang=es").text


def test_a_link_lasts_three_days(page: Team) -> None:
    link = link_for(page, "rita")
    page.clock.move(hours=71)
    assert page.site.ask(link).code == 200
    page.clock.move(hours=1)
    assert choose(page, link).code == 404
    assert page.try_login("rita").code == 303


def test_a_new_link_ends_the_one_before(page: Team) -> None:
    first, second = link_for(page, "rita"), link_for(page, "rita")
    assert choose(page, first).code == 404
    assert choose(page, second).code == 303


@pytest.mark.parametrize(
    ("password", "again", "expected"),
    [("short", "short", "12 to 1,024"), (NEW, NEW + "x", "differ"), ("", "", "12 to 1,024")],
)
def test_a_password_that_cannot_be_is_refused_and_the_link_still_works(
    page: Team, password: str, again: str, expected: str
) -> None:
    link = link_for(page, "rita")
    refused = choose(page, link, password, again)
    assert (refused.code, expected in refused.text) == (422, True)
    assert choose(page, link).code == 303


def test_only_the_hash_of_a_link_is_kept(page: Team) -> None:
    secret = link_for(page, "rita").rpartition("/")[2].encode()
    files = Path(page.database.url.removeprefix("sqlite:///"))
    assert not any(secret in path.read_bytes() for path in files.parent.glob(f"{files.name}*"))


def test_making_and_using_a_link_leave_lines_in_the_log(page: Team) -> None:
    choose(page, link_for(page, "rita"))
    log = page.site.served.chosen.folder / "access.log"
    until(lambda: log.exists() and "password set" in log.read_text(encoding="utf-8"))
    lines = log.read_text(encoding="utf-8").splitlines()
    assert any(line.endswith('link for a password made for "rita", by "ada"') for line in lines)
    assert any('password set by link from 127.0.0.1 for "rita"' in line for line in lines)


def test_links_are_made_by_admins_alone(page: Team) -> None:
    stolen = submit(page, "ada", "/users", "/users", name="x", deed="link")
    assert stolen.code == 404  # there is no such user
    form = {"name": "ada", "deed": "link", "token": "0" * 64}
    assert page.ask("/users", "edda", "POST", form=form).code == 403
    assert page.ask("/users", "ada", "POST", form=form).code == 403


# --- a new user -----------------------------------------------------------------------------------


def test_who_is_added_sets_a_password_by_the_link(page: Team) -> None:
    made = submit(page, "ada", "/users", "/users", name="Nour", role="editor", deed="add")
    match = re.search(r"http://\S+/password/[\w-]+", made.text)
    assert match
    assert page.try_login("nour", "").code == 403  # nobody logs in before
    assert choose(page, urlsplit(match[0]).path).code == 303
    assert page.try_login("nour", NEW).code == 303
    with page.database.read() as s:
        known = users.user_named(s, "Nour")
    assert known
    assert known[0].role is Role.EDITOR


@pytest.mark.parametrize("name", ["rita", "RITA", "a:b", "", "x" * 65])
def test_a_user_who_cannot_be_is_refused_with_a_sentence(page: Team, name: str) -> None:
    answer = submit(page, "ada", "/users", "/users", name=name, deed="add")
    assert (answer.code, 'role="alert"' in answer.text) == (422, True)
    with page.database.read() as s:
        assert len(users.users(s)) == 3


# --- notes ----------------------------------------------------------------------------------------


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


ACTION = "/documents/1/correct"
ADDRESS = "ada@ngo.example"


def give_address(page: Team, language: str = "en") -> None:
    with page.database.begin() as s:
        found = user_named(s, "ada")
        assert found is not None
        set_contact(s, found[0].id, ADDRESS, language)


def filled(page: Team, **fields: str) -> Fields:
    shown = page.ask("/documents/1/edit", "edda")
    return fill(form_in(shown, ACTION), **{"status": "in_force", "tell": "ada", **fields})


def correct(page: Team, fields: Fields) -> Answer:
    return page.ask(ACTION, "edda", "POST", form=dict(fields))


def test_a_named_colleague_gets_one_mail_with_what_changed(page: Team, mails: MailServer) -> None:
    give_address(page)
    assert "Tell a colleague by mail" in page.ask("/documents/1/edit", "edda").text
    form = filled(page, why="the gazette says so")
    answer = correct(page, form)
    assert answer.headers["location"] == f"/agreements/A1?done=1,{TOLD}"
    ((recipient, mail),) = mails.accepted
    assert recipient == ADDRESS
    text = mail.get_content()
    assert "edda corrected" in str(mail["Subject"])
    assert "Status: signed before, in force now." in text
    assert "the gazette says so" in text
    assert "/agreements/A1" in text
    assert "told by mail" in page.ask(answer.headers["location"], "edda").text
    assert correct(page, form).code == 409  # the form once more: decided and told already
    assert len(mails.accepted) == 1


def test_the_mail_is_in_the_colleagues_language(page: Team, mails: MailServer) -> None:
    give_address(page, "fr")
    correct(page, filled(page))
    ((_, mail),) = mails.accepted
    assert mail["Content-Language"] == "fr"
    assert "en vigueur" in mail.get_content()


def test_a_mail_that_fails_leaves_the_decision_and_is_said(page: Team, mails: MailServer) -> None:
    give_address(page)
    mails.refused = {ADDRESS: "550 no such mailbox"}
    answer = correct(page, filled(page))
    assert answer.headers["location"] == f"/agreements/A1?done=1,{UNTOLD}"
    assert "could not be sent" in page.ask(answer.headers["location"], "edda").text
    with page.database.read() as s:
        assert len(decisions(s)) == 1


def test_who_has_no_address_cannot_be_told_and_nothing_is_decided(
    page: Team, mails: MailServer
) -> None:
    assert "Tell a colleague by mail" not in page.ask("/documents/1/edit", "edda").text
    answer = correct(page, filled(page))
    assert answer.code == 422
    assert "has no account with a mail address here" in answer.text
    with page.database.read() as s:
        assert decisions(s) == []
    assert mails.accepted == []


def user(page: Team, name: str) -> User | None:
    with page.database.read() as s:
        found = users.user_named(s, name)
    return found and found[0]


def role(page: Team, name: str) -> Role | None:
    found = user(page, name)
    return found.role if found else None


def test_a_changed_role_holds_from_the_next_request_on_and_is_logged(page: Team) -> None:
    assert page.ask("/add", "rita").code == 403
    done = submit(page, "ada", "/users", "/users", name="rita", deed="role", role="editor")
    assert "The role of rita is now: editor." in done.text
    assert page.ask("/add", "rita").code == 200
    log = (page.site.served.chosen.folder / "access.log").read_text(encoding="utf-8")
    assert 'role changed to editor for "rita", by "ada"' in log


def test_who_is_removed_is_out_at_once_with_tokens_and_subscriptions(page: Team) -> None:
    edda = user(page, "edda")
    assert edda
    with page.database.begin() as s:
        user_subscriptions.add(s, kept_mail(user_id=edda.id))
    shown = page.ask("/users", "ada").text
    assert "Their sessions, tokens and subscriptions end at once." in shown
    done = submit(page, "ada", "/users", "/users", name="edda", deed="remove")
    assert "edda was removed." in done.text
    assert page.ask("/", "edda").code == 303
    with page.database.read() as s:
        assert (logins.tokens(s), user_subscriptions.everybodys(s)) == ([], [])
    log = (page.site.served.chosen.folder / "access.log").read_text(encoding="utf-8")
    assert 'user removed for "edda", by "ada"' in log


@pytest.mark.parametrize("form", [{"deed": "remove"}, {"deed": "role", "role": "reader"}])
def test_nobody_removes_or_lowers_themselves(page: Team, form: dict[str, str]) -> None:
    submit(page, "ada", "/users", "/users", name="edda", deed="role", role="admin")
    refused = submit(page, "ada", "/users", "/users", name="ADA", **form)
    assert (refused.code, "only another admin can do this to ada" in refused.text) == (422, True)
    assert role(page, "ada") is Role.ADMIN
    own = re.findall(r"(?s)<tr>.*?</tr>", page.ask("/users", "ada").text)[1]
    assert "<bdi>ada</bdi>" in own
    assert 'value="remove"' not in own


def test_the_last_admin_stays_though_who_asks_was_one_a_moment_ago(page: Team) -> None:
    ada, edda = user(page, "ada"), user(page, "edda")
    assert ada
    assert edda
    with page.database.begin() as s:
        with pytest.raises(ConfigurationError, match="ada is the last admin"):
            accounts.remove(s, ada, by=edda.id)
        with pytest.raises(ConfigurationError, match="ada is the last admin"):
            accounts.change_role(s, ada, Role.EDITOR, by=edda.id)
        users.set_role(s, "edda", Role.ADMIN)
        accounts.change_role(s, ada, Role.EDITOR, by=edda.id)
    assert role(page, "ada") is Role.EDITOR


@pytest.mark.parametrize(
    "form",
    [
        {"name": "nobody", "deed": "remove"},
        {"name": "rita", "deed": "role", "role": "owner"},
        {"name": "rita", "deed": "promote"},
    ],
)
def test_a_deed_that_there_is_not_changes_nothing(page: Team, form: dict[str, str]) -> None:
    assert submit(page, "ada", "/users", "/users", **form).code == 404
    assert role(page, "rita") is Role.READER


def test_the_page_says_when_somebody_was_last_there(page: Team) -> None:
    page.clock.move(hours=2)
    page.ask("/", "rita")
    until(lambda: (found := user(page, "rita")) is not None and found.seen_at == page.clock.at)
    assert "12 March 2026, 11:30 UTC" in page.ask("/users", "ada").text


def test_a_link_says_until_when_it_works(page: Team) -> None:
    made = submit(page, "ada", "/users", "/users", name="rita", deed="link")
    assert "once, until 15 March 2026, 09:30 UTC" in made.text
    assert "until 15 March" not in page.ask("/users", "ada").text


# --- a page that has no users yet -----------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as site:
        yield site


def added(local: Site, role: str) -> int:
    shown = local.ask("/users").text
    match = re.search(r'name="token" value="([^"]+)"', shown)
    assert match
    form = {"name": "amina", "deed": "add", "role": role, "token": match[1]}
    return local.ask("/users", "POST", form).code


def test_the_first_user_is_an_admin_so_that_somebody_can_add_the_others(local: Site) -> None:
    assert "The first user is an admin" in local.ask("/users").text
    assert added(local, "reader") == 422
    assert added(local, "admin") == 200
    assert local.ask("/users").code == 303


def test_a_page_without_users_has_no_accounts(local: Site) -> None:
    assert local.ask("/account").code == 404
