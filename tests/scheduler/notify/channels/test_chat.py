"""The chat channel: Apprise speaks to a real receiver of its JSON form."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import apprise
import pytest

from scheduler.configuration.sections import ChatChannel
from scheduler.notify.answers import answer_links
from scheduler.notify.channels.chat import chat_text, post
from scheduler.notify.digest.build import Review
from storage.errors import ConfigurationError, DeliveryError
from storage.records import GradeBasis
from tests import loopback
from tests.scheduler.notify.digest.samples import DIGEST, ITEM, UNSURE, about

# Apprise asks for it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Room:
    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.status = 200
        self.port = 0


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()

    class Handler(loopback.Handler):
        def do_POST(self) -> None:
            made.said.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            elsewhere = {"location": f"http://127.0.0.1:{made.port}/elsewhere"}
            self.answer(status=made.status, headers=elsewhere if made.status == 307 else None)

    with loopback.answering(Handler) as made.port:
        yield made


@pytest.fixture
def channel(room: Room, monkeypatch: pytest.MonkeyPatch) -> ChatChannel:
    monkeypatch.setenv("CHAT", f"json://127.0.0.1:{room.port}/hook")
    return ChatChannel.model_validate({"id": "team", "kind": "chat", "url": {"env": "CHAT"}})


def test_a_digest_is_said_in_a_few_lines(room: Room, channel: ChatChannel) -> None:
    post(channel, DIGEST)
    (said,) = room.said
    assert said["title"] == "13 new agreements, 1 new stage: Morocco–Niger and others"
    assert said["message"].startswith("13 new agreements · 1 new stage\n")
    assert "• Morocco–Niger declaration, 2026: signed" in said["message"]
    assert "https://fleuve.example/a?x=1&y=2" in said["message"]
    assert "148 of 154 sources active" in said["message"]


def test_each_item_has_the_link_of_its_first_report_alone() -> None:
    _, first, second, *_ = chat_text(DIGEST).split("• ")
    assert [("fleuve.example" in text, "sahel.example" in text) for text in (first, second)] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("call", ["@everyone", "@here", "<@123>", "<@&9>", "<!channel>"])
def test_a_headline_calls_nobody(room: Room, channel: ChatChannel, call: str) -> None:
    link = replace(ITEM.reports[0], url=f"https://a.example/{call.strip('<>')}", outlet=call)
    item = about(replace(ITEM, reports=(link,)), id="", parties=(), title=f"{call} sign")
    post(channel, replace(DIGEST, items=(item,), rest=(), notices=(call,)))
    (said,) = room.said
    assert "sign" in said["title"]
    assert call not in said["title"] + said["message"]
    assert "@" not in said["message"].replace("@\u200b", "")


@pytest.mark.parametrize(
    "link",
    [
        *("[gov.example](https://evil.example)", "<https://evil.example|gov.example>"),
        *(
            "![seen](https://evil.example/seen.png)",
            "[gov.example][1]",
            "[1]: https://evil.example",
        ),
    ],
)
def test_no_headline_is_a_link_under_another_name(link: str) -> None:
    item = about(replace(ITEM, reports=()), id="", parties=(), title=f"Mali {link}")
    said = chat_text(replace(DIGEST, items=(item,), rest=(), notices=(link,)))
    assert link not in said
    assert said.replace("\u200b", "").count(link) == 2


def test_a_service_that_does_not_take_it_is_named(room: Room, channel: ChatChannel) -> None:
    room.status = 500
    with pytest.raises(DeliveryError, match="the chat channel team did not take the digest"):
        post(channel, DIGEST)


def test_a_redirect_is_a_failure_and_the_digest_is_not_sent_on(
    room: Room, channel: ChatChannel
) -> None:
    room.status = 307
    with pytest.raises(DeliveryError, match="did not take the digest"):
        post(channel, DIGEST)
    assert len(room.said) == 1


def test_an_address_that_is_none_is_named_and_not_shown(
    channel: ChatChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT", "nothing://hunter2")
    with pytest.raises(ConfigurationError, match="channel team") as caught:
        post(channel, DIGEST)
    assert "hunter2" not in str(caught.value)


def test_a_long_digest_is_cut_and_counted() -> None:
    text = chat_text(replace(DIGEST, items=(ITEM,) * 14, rest=(ITEM,) * 3, digest_id=12))
    assert "and 7 more agreements · Full list: accordwatch digest show 12" in text
    assert text.count("•") == 10
    assert "and 7 more agreements" in text


def test_what_apprise_reports_is_shown_without_the_tokens_of_the_address(
    room: Room, channel: ChatChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "CHAT", f"json://ana:hunter2@127.0.0.1:{room.port}/T0hunter2/hunter2%20hunter2"
    )

    def say_the_address(service: apprise.Apprise, **settings: object) -> bool:
        logging.getLogger("apprise").warning(
            "no answer from %s, see /T0hunter2", os.environ["CHAT"]
        )
        return False

    monkeypatch.setattr(apprise.Apprise, "notify", say_the_address)
    with pytest.raises(DeliveryError, match="no answer from") as caught:
        post(channel, DIGEST)
    assert "hunter2" not in str(caught.value)


def test_what_waits_for_review_is_one_line() -> None:
    text = chat_text(replace(DIGEST, review=Review(12, (UNSURE,))))
    assert "Waiting for review: 12 documents" in text.splitlines()
    assert UNSURE.title not in text
    assert "review" not in chat_text(DIGEST)


def test_a_line_says_how_sure_the_agreement_is() -> None:
    unconfirmed = about(ITEM, grade_basis=GradeBasis.SINGLE)
    said = chat_text(replace(DIGEST, items=(unconfirmed, ITEM), rest=()))
    assert said.count("(unconfirmed)") == 1


def test_entries_have_links_that_say_right_or_wrong_and_then_fewer_fit() -> None:
    page = "https://watch.example"
    links = answer_links(page, "12", DIGEST.made_at, "key")
    said = chat_text(replace(DIGEST, items=DIGEST.items[:1] * 12, rest=(), answering=links))
    assert said.count(f"  Right: {page}/answers/right/A17/12.") == 5
    assert said.count(f"  Wrong: {page}/answers/wrong/A17/12.") == 5
    assert said.count(f"  Correct it: {page}/agreements/A17/edit") == 5
    assert "and 7 more agreements" in said
    assert len(said) < 3000
    assert "/answers/" not in chat_text(DIGEST)


def test_an_unconfirmed_entry_is_one_line_of_a_chat() -> None:
    guess = about(ITEM, id="A9", parties=("IT", "TN"), grade_basis=GradeBasis.SINGLE)
    links = answer_links("https://watch.example", "12", DIGEST.made_at, "key")
    digest = replace(DIGEST, items=(ITEM,), rest=(), unconfirmed=(guess,) * 12, answering=links)
    said = chat_text(digest)
    line = f"• Italy and Tunisia · {ITEM.reports[0].title} · Le Quotidien du Fleuve · A9 · https://"
    assert said.count(line) == 4
    assert said.count("Wrong: https://watch.example/answers/wrong/A9/12.") == 4
    assert "and 8 more agreements" in said
    assert len(said) < 3000
