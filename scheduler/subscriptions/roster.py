"""Each subscription as it stands: who receives it and who left, what it is owed, its last digest and its next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.configuration.config import Configuration
from scheduler.notify.recipients import channels_by_id, recipients_of, subscriptions_of
from scheduler.schedule.digest_periods import next_begin, parse_rate
from storage.database.session import Session
from storage.telling import digests, outbox, receivers
from storage.telling.receivers import Gone
from storage.telling.records import Subscription


@dataclass(frozen=True, slots=True)
class Standing:
    """`recipients` are (channel, address) of those who receive; the address is "" but for mail.

    `next_at` is None where news goes out at once, `last` (number, when) where there was no digest yet.
    """

    subscription: Subscription
    recipients: tuple[tuple[str, str], ...]
    left: tuple[Gone, ...]
    closed: tuple[str, ...]
    owed: int
    owed_since_at: datetime | None
    next_at: datetime | None
    last: tuple[int, datetime] | None


def roster(s: Session, chosen: Configuration, now: datetime) -> list[Standing]:
    """The configured subscriptions in their order, and the operator's."""
    left, closed = receivers.all_unsubscribed(s), receivers.closed_channels(s)
    owed, last = outbox.owed_since(s), digests.last_digests(s)
    channels = channels_by_id(chosen)
    standings = []
    for one in subscriptions_of(chosen):
        gone = [
            each for each in left if each.subscription_id == one.id and each.channel in one.channels
        ]
        receiving = recipients_of(
            (channels[name] for name in one.channels), {(g.channel, g.recipient) for g in gone}
        )
        items, since_at = owed.get(one.id, (0, None))
        standings.append(
            Standing(
                one,
                tuple(
                    (channel, recipient)
                    for channel, names in receiving.items()
                    for recipient in names
                ),
                tuple(gone),
                tuple(channel for channel in one.channels if channel in closed),
                items,
                since_at,
                next_begin(parse_rate(one.rate), one.timezone, now),
                last.get(one.id),
            )
        )
    return standings


def lines_of_left(standing: Standing) -> Iterator[str]:
    """A line for each recipient who left, with the way back."""
    name = standing.subscription.id
    for gone in standing.left:
        who = gone.recipient or f"the receiver of {gone.channel}"
        back = f"accordwatch subscriptions resubscribe {name} {gone.recipient or gone.channel}"
        yield f"{who} left {name} on {gone.at:%Y-%m-%d} and receives nothing of it (take back: {back})"
