"""Who corrects an entry can name a colleague, who gets one mail with what changed."""

from __future__ import annotations

from scheduler.web.site.context import TOLD, UNTOLD
from storage.register.decisions import decisions
from storage.users.users import set_contact, user_named
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.web.site.access.team import Team
from tests.scheduler.web.site.editing.filled_forms import Fields, fill, form_in
from tests.scheduler.web.site.running import Answer

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
