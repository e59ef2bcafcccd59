"""The state of each subscription: who receives it and who left, how much is pending, its last
digest and its next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.configuration.config import Configuration, Personal
from scheduler.configuration.user_subscriptions import with_users
from scheduler.notify.channels.table import channels_by_id, recipients_of, subscriptions_of
from scheduler.schedule.digest_periods import next_begin, parse_rate
from scheduler.views.words.phrases import Phrase, phrase
from storage.database.session import Session
from storage.notifications import digests, outbox, receivers
from storage.notifications.receivers import Receiver
from storage.subscription import Subscription

Gone = tuple[Receiver, datetime]


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """The state of one subscription. `recipients` has the (channel, address) of those who receive;
    the address is "" on channels other than mail. `next_at` is None if news goes out at once.
    `last` is the number and time of the last digest; None if there was none yet.
    """

    subscription: Subscription
    recipients: tuple[tuple[str, str], ...]
    left: tuple[Gone, ...]  # who unsubscribed, and when
    closed: tuple[str, ...]
    pending: int
    waiting_since_at: datetime | None
    next_at: datetime | None
    last: tuple[int, datetime] | None
    personal: Personal | None = None

    @property
    def made_by(self) -> str:
        """Who made it on the page; "" if it stands in the configuration."""
        return self.personal.kept.made_by if self.personal else ""

    @property
    def state(self) -> str:
        """ "active", or why nobody is notified: "unconfirmed", "paused" or "misfit"."""
        return self.personal.state if self.personal else "active"


def roster(s: Session, chosen: Configuration, now: datetime) -> list[SubscriptionState]:
    """The configured subscriptions, the operator's, and those of people, be they paused."""
    chosen = with_users(s, chosen)
    by_id = {one.subscription.id: one for one in chosen.people}
    waiting = [one.subscription for one in chosen.people if not one.is_notified]
    left, closed = receivers.all_unsubscribed(s), receivers.closed_channels(s)
    pending, last = outbox.waiting_since(s), digests.last_digests(s)
    channels = channels_by_id(chosen)
    subscription_states = []
    for one in (*subscriptions_of(chosen), *waiting):
        own = [channels[name] for name in one.channels if name in channels]
        gone = tuple(
            (who, at)
            for who, at in left
            if who.subscription_id == one.id and who.channel in one.channels
        )
        items, since_at = pending.get(one.id, (0, None))
        receiving = recipients_of(own, {(who.channel, who.recipient) for who, _ in gone}, one.to)
        state = SubscriptionState(
            subscription=one,
            recipients=tuple(
                (channel, name) for channel, names in receiving.items() for name in names
            ),
            left=gone,
            closed=tuple(channel for channel in one.channels if channel in closed),
            pending=items,
            waiting_since_at=since_at,
            next_at=next_begin(parse_rate(one.rate), one.timezone, now),
            last=last.get(one.id),
            personal=by_id.get(one.id),
        )
        subscription_states.append(state)
    return subscription_states


def lines_of_left(one: SubscriptionState) -> Iterator[Phrase]:
    """A line for each recipient who left, with the way back."""
    name = one.subscription.id
    for gone, at in one.left:
        back = f"accordwatch subscriptions resubscribe {name} {gone.recipient or gone.channel}"
        yield phrase(
            "left",
            who=gone.recipient or phrase("receiver_of", channel=gone.channel),
            subscription=name,
            day=f"{at:%Y-%m-%d}",
            command=back,
        )
