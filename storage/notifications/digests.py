"""Digests: claiming what is pending, in one transaction with the deliveries that carry it.

A delivery has the same message id at every attempt, so that receivers recognize a repetition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import exists, func, insert, select

from storage.database import sql
from storage.database.columns import json_of, record_of
from storage.database.session import Session
from storage.documents.tables import Matches
from storage.notifications.notifier import (
    OF_STEPS,
    STEP_NEWS,
    details_of,
    is_about,
    news_of,
    notified_among,
    parties_named,
)
from storage.notifications.outbox import pending_documents
from storage.notifications.tables import Deliveries, Digests, Notified, PendingNotifications
from storage.records import NewsKind
from storage.register.agreements import agreements_with, load_agreements, number
from storage.register.entry import Agreement, documents_of
from storage.register.tables import Reports
from storage.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a digest shows. In a preview, `digest_id` is 0."""

    digest_id: int
    subscription_id: str
    items: tuple[Item, ...]
    claimed_at: datetime


def preview(
    s: Session, subscription: Subscription, now: datetime, held_back: Set[int] = frozenset()
) -> Claimed:
    """Return what `claim_digest` would claim now, without writing anything."""
    items, _ = _pending_items(s, subscription.id, held_back)
    return Claimed(0, subscription.id, items, now)


def is_held_back(s: Session, subscription_id: str, held_back: Set[int]) -> bool:
    """Whether something is pending for a subscription of which all reports are held back."""
    if not held_back:
        return False
    of_subscription = PendingNotifications.subscription_id == subscription_id
    documents = pending_documents(
        s, s.scalars(select(PendingNotifications.id).where(of_subscription))
    )
    return any(_waits(reports, held_back) for reports in documents.values())


def claim_digest(
    s: Session,
    subscription: Subscription,
    now: datetime,
    period: str | None = None,
    recipients: Mapping[str, Sequence[str]] | None = None,
    page_sizes: Mapping[str, int] | None = None,
    held_back: Set[int] = frozenset(),
) -> Claimed | None:
    """Claim everything that is pending for a subscription, in the caller's transaction.

    From then on the subscription counts as notified of it, and there is a delivery for each
    channel, recipient and page. A `period` ("2026-11-24") can be claimed only once, even if nothing
    was pending; it is None for "immediately" and for digests sent by hand. `recipients` lists the
    recipients of each channel (by default one without a name), `page_sizes` the number of entries
    on a page (by default all). News that only reports in `held_back` have stays pending. Returns
    None if there is nothing to send.
    """
    of_period = (Digests.subscription_id == subscription.id) & (Digests.period == period)
    if period is not None and sql.count(s, Digests, of_period):
        return None
    items, notification_ids = _pending_items(s, subscription.id, held_back)
    for chunk in sql.chunks(notification_ids):
        sql.remove(s, PendingNotifications, PendingNotifications.id.in_(chunk))
    if not items and period is None:
        return None
    stored = {"items": list(map(json_of, items)), "claimed_at": now}
    digest_id = sql.add(s, Digests, subscription_id=subscription.id, period=period, **stored)
    if not items and not subscription.say_empty:
        return None
    _record_shown(s, subscription.id, items, digest_id, now)
    sizes = page_sizes or {}
    pages = {channel: page_count(items, sizes.get(channel)) for channel in subscription.channels}
    of_digest = {"digest_id": digest_id, "state": "waiting", "next_try_at": now, "attempts": 0}
    rows = [
        of_digest
        | {
            "channel": channel,
            "recipient": recipient,
            "message_id": f"digest-{digest_id}-{uuid4().hex}",
            "page": page,
            "pages": pages[channel],
            "page_size": sizes.get(channel),
        }
        for channel in subscription.channels
        for recipient in (recipients or {}).get(channel, ("",))
        for page in range(1, pages[channel] + 1)
    ]
    if rows:
        s.execute(insert(Deliveries), rows)
    return Claimed(digest_id, subscription.id, items, now)


def last_period(s: Session, subscription_id: str) -> str | None:
    """Return the period of a subscription that was claimed last."""
    newest = select(Digests.period).where(
        Digests.subscription_id == subscription_id, Digests.period.is_not(None)
    )
    return s.scalar(newest.order_by(Digests.id.desc()).limit(1))


class LastDigest(NamedTuple):
    number: int
    sent_at: datetime


def last_digests(s: Session) -> dict[str, LastDigest]:
    """Return, by subscription, the last digest that was sent."""
    sent = exists().where(Deliveries.digest_id == Digests.id)
    newest = select(func.max(Digests.id)).where(sent).group_by(Digests.subscription_id)
    columns = (Digests.subscription_id, Digests.id, Digests.claimed_at)
    rows = s.execute(select(*columns).where(Digests.id.in_(newest)))
    return {row.subscription_id: LastDigest(row.id, row.claimed_at) for row in rows}


def notified_before(s: Session, subscription_id: str, at: datetime) -> datetime | None:
    """Return when the last digest before `at` was claimed that was sent to this subscription."""
    sent = exists().where(Deliveries.digest_id == Digests.id)
    earlier = select(func.max(Digests.claimed_at)).where(
        Digests.subscription_id == subscription_id, Digests.claimed_at < at
    )
    return s.scalar(earlier.where(sent))


def digest(s: Session, digest_id: int) -> Claimed | None:
    row = s.execute(select(sql.plain(Digests)).where(Digests.id == digest_id)).one_or_none()
    if row is None:
        return None
    items = tuple(record_of(Item, item) for item in row.items)
    return Claimed(digest_id, row.subscription_id, items, row.claimed_at)


def _record_shown(
    s: Session, subscription_id: str, items: Iterable[Item], digest_id: int, now: datetime
) -> None:
    """Record everything that the digest shows: of an agreement, the whole history."""
    shown: list[int] = []
    notified: list[tuple[str, int, str]] = []  # the news, the document and the detail
    for item in items:
        if item.kind in OF_STEPS and item.agreement_id is not None:
            shown.append(number(item.agreement_id))
        else:
            notified += ((news_of(item.kind), id_, item.detail) for id_ in item.document_ids)
    agreements = load_agreements(s, shown)
    notified += ((STEP_NEWS, *reported) for reported in _steps_shown(s, agreements))
    seen = {document for agreement in agreements for document in documents_of(agreement)}
    notified += ((NewsKind.NEW_REPORT, document, "") for document in sorted(seen))
    common = {"subscription_id": subscription_id, "digest_id": digest_id, "notified_at": now}
    rows = [
        common | {"news": news, "document_id": document, "detail": detail}
        for news, document, detail in dict.fromkeys(notified)
    ]
    sql.add_missing(s, Notified, rows)


def _steps_shown(s: Session, agreements: Sequence[Agreement]) -> Iterator[tuple[int, str]]:
    """Yield each report of a step, with the detail with which it is shown."""
    named = parties_named(
        s, {document for agreement in agreements for document in agreement.document_ids}
    )
    for agreement in agreements:
        for step in agreement.history:
            yield from details_of(step, agreement.parties, named).items()


def _pending_items(
    s: Session, subscription_id: str, held_back: Set[int]
) -> tuple[tuple[Item, ...], list[int]]:
    """The items of the next digest, and the pending notifications that they come from."""
    columns = (PendingNotifications.id, PendingNotifications.kind, PendingNotifications.detail)
    rows = s.execute(
        select(*columns)
        .where(PendingNotifications.subscription_id == subscription_id)
        .order_by(PendingNotifications.id)
    ).all()
    documents = pending_documents(s, [row.id for row in rows])
    rows = [row for row in rows if not held_back or not _waits(documents.get(row.id), held_back)]
    of_register: dict[NewsKind, set[int]] = {}
    others: dict[tuple[NewsKind, str, tuple[int, ...]], Item] = {}
    for row in rows:
        kind = NewsKind(row.kind)
        reports = documents.get(row.id, ())
        if kind in (NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP, NewsKind.NEW_REPORT):
            of_register.setdefault(kind, set()).update(reports)
        else:
            others[kind, row.detail, reports] = Item(kind, None, reports, row.detail)
    items = _register_items(s, subscription_id, of_register)
    return (*items, *_with_agreements(s, others.values())), [row.id for row in rows]


def _waits(reports: Iterable[int] | None, held_back: Set[int]) -> bool:
    return bool(reports) and held_back >= frozenset(reports or ())


def _register_items(
    s: Session, subscription_id: str, pending: Mapping[NewsKind, set[int]]
) -> list[Item]:
    documents = set[int]().union(*pending.values())
    agreements = agreements_with(s, documents)
    everything = {document for agreement in agreements for document in documents_of(agreement)}
    notified = notified_among(s, subscription_id, STEP_NEWS, everything)
    items = [_register_item(agreement, pending, notified) for agreement in agreements]
    return [item for item in items if item is not None]


def _register_item(
    agreement: Agreement, pending: Mapping[NewsKind, set[int]], notified: Set[tuple[int, str]]
) -> Item | None:
    """Return what is news of an agreement, if anything. A step is news only if none of its reports
    was shown as a step of an agreement of these parties.
    """
    shown = {document for document, detail in notified if is_about(detail, agreement.parties)}
    as_new = pending.get(NewsKind.NEW_AGREEMENT, set())
    as_step = as_new | pending.get(NewsKind.NEW_STEP, set())
    fresh: list[int] = []
    for step in agreement.history:
        if shown.isdisjoint(step.document_ids) and not as_step.isdisjoint(step.document_ids):
            fresh += step.document_ids
    if fresh:
        is_known = bool(agreement.listed) or not shown.isdisjoint(documents_of(agreement))
        is_new = not is_known and not as_new.isdisjoint(fresh)
        kind = NewsKind.NEW_AGREEMENT if is_new else NewsKind.NEW_STEP
        return Item(kind, agreement.id, tuple(fresh))
    reports = tuple(sorted(pending.get(NewsKind.NEW_REPORT, set()) & documents_of(agreement)))
    return Item(NewsKind.NEW_REPORT, agreement.id, reports) if reports else None


def _with_agreements(s: Session, items: Collection[Item]) -> list[Item]:
    """Add the agreements to changed documents, and drop near misses that became relevant."""
    documents = {document for item in items for document in item.document_ids}
    homes = sql.all_values_by(s, Reports.document_id, Reports.agreement_id, documents)
    is_near = Matches.near_miss.is_(True)
    near = sql.values_among(s, Matches.document_id, Matches.document_id, documents, is_near)
    updated = []
    for item in items:
        if item.kind is NewsKind.NEAR_MISS and near.isdisjoint(item.document_ids):
            continue
        of_item = [home for document in item.document_ids for home in homes.get(document, ())]
        # A document that stands in two agreements is shown with the older one.
        agreement_id = f"A{min(of_item)}" if of_item else None
        updated.append(replace(item, agreement_id=agreement_id))
    return updated


# --- items of a digest, and how they are divided into pages ---------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news in a digest. `agreement_id` is None for near misses and notices; `detail`
    is the text of a notice. `document_ids` are the reports that are news; the agreement may have
    others.
    """

    kind: NewsKind
    agreement_id: str | None
    document_ids: tuple[int, ...]
    detail: str = ""


def page_of(items: Sequence[Item], number: int, size: int | None) -> tuple[tuple[Item, ...], int]:
    """Return page `number` (from 1) of a digest with `size` entries a page, and how many entries
    follow it; None puts all on one. Items about the same agreement are one entry. Notices are on
    the first page, and do not count.
    """
    entries = _entries(items)
    notices = [item for item in items if item.kind is NewsKind.SOURCE_HEALTH] if number == 1 else []
    length = len(entries) if size is None else size
    begin = (number - 1) * length
    shown = [item for entry in entries[begin : begin + length] for item in entry]
    following = max(0, len(entries) - begin - length)
    return (*shown, *notices), following


def page_count(items: Sequence[Item], size: int | None) -> int:
    """Return the number of pages, at least one."""
    return 1 if size is None else max(1, -(-len(_entries(items)) // size))


def _entries(items: Iterable[Item]) -> list[list[Item]]:
    by_entry: dict[object, list[Item]] = {}
    for item in items:
        if item.kind is not NewsKind.SOURCE_HEALTH:
            by_entry.setdefault(item.agreement_id or item.document_ids, []).append(item)
    return list(by_entry.values())
