"""Subscriptions by a token: the same rules as the form of the page, for the token's user alone."""

from __future__ import annotations

import json

import pytest

from storage.users.accounts import TokenScope
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.web.site.access.team import Team, add_token
from tests.scheduler.web.site.running import Answer

ADDRESS = "/api/v1/subscriptions"
WANTED = {"selection": "party=LY&status=signed", "name": "Libya", "address": "amina@ngo.example"}
FEED = {"kind": "feed", "selection": "party=LY", "name": "Libya"}


@pytest.fixture(autouse=True)
def tokens(page: Team) -> None:
    """One of an editor, and one of a reader."""
    page.tokens = {
        "edda's": add_token(page.database, "edda", TokenScope.EDIT),
        "rita's": add_token(page.database, "rita", TokenScope.READ),
    }


def post(page: Team, who: str, **wanted: object) -> Answer:
    headers = {
        "Authorization": f"Bearer {page.tokens[who]}",
        "Content-Type": "application/json",
    }
    return page.site.post(ADDRESS, json.dumps(wanted), headers)


def items(page: Team, who: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = page.ask(ADDRESS, who).json["items"]
    return found


def test_a_token_subscribes_its_user_by_mail_once_the_mailbox_confirms(
    page: Team, mails: MailServer
) -> None:
    made = post(page, "rita's", **WANTED)
    assert made.code == 201, made.text
    assert made.json["state"] == "unconfirmed"
    assert [recipient for recipient, _ in mails.accepted] == ["amina@ngo.example"]
    (own,) = items(page, "rita's")
    assert own["selection"] == "party=LY&status=signed"
    assert own["rate"] == "weekly on monday at 07:00"
    assert items(page, "edda's") == []


def test_a_token_ends_what_its_user_made_and_nothing_else(page: Team) -> None:
    made = post(page, "rita's", **FEED).json
    path = f"{ADDRESS}/{made['id']}"
    assert page.ask(path, "edda's", "DELETE").code == 404
    assert page.site.ask("/" + made["feed"].split("/", 3)[3]).code == 200
    assert page.ask(path, "rita's", "DELETE").code == 204
    assert items(page, "rita's") == []
    assert page.site.ask("/" + made["feed"].split("/", 3)[3]).code == 404


def test_what_the_form_refuses_is_refused(page: Team, mails: MailServer) -> None:
    for wrong in (
        {"address": "nobody"},
        {"rate": "daily at 25:00"},
        {"name": ""},
        {"selection": "partie=LY"},
        {"selection": "as_of=2024-01-01"},
        {"adress": "amina@ngo.example"},
    ):
        assert post(page, "rita's", **WANTED | wrong).code == 422, wrong
    assert mails.accepted == []
