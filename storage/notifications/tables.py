"""The tables of notifications: what is pending and what was shown, digests, deliveries,
subscriptions of persons, incidents and backups.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.columns import (
    HASH,
    NUMBERED_ONCE,
    Base,
    Choice,
    DocumentKey,
    LineText,
    Record,
)
from storage.subscription import PREFIX, SubscriptionKind
from storage.users.tables import to_user


class PendingNotifications(Base):
    """What waits for the next digest of each subscription, which deletes the row."""

    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    agreement_id: Mapped[int | None]
    detail: Mapped[str]
    pending_at: Mapped[datetime]


class PendingReports(Base):
    notification_id: Mapped[int] = mapped_column(
        ForeignKey("pending_notifications.id", ondelete="CASCADE"), primary_key=True
    )
    document_id: Mapped[DocumentKey] = mapped_column(index=True)


class Arrivals(Base):
    """When each report came into the register, and whether it was fresh then, and so news."""

    document_id: Mapped[DocumentKey]
    arrived_at: Mapped[datetime] = mapped_column(index=True)
    fresh: Mapped[bool]


class SubscriptionStarts(Record):
    """When each subscription was first seen, and since when it has its present filter and news.
    `wants` is a hash of these two. `link_key` signs the links by which its receivers answer whether
    an entry is right.
    """

    subscription_id: Mapped[str] = mapped_column(primary_key=True)
    wants: Mapped[str] = mapped_column(HASH)
    first_seen_at: Mapped[datetime]
    wants_since_at: Mapped[datetime]
    link_key: Mapped[str]


class Notified(Base):
    """What digests showed, by report and kind of news. This memory survives merges, splits and
    reclustering, so none of them alerts a second time. For a step, `detail` is the parties under
    which it was sent: see `storage.notifications.notifier`.
    """

    subscription_id: Mapped[str] = mapped_column(primary_key=True)
    news: Mapped[str] = mapped_column(String(20), primary_key=True)
    document_id: Mapped[DocumentKey] = mapped_column(index=True)
    detail: Mapped[str] = mapped_column(primary_key=True)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("digests.id", ondelete="SET NULL"))
    notified_at: Mapped[datetime]


class Digests(Base):
    """One claim of what was pending for a subscription; each `period` is claimed once."""

    __table_args__ = (
        Index("uq_digests_subscription_id_period", "subscription_id", "period", unique=True),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[str]
    period: Mapped[str | None]
    items: Mapped[list[Any]]
    claimed_at: Mapped[datetime]


class Deliveries(Base):
    """One page of a digest for one recipient. `state` is waiting, leased, accepted or failed.
    `page_size` is stored so that a change of `max_items` does not move entries between pages. It is
    None if the digest has one page. Those that share a `mail_id` are sent and settled together.
    """

    __table_args__ = (
        Index("ix_deliveries_due", "state", "next_try_at", "id"),
        Index("ix_deliveries_settled", "state", "settled_at"),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    recipient: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(16))
    next_try_at: Mapped[datetime]  # of a leased delivery: when the lease ends
    attempts: Mapped[int]
    last_error: Mapped[str | None] = mapped_column(LineText)
    settled_at: Mapped[datetime | None]
    page: Mapped[int] = mapped_column(server_default="1")
    pages: Mapped[int] = mapped_column(server_default="1")
    page_size: Mapped[int | None]
    # When it was last sent again after it had been given up: from then on attempts count anew.
    resent_at: Mapped[datetime | None]
    # The message as it was sent, until it is accepted: all attempts send the same body.
    body: Mapped[str | None]
    # The Message-ID of the mail that carries it with others; None if it travels alone.
    mail_id: Mapped[str | None] = mapped_column(index=True)


class ClosedChannels(Base):
    """Channels whose receiver is gone for good. Nothing is sent there until they are reopened."""

    channel: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(LineText)
    closed_at: Mapped[datetime]


class Unsubscribed(Base):
    subscription_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Answers(Base):
    """Decisions that a receiver took by a link, and who that was; for a feed, `recipient` is ""."""

    decision_id: Mapped[int] = mapped_column(
        ForeignKey("decisions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    subscription_id: Mapped[str] = mapped_column(index=True)
    channel: Mapped[str]
    recipient: Mapped[str]


class UserSubscription(Record):
    """A subscription that somebody made on the page; those of the file stand in the configuration.
    `filter` is written as in the file. `link_key` signs the links in mails, `feed_hash` is of the
    secret in a feed's address.
    """

    __tablename__ = "user_subscriptions"
    __table_args__ = NUMBERED_ONCE

    kind: Mapped[SubscriptionKind] = mapped_column(Choice(SubscriptionKind))
    filter: Mapped[dict[str, Any]]
    name: Mapped[str]
    rate: Mapped[str]
    timezone: Mapped[str]
    language: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    page: Mapped[str] = mapped_column(default="")  # where the page was reached when it was made
    address: Mapped[str] = mapped_column(default="")  # of the mailbox; "" for a feed
    link_key: Mapped[str] = mapped_column(default="")
    feed_hash: Mapped[str | None] = mapped_column(HASH, unique=True, default=None)
    # None if the page had no users.
    user_id: Mapped[int | None] = mapped_column(to_user(), index=True, default=None)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    id: Mapped[int] = mapped_column(primary_key=True, default_factory=int)

    def __repr__(self) -> str:
        """Without its secrets."""
        return f"UserSubscription({self.code})"

    @property
    def code(self) -> str:
        """Its id among all subscriptions: "person-17"."""
        return f"{PREFIX}{self.id}"


class Incident(Record):
    """A lasting trouble of the system itself, in a line."""

    __tablename__ = "incidents"

    name: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(LineText)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    # When the operator was notified; None if that is to come.
    notified_at: Mapped[datetime | None] = mapped_column(default=None)


class Backups(Base):
    """Backups of this database, so that `doctor` can show how old the last one is."""

    path: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
