"""Deliveries: pages of digests on their way to a recipient, until they arrive or are given up.

Deliveries of several subscriptions to one person may travel in one mail. Which do is written down
before it is sent, and does not change by what is claimed later: so the mail repeats under its own
id after a kill. The one with the lowest number is leased for all; they are settled together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import exists, func, or_, select, update

from storage.database import sql
from storage.database.session import Session
from storage.notifications.tables import Deliveries, Digests


@dataclass(frozen=True, slots=True)
class Delivery:
    """A page of a digest for one recipient. `attempts` includes the current one if it is leased."""

    id: int
    digest_id: int
    subscription_id: str
    channel: str
    recipient: str
    message_id: str
    attempts: int
    last_error: str | None = None
    page: int = 1
    pages: int = 1
    page_size: int | None = None
    resent_at: datetime | None = None  # since when attempts count anew
    mail_id: str | None = None  # of the mail in which it travels with others

    @property
    def sent_as(self) -> str:
        """The Message-ID under which it goes out."""
        return self.mail_id or self.message_id


def channels_due(s: Session, now: datetime) -> list[str]:
    due = select(Deliveries.channel).where(_is_next(), Deliveries.next_try_at <= now)
    return list(s.scalars(due.distinct().order_by(Deliveries.channel)))


# By the id of a subscription: those whose digests may travel in one mail with its own.
Companions = Callable[[str], Collection[str]]


def lease_next(
    s: Session,
    channel: str,
    now: datetime,
    lease_s: float,
    companions: Companions = lambda subscription_id: (),
) -> Delivery | None:
    """Lease the delivery on a channel that has been due for longest; None if none is. A page
    becomes due once the pages before it have arrived or were given up. If a sender dies, its
    delivery is due again when the lease ends. What goes to the same recipient from `companions`
    joins it in one mail, unless either was sent before.
    """
    due = select(Deliveries.id).where(_is_next(channel), Deliveries.next_try_at <= now)
    row_id = s.scalar(due.order_by(Deliveries.next_try_at, Deliveries.id).limit(1))
    if row_id is None:
        return None
    row_id = _join(s, read_deliveries(s, Deliveries.id == row_id)[0], now, companions)
    until, attempts = now + timedelta(seconds=lease_s), Deliveries.attempts + 1
    _settle(s, row_id, state="leased", next_try_at=until, attempts=attempts)
    return read_deliveries(s, Deliveries.id == row_id)[0]


def _join(s: Session, first: Delivery, now: datetime, companions: Companions) -> int:
    """Put what may travel with a delivery into one mail; return the number that leads it."""
    others = set(companions(first.subscription_id)) - {first.subscription_id}
    never_sent = Deliveries.body.is_(None) & Deliveries.mail_id.is_(None) & (Deliveries.pages == 1)
    if not others or not sql.count(s, Deliveries, Deliveries.id == first.id, never_sent):
        return first.id
    same = (Deliveries.channel == first.channel) & (Deliveries.recipient == first.recipient)
    waits = (Deliveries.state == "waiting") & (Deliveries.next_try_at <= now)
    joining = read_deliveries(s, never_sent & same & waits & Digests.subscription_id.in_(others))
    ids = {first.subscription_id: first.id}
    for delivery in joining:  # of one subscription the oldest; a later digest is a mail of its own
        ids.setdefault(delivery.subscription_id, delivery.id)
    if len(ids) > 1:
        mail_id = f"mail-{uuid4().hex}"
        sql.change(s, Deliveries, Deliveries.id.in_(ids.values()), mail_id=mail_id)
    return min(ids.values())


def carried_with(s: Session, delivery: Delivery) -> list[Delivery]:
    """Return the open deliveries in the mail of this one, itself first."""
    if delivery.mail_id is None:
        return [delivery]
    same = (Deliveries.mail_id == delivery.mail_id) & (Deliveries.id != delivery.id)
    return [delivery, *read_deliveries(s, same & Deliveries.state.in_(_OPEN))]


def part(s: Session, leaving: Sequence[Delivery]) -> None:
    """Take deliveries out of their mail, whose text is then made anew."""
    mails = [delivery.mail_id for delivery in leaving]
    ids = [delivery.id for delivery in leaving]
    if ids:
        sql.change(s, Deliveries, Deliveries.mail_id.in_(mails), body=None)
        sql.change(s, Deliveries, Deliveries.id.in_(ids), mail_id=None)


def given_up(s: Session, among: Sequence[Delivery]) -> list[Delivery]:
    """Return those that travel with others and were given up."""
    is_lost = (Deliveries.state == "failed") & Deliveries.mail_id.is_not(None)
    return read_deliveries(s, is_lost & Deliveries.id.in_([delivery.id for delivery in among]))


def strayed(s: Session, latest: datetime, latest_again: datetime) -> bool:
    """Whether a clock that was ahead made deliveries wait beyond `latest`, or `latest_again`."""
    statement = select(Deliveries.id).where(_strayed(latest, latest_again)).limit(1)
    return s.scalar(statement) is not None


def free_strayed(s: Session, latest: datetime, latest_again: datetime, now: datetime) -> None:
    found = _strayed(latest, latest_again)
    sql.change(s, Deliveries, found, next_try_at=now)


def _strayed(latest: datetime, latest_again: datetime) -> Any:
    """`latest` is the earlier one."""
    is_late = Deliveries.state.in_(_OPEN) & (Deliveries.next_try_at > latest)
    never_failed = Deliveries.last_error.is_(None)
    is_held = or_(Deliveries.state == "leased", never_failed)
    return is_late & or_(is_held, Deliveries.next_try_at > latest_again)


def keep_body(s: Session, delivery_id: int, body: str) -> str:
    """Store the message about to be sent, unless one is stored. Returns the stored one."""
    this = Deliveries.id == delivery_id
    sql.change(s, Deliveries, this, Deliveries.body.is_(None), body=body)
    return s.execute(select(Deliveries.body).where(this)).scalar_one() or body


def delivered(s: Session, delivery_id: int, now: datetime) -> None:
    """Note that a delivery arrived, with all that its mail carried."""
    _settle_mail(s, delivery_id, state="accepted", settled_at=now, last_error=None, body=None)


def failed(
    s: Session, delivery_id: int, now: datetime, error: str, next_try_at: datetime | None
) -> None:
    """Record a failed attempt. The next one is at `next_try_at`; None gives the delivery up, with
    all that its mail carries.
    """
    if next_try_at is None:
        _settle_mail(s, delivery_id, state="failed", settled_at=now, last_error=error)
    else:
        _settle_mail(s, delivery_id, state="waiting", next_try_at=next_try_at, last_error=error)


def undelivered(s: Session) -> list[Delivery]:
    return read_deliveries(s, _undelivered())


def count_undelivered(s: Session) -> int:
    return sql.count(s, Deliveries, _undelivered())


def not_arriving(s: Session, since: datetime, tries: int) -> list[Delivery]:
    """Return the deliveries that were given up since then, or wait after that many failures."""
    lost = (Deliveries.state == "failed") & (Deliveries.settled_at >= since)
    late = (
        Deliveries.state.in_(_OPEN)
        & (Deliveries.attempts >= tries)
        & Deliveries.last_error.is_not(None)
    )
    return read_deliveries(s, or_(lost, late))


def waiting(s: Session) -> Sequence[Any]:
    """What is on its way, a row a channel, with the failures, the newest error and the next try."""
    is_open, other = Deliveries.state.in_(_OPEN), sql.plain(Deliveries).alias()
    newest = (
        select(other.c.last_error)
        .where(other.c.channel == Deliveries.channel, other.c.state.in_(_OPEN))
        .where(other.c.last_error.is_not(None))
        .order_by(other.c.id.desc())
        .limit(1)
    )
    rows = (
        select(
            Deliveries.channel,
            func.count().label("deliveries"),
            func.min(Digests.claimed_at).label("since_at"),
            func.count(Deliveries.last_error).label("failed"),
            func.min(Deliveries.next_try_at).label("next_try_at"),
            newest.scalar_subquery().label("last_error"),
        )
        .join(Digests, Digests.id == Deliveries.digest_id)
        .where(is_open)
    )
    return s.execute(rows.group_by(Deliveries.channel).order_by(Deliveries.channel)).all()


_OPEN = ("waiting", "leased")


def _undelivered() -> Any:
    return or_(
        Deliveries.state == "failed",
        Deliveries.state.in_(_OPEN) & Deliveries.last_error.is_not(None),
    )


def resend(s: Session, delivery_id: int, now: datetime) -> None:
    """Make a delivery that waits or was given up due now, under the same message id. One that was
    given up has all of its attempts again. A delivery that is being sent at the moment is left
    alone.
    """
    this = Deliveries.id == delivery_id
    due = {"state": "waiting", "next_try_at": now, "settled_at": None}
    given_up, waits = Deliveries.state == "failed", Deliveries.state == "waiting"
    anew = due | {"attempts": 0, "resent_at": now}
    sql.change(s, Deliveries, this, waits, **due)
    sql.change(s, Deliveries, this, given_up, **anew)


def next_try_at(s: Session, channel: str | None = None) -> datetime | None:
    """Return when the next delivery is due, on all channels or on one; None if none is."""
    return s.scalar(select(func.min(Deliveries.next_try_at)).where(_is_next(channel)))


def postpone(s: Session, channel: str, now: datetime, error: str, until: datetime) -> int:
    """Put off what is due by a channel that does not answer, without counting an attempt."""
    due = (Deliveries.channel == channel) & (Deliveries.next_try_at <= now)
    values = {"next_try_at": until, "last_error": error}
    put_off = update(Deliveries).where(due, Deliveries.state == "waiting").values(values)
    return len(s.execute(put_off.returning(Deliveries.id)).all())


def _is_next(channel: str | None = None) -> Any:
    """The condition that a delivery is open, the pages before it are settled, and no other leads
    its mail.
    """
    before = sql.plain(Deliveries).alias().c
    same = (before.digest_id == Deliveries.digest_id) & (before.channel == Deliveries.channel)
    earlier = same & (before.recipient == Deliveries.recipient) & (before.page < Deliveries.page)
    held_up = exists().where(earlier, before.state.in_(_OPEN))
    led = exists().where(
        before.mail_id == Deliveries.mail_id, before.id < Deliveries.id, before.state.in_(_OPEN)
    )
    follows = Deliveries.mail_id.is_not(None) & led
    is_next = Deliveries.state.in_(_OPEN) & or_(Deliveries.page == 1, ~held_up) & ~follows
    return is_next if channel is None else is_next & (Deliveries.channel == channel)


def _settle(s: Session, delivery_id: int, **values: Any) -> None:
    sql.change(s, Deliveries, Deliveries.id == delivery_id, **values)


def _settle_mail(s: Session, delivery_id: int, **values: Any) -> None:
    mail_id = s.scalar(select(Deliveries.mail_id).where(Deliveries.id == delivery_id))
    _settle(s, delivery_id, **values)
    if mail_id is not None:
        of_mail = (Deliveries.mail_id == mail_id) & Deliveries.state.in_(_OPEN)
        sql.change(s, Deliveries, of_mail, **values)


def read_deliveries(s: Session, condition: Any) -> list[Delivery]:
    columns = sql.columns_of(Delivery, Deliveries, Digests)
    rows = select(*columns).join(Digests, Digests.id == Deliveries.digest_id).where(condition)
    return [Delivery(*row) for row in s.execute(rows.order_by(Deliveries.id))]
