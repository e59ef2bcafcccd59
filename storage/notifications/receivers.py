"""Recipients who unsubscribed, and channels whose receiver is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.database.session import Session
from storage.database.statements import columns_of, put, rows_changed, upsert
from storage.notifications.tables import ClosedChannels, Deliveries, Digests, Unsubscribed


@dataclass(frozen=True, slots=True)
class Gone:
    """A recipient who unsubscribed, and when."""

    subscription_id: str
    channel: str
    recipient: str
    at: datetime


def unsubscribe(
    s: Session, subscription_id: str, channel: str, recipient: str, now: datetime
) -> None:
    """Unsubscribe one recipient. To do so again is not an error."""
    values = {
        "subscription_id": subscription_id,
        "channel": channel,
        "recipient": recipient,
        "at": now,
    }
    s.execute(upsert(s, Unsubscribed).values(values).on_conflict_do_nothing())


def unsubscribed(s: Session, subscription_id: str) -> set[tuple[str, str]]:
    """Return (channel, recipient) of everybody who unsubscribed."""
    gone = select(Unsubscribed.channel, Unsubscribed.recipient).where(
        Unsubscribed.subscription_id == subscription_id
    )
    return {(channel, recipient) for channel, recipient in s.execute(gone)}


def all_unsubscribed(s: Session) -> list[Gone]:
    """Return everybody who unsubscribed from anything, in the order in which they did."""
    rows = select(*columns_of(Gone, Unsubscribed))
    ordered = rows.order_by(Unsubscribed.at, Unsubscribed.recipient)
    return [Gone(*row) for row in s.execute(ordered)]


def resubscribe(s: Session, subscription_id: str, channel: str, recipient: str) -> bool:
    """Undo an unsubscription, and return whether there was one."""
    key = (Unsubscribed.subscription_id == subscription_id) & (Unsubscribed.channel == channel)
    result = s.execute(delete(Unsubscribed).where(key, Unsubscribed.recipient == recipient))
    return rows_changed(result) > 0


def receiver_of(s: Session, message_id: str) -> tuple[str, str, str] | None:
    """Return (subscription, channel, recipient) of the delivery with this message id.

    A message id cannot be guessed, so that it authorizes an unsubscription.
    """
    columns = (Digests.subscription_id, Deliveries.channel, Deliveries.recipient)
    rows = select(*columns).join(Deliveries, Deliveries.digest_id == Digests.id)
    row = s.execute(rows.where(Deliveries.message_id == message_id)).one_or_none()
    return None if row is None else (row.subscription_id, row.channel, row.recipient)


def close_channel(s: Session, channel: str, reason: str, now: datetime) -> None:
    """Close a channel, so that nothing more is sent there."""
    put(s, ClosedChannels, "channel", {"channel": channel, "reason": reason, "closed_at": now})


def closed_channels(s: Session) -> dict[str, str]:
    """Return the closed channels, each with the reason."""
    rows = s.execute(select(ClosedChannels.channel, ClosedChannels.reason))
    return {row.channel: row.reason for row in rows}


def open_channels(s: Session) -> None:
    """Reopen all closed channels."""
    s.execute(delete(ClosedChannels))
