"""Who unsubscribed, what was answered by links, and which channels are closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from storage.database.session import Session
from storage.database.sql import plain
from storage.notifications import outbox, receivers
from storage.notifications.deliveries import count_undelivered, postpone, resend, undelivered
from storage.notifications.digests import claim_digest
from storage.notifications.receivers import Receiver
from storage.notifications.tables import Deliveries
from storage.records import NewsKind
from storage.register.decisions import add_decision
from storage.register.entry import Decision, DecisionKind
from storage.subscription import Subscription
from tests.storage.filing import put
from tests.storage.given import NOW, deliveries_of, judged

ANA = ("everything", "office", "ana@ngo.example")
BEN = ("everything", "office", "ben@ngo.example")


def test_who_unsubscribed_is_gone_since_the_first_time(s: Session) -> None:
    receivers.unsubscribe(s, *BEN, NOW)
    receivers.unsubscribe(s, *ANA, NOW + timedelta(days=1))
    receivers.unsubscribe(s, *BEN, NOW + timedelta(days=2))
    assert receivers.unsubscribed(s, "everything") == {ANA[1:], BEN[1:]}
    assert receivers.unsubscribed(s, "other") == set()
    gone = [(BEN, NOW), (ANA, NOW + timedelta(days=1))]
    assert receivers.all_unsubscribed(s) == gone


def test_one_comes_back_alone(s: Session) -> None:
    for one in (ANA, BEN):
        receivers.unsubscribe(s, *one, NOW)
    assert not receivers.resubscribe(s, "other", *ANA[1:])
    assert not receivers.resubscribe(s, ANA[0], "chat", ANA[2])
    assert receivers.resubscribe(s, *ANA)
    assert not receivers.resubscribe(s, *ANA)
    assert receivers.unsubscribed(s, "everything") == {BEN[1:]}


def test_channels_are_closed_with_the_last_reason_and_opened_together(s: Session) -> None:
    for channel, reason in [("hook", "gone"), ("chat", "gone"), ("hook", "answers 410")]:
        receivers.close_channel(s, channel, reason, NOW)
    assert receivers.closed_channels(s) == {"hook": "answers 410", "chat": "gone"}
    receivers.open_channels(s)
    assert receivers.closed_channels(s) == {}


def test_the_last_answer_is_that_of_one_receiver_about_one_agreement(s: Session) -> None:
    ana, ben = Receiver(*ANA), Receiver(*BEN)
    for receiver, agreement_id in ((ana, "A1"), (ben, "A1"), (ana, "A2"), (ana, "A1")):
        decided = Decision(DecisionKind.CONFIRM, (), "ana", "a test", NOW, agreement_id)
        receivers.note_answer(s, add_decision(s, decided), receiver)
    assert receivers.last_answer(s, ana, "A1") == 4
    assert receivers.last_answer(s, ben, "A1") == 2
    assert receivers.last_answer(s, ben, "A2") is None
    assert receivers.delivered_to(s, 1) is None


def test_the_key_of_links_stays_when_a_subscription_changes(s: Session) -> None:
    subscription, other = Subscription("weekly", ("office",)), Subscription("daily", ("office",))
    assert outbox.link_key(s, "weekly") is None
    outbox.begin(s, [subscription, other], NOW)
    key = outbox.link_key(s, "weekly")
    outbox.begin(s, [replace(subscription, news=(NewsKind.NEW_STEP,))], NOW + timedelta(days=1))
    assert outbox.link_key(s, "weekly") == key
    assert key is not None
    assert len({key, outbox.link_key(s, "daily")}) == 2
    assert len(key) >= 43  # 256 bits


OFFICE = Subscription("office", channels=("mail",))
LATER = NOW + timedelta(hours=5)
TOMORROW = NOW + timedelta(days=1)
# A delivery in each state that there is, by its recipient.
STATES: dict[str, dict[str, object]] = {
    "accepted": {"state": "accepted", "attempts": 1, "settled_at": NOW},
    "failing": {"state": "waiting", "attempts": 3, "last_error": "busy"},
    "given-up": {"state": "failed", "attempts": 9, "last_error": "no", "settled_at": NOW},
    "given-up-too": {"state": "failed", "attempts": 9, "last_error": "no", "settled_at": NOW},
    "new": {"state": "waiting", "attempts": 0},
    "sending": {"state": "leased", "attempts": 1},
}


def claimed(s: Session) -> dict[str, int]:
    """The ids of the deliveries of one digest, by recipient."""
    put(s, [judged(1)], [OFFICE], max_age_days=30)
    digest = claim_digest(s, OFFICE, NOW, recipients={"mail": list(STATES)})
    assert digest is not None
    ids = {delivery.recipient: delivery.id for delivery in deliveries_of(s, digest)}
    for recipient, values in STATES.items():
        this = update(Deliveries).where(Deliveries.id == ids[recipient])
        s.execute(this.values(next_try_at=TOMORROW, **values))
    return ids


def due(s: Session) -> dict[str, tuple[str, int, datetime]]:
    """State, attempts and next try of all that is not as `claimed` left it."""
    return {
        row.recipient: (row.state, row.attempts, row.next_try_at)
        for row in s.execute(select(plain(Deliveries)))
        if row.next_try_at != TOMORROW or row.state != STATES[row.recipient]["state"]
    }


@pytest.mark.parametrize(
    ("recipient", "becomes"),
    [
        ("given-up", {"given-up": ("waiting", 0, LATER)}),
        ("failing", {"failing": ("waiting", 3, LATER)}),
        ("sending", {}),
        ("accepted", {}),
    ],
)
def test_what_is_sent_again_is_due_alone_unless_it_arrived_or_is_being_sent(
    s: Session, recipient: str, becomes: dict[str, tuple[str, int, datetime]]
) -> None:
    resend(s, claimed(s)[recipient], LATER)
    assert due(s) == becomes


def test_what_was_given_up_or_failed_is_undelivered_and_nothing_else(s: Session) -> None:
    claimed(s)
    found = [delivery.recipient for delivery in undelivered(s)]
    assert sorted(found) == ["failing", "given-up", "given-up-too"]
    assert count_undelivered(s) == 3


def test_only_what_waits_and_is_due_is_put_off_with_its_channel(s: Session) -> None:
    claimed(s)
    assert postpone(s, "mail", LATER, "down", LATER) == 0
    assert postpone(s, "chat", TOMORROW, "down", LATER) == 0
    assert due(s) == {}
    assert postpone(s, "mail", TOMORROW, "down", LATER) == 2
    assert due(s) == {"failing": ("waiting", 3, LATER), "new": ("waiting", 0, LATER)}
