"""Who wants no more: recipients who unsubscribed, channels whose receiver is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from storage.database.statements import upsert
from storage.telling.tables import ClosedChannels, Deliveries, Digests, Unsubscribed


@dataclass(frozen=True, slots=True)
class Gone:
    """A recipient who ended a subscription, and when."""

    subscription_id: str
    channel: str
    recipient: str
    at: datetime


def unsubscribe(
    s: Session, subscription_id: str, channel: str, recipient: str, now: datetime
) -> None:
    """End the subscription for one recipient; again is no error."""
    values = {
        "subscription_id": subscription_id,
        "channel": channel,
        "recipient": recipient,
        "at": now,
    }
    s.execute(upsert(s, Unsubscribed).values(values).on_conflict_do_nothing())


def unsubscribed(s: Session, subscription_id: str) -> set[tuple[str, str]]:
    """(channel, recipient) of those who ended this subscription."""
    gone = select(Unsubscribed.channel, Unsubscribed.recipient).where(
        Unsubscribed.subscription_id == subscription_id
    )
    return {(channel, recipient) for channel, recipient in s.execute(gone)}


def all_unsubscribed(s: Session) -> list[Gone]:
    """Everybody who ended a subscription, the first to leave first."""
    columns = (
        Unsubscribed.subscription_id,
        Unsubscribed.channel,
        Unsubscribed.recipient,
        Unsubscribed.at,
    )
    return [
        Gone(*row)
        for row in s.execute(select(*columns).order_by(Unsubscribed.at, Unsubscribed.recipient))
    ]


def resubscribe(s: Session, subscription_id: str, channel: str, recipient: str) -> bool:
    """Take an unsubscription back; whether there was one."""
    key = (Unsubscribed.subscription_id == subscription_id) & (Unsubscribed.channel == channel)
    result = s.execute(delete(Unsubscribed).where(key, Unsubscribed.recipient == recipient))
    return isinstance(result, CursorResult) and result.rowcount > 0


def receiver_of(s: Session, message_id: str) -> tuple[str, str, str] | None:
    """(subscription, channel, recipient) of the delivery with this message id, which nobody can guess."""
    columns = (Digests.subscription_id, Deliveries.channel, Deliveries.recipient)
    rows = select(*columns).join(Deliveries, Deliveries.digest_id == Digests.id)
    row = s.execute(rows.where(Deliveries.message_id == message_id)).one_or_none()
    return None if row is None else (row.subscription_id, row.channel, row.recipient)


def close_channel(s: Session, channel: str, reason: str, now: datetime) -> None:
    """Send nothing more on this channel."""
    values = {"reason": reason, "closed_at": now}
    statement = upsert(s, ClosedChannels).values(channel=channel, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["channel"], set_=values))


def closed_channels(s: Session) -> dict[str, str]:
    """Closed channels with the reason."""
    rows = s.execute(select(ClosedChannels.channel, ClosedChannels.reason))
    return {row.channel: row.reason for row in rows}


def open_channels(s: Session) -> None:
    """Try all closed channels again."""
    s.execute(delete(ClosedChannels))
