"""Subscriptions that people made on the page: by mail, or as a feed.

A mail subscription sends nothing until whoever reads the mailbox has confirmed it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from storage.database import sql
from storage.database.session import Session
from storage.notifications.tables import (
    Answers,
    Digests,
    Notified,
    PendingNotifications,
    SubscriptionStarts,
    Unsubscribed,
    UserSubscription,
)
from storage.subscription import PREFIX, Subscription, SubscriptionKind
from storage.users.tables import Letters

UNCONFIRMED = timedelta(days=7)  # what nobody confirms is forgotten after that


@dataclass(frozen=True, slots=True)
class Personal:
    """A subscription that somebody made on the page, among those of the file. `misfit` says why its
    filter can no longer be read, "" if it can: then it is paused, and nobody is notified until
    somebody changes the rules back or ends it.
    """

    stored: UserSubscription
    subscription: Subscription
    misfit: str = ""

    @property
    def is_notified(self) -> bool:
        """Whether it is notified of what is new: a feed is read instead."""
        is_pushed = self.stored.kind is not SubscriptionKind.FEED
        return is_pushed and self.state == "active"

    @property
    def state(self) -> str:
        if self.stored.confirmed_at is None:
            return "unconfirmed"
        if self.stored.paused_at is not None:
            return "paused"
        return "misfit" if self.misfit else "active"


def add(s: Session, made: UserSubscription) -> int:
    """Keep a new subscription, and return its number, whatever number it has."""
    return sql.add(s, UserSubscription, **asdict(made) | {"id": 0})


def everybodys(s: Session) -> list[UserSubscription]:
    return [UserSubscription(*row) for row in s.execute(_ROWS.order_by(UserSubscription.id))]


def numbered(s: Session, number: int) -> UserSubscription | None:
    row = s.execute(_ROWS.where(UserSubscription.id == number)).one_or_none()
    return None if row is None else UserSubscription(*row)


def of_feed(s: Session, feed_hash: str) -> UserSubscription | None:
    row = s.execute(_ROWS.where(UserSubscription.feed_hash == feed_hash)).one_or_none()
    return None if row is None else UserSubscription(*row)


def count_of(s: Session, user_id: int | None) -> int:
    """How many a user has made; None: those made on a page without users."""
    own = UserSubscription.user_id == user_id
    if user_id is None:
        own = UserSubscription.user_id.is_(None)
    return sql.count(s, UserSubscription, own)


def confirm(s: Session, number: int, now: datetime) -> bool:
    """Note that its receiver wants it. Returns False if that was known, or it is not there."""
    waiting = UserSubscription.confirmed_at.is_(None)
    this = UserSubscription.id == number
    return sql.change(s, UserSubscription, this, waiting, confirmed_at=now) > 0


def set_paused(s: Session, number: int, at: datetime | None) -> None:
    sql.change(s, UserSubscription, UserSubscription.id == number, paused_at=at)


def set_language(s: Session, user_id: int, address: str, language: str) -> None:
    own = (UserSubscription.user_id == user_id, UserSubscription.address == address)
    sql.change(s, UserSubscription, *own, language=language)


def set_feed_hash(s: Session, number: int, feed_hash: str) -> None:
    """Give a feed another secret: its old address is none any more."""
    sql.change(s, UserSubscription, UserSubscription.id == number, feed_hash=feed_hash)


def end(s: Session, number: int) -> None:
    """Forget a subscription, its digests, its address and what is pending for it."""
    code = f"{PREFIX}{number}"
    for table in _OF_ONE:
        sql.remove(s, table, table.subscription_id == code)
    sql.remove(s, UserSubscription, UserSubscription.id == number)


def end_all_of(s: Session, user_id: int) -> int:
    return _end_each(s, UserSubscription.user_id == user_id)


def forget_unconfirmed(s: Session, before: datetime) -> int:
    """End those that nobody confirmed and that were made before a moment; return how many."""
    is_old = UserSubscription.made_at < before
    return _end_each(s, UserSubscription.confirmed_at.is_(None), is_old)


def _end_each(s: Session, *conditions: Any) -> int:
    numbers = list(s.scalars(select(UserSubscription.id).where(*conditions)))
    for number in numbers:
        end(s, number)
    return len(numbers)


_OF_ONE = (PendingNotifications, Notified, Digests, SubscriptionStarts, Unsubscribed, Answers)
_ROWS = select(sql.plain(UserSubscription))

# --- mails that the page wrote at somebody's request ----------------------------------------------


def note_letter(s: Session, address_hash: str, requester_hash: str, now: datetime) -> None:
    sql.add(s, Letters, address_hash=address_hash, requester_hash=requester_hash, sent_at=now)


def letters_since(
    s: Session, address_hash: str, requester_hash: str, since: datetime
) -> tuple[int, int]:
    """How many were written to this address since then, and how many for this requester."""
    is_recent = Letters.sent_at >= since
    to_address = sql.count(s, Letters, is_recent, Letters.address_hash == address_hash)
    return to_address, sql.count(s, Letters, is_recent, Letters.requester_hash == requester_hash)


def forget_letters(s: Session, before: datetime) -> None:
    sql.remove(s, Letters, Letters.sent_at < before)
