"""Claim the digests that are due, then hand over the deliveries that are due.

A delivery is leased by one process at a time. It is sent twice, under the same message id, only if
we died between the moment when the receiver accepted it and the moment when that was written down.
"""

from __future__ import annotations

import time
from collections.abc import Set
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.reader.question import reader_id
from scheduler.configuration.config import Configuration
from scheduler.configuration.user_subscriptions import everybody
from scheduler.notify.answers import links_of_delivery
from scheduler.notify.channels.message import LONGEST_WAIT, next_mail_try, next_webhook_try
from scheduler.notify.channels.table import (
    Senders,
    channels_by_id,
    find_subscription,
    kind_of,
    page_sizes,
    recipients_of,
    subscriptions_of,
)
from scheduler.notify.channels.webhook import GoneError
from scheduler.notify.digest.build import Digest, build, in_one, review_beside, with_unread
from scheduler.notify.direct_sending import Stop, side_by_side
from scheduler.schedule.digest_periods import parse_rate, period_at
from scheduler.schedule.sources_due import count_alive
from storage.database.session import Database
from storage.documents.second_readings import unread_alerts
from storage.errors import (
    AccordwatchError,
    ChannelDownError,
    DatabaseError,
    DeliveryError,
    PermanentDeliveryError,
    our_fault,
)
from storage.notifications import deliveries, digests, receivers
from storage.notifications.deliveries import Delivery
from storage.notifications.digests import Claimed, page_of
from storage.notifications.outbox import begin, first_seen_at
from storage.sources.ledger import came_since
from storage.subscription import Subscription

# Longer than one hand-over can take: nine steps of an SMTP conversation, each with its own limit of
# 30 s.
LEASE_S = 600.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What one call of `send_due` did, with a line for each delivery that did not arrive."""

    claimed: int = 0
    delivered: int = 0
    waiting: int = 0
    given_up: int = 0
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Deliveries that were tried and did not arrive, for now or for good."""
        return self.waiting + self.given_up

    @property
    def summary(self) -> str:
        """One line, such as "1 digest delivered. 2 did not arrive and will be tried again. ..."."""
        if not self.delivered and not self.failed:
            return "No digest was due."
        plural = "" if self.delivered == 1 else "s"
        sentences = [f"{self.delivered} digest{plural} delivered."]
        if self.waiting:
            sentences.append(f"{self.waiting} did not arrive and will be tried again.")
        if self.given_up:
            sentences.append(f"{self.given_up} given up; send again with: accordwatch digest send.")
        if self.problems:
            sentences.append("; ".join(self.problems))
        return " ".join(sentences)


# What became of one delivery: (what went wrong, None if it arrived; the next try, None if it did or
# was given up; whether the channel is down, and left for this pass).
_DeliveryEnd = tuple[str | None, datetime | None, bool]


# What the first digest of a subscription is compiled from.
_FIRST_DIGEST = timedelta(days=7)


def never() -> bool:
    return False


def send_due(
    database: Database,
    chosen: Configuration,
    *,
    now: datetime,
    stop: Stop = never,
    held_back: Set[int] = frozenset(),
) -> Sent:
    """Claim the digest of each subscription whose period began, and deliver all that is due.

    Deliveries end once `stop` returns True. The reports `held_back` are not notified yet, and the
    one digest of a period waits for them. Channels do not wait for each other; one whose server
    does not answer is left out for the rest of this pass.
    """
    chosen, turn = everybody(database, chosen), _Turn(now, force=False, held_back=held_back)
    claimed = sum(
        _claim(database, chosen, subscription, turn) for subscription in subscriptions_of(chosen)
    )
    return _deliver_due(database, chosen, claimed, now, stop)


def send_now(
    database: Database, chosen: Configuration, *, now: datetime, only: str | None = None
) -> Sent:
    """The same before digests are due, of one subscription or of all. What was given up is tried
    again.
    """
    chosen, turn = everybody(database, chosen), _Turn(now, force=True, held_back=frozenset())
    wanted = subscriptions_of(chosen) if only is None else (find_subscription(chosen, only),)
    claimed = sum(_claim(database, chosen, subscription, turn) for subscription in wanted)
    _try_again(database, only, now)
    return _deliver_due(database, chosen, claimed, now, never)


def _deliver_due(
    database: Database, chosen: Configuration, claimed: int, now: datetime, stop: Stop
) -> Sent:
    _free_strayed(database, now)
    with database.read() as s:
        channels = deliveries.channels_due(s, now)
    begun, travelling = time.monotonic(), _companions(chosen)

    def deliver_by(channel: str, stop: Stop) -> list[_DeliveryEnd]:
        outcomes: list[_DeliveryEnd] = []
        with closing(Senders(chosen)) as senders:
            while not stop():
                moment = now + timedelta(seconds=time.monotonic() - begun)
                leased = _lease(database, channel, moment, travelling.get(channel, lambda _: ()))
                if leased is None:
                    break
                with database.read() as s:
                    carried = len(deliveries.carried_with(s, leased))
                *_, is_down = end = _deliver(database, chosen, senders, leased, moment)
                outcomes += [end] * carried
                if is_down:
                    break
        return outcomes

    ends = side_by_side(channels, deliver_by, stop)
    failed = [(problem, next_at) for problem, next_at, _ in ends if problem is not None]
    waiting = sum(next_at is not None for _, next_at in failed)
    return Sent(
        claimed,
        delivered=len(ends) - len(failed),
        waiting=waiting,
        given_up=len(failed) - waiting,
        problems=tuple(dict.fromkeys(problem for problem, _ in failed)),
    )


def _try_again(database: Database, only: str | None, now: datetime) -> None:
    """Let what was given up be due, of one subscription or of all."""
    with database.begin() as s:
        receivers.open_channels(s)
        again = [one for one in deliveries.undelivered(s) if only in (None, one.subscription_id)]
        if only is not None:  # what was given up with others goes again without them
            deliveries.part(s, deliveries.given_up(s, again))
        for delivery in again:
            deliveries.resend(s, delivery.id, now)


def digest_of(
    database: Database,
    chosen: Configuration,
    claimed: Claimed,
    subscription: Subscription,
    *,
    in_full: bool = False,
) -> Digest:
    at = claimed.claimed_at
    with database.read() as s:
        notified_at = digests.notified_before(s, subscription.id, at)
        reports = {document for item in claimed.items for document in item.document_ids}
        failing_polls = chosen.settings.monitor.failing_polls
        since = notified_at or at - _FIRST_DIGEST
        watched = count_alive(s, chosen.sources, at, failing_polls)
        watched = replace(watched, documents=came_since(s, since, reports))
        digest = build(s, subscription, claimed.items, now=at, in_full=in_full)
        digest = replace(digest, watched=watched)
        review = review_beside(s, digest, notified_at)
        reader = chosen.settings.reader
        if reader is not None:
            digest = with_unread(digest, unread_alerts(s, reader_id(reader.model), since))
    return replace(digest, digest_id=claimed.digest_id, review=review)


class _Turn(NamedTuple):
    """When digests are claimed, whether before they are due, and without which reports."""

    now: datetime
    force: bool
    held_back: Set[int]


def _claim(
    database: Database, chosen: Configuration, subscription: Subscription, turn: _Turn
) -> bool:
    """Whether a digest was claimed. Nearly every tick ends in the first block, which only reads."""
    now, force, held_back = turn
    period = None if force else period_at(parse_rate(subscription.rate), subscription.timezone, now)
    channels = channels_by_id(chosen).values()
    with database.read() as s:
        gone = receivers.unsubscribed(s, subscription.id)
        recipients = recipients_of(channels, gone, subscription.to)
        # A channel that is no longer configured counts: the error of its delivery names it.
        if not any(recipients.get(channel, ("",)) for channel in subscription.channels):
            return False  # what is pending waits for somebody to come back
        last = digests.last_period(s, subscription.id)
        if period is not None and last == period:
            return False
        seen_at = first_seen_at(s, subscription.id)
        if period is None and not digests.preview(s, subscription, now, held_back).items:
            return False
        if period is not None and digests.is_held_back(s, subscription.id, held_back):
            return False
    is_first = period is not None and last is None
    if is_first and not _has_turned(database, subscription, period, seen_at, now):
        return False
    with database.begin() as s:
        sizes = page_sizes(channels, subscription.max_items)
        return (
            digests.claim_digest(s, subscription, now, period, recipients, sizes, held_back)
            is not None
        )


def _has_turned(
    database: Database,
    subscription: Subscription,
    period: str | None,
    seen_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether a period began since the subscription was first seen: one that was made on a
    Wednesday missed no digest of Monday.
    """
    if seen_at is not None:
        return period_at(parse_rate(subscription.rate), subscription.timezone, seen_at) != period
    with database.begin() as s:
        begin(s, [subscription], now)
    return False


def _free_strayed(database: Database, now: datetime) -> None:
    """Free what a process leased, claimed or put off that died while its clock was ahead. (Two
    machines' clocks may differ, but not by as much as a lease is long.)
    """
    lease = timedelta(seconds=LEASE_S)
    latest, latest_again = now + 2 * lease, now + LONGEST_WAIT + lease
    with database.read() as s:
        if not deliveries.strayed(s, latest, latest_again):
            return
    with database.begin() as s:
        deliveries.free_strayed(s, latest, latest_again, now)


def _companions(chosen: Configuration) -> dict[str, deliveries.Companions]:
    """By mail channel, the subscriptions whose digests to one address make one mail: those of one
    rate and language. Alarms are mails of their own.
    """
    together: dict[tuple[str, str, str], list[str]] = {}
    for subscription in chosen.subscriptions:
        together.setdefault(
            (subscription.rate, subscription.timezone, subscription.language), []
        ).append(subscription.id)
    of_each = {name: names for names in together.values() for name in names}
    mailing = [channel.id for channel in chosen.settings.all_channels if channel.kind == "email"]
    return dict.fromkeys(mailing, lambda name: of_each.get(name, ()))


def _lease(
    database: Database, channel: str, now: datetime, companions: deliveries.Companions
) -> Delivery | None:
    with database.read() as s:
        due_at = deliveries.next_try_at(s, channel)
    if due_at is None or due_at > now:
        return None
    with database.begin() as s:
        return deliveries.lease_next(s, channel, now, LEASE_S, companions)


def _deliver(
    database: Database, chosen: Configuration, senders: Senders, delivery: Delivery, now: datetime
) -> _DeliveryEnd:
    claimed_at = _claimed(database, delivery).claimed_at
    try:
        with database.read() as s:
            closed = receivers.closed_channels(s).get(delivery.channel)
        if closed is not None:
            raise PermanentDeliveryError(f"the channel is closed: {closed}")
        sections = [
            _page(database, chosen, _claimed(database, one), subscription, one)
            for one, subscription in _carried(database, chosen, delivery)
        ]
        digest = in_one(sections)
        body = senders.body(delivery, digest)
        if body is not None:  # what the first try sent: one message id stands for one content
            with database.begin() as s:
                body = deliveries.keep_body(s, delivery.id, body)
        sender = senders.sender(delivery.channel)
        sender.hand_over(digest, delivery.sent_as, delivery.recipient, now, body)
    except DatabaseError:
        raise
    except Exception as error:
        # The edge of one delivery: a fault of ours in it must not keep the others from going out.
        return _note_failure(database, _Try(senders, delivery, claimed_at, now), error)
    with database.begin() as s:
        deliveries.delivered(s, delivery.id, now)
    return None, None, False


def _claimed(database: Database, delivery: Delivery) -> Claimed:
    with database.read() as s:
        claimed = digests.digest(s, delivery.digest_id)
    assert claimed is not None  # noqa: S101 - a delivery has a digest: a foreign key says so
    return claimed


def _carried(
    database: Database, chosen: Configuration, delivery: Delivery
) -> list[tuple[Delivery, Subscription]]:
    """The deliveries that go in one mail, this one first, with their subscriptions. What can no
    longer be sent leaves the mail, and ends by itself. Raises if this one cannot.
    """
    with database.read() as s:
        members = deliveries.carried_with(s, delivery)
        gone = {member.id: receivers.unsubscribed(s, member.subscription_id) for member in members}
    carried, refused = [], dict[int, AccordwatchError]()
    for member in members:
        try:
            if (member.channel, member.recipient) in gone[member.id]:
                raise PermanentDeliveryError("the recipient unsubscribed before it was sent")
            carried.append((member, find_subscription(chosen, member.subscription_id)))
        except AccordwatchError as error:
            refused[member.id] = error
    if refused and len(members) > 1:
        with database.begin() as s:
            deliveries.part(s, [member for member in members if member.id in refused])
    if delivery.id in refused:
        raise refused[delivery.id]
    return carried


def _page(
    database: Database,
    chosen: Configuration,
    claimed: Claimed,
    subscription: Subscription,
    delivery: Delivery,
) -> Digest:
    items, following = page_of(claimed.items, delivery.page, delivery.page_size)
    channel = channels_by_id(chosen).get(delivery.channel)
    in_full = channel is not None and kind_of(channel).in_full
    shown = replace(claimed, items=items)
    digest = digest_of(database, chosen, shown, subscription, in_full=in_full)
    with database.read() as s:
        answering = links_of_delivery(s, chosen, subscription, delivery, claimed.claimed_at)
    return replace(
        digest,
        page=delivery.page,
        pages=delivery.pages,
        following=following,
        review=digest.review if delivery.page == 1 else None,
        answering=answering,
        token=delivery.message_id,
    )


class _Try(NamedTuple):
    """A try to deliver what was claimed at `claimed_at`."""

    senders: Senders
    delivery: Delivery
    claimed_at: datetime
    now: datetime


def _note_failure(database: Database, tried: _Try, error: Exception) -> _DeliveryEnd:
    delivery, now = tried.delivery, tried.now
    reason = our_fault(f"{type(error).__name__}: {error}")
    if isinstance(error, AccordwatchError):
        reason = error.line
    next_try_at = _next_try(tried, error)
    with database.begin() as s:
        deliveries.failed(s, delivery.id, now, reason, next_try_at)
        if isinstance(error, GoneError):
            receivers.close_channel(s, delivery.channel, reason, now)
        others = ""
        if isinstance(error, ChannelDownError):
            # what else is due by it waits as long as after a first failure
            first = tried._replace(delivery=replace(delivery, attempts=1), claimed_at=now)
            until = _next_try(first, DeliveryError(reason)) or now
            if more := deliveries.postpone(s, delivery.channel, now, reason, until):
                waits = "waits" if more == 1 else "wait"
                others = f"; {more} more by {delivery.channel} {waits} for it"
    recipient = f" to {delivery.recipient}" if delivery.recipient else ""
    problem = f"{delivery.subscription_id} by {delivery.channel}{recipient}: {reason}{others}"
    return problem, next_try_at, isinstance(error, ChannelDownError)


def _next_try(tried: _Try, error: Exception) -> datetime | None:
    senders, delivery, claimed_at, now = tried
    if isinstance(error, PermanentDeliveryError):
        return None
    channel = senders.channels.get(delivery.channel)
    is_like_mail = channel is None or kind_of(channel).is_like_mail
    next_try = next_mail_try if is_like_mail else next_webhook_try
    retry_after_s = error.retry_after_s if isinstance(error, DeliveryError) else None
    begun_at = delivery.resent_at or claimed_at
    return next_try(delivery.message_id, delivery.attempts, begun_at, now, retry_after_s)
