"""The state of each subscription, the items that it would have sent over all that is stored, which
helps with writing a new one, and the digest that it would send now, or sent before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import uuid4

from scheduler.configuration.config import Configuration
from scheduler.configuration.user_subscriptions import everybody, with_users
from scheduler.notify.channels.table import (
    channels_by_id,
    find_subscription,
    mail_channels,
    recipients_of,
    sender_of,
    subscriptions_of,
)
from scheduler.notify.deliver import digest_of
from scheduler.notify.digest.build import Digest
from scheduler.schedule.digest_periods import next_begin, parse_rate
from scheduler.views.register_entries import Entry
from storage.database.session import Database, Session
from storage.errors import ConfigurationError
from storage.lists import queries
from storage.notifications import digests, outbox, receivers
from storage.notifications.receivers import Receiver
from storage.notifications.user_subscriptions import Personal
from storage.phrases import Phrase
from storage.records import NewsKind
from storage.register.entry import Agreement, Step, documents_of
from storage.search.filtering import reports_matching
from storage.subscription import Subscription

Gone = tuple[Receiver, datetime]


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """The state of one subscription. `recipients` has the (channel, address) of those who receive;
    the address is "" on channels other than mail. `next_at` is None if news goes out at once.
    `last` is None if there was no digest yet.
    """

    subscription: Subscription
    recipients: tuple[tuple[str, str], ...]
    left: tuple[Gone, ...]  # who unsubscribed, and when
    closed: tuple[str, ...]
    pending: int
    waiting_since_at: datetime | None
    next_at: datetime | None
    last: digests.LastDigest | None
    personal: Personal | None = None

    @property
    def made_by(self) -> str:
        """Who made it on the page; "" if it stands in the configuration."""
        return self.personal.stored.made_by if self.personal else ""

    @property
    def state(self) -> str:
        """ "active"; else nobody is notified: "unconfirmed", "paused" or "misfit"."""
        return self.personal.state if self.personal else "active"


def roster(s: Session, chosen: Configuration, now: datetime) -> list[SubscriptionState]:
    """The configured subscriptions, the operator's, and those of people, be they paused."""
    chosen = with_users(s, chosen)
    by_id = {person.subscription.id: person for person in chosen.people}
    waiting = [person.subscription for person in chosen.people if not person.is_notified]
    left, closed = receivers.all_unsubscribed(s), receivers.closed_channels(s)
    pending, last = outbox.waiting_since(s), digests.last_digests(s)
    channels = channels_by_id(chosen)
    subscription_states = []
    for subscription in (*subscriptions_of(chosen), *waiting):
        own = [channels[name] for name in subscription.channels if name in channels]
        gone = tuple(
            (who, at)
            for who, at in left
            if who.subscription_id == subscription.id and who.channel in subscription.channels
        )
        items, since_at = pending.get(subscription.id, (0, None))
        receiving = recipients_of(
            own, {(who.channel, who.recipient) for who, _ in gone}, subscription.to
        )
        state = SubscriptionState(
            subscription=subscription,
            recipients=tuple(
                (channel, name) for channel, names in receiving.items() for name in names
            ),
            left=gone,
            closed=tuple(channel for channel in subscription.channels if channel in closed),
            pending=items,
            waiting_since_at=since_at,
            next_at=next_begin(parse_rate(subscription.rate), subscription.timezone, now),
            last=last.get(subscription.id),
            personal=by_id.get(subscription.id),
        )
        subscription_states.append(state)
    return subscription_states


def lines_of_left(subscription_state: SubscriptionState) -> Iterator[Phrase]:
    """A line for each recipient who left, with the way back."""
    name = subscription_state.subscription.id
    for gone, at in subscription_state.left:
        back = f"accordwatch subscriptions resubscribe {name} {gone.recipient or gone.channel}"
        yield Phrase(
            "{who} unsubscribed from {subscription} on {day} and no longer receives it "
            "(to undo: {command})",
            who=gone.recipient or Phrase("the receiver of {channel}", channel=gone.channel),
            subscription=name,
            day=f"{at:%Y-%m-%d}",
            command=back,
        )


# --- the state of each subscription ---------------------------------------------------------------


class ExpectedItem(NamedTuple):
    """What would have been sent on the day of its first report: a step, with the reports that fit.
    An agreement without an id stands for a document that belongs to none.
    """

    on: date
    kind: NewsKind
    entry: Entry
    step: Step


def rehearse(
    s: Session, subscription: Subscription, until: date, since: date | None = None
) -> tuple[list[ExpectedItem], date]:
    """The items that would have been sent from `since` on, or from the first news on, newest first,
    and the first of these days.

    Each step that fits is sent once, on the day of the first report that fits, as if each report
    had come on the day of its date. Documents are sent if a rule found them that the filter names.
    """
    expected_items = sorted(_items(s, subscription, since), key=lambda item: item.on, reverse=True)
    begins = since or (expected_items[-1].on if expected_items else until)
    return [item for item in expected_items if begins <= item.on <= until], begins


def preview(
    database: Database, chosen: Configuration, subscription_id: str, now: datetime
) -> Digest:
    """The digest that would be claimed now, to be rendered by `scheduler.notify.digest.render`."""
    chosen = everybody(database, chosen)
    subscription = find_subscription(chosen, subscription_id)
    with database.read() as s:
        claimed = digests.preview(s, subscription, now)
    return digest_of(database, chosen, claimed, subscription)


def digest_again(database: Database, chosen: Configuration, digest_id: int) -> Digest:
    """A claimed digest, every item in full. Raises ConfigurationError if there is none."""
    with database.read() as s:
        claimed = digests.digest(s, digest_id)
    if claimed is None:
        hint = "see: accordwatch subscriptions list"
        raise ConfigurationError(f"no digest has the number {digest_id}; {hint}")
    chosen = everybody(database, chosen)
    known = {subscription.id: subscription for subscription in subscriptions_of(chosen)}
    subscription = known.get(claimed.subscription_id) or Subscription(claimed.subscription_id, ())
    return digest_of(database, chosen, claimed, subscription, in_full=True)


def send_test(
    database: Database,
    chosen: Configuration,
    subscription_id: str | None,
    address: str,
    now: datetime,
) -> str:
    """Mail what is pending to `address` alone; nothing is marked as sent. Returns a line that says
    so. Raises ConfigurationError if there is no mail channel, DeliveryError if the server does not
    take the mail.
    """
    chosen = everybody(database, chosen)
    if not subscription_id and not chosen.subscriptions:
        hint = "write one, see docs/configuration.md"
        raise ConfigurationError(f"{chosen.path}: no subscriptions; {hint}")
    named = find_subscription(chosen, subscription_id or chosen.subscriptions[0].id)
    channels = mail_channels(chosen)
    channel = next((channel for channel in channels if channel.id in named.channels), channels[0])
    digest = preview(database, chosen, named.id, now)
    with closing(sender_of(channel, chosen.folder)) as sender:
        sender.hand_over(digest, f"test-{uuid4().hex}", address, now, None)
    sent = f"the digest of {named.id} went to {address} by {channel.id}"
    return f"{sent}; nothing is marked as sent"


def _items(s: Session, subscription: Subscription, since: date | None) -> Iterator[ExpectedItem]:
    # A status may be one that the agreement had earlier, so statuses are compared step by step.
    flt = subscription.filter
    agreements = queries.agreements(s, flt.but(statuses=()), reported_since=since)
    documents = {one for agreement in agreements for one in documents_of(agreement)}
    (matching,) = reports_matching(s, [flt], documents)
    dated = queries.days_of(s, matching)
    for agreement in agreements:
        yield from _steps(subscription, agreement, dated)
    if flt.rules:
        rows = [row for row in queries.search(s, flt) if row.agreement_id is None]
        dated = queries.days_of(s, [row.id for row in rows])
        for row in rows:
            alone = Entry(Agreement("", row.title))
            step = Step(row.card.status, row.card.event_date, row.quote, (row.id,))
            yield ExpectedItem(dated[row.id], NewsKind.NEW_DOCUMENT, alone, step)


def _steps(
    subscription: Subscription, agreement: Agreement, dated: Mapping[int, date]
) -> Iterator[ExpectedItem]:
    """The steps that some reports of an agreement match, whose days are `dated`."""
    fitting: list[tuple[date, Step]] = []
    for step in agreement.history:
        published = (id_ for id_ in step.document_ids if id_ not in agreement.listed)
        own = tuple(one for one in published if one in dated)
        if own:
            fitting.append((min(dated[one] for one in own), replace(step, document_ids=own)))
    for index, (on, step) in enumerate(sorted(fitting, key=lambda one: one[0])):
        is_known = index > 0 or bool(agreement.listed)
        kind = NewsKind.NEW_STEP if is_known else NewsKind.NEW_AGREEMENT
        if NewsKind.NEW_AGREEMENT not in subscription.news:
            kind = NewsKind.NEW_STEP
        if kind in subscription.news:
            yield ExpectedItem(on, kind, Entry(agreement), step)
