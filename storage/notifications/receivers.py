"""Recipients who unsubscribed or answered by a link, and channels whose receiver is gone."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, select

from storage.database import sql
from storage.database.session import Session
from storage.notifications.tables import Answers, ClosedChannels, Deliveries, Digests, Unsubscribed
from storage.register.agreements import number
from storage.register.tables import Decisions


class Receiver(NamedTuple):
    """Who receives a subscription; `recipient` is "" on channels other than mail."""

    subscription_id: str
    channel: str
    recipient: str


def unsubscribe(
    s: Session, subscription_id: str, channel: str, recipient: str, now: datetime
) -> None:
    values = {
        "subscription_id": subscription_id,
        "channel": channel,
        "recipient": recipient,
        "at": now,
    }
    sql.add_missing(s, Unsubscribed, [values])


def unsubscribed(s: Session, subscription_id: str) -> set[tuple[str, str]]:
    gone = select(Unsubscribed.channel, Unsubscribed.recipient).where(
        Unsubscribed.subscription_id == subscription_id
    )
    return {(channel, recipient) for channel, recipient in s.execute(gone)}


def all_unsubscribed(s: Session) -> list[tuple[Receiver, datetime]]:
    """Return everybody who unsubscribed from anything, and when, in that order."""
    who = (Unsubscribed.subscription_id, Unsubscribed.channel, Unsubscribed.recipient)
    ordered = select(*who, Unsubscribed.at).order_by(Unsubscribed.at, Unsubscribed.recipient)
    return [(Receiver(*who), at) for *who, at in s.execute(ordered)]


def resubscribe(s: Session, subscription_id: str, channel: str, recipient: str) -> bool:
    """Undo an unsubscription, and return whether there was one."""
    key = (Unsubscribed.subscription_id == subscription_id) & (Unsubscribed.channel == channel)
    return sql.remove(s, Unsubscribed, key, Unsubscribed.recipient == recipient) > 0


def receiver_of(s: Session, message_id: str) -> Receiver | None:
    """To whom the delivery with this id goes. It cannot be guessed, and so authorizes."""
    return _receiver(s, Deliveries.message_id == message_id)


def delivered_to(s: Session, delivery_id: int) -> Receiver | None:
    """Return to whom the delivery with this number goes; None if there is none."""
    return _receiver(s, Deliveries.id == delivery_id)


def _receiver(s: Session, is_it: ColumnElement[bool]) -> Receiver | None:
    columns = (Digests.subscription_id, Deliveries.channel, Deliveries.recipient)
    rows = select(*columns).join(Deliveries, Deliveries.digest_id == Digests.id)
    row = s.execute(rows.where(is_it)).one_or_none()
    return None if row is None else Receiver(*row)


def note_answer(s: Session, decision_id: int, receiver: Receiver) -> None:
    sql.add(s, Answers, decision_id=decision_id, **receiver._asdict())


def last_answer(s: Session, receiver: Receiver, agreement_id: str) -> int | None:
    """Return the last decision that a receiver took about an agreement, be it undone."""
    taken = select(func.max(Answers.decision_id)).join(
        Decisions, Decisions.id == Answers.decision_id
    )
    return s.scalar(
        taken.where(
            Answers.subscription_id == receiver.subscription_id,
            Answers.channel == receiver.channel,
            Answers.recipient == receiver.recipient,
            Decisions.agreement_id == number(agreement_id),
        )
    )


def close_channel(s: Session, channel: str, reason: str, now: datetime) -> None:
    sql.put(s, ClosedChannels, channel=channel, reason=reason, closed_at=now)


def closed_channels(s: Session) -> dict[str, str]:
    rows = s.execute(select(ClosedChannels.channel, ClosedChannels.reason))
    return {row.channel: row.reason for row in rows}


def open_channels(s: Session) -> None:
    s.execute(delete(ClosedChannels))
