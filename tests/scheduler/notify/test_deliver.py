"""Claiming and delivering: one digest a period, one bad receiver harms no other, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import select, update

from scheduler.configuration.config import Configuration
from scheduler.configuration.sections import EmailChannel, WebhookChannel
from scheduler.notify.channels import file, webhook
from scheduler.notify.channels.message import WEBHOOK_WAITS_S, next_webhook_try
from scheduler.notify.channels.table import subscriptions_of
from scheduler.notify.deliver import LEASE_S, Sent, send_due, send_now
from scheduler.notify.digest.build import OPERATOR, Digest
from scheduler.notify.subscriptions.states import digest_again, preview, send_test
from storage.database.session import Database
from storage.errors import ConfigurationError, DatabaseError
from storage.notifications import deliveries, digests, outbox, receivers
from storage.notifications.tables import Deliveries
from storage.records import Judged, NewsKind, Status
from tests.scheduler.given_digests import begun, collect, configured, opened
from tests.scheduler.notify.channels.hook_receiver import SECRET, Receiver, receiving
from tests.scheduler.notify.channels.mail_server import MailServer, serving
from tests.scheduler.notify.one_pass import parties_of
from tests.storage.given import NOW, card, judged

MAIL = """
channels:
  - id: office
    kind: email
    to: [{to}]
    sender: watch@ngo.example
    host: 127.0.0.1
    port: {port}
    security: none
    unsubscribe: https://watch.example/unsubscribe
"""
HOOK = """
channels:
  - {{id: desk, kind: webhook, url: "{url}", secrets: [{{env: HOOK_SECRET}}], allow_private: {allow}}}
"""
AT_ONCE = """
subscriptions:
  - {{id: everything, channels: [{channels}], rate: immediately}}
"""
Open = Callable[..., tuple[Database, Configuration]]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    databases: list[Database] = []

    def make(*arguments: str) -> tuple[Database, Configuration]:
        chosen = configured(tmp_path, *arguments)
        databases.append(opened(chosen))
        begun(databases[-1], chosen, NOW - timedelta(days=40))
        return databases[-1], chosen

    yield make
    for database in databases:
        database.close()


def by_mail(server: MailServer, *to: str) -> tuple[str, str]:
    channel = MAIL.format(port=server.port, to=", ".join(to or ("ana@ngo.example",)))
    return AT_ONCE.format(channels="office"), channel


def by_hook(url: str, allow: str = "true") -> tuple[str, str]:
    return AT_ONCE.format(channels="desk"), HOOK.format(url=url, allow=allow)


def files(chosen: Configuration) -> list[str]:
    return sorted(path.name for path in (chosen.folder / "digests").glob("*"))


def test_a_pass_says_what_arrived_what_waits_and_what_was_given_up() -> None:
    sent = Sent(claimed=6, delivered=2, waiting=1, given_up=3, problems=("no room", "no route"))
    assert sent.summary == (
        "2 digests delivered. 1 did not arrive and will be tried again. "
        "3 given up; send again with: accordwatch digest send. no room; no route"
    )


# --- the file channel ---------------------------------------------------------------------------


def test_the_embedded_channel_writes_a_mail_and_a_page(given: Open) -> None:
    database, chosen = given()
    other = judged(2)
    other = replace(other, document=replace(other.document, outlet="Another"))
    collect(database, chosen, judged(1), other, now=NOW)
    sent = send_due(database, chosen, now=NOW)
    assert (sent.delivered, sent.failed, sent.summary) == (1, 0, "1 digest delivered.")
    assert files(chosen) == [
        "2026-03-12-093000-everything.eml",
        "2026-03-12-093000-everything.html",
    ]
    raw = (chosen.folder / "digests" / files(chosen)[0]).read_bytes()
    said = "Morocco–Niger declaration on trafficking and smuggling, 2026: signed"
    assert message_from_bytes(raw, policy=default)["Subject"] == said


def test_a_mail_of_the_team_leads_to_the_page_and_counts_the_documents_that_it_tells(
    given: Open,
) -> None:
    page = "site: {url: https://watch.example/}\n"
    database, chosen = given(AT_ONCE.format(channels="file") + page)
    collect(database, chosen, judged(1), judged(2, card=card(parties=("DE", "KE"))), now=NOW)
    later = NOW + timedelta(days=9)  # longer than what a first digest is compiled from
    collect(database, chosen, judged(3, relevant=False), now=later)
    send_due(database, chosen, now=later)
    (mail,) = (chosen.folder / "digests").glob("*.eml")
    message = message_from_bytes(mail.read_bytes(), policy=default)
    text, html = (message.get_body([kind]) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    for number in (1, 2):
        assert f"https://watch.example/agreements/A{number}" in text.get_content()
        assert f'href="https://watch.example/agreements/A{number}"' in html.get_content()
    assert "accordwatch show" not in text.get_content()
    assert "Compiled from 3 documents" in text.get_content()


def test_nothing_is_written_when_nothing_is_pending(given: Open) -> None:
    database, chosen = given()
    for send in (send_due, send_now):
        assert send(database, chosen, now=NOW).summary == "No digest was due."
    assert not (chosen.folder / "digests").exists()


def test_a_period_has_one_digest_and_what_comes_later_waits_for_the_next(given: Open) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), now=NOW)
    send_due(database, chosen, now=NOW)
    collect(database, chosen, judged(2, card=card(parties=("IT", "TN"))), now=NOW)
    assert send_due(database, chosen, now=NOW + timedelta(hours=3)).delivered == 0
    assert send_due(database, chosen, now=NOW + timedelta(days=1)).delivered == 1


def test_a_subscription_that_begins_within_a_period_waits_for_the_next_one(tmp_path: Path) -> None:
    thursday = NOW  # 2026-03-12
    weekly = 'subscriptions:\n  - {id: w, channels: [file], rate: "weekly on monday at 07:00", say_empty: true}\n'
    chosen = configured(tmp_path, weekly)
    database = opened(chosen)
    assert send_due(database, chosen, now=thursday).delivered == 0
    collect(database, chosen, judged(1), now=thursday)
    assert (
        send_due(database, chosen, now=thursday + timedelta(days=3, hours=21)).delivered == 0
    )  # Monday at 06:30
    assert send_due(database, chosen, now=thursday + timedelta(days=3, hours=22)).delivered == 1
    database.close()


def test_by_hand_all_that_is_pending_goes_whatever_the_schedule(given: Open) -> None:
    database, chosen = given()
    send_due(database, chosen, now=NOW)
    collect(database, chosen, judged(1), now=NOW)
    assert send_now(database, chosen, now=NOW).delivered == 1
    assert send_now(database, chosen, now=NOW).delivered == 0


TWO = "subscriptions: [{id: one, channels: [office]}, {id: two, channels: [office]}]\n"


def test_who_sends_one_digest_by_hand_leaves_what_is_pending_for_others(given: Open) -> None:
    database, chosen = given(TWO.replace("office", "file"))
    collect(database, chosen, judged(1), now=NOW)
    sent = send_now(database, chosen, now=NOW, only="two")
    assert (sent.claimed, sent.delivered) == (1, 1)
    assert {name.rpartition("-")[2] for name in files(chosen)} == {"two.eml", "two.html"}


def test_who_sends_one_digest_again_by_hand_sends_no_other_that_did_not_arrive(
    given: Open,
) -> None:
    with serving(MailServer(refused={"ana@ngo.example": "550 no such mailbox"})) as server:
        database, chosen = given(TWO, by_mail(server)[1])
        collect(database, chosen, judged(1), now=NOW)
        assert send_now(database, chosen, now=NOW).given_up == 2
        server.refused = {}
        sent = send_now(database, chosen, now=NOW, only="two")
        assert (sent.delivered, len(server.message_ids)) == (1, 1)
        with database.read() as s:
            assert [delivery.subscription_id for delivery in deliveries.undelivered(s)] == ["one"]


def test_an_empty_period_is_told_to_who_asked_for_it(given: Open) -> None:
    database, chosen = given(
        "subscriptions:\n  - {id: everything, channels: [file], say_empty: true}\n"
    )
    assert send_due(database, chosen, now=NOW).delivered == 1
    assert "0 of 1 source" in (chosen.folder / "digests" / files(chosen)[1]).read_text()


def test_a_digest_folder_that_cannot_be_written_is_named_and_tried_again(given: Open) -> None:
    database, chosen = given()
    (chosen.folder / "digests").write_text("in the way")
    collect(database, chosen, judged(1), now=NOW)
    sent = send_due(database, chosen, now=NOW)
    assert sent.waiting == 1
    assert "the digest folder" in sent.summary
    assert "\n" not in sent.summary
    (chosen.folder / "digests").unlink()
    assert send_due(database, chosen, now=NOW + timedelta(minutes=6)).delivered == 1
    assert not [name for name in files(chosen) if name.endswith(".part")]


# --- mail ---------------------------------------------------------------------------------------


def test_a_refused_recipient_among_ten_harms_no_other_and_can_be_sent_again(given: Open) -> None:
    addresses = [f"reader{number}@ngo.example" for number in range(10)]
    with serving(MailServer(refused={addresses[4]: "550 no such mailbox"})) as server:
        database, chosen = given(*by_mail(server, *addresses))
        collect(database, chosen, judged(1), now=NOW)
        sent = send_due(database, chosen, now=NOW)
        assert (sent.delivered, sent.waiting, sent.given_up) == (9, 0, 1)
        assert sorted(server.recipients) == [
            address for address in addresses if address != addresses[4]
        ]
        with database.read() as s:
            (failed,) = deliveries.undelivered(s)
        assert (failed.recipient, "550 no such mailbox" in str(failed.last_error)) == (
            addresses[4],
            True,
        )
        server.refused = {}
        assert send_now(database, chosen, now=NOW + timedelta(hours=1)).delivered == 1
        assert len(set(server.message_ids)) == len(server.message_ids) == 10


def test_a_4xx_is_tried_again_after_five_minutes_and_a_5xx_is_given_up(given: Open) -> None:
    with serving(MailServer(replies=["451 later", "554 never"])) as server:
        database, chosen = given(*by_mail(server))
        collect(database, chosen, judged(1), now=NOW)
        assert send_due(database, chosen, now=NOW).waiting == 1
        assert send_due(database, chosen, now=NOW + timedelta(minutes=4)).failed == 0
        assert send_due(database, chosen, now=NOW + timedelta(minutes=6)).given_up == 1
        assert send_due(database, chosen, now=NOW + timedelta(days=1)).failed == 0


def test_a_line_that_drops_after_data_repeats_one_mail_under_its_id(given: Open) -> None:
    with serving(MailServer(replies=["accept and drop"])) as server:
        database, chosen = given(*by_mail(server, "ana@ngo.example", "ben@ngo.example"))
        collect(database, chosen, judged(1), now=NOW)
        sent = send_due(database, chosen, now=NOW)
        assert (sent.delivered, sent.waiting) == (1, 1)
        send_due(database, chosen, now=NOW + timedelta(minutes=6))
        assert sorted(server.recipients) == [
            "ana@ngo.example",
            "ana@ngo.example",
            "ben@ngo.example",
        ]
        assert len(set(server.message_ids)) == 2


def read(message: EmailMessage) -> list[str]:
    """What a reader sees of a mail: its subject, and its text in both forms."""
    parts = (message.get_body([kind]) for kind in ("plain", "html"))
    return [str(message["Subject"]), *(part.get_content() for part in parts if part)]


def test_a_mail_reads_the_same_under_one_id_whatever_became_known_between_two_tries(
    given: Open,
) -> None:
    with serving(MailServer(replies=["accept and drop"])) as server:
        database, chosen = given(*by_mail(server))
        collect(database, chosen, judged(1), now=NOW)
        assert send_due(database, chosen, now=NOW).waiting == 1
        ended = card(status=Status.TERMINATED, event_date=date(2026, 6, 1))
        collect(database, chosen, judged(2, card=ended, published_on=date(2026, 6, 2)), now=NOW)
        assert send_due(database, chosen, now=NOW + timedelta(minutes=6)).delivered == 2
        first, second = (message for _, message in server.accepted[:2])
    assert first["Message-ID"] == second["Message-ID"]
    assert read(first) == read(second)
    with database.read() as s:
        bodies = s.execute(select(Deliveries.body).where(Deliveries.state == "accepted"))
        assert set(bodies.scalars()) == {None}  # no longer needed


def test_a_mail_server_away_for_three_days_gets_everything_within_67_minutes(given: Open) -> None:
    server = MailServer()
    with serving(server):
        database, chosen = given(*by_mail(server))
    collect(database, chosen, judged(1), now=NOW)
    tries = attempts(database, chosen, NOW, timedelta(hours=72))
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(tries)]
    expected = [300, 600, 1200, 2400, *[4000] * 200][: len(waits)]
    assert all(
        abs(wait / planned - 1) <= 0.2 for wait, planned in zip(waits, expected, strict=True)
    )
    back = NOW + timedelta(hours=72)
    with serving(server):
        sent = [
            send_due(database, chosen, now=back + timedelta(minutes=minutes)).delivered
            for minutes in range(0, 75)
        ]
    assert sum(sent) == len(server.accepted) == 1


def test_a_mail_is_given_up_after_five_days(given: Open) -> None:
    server = MailServer()
    with serving(server):
        database, chosen = given(*by_mail(server))
    collect(database, chosen, judged(1), now=NOW)
    send_due(database, chosen, now=NOW)
    assert send_due(database, chosen, now=NOW + timedelta(days=4, hours=22)).waiting == 1
    assert send_due(database, chosen, now=NOW + timedelta(days=5)).given_up == 1


def test_a_mail_that_was_given_up_and_is_sent_again_has_all_its_attempts(given: Open) -> None:
    server = MailServer()
    with serving(server):
        database, chosen = given(*by_mail(server))
    collect(database, chosen, judged(1), now=NOW)
    send_due(database, chosen, now=NOW)
    late = NOW + timedelta(days=5)
    assert send_due(database, chosen, now=late).given_up == 1
    again = send_now(database, chosen, now=late)
    assert (again.waiting, again.given_up) == (1, 0)
    tries = attempts(database, chosen, late, timedelta(hours=2))
    waits = [round((moment - late) / timedelta(minutes=5)) for moment in tries]
    assert waits[0] == 1  # the first wait again
    assert send_due(database, chosen, now=late + timedelta(days=5)).given_up == 1


def test_a_webhook_that_was_given_up_and_is_sent_again_has_all_its_attempts(given: Open) -> None:
    with receiving(Receiver()) as gone:
        database, chosen = given(*by_hook(gone.url))
    collect(database, chosen, judged(1), now=NOW)
    assert len(attempts(database, chosen, NOW, timedelta(days=9))) == 10
    late = NOW + timedelta(days=9)
    again = send_now(database, chosen, now=late)
    assert (again.waiting, again.given_up) == (1, 0)
    assert len(attempts(database, chosen, late, timedelta(days=9))) == 9  # and the one at once


def attempts(
    database: Database, chosen: Configuration, start: datetime, length: timedelta
) -> list[datetime]:
    """Every moment at which a delivery is tried, ticking as late as the tables say and no later."""
    tried, now = [], start
    while now < start + length:
        if send_due(database, chosen, now=now).failed:
            tried.append(now)
        with database.read() as s:
            due_at = deliveries.next_try_at(s)
        if due_at is None:
            break
        now = max(due_at, now + timedelta(seconds=1))
    return tried


def test_who_unsubscribed_gets_nothing_more_not_even_what_was_on_its_way(given: Open) -> None:
    with serving(MailServer(replies=["451 later"])) as server:
        database, chosen = given(*by_mail(server, "ana@ngo.example", "ben@ngo.example"))
        collect(database, chosen, judged(1), now=NOW)
        send_due(database, chosen, now=NOW)
        with database.begin() as s:
            receivers.unsubscribe(s, "everything", "office", "ana@ngo.example", NOW)
        send_due(database, chosen, now=NOW + timedelta(hours=1))
        collect(database, chosen, judged(2, card=card(parties=("IT", "TN"))), now=NOW)
        send_due(database, chosen, now=NOW + timedelta(hours=2))
        assert server.recipients == ["ben@ngo.example"] * 2


def test_each_mail_has_its_own_way_out(given: Open) -> None:
    with serving(MailServer()) as server:
        database, chosen = given(*by_mail(server, "ana@ngo.example", "ben@ngo.example"))
        collect(database, chosen, judged(1), now=NOW)
        send_due(database, chosen, now=NOW)
        ways = {
            recipient: str(message["List-Unsubscribe"]) for recipient, message in server.accepted
        }
    assert len(set(ways.values())) == 2
    token = ways["ana@ngo.example"].partition("?t=")[2].rstrip(">")
    with database.read() as s:
        assert receivers.receiver_of(s, token) == ("everything", "office", "ana@ngo.example")


# --- webhooks -----------------------------------------------------------------------------------


def test_a_receiver_down_for_72_hours_is_tried_at_the_documented_times_and_gets_everything(
    given: Open,
) -> None:
    with receiving(Receiver()) as gone:
        database, chosen = given(*by_hook(gone.url))
    collect(database, chosen, judged(1), now=NOW)
    tries = attempts(database, chosen, NOW, timedelta(hours=72))
    planned = [sum(WEBHOOK_WAITS_S[:count]) for count in range(len(WEBHOOK_WAITS_S))]
    assert len(tries) == len(planned) == 9
    for tried, documented in zip(tries[1:], planned[1:], strict=True):
        assert abs((tried - NOW).total_seconds() / documented - 1) <= 0.2
    with database.read() as s:
        last_at = deliveries.next_try_at(s)
    assert last_at is not None
    assert abs((last_at - NOW) / timedelta(hours=75.6) - 1) <= 0.2
    with receiving(Receiver()) as back:
        database, chosen = given(*by_hook(back.url))
        # The signature bears the moment of the attempt, which the receiver compares with its own
        # clock.
        answered = Sent()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(webhook, "post", at_real_time(webhook.post))
            answered = send_due(database, chosen, now=last_at)
        assert answered.delivered == len(back.accepted) == 1


def test_a_webhook_hears_the_same_under_one_id_whatever_became_known_between_two_tries(
    given: Open,
) -> None:
    with receiving(Receiver(answers=[(500, {})])) as receiver:
        database, chosen = given(*by_hook(receiver.url))
        now = datetime.now(NOW.tzinfo)
        collect(database, chosen, judged(1), now=now)
        assert send_due(database, chosen, now=now).waiting == 1
        collect(database, chosen, judged(2), now=now)  # another report of the same step
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(webhook, "post", at_real_time(webhook.post))
            assert send_due(database, chosen, now=now + timedelta(hours=1)).delivered == 1
    assert len(receiver.bodies) == 2
    assert receiver.bodies[0] == receiver.bodies[1]
    with database.read() as s:
        assert s.execute(select(Deliveries.body)).scalars().all() == [None]  # no longer needed


def test_a_report_is_new_in_one_body_of_a_webhook_and_context_in_all_others(given: Open) -> None:
    """The second digest is claimed while the first, of a leader that was killed, waits."""

    def killed() -> bool:
        return True

    news = "news: [new_agreement, new_step, new_report]"
    subscriptions = AT_ONCE.format(channels="desk").replace("rate:", f"{news}, rate:")
    ratified = card(status=Status.RATIFIED, event_date=date(2026, 3, 11))
    with receiving(Receiver()) as receiver:
        database, chosen = given(subscriptions, HOOK.format(url=receiver.url, allow="true"))
        now = datetime.now(NOW.tzinfo)
        collect(database, chosen, judged(1), now=now)
        assert send_due(database, chosen, now=now, stop=killed).claimed == 1
        collect(database, chosen, judged(2), now=now)  # a late report of the first step
        send_due(database, chosen, now=now)
        collect(database, chosen, judged(3, card=ratified), now=now)
        send_due(database, chosen, now=now)
    bodies = [
        {
            one["document_id"]: one["is_new"]
            for item in body["data"]["items"]
            for one in item["reports"]
        }
        for _, body in receiver.accepted
    ]
    assert bodies == [
        {1: True, 2: False},  # as the register stood when it was first sent
        {1: False, 2: True},
        {1: False, 2: False, 3: True},
    ]
    assert len(set(receiver.ids)) == 3


def test_a_webhook_hears_of_all_page_by_page_and_in_order(given: Open) -> None:
    with receiving(Receiver(answers=[(204, {}), (500, {})])) as receiver:
        database, chosen = given(
            AT_ONCE.format(channels="desk, file"), HOOK.format(url=receiver.url, allow="true")
        )
        now = datetime.now(NOW.tzinfo)
        collect(database, chosen, *agreements(120), now=now)
        assert (
            send_due(database, chosen, now=now).waiting == 1
        )  # the second page; the third waits for it
        assert len(receiver.accepted) == 1
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(webhook, "post", at_real_time(webhook.post))
            assert send_due(database, chosen, now=now + timedelta(minutes=1)).delivered == 2
    bodies = [body["data"] for _, body in receiver.accepted]
    assert [(body["page"], body["pages"], len(body["items"]), body["more"]) for body in bodies] == [
        (1, 3, 50, 70),
        (2, 3, 50, 20),
        (3, 3, 20, 0),
    ]
    assert len({item["agreement_id"] for body in bodies for item in body["items"]}) == 120
    assert len(set(receiver.ids)) == 3


def test_a_page_that_is_given_up_does_not_hold_up_the_next(given: Open) -> None:
    with receiving(Receiver(answers=[(410, {})])) as receiver:
        database, chosen = given(*by_hook(receiver.url))
        now = datetime.now(NOW.tzinfo)
        collect(database, chosen, *agreements(60), now=now)
        assert send_due(database, chosen, now=now).given_up == 2
        assert send_now(database, chosen, now=now).delivered == 2
    assert [body["data"]["page"] for _, body in receiver.accepted] == [1, 2]


def test_a_changed_max_items_loses_nothing_of_what_is_on_its_way(given: Open) -> None:
    with receiving(Receiver(answers=[(204, {}), (500, {})])) as receiver:
        database, chosen = given(*by_hook(receiver.url))
        now = datetime.now(NOW.tzinfo)
        collect(database, chosen, *agreements(60), now=now)
        assert send_due(database, chosen, now=now).waiting == 1
        few = AT_ONCE.format(channels="desk").replace("rate", "max_items: 3, rate")
        database, chosen = given(few, HOOK.format(url=receiver.url, allow="true"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(webhook, "post", at_real_time(webhook.post))
            assert send_due(database, chosen, now=now + timedelta(minutes=1)).delivered == 1
    told = [item["agreement_id"] for _, body in receiver.accepted for item in body["data"]["items"]]
    assert len(told) == len(set(told)) == 60


def agreements(count: int) -> list[Judged]:
    return [judged(number, card=card(parties=parties_of(number))) for number in range(count)]


@pytest.mark.parametrize("shown", ["lines", "full"])
@pytest.mark.parametrize(("count", "mails"), [(82, 1), (270, 3)])
def test_mails_name_each_agreement_that_they_tell(
    given: Open, count: int, mails: int, shown: str
) -> None:
    with serving(MailServer()) as server:
        subscription, channel = by_mail(server)
        subscription = subscription.replace("rate", f"unconfirmed: {shown}, rate")
        database, chosen = given(subscription, channel)
        collect(database, chosen, *agreements(count), now=NOW)
        assert send_due(database, chosen, now=NOW).delivered == mails
    texts, pages = [], []
    for _, message in server.accepted:
        text, page = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None
        assert page is not None
        texts.append(text.get_content())
        pages.append(page.get_content())
    told = [name for text in texts for name in re.findall(r"(?:Reference |· )(A\d+)\b", text)]
    assert len(told) == len(set(told)) == count
    assert all(len(page.encode()) <= 102_000 for page in pages)
    assert all(
        name in page
        for page, text in zip(pages, texts, strict=True)
        for name in re.findall(r"A\d+\b", text)
    )
    listed = "Full list: accordwatch digest show 1"
    assert all((listed in text) is (shown == "full") for text in texts)


def test_a_digest_can_be_read_again_in_full(given: Open) -> None:
    few = AT_ONCE.format(channels="file").replace("rate", "max_items: 3, rate")
    database, chosen = given(few)
    collect(database, chosen, *agreements(7), now=NOW)
    send_due(database, chosen, now=NOW)
    again = digest_again(database, chosen, 1)
    assert (len(again.items), again.rest) == (7, ())
    with pytest.raises(ConfigurationError, match="no digest has the number 2"):
        digest_again(database, chosen, 2)


def at_real_time(post: Callable[..., None]) -> Callable[..., None]:
    def posting(channel: object, message_id: str, body: object, now: datetime) -> None:
        post(channel, message_id, body, datetime.now(now.tzinfo))

    return posting


def test_a_receiver_that_is_gone_closes_its_channel_until_somebody_sends_by_hand(
    given: Open,
) -> None:
    with receiving(Receiver(answers=[(410, {})])) as receiver:
        database, chosen = given(*by_hook(receiver.url))
        now = datetime.now(NOW.tzinfo)
        collect(database, chosen, judged(1), now=now)
        assert send_due(database, chosen, now=now).given_up == 1
        collect(database, chosen, judged(2, card=card(parties=("IT", "TN"))), now=now)
        assert "the channel is closed" in send_due(database, chosen, now=now).summary
        assert receiver.attempts == 1
        assert send_now(database, chosen, now=now).delivered == 2


def test_what_a_receiver_asks_for_is_waited_for(given: Open) -> None:
    with receiving(Receiver(answers=[(429, {"retry-after": "3600"})])) as receiver:
        database, chosen = given(*by_hook(receiver.url))
        collect(database, chosen, judged(1), now=NOW)
        send_due(database, chosen, now=NOW)
        with database.read() as s:
            assert deliveries.next_try_at(s) == pytest.approx(
                NOW + timedelta(hours=1), abs=timedelta(seconds=2)
            )


def test_a_private_address_is_named_and_the_file_is_written_all_the_same(given: Open) -> None:
    with receiving(Receiver()) as receiver:
        channel = HOOK.format(url=receiver.url, allow="false")
        database, chosen = given(AT_ONCE.format(channels="desk, file"), channel)
        collect(database, chosen, judged(1), now=NOW)
        sent = send_due(database, chosen, now=NOW)
    assert (sent.delivered, sent.waiting) == (1, 1)
    assert sent.problems[0].startswith("everything by desk: ")
    assert "private address 127.0.0.1" in sent.problems[0]


# --- edges --------------------------------------------------------------------------------------


def test_a_fault_of_ours_in_one_digest_does_not_keep_the_others(
    given: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, chosen = given(
        AT_ONCE.format(channels="file") + "  - {id: two, channels: [file], rate: hourly}\n"
    )
    collect(database, chosen, judged(1), now=NOW)
    write = file.write

    def breaking(folder: Path, digest: Digest, message_id: str) -> object:
        if digest.subscription.id == "everything":
            raise KeyError("oops")
        return write(folder, digest, message_id)

    monkeypatch.setattr(file, "write", breaking)
    sent = send_due(database, chosen, now=NOW)
    assert (sent.delivered, sent.waiting) == (1, 1)
    assert "a fault of ours: KeyError" in sent.problems[0]


def test_a_delivery_whose_sender_died_is_due_again_when_its_lease_ends(given: Open) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), now=NOW)
    with database.begin() as s:
        digests.claim_digest(s, chosen.subscriptions[0], NOW, "2026-03-12")
        deliveries.lease_next(s, "file", NOW, LEASE_S)
    assert send_due(database, chosen, now=NOW + timedelta(seconds=LEASE_S - 5)).delivered == 0
    assert send_due(database, chosen, now=NOW + timedelta(seconds=LEASE_S + 5)).delivered == 1


def test_a_lease_of_a_clock_that_was_ahead_is_none(given: Open) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), judged(2, card=card(parties=("MA", "ES"))), now=NOW)
    with database.begin() as s:
        digests.claim_digest(s, chosen.subscriptions[0], NOW)
        deliveries.lease_next(s, "file", NOW + timedelta(days=2), LEASE_S)
    assert send_due(database, chosen, now=NOW).delivered == 1
    with database.begin() as s:
        s.execute(
            update(Deliveries).values(state="leased", next_try_at=NOW + timedelta(seconds=LEASE_S))
        )
    assert send_due(database, chosen, now=NOW - timedelta(minutes=5)).delivered == 0


def test_what_a_clock_that_was_ahead_claimed_is_sent_now(given: Open) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), now=NOW)
    with database.begin() as s:
        digests.claim_digest(s, chosen.subscriptions[0], NOW + timedelta(days=2))
    assert send_due(database, chosen, now=NOW).delivered == 1


def test_what_failed_by_a_clock_that_was_ahead_is_tried_again_now(given: Open) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), now=NOW)
    with database.begin() as s:
        digests.claim_digest(s, chosen.subscriptions[0], NOW)
        leased = deliveries.lease_next(s, "file", NOW, LEASE_S)
        assert leased is not None
        longest = next_webhook_try(leased.message_id, 9, NOW, NOW)
        deliveries.failed(s, leased.id, NOW, "busy", longest)
    assert send_due(database, chosen, now=NOW).delivered == 0
    assert send_due(database, chosen, now=NOW - timedelta(days=2)).delivered == 1


def test_a_lease_outlasts_the_slowest_hand_over() -> None:
    slowest_s = max(field_limit(EmailChannel), field_limit(WebhookChannel))
    assert 9 * slowest_s < LEASE_S  # connect, EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, end


def field_limit(kind: type[BaseModel]) -> float:
    (limit,) = (rule.le for rule in kind.model_fields["timeout_s"].metadata if hasattr(rule, "le"))
    return float(limit)


def test_a_database_that_fails_is_not_taken_for_a_receiver(
    given: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, chosen = given()
    collect(database, chosen, judged(1), now=NOW)

    def failing(*arguments: object) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(file, "write", failing)
    with pytest.raises(DatabaseError):
        send_due(database, chosen, now=NOW)


def test_a_channel_and_a_subscription_that_left_the_configuration_are_named(given: Open) -> None:
    with serving(MailServer()) as server:
        database, chosen = given(*by_mail(server))
    collect(database, chosen, judged(1), now=NOW)
    send_due(database, chosen, now=NOW)
    database, chosen = given()
    assert (
        "the channel office is no longer"
        in send_due(database, chosen, now=NOW + timedelta(minutes=6)).summary
    )
    database, chosen = given("subscriptions: []\n")
    assert (
        "no subscription has the id"
        in send_due(database, chosen, now=NOW + timedelta(minutes=30)).summary
    )
    with pytest.raises(ConfigurationError, match="subscriptions are: none"):
        send_now(database, chosen, now=NOW, only="other")


def test_the_operator_hears_of_troubles_at_once(given: Open) -> None:
    database, chosen = given("alerts: {operator: [file]}\n")
    assert chosen.settings.alerts.operator == ("file",)
    with database.begin() as s:
        assert (
            outbox.queue_notice(
                s, subscriptions_of(chosen), NewsKind.SOURCE_HEALTH, "fleuve is silent", NOW
            )
            == 1
        )
    assert send_due(database, chosen, now=NOW).delivered == 1
    assert OPERATOR in files(chosen)[0]


def test_an_alarm_has_no_link_that_ends_all_alarms(given: Open) -> None:
    with serving(MailServer()) as server:
        _, channel = by_mail(server)
        database, chosen = given("alerts: {operator: [office]}\n", channel)
        with database.begin() as s:
            outbox.queue_notice(
                s, subscriptions_of(chosen), NewsKind.SOURCE_HEALTH, "fleuve is silent", NOW
            )
        assert send_due(database, chosen, now=NOW).delivered == 1
    ((_, message),) = server.accepted
    assert message["List-Unsubscribe"] is None
    assert "watch.example/unsubscribe" not in message.as_string()
    body = message.get_body(("plain",))
    assert body is not None
    assert "alerts.operator in accordwatch.yaml" in body.get_content()


# --- preview ------------------------------------------------------------------------------------


def test_a_preview_and_a_test_mail_mark_nothing(given: Open) -> None:
    with serving(MailServer()) as server:
        database, chosen = given(*by_mail(server))
        collect(database, chosen, judged(1), now=NOW)
        assert len(preview(database, chosen, "everything", NOW).all_items) == 1
        said = send_test(database, chosen, None, "eve@ngo.example", NOW)
        assert (
            said
            == "the digest of everything went to eve@ngo.example by office; nothing is marked as sent"
        )
        assert server.recipients == ["eve@ngo.example"]
        assert send_due(database, chosen, now=NOW).delivered == 1


def test_a_test_mail_needs_a_mail_channel(given: Open) -> None:
    database, chosen = given()
    with pytest.raises(ConfigurationError, match="no channel of kind email"):
        send_test(database, chosen, None, "eve@ngo.example", NOW)
