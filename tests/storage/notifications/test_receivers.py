"""Who unsubscribed, what was answered by links, and which channels are closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage.database.session import Database
from storage.notifications import outbox, receivers
from storage.notifications.receivers import Receiver
from storage.records import NewsKind
from storage.register.decisions import add_decision
from storage.register.records import Decision, DecisionKind
from storage.subscription import Subscription
from tests.storage.given import NOW

ANA = ("everything", "office", "ana@ngo.example")
BEN = ("everything", "office", "ben@ngo.example")


def test_who_unsubscribed_is_gone_since_the_first_time(database: Database) -> None:
    with database.begin() as s:
        receivers.unsubscribe(s, *BEN, NOW)
        receivers.unsubscribe(s, *ANA, NOW + timedelta(days=1))
        receivers.unsubscribe(s, *BEN, NOW + timedelta(days=2))
        assert receivers.unsubscribed(s, "everything") == {ANA[1:], BEN[1:]}
        assert receivers.unsubscribed(s, "other") == set()
        gone = [(BEN, NOW), (ANA, NOW + timedelta(days=1))]
        assert receivers.all_unsubscribed(s) == gone


def test_one_comes_back_alone(database: Database) -> None:
    with database.begin() as s:
        for one in (ANA, BEN):
            receivers.unsubscribe(s, *one, NOW)
        assert not receivers.resubscribe(s, "other", *ANA[1:])
        assert not receivers.resubscribe(s, ANA[0], "chat", ANA[2])
        assert receivers.resubscribe(s, *ANA)
        assert not receivers.resubscribe(s, *ANA)
        assert receivers.unsubscribed(s, "everything") == {BEN[1:]}


def test_channels_are_closed_with_the_last_reason_and_opened_together(database: Database) -> None:
    with database.begin() as s:
        for channel, reason in [("hook", "gone"), ("chat", "gone"), ("hook", "answers 410")]:
            receivers.close_channel(s, channel, reason, NOW)
        assert receivers.closed_channels(s) == {"hook": "answers 410", "chat": "gone"}
        receivers.open_channels(s)
        assert receivers.closed_channels(s) == {}


def test_the_last_answer_is_that_of_one_receiver_about_one_agreement(database: Database) -> None:
    ana, ben = Receiver(*ANA), Receiver(*BEN)
    with database.begin() as s:
        for receiver, agreement_id in ((ana, "A1"), (ben, "A1"), (ana, "A2"), (ana, "A1")):
            decided = Decision(DecisionKind.CONFIRM, (), "ana", "a test", NOW, agreement_id)
            receivers.note_answer(s, add_decision(s, decided), receiver)
        assert receivers.last_answer(s, ana, "A1") == 4
        assert receivers.last_answer(s, ben, "A1") == 2
        assert receivers.last_answer(s, ben, "A2") is None
        assert receivers.delivered_to(s, 1) is None


def test_the_key_of_links_stays_when_a_subscription_changes(database: Database) -> None:
    one, other = Subscription("weekly", ("office",)), Subscription("daily", ("office",))
    with database.begin() as s:
        assert outbox.link_key(s, "weekly") is None
        outbox.begin(s, [one, other], NOW)
        key = outbox.link_key(s, "weekly")
        outbox.begin(s, [replace(one, news=(NewsKind.NEW_STEP,))], NOW + timedelta(days=1))
        assert outbox.link_key(s, "weekly") == key
        assert key is not None
        assert len({key, outbox.link_key(s, "daily")}) == 2
        assert len(key) >= 43  # 256 bits
