"""Digests: claiming what is owed in one transaction, and the deliveries that carry it.

A delivery keeps its message id for life: repeated after a crash, receivers can tell it is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm import Session

from storage.database.statements import IDS, chunks, plain, rows_of
from storage.documents.tables import Matches
from storage.register.agreements import agreement_ids, load_agreements, number
from storage.register.records import Agreement, documents_of
from storage.register.tables import Reports
from storage.telling.deliveries import Delivery, _deliveries
from storage.telling.outbox import owed_documents
from storage.telling.records import NewsKind, Subscription
from storage.telling.tables import Deliveries, Digests, OwedRows
from storage.telling.told import (
    OF_STEPS,
    STEP_NEWS,
    details_of,
    news_of,
    parties_named,
    remember_told,
    tells_of,
    told_among,
)

_REPORTS, _MATCHES = plain(Reports), plain(Matches)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a digest. `agreement_id` is None for near misses and notices; `detail` is a notice's text.

    `document_ids` are the reports that are news; the agreement may have more.
    """

    kind: NewsKind
    agreement_id: str | None
    document_ids: tuple[int, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What one delivery tells of a digest; `following` entries come on later pages."""

    items: tuple[Item, ...]
    number: int = 1
    pages: int = 1
    following: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a digest tells; `digest_id` 0 and no deliveries in a preview."""

    digest_id: int
    subscription_id: str
    period: str | None
    items: tuple[Item, ...]
    claimed_at: datetime
    deliveries: tuple[Delivery, ...] = ()


def preview(s: Session, subscription: Subscription, now: datetime) -> Claimed:
    """What `claim_digest` would claim now; nothing is written."""
    items, _ = _resolve(s, subscription.id)
    return Claimed(0, subscription.id, None, items, now)


def claim_digest(
    s: Session,
    subscription: Subscription,
    now: datetime,
    period: str | None = None,
    recipients: Mapping[str, Sequence[str]] | None = None,
    page_sizes: Mapping[str, int] | None = None,
) -> Claimed | None:
    """Claim all that is owed to a subscription: told from here on, with a delivery for each channel and page.

    A `period` ("2026-11-24") is claimed once, even if nothing was owed in it; None for "immediately" and by
    hand. `recipients` lists those of each channel (one unnamed where absent), `page_sizes` says how many entries a
    page of it has (all where absent). Returns None where there is
    nothing to send. The writing transaction around it makes all this one step.
    """
    if period is not None and _is_claimed(s, subscription.id, period):
        return None
    items, owed_ids = _resolve(s, subscription.id)
    for chunk in chunks(owed_ids):
        s.execute(delete(OwedRows).where(OwedRows.id.in_(chunk)))
    if not items and period is None:
        return None
    values: dict[str, Any] = {
        "subscription_id": subscription.id,
        "period": period,
        "claimed_at": now,
    }
    values["items"] = [_item_json(item) for item in items]
    digest_id = s.execute(insert(Digests).values(values).returning(Digests.id)).scalar_one()
    if not items and not subscription.say_empty:
        return None
    _remember(s, subscription.id, items, digest_id, now)
    sizes = page_sizes or {}
    pages = {channel: _page_count(items, sizes.get(channel)) for channel in subscription.channels}
    rows = _delivery_rows(subscription, digest_id, recipients or {}, pages, sizes, now)
    if rows:
        s.execute(insert(Deliveries), rows)
    deliveries = tuple(_deliveries(s, Deliveries.digest_id == digest_id))
    return Claimed(digest_id, subscription.id, period, items, now, deliveries)


def last_period(s: Session, subscription_id: str) -> str | None:
    """The period that was claimed last for a subscription."""
    newest = select(Digests.period).where(
        Digests.subscription_id == subscription_id, Digests.period.is_not(None)
    )
    return s.scalar(newest.order_by(Digests.id.desc()).limit(1))


def last_digests(s: Session) -> dict[str, tuple[int, datetime]]:
    """The number of the last digest of each subscription that told something, and when it was claimed."""
    sent = exists().where(Deliveries.digest_id == Digests.id)
    newest = select(func.max(Digests.id)).where(sent).group_by(Digests.subscription_id)
    rows = s.execute(
        select(Digests.subscription_id, Digests.id, Digests.claimed_at).where(
            Digests.id.in_(newest)
        )
    )
    return {row.subscription_id: (row.id, row.claimed_at) for row in rows}


def digest(s: Session, digest_id: int) -> Claimed | None:
    """A digest that was claimed, to be rendered again."""
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
    deliveries = tuple(_deliveries(s, Deliveries.digest_id == digest_id))
    items = tuple(map(_item_of, row.items))
    return Claimed(row.id, row.subscription_id, row.period, items, row.claimed_at, deliveries)


# --- deliveries ---------------------------------------------------------------------------------


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


# --- pages ----------------------------------------------------------------------------------------


def page_of(items: Sequence[Item], number: int, size: int | None) -> Page:
    """The page `number` (from 1) of a digest with `size` entries on each; None: all on one.

    Items about one agreement are one entry. Notices stand on the first page and count nothing.
    """
    entries = _entries(items)
    notices = [item for item in items if item.kind is NewsKind.SOURCE_HEALTH] if number == 1 else []
    length = len(entries) if size is None else size
    begin = (number - 1) * length
    shown = [item for entry in entries[begin : begin + length] for item in entry]
    following = max(0, len(entries) - begin - length)
    return Page((*shown, *notices), number, _page_count(items, size), following)


def _page_count(items: Sequence[Item], size: int | None) -> int:
    return 1 if size is None else max(1, -(-len(_entries(items)) // size))


def _entries(items: Iterable[Item]) -> list[list[Item]]:
    found: dict[object, list[Item]] = {}
    for item in items:
        if item.kind is not NewsKind.SOURCE_HEALTH:
            found.setdefault(item.agreement_id or item.document_ids, []).append(item)
    return list(found.values())


# --- from what is owed to items -----------------------------------------------------------------


def _resolve(s: Session, subscription_id: str) -> tuple[tuple[Item, ...], list[int]]:
    """The items that owed rows amount to in today's register, an agreement once; and the ids of all rows."""
    columns = (OwedRows.id, OwedRows.kind, OwedRows.detail)
    rows = s.execute(
        select(*columns).where(OwedRows.subscription_id == subscription_id).order_by(OwedRows.id)
    ).all()
    documents = owed_documents(s, [row.id for row in rows])
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


def _register_items(
    s: Session, subscription_id: str, owed: Mapping[NewsKind, set[int]]
) -> list[Item]:
    documents = set[int]().union(*owed.values())
    agreements = load_agreements(s, agreement_ids(s, documents))
    everything = {document for agreement in agreements for document in documents_of(agreement)}
    told = told_among(s, subscription_id, STEP_NEWS, everything)
    items = [_register_item(agreement, owed, told) for agreement in agreements]
    return [item for item in items if item is not None]


def _register_item(
    agreement: Agreement, owed: Mapping[NewsKind, set[int]], told_with: Set[tuple[int, str]]
) -> Item | None:
    """A step is news only if none of its reports was told as one of it, in whatever agreement it stands by now."""
    told = {document for document, detail in told_with if tells_of(detail, agreement.parties)}
    as_new = owed.get(NewsKind.NEW_AGREEMENT, set())
    as_step = as_new | owed.get(NewsKind.NEW_STEP, set())
    fresh: list[int] = []
    for step in agreement.history:
        if told.isdisjoint(step.document_ids) and not as_step.isdisjoint(step.document_ids):
            fresh += step.document_ids
    if fresh:
        is_new = told.isdisjoint(documents_of(agreement)) and not as_new.isdisjoint(fresh)
        kind = NewsKind.NEW_AGREEMENT if is_new else NewsKind.NEW_STEP
        return Item(kind, agreement.id, tuple(fresh))
    reports = tuple(sorted(owed.get(NewsKind.NEW_REPORT, set()) & documents_of(agreement)))
    return Item(NewsKind.NEW_REPORT, agreement.id, reports) if reports else None


def _with_agreements(s: Session, items: Collection[Item]) -> list[Item]:
    """Changed documents with the agreement they stand in; near misses that have become relevant are dropped."""
    documents = {document for item in items for document in item.document_ids}
    homes = {row.document_id: row.home for row in rows_of(s, _HOMES, documents)}
    near = {row.document_id for row in rows_of(s, _NEAR_MISSES, documents)}
    found = []
    for item in items:
        if item.kind is NewsKind.NEAR_MISS and near.isdisjoint(item.document_ids):
            continue
        home = min(
            (homes[document] for document in item.document_ids if document in homes), default=None
        )
        found.append(replace(item, agreement_id=None if home is None else f"A{home}"))
    return found


# A document of two agreements is shown with the older.
_HOMES = (
    select(_REPORTS.c.document_id, func.min(_REPORTS.c.agreement_id).label("home"))
    .where(_REPORTS.c.document_id.in_(IDS))
    .group_by(_REPORTS.c.document_id)
)
_NEAR_MISSES = select(_MATCHES.c.document_id).where(
    _MATCHES.c.document_id.in_(IDS), _MATCHES.c.near_miss.is_(True)
)


def _remember(
    s: Session, subscription_id: str, items: Iterable[Item], digest_id: int, now: datetime
) -> None:
    """All that the digest shows is told; of an agreement it shows the whole history."""
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
    """Each report of a step with the detail that it is told with."""
    named = parties_named(
        s, {document for agreement in agreements for document in agreement.document_ids}
    )
    for agreement in agreements:
        for step in agreement.history:
            yield from details_of(step, agreement.parties, named).items()


def _apart(reports: Iterable[tuple[int, str]]) -> list[dict[int, str]]:
    """In as few mappings as there are details to one report: nearly always one."""
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


def _item_json(item: Item) -> dict[str, Any]:
    documents = list(item.document_ids)
    return {
        "kind": item.kind,
        "agreement_id": item.agreement_id,
        "document_ids": documents,
        "detail": item.detail,
    }


def _item_of(kept: Mapping[str, Any]) -> Item:
    return Item(
        NewsKind(kept["kind"]), kept["agreement_id"], tuple(kept["document_ids"]), kept["detail"]
    )
