"""Who unsubscribed, and which channels are closed."""

from __future__ import annotations

from datetime import timedelta

from storage.database.session import Database
from storage.notifications import receivers
from storage.notifications.receivers import Gone
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
        gone = [Gone(*BEN, NOW), Gone(*ANA, NOW + timedelta(days=1))]
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
