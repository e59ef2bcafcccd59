"""Claim the digests that are due, hand over the deliveries that are due.

A delivery is leased by one process at a time. It is repeated, under the same message id, only where the answer to
its hand-over was lost: the receiver accepted it, and we died before that was written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from scheduler.configuration.channels import ChatChannel, WebhookChannel
from scheduler.configuration.config import Configuration
from scheduler.digest.build import OPERATOR, Digest, build
from scheduler.health.findings import watched
from scheduler.notify.backoff import next_mail_try, next_webhook_try
from scheduler.notify.channels.webhook import GoneError
from scheduler.notify.couriers import Couriers, channels_by_id, page_sizes, recipients_of
from scheduler.schedule.digest_periods import parse_rate, period_at
from storage.database.session import Database
from storage.errors import (
    AccordwatchError,
    ConfigurationError,
    DatabaseError,
    DeliveryError,
    PermanentDeliveryError,
)
from storage.telling import deliveries, digests, receivers
from storage.telling.arrivals import begin, first_seen_at
from storage.telling.deliveries import Delivery
from storage.telling.digests import Claimed, page_of
from storage.telling.records import NewsKind, Subscription

# Longer than one hand-over can take: nine steps of an SMTP conversation, each with its own limit of 30 s.
LEASE_S = 600.0


@dataclass(slots=True)
class Sent:
    """What one call did. `problems` has a line for every delivery that did not arrive."""

    claimed: int = 0
    delivered: int = 0
    waiting: int = 0
    given_up: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Deliveries that were tried and did not arrive, for now or for good."""
        return self.waiting + self.given_up

    @property
    def summary(self) -> str:
        if not self.delivered and not self.failed:
            return "no digest was due"
        said = f"{self.delivered} {'digest' if self.delivered == 1 else 'digests'} delivered"
        if self.waiting:
            said += f", {self.waiting} to be tried again"
        if self.given_up:
            said += f", {self.given_up} given up (send again with: accordwatch digest send)"
        return "; ".join([said, *self.problems])


def never() -> bool:
    return False


def send_due(
    database: Database,
    chosen: Configuration,
    *,
    now: datetime,
    force: bool = False,
    only: str | None = None,
    stop: Callable[[], bool] = never,
) -> Sent:
    """Claim each subscription's digest where its period began (`force`: whatever the schedule), and deliver.

    `only` narrows the claims to one subscription. `stop` is asked between deliveries. With `force`, deliveries that
    were given up are tried again.
    """
    sent = Sent()
    for subscription in _subscriptions(chosen, only):
        sent.claimed += _claim(database, chosen, subscription, now, force)
    if force:
        _revive(database, only, now)
    begun = time.monotonic()
    with Couriers(chosen) as couriers:
        while not stop():
            moment = now + timedelta(seconds=time.monotonic() - begun)
            leased = _lease(database, moment)
            if leased is None:
                break
            _deliver(database, chosen, couriers, leased, moment, sent)
    return sent


def digest_of(
    database: Database,
    chosen: Configuration,
    claimed: Claimed,
    subscription: Subscription,
    *,
    in_full: bool = False,
) -> Digest:
    """What a claimed digest says, as the register stands now."""
    with database.read() as s:
        counted = watched(s, chosen.sources, claimed.claimed_at)
        digest = build(
            s, subscription, claimed.items, now=claimed.claimed_at, watched=counted, in_full=in_full
        )
    return replace(digest, digest_id=claimed.digest_id)


def _page(
    database: Database,
    chosen: Configuration,
    claimed: Claimed,
    subscription: Subscription,
    delivery: Delivery,
) -> Digest:
    """What one delivery says of a claimed digest."""
    page = page_of(claimed.items, delivery.page, delivery.page_size)
    # Programs get every item in full: what does not fit comes on the next page.
    in_full = isinstance(channels_by_id(chosen).get(delivery.channel), WebhookChannel)
    told = replace(claimed, items=page.items)
    digest = digest_of(database, chosen, told, subscription, in_full=in_full)
    return replace(digest, page=page.number, pages=page.pages, following=page.following)


def find_subscription(chosen: Configuration, name: str) -> Subscription:
    """The subscription of this id; raises ConfigurationError with those that there are."""
    found = next(
        (subscription for subscription in subscriptions_of(chosen) if subscription.id == name), None
    )
    if found is None:
        known = ", ".join(subscription.id for subscription in chosen.subscriptions) or "none"
        raise ConfigurationError(f"no subscription has the id {name!r}; subscriptions are: {known}")
    return found


def subscriptions_of(chosen: Configuration) -> tuple[Subscription, ...]:
    """Those of the configuration, and the operator's own."""
    operator = operator_of(chosen)
    return chosen.subscriptions if operator is None else (*chosen.subscriptions, operator)


def operator_of(chosen: Configuration) -> Subscription | None:
    """Who hears of troubles at once; None where no channel is named for that."""
    channels, news = chosen.settings.alerts.operator, (NewsKind.SOURCE_HEALTH,)
    return (
        Subscription(OPERATOR, channels, "Accordwatch itself", rate="immediately", news=news)
        if channels
        else None
    )


def _subscriptions(chosen: Configuration, only: str | None) -> tuple[Subscription, ...]:
    return subscriptions_of(chosen) if only is None else (find_subscription(chosen, only),)


def _claim(
    database: Database,
    chosen: Configuration,
    subscription: Subscription,
    now: datetime,
    force: bool,
) -> bool:
    period = None if force else period_at(parse_rate(subscription.rate), subscription.timezone, now)
    with database.read() as s:
        # Nearly every tick ends here, without waiting for the writer.
        gone = receivers.unsubscribed(s, subscription.id)
        recipients = recipients_of(channels_by_id(chosen).values(), gone)
        if not any(recipients.get(channel, ("",)) for channel in subscription.channels):
            return False  # all have left: what is owed waits for whoever comes back, told to nobody
        last = digests.last_period(s, subscription.id)
        if period is not None and last == period:
            return False
        seen_at = first_seen_at(s, subscription.id)
        if period is None and not digests.preview(s, subscription, now).items:
            return False
    if (
        period is not None
        and last is None
        and not _has_turned(database, subscription, period, seen_at, now)
    ):
        return False
    with database.begin() as s:
        sizes = page_sizes(channels_by_id(chosen).values(), subscription.max_items)
        return digests.claim_digest(s, subscription, now, period, recipients, sizes) is not None


def _has_turned(
    database: Database,
    subscription: Subscription,
    period: str,
    seen_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether a period began since the subscription was first seen: on a Wednesday, Monday's digest is not missing."""
    if seen_at is not None:
        return period_at(parse_rate(subscription.rate), subscription.timezone, seen_at) != period
    with database.begin() as s:
        begin(s, [subscription], now)
    return False


def _lease(database: Database, now: datetime) -> Delivery | None:
    with database.read() as s:
        # Nearly every tick ends here too.
        due_at = deliveries.next_try_at(s)
    if due_at is None or due_at > now:
        return None
    with database.begin() as s:
        return next(iter(deliveries.deliveries_due(s, now, limit=1, lease_s=LEASE_S)), None)


def _revive(database: Database, only: str | None, now: datetime) -> None:
    with database.begin() as s:
        receivers.open_channels(s)
        for delivery in deliveries.undelivered(s):
            if only in (None, delivery.subscription_id):
                deliveries.resend(s, delivery.id, now)


def _deliver(
    database: Database,
    chosen: Configuration,
    couriers: Couriers,
    delivery: Delivery,
    now: datetime,
    sent: Sent,
) -> None:
    with database.read() as s:
        claimed = digests.digest(s, delivery.digest_id)
        closed = receivers.closed_channels(s).get(delivery.channel)
        gone = receivers.unsubscribed(s, delivery.subscription_id)
    assert claimed is not None  # noqa: S101 - a delivery has a digest: a foreign key says so
    try:
        if closed is not None:
            raise PermanentDeliveryError(f"the channel is closed: {closed}")
        if (delivery.channel, delivery.recipient) in gone:
            raise PermanentDeliveryError("unsubscribed before it was sent")
        subscription = find_subscription(chosen, delivery.subscription_id)
        digest = _page(database, chosen, claimed, subscription, delivery)
        couriers.hand_over(
            delivery, digest, now, _kept_body(database, delivery, couriers.body(delivery, digest))
        )
    except DatabaseError:
        raise
    except Exception as error:
        # The edge of one delivery: a fault of ours in it must not keep the others from going out.
        _note_failure(database, couriers, delivery, claimed.claimed_at, now, error, sent)
    else:
        with database.begin() as s:
            deliveries.delivered(s, delivery.id, now)
        sent.delivered += 1


def _kept_body(database: Database, delivery: Delivery, body: str | None) -> str | None:
    """What the first try sent: the register may say something else by now, but the id says that nothing changed."""
    if body is None:
        return None
    with database.begin() as s:
        return deliveries.keep_body(s, delivery.id, body)


def _note_failure(
    database: Database,
    couriers: Couriers,
    delivery: Delivery,
    claimed_at: datetime,
    now: datetime,
    error: Exception,
    sent: Sent,
) -> None:
    next_try_at = None
    if not isinstance(error, PermanentDeliveryError):
        retry_after_s = error.retry_after_s if isinstance(error, DeliveryError) else None
        next_try_at = _next_try(couriers, delivery, claimed_at, now, retry_after_s)
    said = (
        str(error)
        if isinstance(error, AccordwatchError)
        else f"a fault of ours: {type(error).__name__}: {error}"
    )
    with database.begin() as s:
        deliveries.failed(s, delivery.id, now, said, next_try_at)
        if isinstance(error, GoneError):
            receivers.close_channel(s, delivery.channel, str(error), now)
    sent.waiting += next_try_at is not None
    sent.given_up += next_try_at is None
    recipient = f" to {delivery.recipient}" if delivery.recipient else ""
    sent.problems.append(f"{delivery.subscription_id} by {delivery.channel}{recipient}: {said}")


def _next_try(
    couriers: Couriers,
    delivery: Delivery,
    claimed_at: datetime,
    now: datetime,
    retry_after_s: float | None,
) -> datetime | None:
    if isinstance(couriers.channels.get(delivery.channel), WebhookChannel | ChatChannel):
        return next_webhook_try(delivery.message_id, delivery.attempts, now, retry_after_s)
    return next_mail_try(delivery.message_id, delivery.attempts, claimed_at, now, retry_after_s)
