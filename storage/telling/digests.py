"""Digests: claiming what is owed, in one transaction with the deliveries that carry it.

A delivery has the same message id at every attempt, so that receivers recognize a repetition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, exists, func, insert, select

from storage.database.session import Session
from storage.database.statements import chunks
from storage.records import NewsKind
from storage.register.agreements import load_agreements, number
from storage.register.records import Agreement, documents_of
from storage.subscription import Subscription
from storage.telling.deliveries import Delivery, read_deliveries
from storage.telling.items import owed_items
from storage.telling.pages import Item, item_json, item_of, page_count
from storage.telling.tables import Deliveries, Digests, OwedRows
from storage.telling.told import (
    OF_STEPS,
    STEP_NEWS,
    details_of,
    news_of,
    parties_named,
    remember_told,
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a digest tells. In a preview, `digest_id` is 0 and there are no deliveries."""

    digest_id: int
    subscription_id: str
    period: str | None
    items: tuple[Item, ...]
    claimed_at: datetime
    deliveries: tuple[Delivery, ...] = ()


def preview(s: Session, subscription: Subscription, now: datetime) -> Claimed:
    """Return what `claim_digest` would claim now, without writing anything."""
    items, _ = owed_items(s, subscription.id)
    return Claimed(0, subscription.id, None, items, now)


def claim_digest(
    s: Session,
    subscription: Subscription,
    now: datetime,
    period: str | None = None,
    recipients: Mapping[str, Sequence[str]] | None = None,
    page_sizes: Mapping[str, int] | None = None,
) -> Claimed | None:
    """Claim everything that is owed to a subscription, in the caller's transaction.

    From then on it counts as told, and there is a delivery for each channel, recipient and page. A
    `period` ("2026-11-24") can be claimed only once, even if nothing was owed; it is None for
    "immediately" and for digests sent by hand. `recipients` lists the recipients of each channel
    (by default one without a name), `page_sizes` the number of entries on a page (by default all).
    Returns None if there is nothing to send.
    """
    if period is not None and _is_claimed(s, subscription.id, period):
        return None
    items, owed_ids = owed_items(s, subscription.id)
    for chunk in chunks(owed_ids):
        s.execute(delete(OwedRows).where(OwedRows.id.in_(chunk)))
    if not items and period is None:
        return None
    values: dict[str, Any] = {
        "subscription_id": subscription.id,
        "period": period,
        "claimed_at": now,
    }
    values["items"] = [item_json(item) for item in items]
    digest_id = s.execute(insert(Digests).values(values).returning(Digests.id)).scalar_one()
    if not items and not subscription.say_empty:
        return None
    _remember(s, subscription.id, items, digest_id, now)
    sizes = page_sizes or {}
    pages = {channel: page_count(items, sizes.get(channel)) for channel in subscription.channels}
    rows = _delivery_rows(subscription, digest_id, recipients or {}, pages, sizes, now)
    if rows:
        s.execute(insert(Deliveries), rows)
    deliveries = tuple(read_deliveries(s, Deliveries.digest_id == digest_id))
    return Claimed(
        digest_id=digest_id,
        subscription_id=subscription.id,
        period=period,
        items=items,
        claimed_at=now,
        deliveries=deliveries,
    )


def last_period(s: Session, subscription_id: str) -> str | None:
    """Return the period of a subscription that was claimed last."""
    newest = select(Digests.period).where(
        Digests.subscription_id == subscription_id, Digests.period.is_not(None)
    )
    return s.scalar(newest.order_by(Digests.id.desc()).limit(1))


def last_digests(s: Session) -> dict[str, tuple[int, datetime]]:
    """Return, by subscription, the number and time of the last digest that told something."""
    sent = exists().where(Deliveries.digest_id == Digests.id)
    newest = select(func.max(Digests.id)).where(sent).group_by(Digests.subscription_id)
    columns = (Digests.subscription_id, Digests.id, Digests.claimed_at)
    rows = s.execute(select(*columns).where(Digests.id.in_(newest)))
    return {row.subscription_id: (row.id, row.claimed_at) for row in rows}


def told_before(s: Session, subscription_id: str, at: datetime) -> datetime | None:
    """Return when the last digest before `at` was claimed that told this subscription something."""
    sent = exists().where(Deliveries.digest_id == Digests.id)
    earlier = select(func.max(Digests.claimed_at)).where(
        Digests.subscription_id == subscription_id, Digests.claimed_at < at
    )
    return s.scalar(earlier.where(sent))


def digest(s: Session, digest_id: int) -> Claimed | None:
    """Return a digest that was claimed, to render it again; None if there is none."""
    columns = (
        Digests.id,
        Digests.subscription_id,
        Digests.period,
        Digests.items,
        Digests.claimed_at,
    )
    row = s.execute(select(*columns).where(Digests.id == digest_id)).one_or_none()
    if row is None:
        return None
    deliveries = tuple(read_deliveries(s, Deliveries.digest_id == digest_id))
    items = tuple(map(item_of, row.items))
    return Claimed(
        digest_id=row.id,
        subscription_id=row.subscription_id,
        period=row.period,
        items=items,
        claimed_at=row.claimed_at,
        deliveries=deliveries,
    )


def _delivery_rows(
    subscription: Subscription,
    digest_id: int,
    recipients: Mapping[str, Sequence[str]],
    pages: Mapping[str, int],
    sizes: Mapping[str, int],
    now: datetime,
) -> list[dict[str, Any]]:
    return [
        {
            "digest_id": digest_id,
            "channel": channel,
            "recipient": recipient,
            "message_id": f"digest-{digest_id}-{uuid4().hex}",
            "state": "waiting",
            "next_try_at": now,
            "attempts": 0,
            "page": page,
            "pages": pages[channel],
            "page_size": sizes.get(channel),
        }
        for channel in subscription.channels
        for recipient in recipients.get(channel, ("",))
        for page in range(1, pages[channel] + 1)
    ]


def _remember(
    s: Session, subscription_id: str, items: Iterable[Item], digest_id: int, now: datetime
) -> None:
    """Record as told everything that the digest shows: of an agreement, the whole history."""
    shown: list[int] = []
    told: dict[str, list[tuple[int, str]]] = {}
    for item in items:
        if item.kind in OF_STEPS and item.agreement_id is not None:
            shown.append(number(item.agreement_id))
        else:
            told.setdefault(news_of(item.kind), []).extend(
                (document, item.detail) for document in item.document_ids
            )
    agreements = load_agreements(s, shown)
    told.setdefault(STEP_NEWS, []).extend(_steps_shown(s, agreements))
    seen = {document for agreement in agreements for document in documents_of(agreement)}
    told.setdefault(NewsKind.NEW_REPORT, []).extend((document, "") for document in sorted(seen))
    for news, reports in told.items():
        for details in _apart(reports):
            remember_told(s, subscription_id, news, details, now, digest_id=digest_id)


def _steps_shown(s: Session, agreements: Sequence[Agreement]) -> Iterator[tuple[int, str]]:
    """Yield each report of a step, with the detail with which it is told."""
    named = parties_named(
        s, {document for agreement in agreements for document in agreement.document_ids}
    )
    for agreement in agreements:
        for step in agreement.history:
            yield from details_of(step, agreement.parties, named).items()


def _apart(reports: Iterable[tuple[int, str]]) -> list[dict[int, str]]:
    """Distribute (report, detail) pairs to mappings, so that no mapping has a report twice.

    Nearly always this is a single mapping.
    """
    mappings: list[dict[int, str]] = []
    for document, detail in dict.fromkeys(reports):
        free = next((mapping for mapping in mappings if document not in mapping), None)
        if free is None:
            mappings.append({document: detail})
        else:
            free[document] = detail
    return mappings


def _is_claimed(s: Session, subscription_id: str, period: str) -> bool:
    same = select(Digests.id).where(
        Digests.subscription_id == subscription_id, Digests.period == period
    )
    return s.scalar(same) is not None
