"""Digests: claiming what is owed in one transaction, and the deliveries that carry it.

A delivery keeps its message id for life: repeated after a crash, receivers can tell it is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.agreements import agreement_ids, documents_of, load_agreements, number
from storage.outbox import owed_documents
from storage.records import Agreement, NewsKind, Subscription
from storage.tables import Matches, Reports
from storage.telling_tables import Deliveries, Digests, OwedRows
from storage.told import OF_STEPS, STEP_NEWS, details_of, news_of, parties_named, remember_told, tells_of, told_among
from storage.writing import IDS, chunks, plain, rows_of

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
class Delivery:
    """A page of a digest for one recipient. `attempts` counts those made, this one among them once it is leased."""

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


@dataclass(frozen=True, slots=True)
class Page:
    """What one delivery tells of a digest; `following` entries come on later pages."""

    items: tuple[Item, ...]
    number: int = 1
    pages: int = 1
    following: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is on its way by one channel: how many deliveries, since when, and how many of them failed at least once.

    `last_error` is that of the newest failure.
    """

    channel: str
    deliveries: int
    since_at: datetime
    failed: int
    next_try_at: datetime
    last_error: str | None = None


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
    values: dict[str, Any] = {"subscription_id": subscription.id, "period": period, "claimed_at": now}
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
    newest = select(Digests.period).where(Digests.subscription_id == subscription_id, Digests.period.is_not(None))
    return s.scalar(newest.order_by(Digests.id.desc()).limit(1))


def last_digests(s: Session) -> dict[str, tuple[int, datetime]]:
    """The number of the last digest of each subscription that told something, and when it was claimed."""
    sent = exists().where(Deliveries.digest_id == Digests.id)
    newest = select(func.max(Digests.id)).where(sent).group_by(Digests.subscription_id)
    rows = s.execute(select(Digests.subscription_id, Digests.id, Digests.claimed_at).where(Digests.id.in_(newest)))
    return {row.subscription_id: (row.id, row.claimed_at) for row in rows}


def digest(s: Session, digest_id: int) -> Claimed | None:
    """A digest that was claimed, to be rendered again."""
    columns = (Digests.id, Digests.subscription_id, Digests.period, Digests.items, Digests.claimed_at)
    row = s.execute(select(*columns).where(Digests.id == digest_id)).one_or_none()
    if row is None:
        return None
    deliveries = tuple(_deliveries(s, Deliveries.digest_id == digest_id))
    items = tuple(map(_item_of, row.items))
    return Claimed(row.id, row.subscription_id, row.period, items, row.claimed_at, deliveries)


# --- deliveries ---------------------------------------------------------------------------------


def deliveries_due(s: Session, now: datetime, *, limit: int = 100, lease_s: float = 300) -> list[Delivery]:
    """Lease up to `limit` deliveries that are due; one whose sender died is due again when its lease ends.

    A page is due once those before it arrived, or were given up.
    """
    due = select(Deliveries.id).where(_is_next(), Deliveries.next_try_at <= now)
    ids = s.scalars(due.order_by(Deliveries.next_try_at, Deliveries.id).limit(limit)).all()
    lease = {"state": "leased", "next_try_at": now + timedelta(seconds=lease_s), "attempts": Deliveries.attempts + 1}
    for chunk in chunks(ids):
        s.execute(update(Deliveries).where(Deliveries.id.in_(chunk)).values(lease))
    return [delivery for chunk in chunks(ids) for delivery in _deliveries(s, Deliveries.id.in_(chunk))]


def keep_body(s: Session, delivery_id: int, body: str) -> str:
    """Keep what is about to be sent, until it is accepted; what was kept before, if anything was."""
    s.execute(update(Deliveries).where(Deliveries.id == delivery_id, Deliveries.body.is_(None)).values(body=body))
    return s.execute(select(Deliveries.body).where(Deliveries.id == delivery_id)).scalar_one() or body


def delivered(s: Session, delivery_id: int, now: datetime) -> None:
    """The receiver accepted it."""
    _settle(s, delivery_id, state="accepted", settled_at=now, last_error=None, body=None)


def failed(s: Session, delivery_id: int, now: datetime, error: str, next_try_at: datetime | None) -> None:
    """It could not be handed over; tried again at `next_try_at`, or given up where that is None."""
    if next_try_at is None:
        _settle(s, delivery_id, state="failed", settled_at=now, last_error=error)
    else:
        _settle(s, delivery_id, state="waiting", next_try_at=next_try_at, last_error=error)


def undelivered(s: Session) -> list[Delivery]:
    """Deliveries that were given up, or failed at least once and wait; oldest first."""
    return _deliveries(s, _undelivered())


def count_undelivered(s: Session) -> int:
    """How many those are."""
    return s.execute(select(func.count()).select_from(Deliveries).where(_undelivered())).scalar_one()


def not_arriving(s: Session, since: datetime, tries: int) -> list[Delivery]:
    """Deliveries that were given up since then, or failed so many times and wait; oldest first."""
    lost = (Deliveries.state == "failed") & (Deliveries.settled_at >= since)
    late = Deliveries.state.in_(_OPEN) & (Deliveries.attempts >= tries) & Deliveries.last_error.is_not(None)
    return _deliveries(s, or_(lost, late))


def waiting(s: Session) -> list[Waiting]:
    """What is on its way and has not arrived, a channel each."""
    counted = (
        Deliveries.channel,
        func.count().label("deliveries"),
        func.min(Digests.claimed_at).label("since_at"),
        func.count(Deliveries.last_error).label("failed"),
        func.min(Deliveries.next_try_at).label("next_try_at"),
    )
    rows = select(*counted).join(Digests, Digests.id == Deliveries.digest_id).where(Deliveries.state.in_(_OPEN))
    by_channel = rows.group_by(Deliveries.channel).order_by(Deliveries.channel)
    return [Waiting(*row, last_error=_newest_error(s, row.channel)) for row in s.execute(by_channel).all()]


def _newest_error(s: Session, channel: str) -> str | None:
    failing = (Deliveries.channel == channel) & Deliveries.state.in_(_OPEN) & Deliveries.last_error.is_not(None)
    return s.scalar(select(Deliveries.last_error).where(failing).order_by(Deliveries.id.desc()).limit(1))


_OPEN = ("waiting", "leased")


def _undelivered() -> Any:
    return or_(Deliveries.state == "failed", Deliveries.state.in_(_OPEN) & Deliveries.last_error.is_not(None))


def resend(s: Session, delivery_id: int, now: datetime) -> None:
    """Let a delivery that was given up or waits be tried again now, under its message id; one on its way is left."""
    values = {"state": "waiting", "next_try_at": now, "settled_at": None}
    resting = Deliveries.state.in_(("waiting", "failed"))
    s.execute(update(Deliveries).where(Deliveries.id == delivery_id, resting).values(values))


def next_try_at(s: Session) -> datetime | None:
    """When the next delivery is due; None where none is on its way."""
    return s.scalar(select(func.min(Deliveries.next_try_at)).where(_is_next()))


def _is_next() -> Any:
    """On its way, and no earlier page of the same digest to the same recipient is."""
    before = aliased(Deliveries)
    same = (before.digest_id == Deliveries.digest_id) & (before.channel == Deliveries.channel)
    earlier = same & (before.recipient == Deliveries.recipient) & (before.page < Deliveries.page)
    held_up = exists().where(earlier, before.state.in_(_OPEN))
    return Deliveries.state.in_(_OPEN) & or_(Deliveries.page == 1, ~held_up)


def _settle(s: Session, delivery_id: int, **values: Any) -> None:
    s.execute(update(Deliveries).where(Deliveries.id == delivery_id).values(**values))


def _deliveries(s: Session, condition: Any) -> list[Delivery]:
    columns = (
        Deliveries.id,
        Deliveries.digest_id,
        Digests.subscription_id,
        Deliveries.channel,
        Deliveries.recipient,
        Deliveries.message_id,
        Deliveries.attempts,
        Deliveries.last_error,
        Deliveries.page,
        Deliveries.pages,
        Deliveries.page_size,
    )
    rows = select(*columns).join(Digests, Digests.id == Deliveries.digest_id).where(condition)
    return [Delivery(*row) for row in s.execute(rows.order_by(Deliveries.id))]


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
    rows = s.execute(select(*columns).where(OwedRows.subscription_id == subscription_id).order_by(OwedRows.id)).all()
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


def _register_items(s: Session, subscription_id: str, owed: Mapping[NewsKind, set[int]]) -> list[Item]:
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
        home = min((homes[document] for document in item.document_ids if document in homes), default=None)
        found.append(replace(item, agreement_id=None if home is None else f"A{home}"))
    return found


# A document of two agreements is shown with the older.
_HOMES = (
    select(_REPORTS.c.document_id, func.min(_REPORTS.c.agreement_id).label("home"))
    .where(_REPORTS.c.document_id.in_(IDS))
    .group_by(_REPORTS.c.document_id)
)
_NEAR_MISSES = select(_MATCHES.c.document_id).where(_MATCHES.c.document_id.in_(IDS), _MATCHES.c.near_miss.is_(True))


def _remember(s: Session, subscription_id: str, items: Iterable[Item], digest_id: int, now: datetime) -> None:
    """All that the digest shows is told; of an agreement it shows the whole history."""
    shown: list[int] = []
    told: dict[str, list[tuple[int, str]]] = {}
    for item in items:
        if item.kind in OF_STEPS and item.agreement_id is not None:
            shown.append(number(item.agreement_id))
        else:
            told.setdefault(news_of(item.kind), []).extend((document, item.detail) for document in item.document_ids)
    agreements = load_agreements(s, shown)
    told.setdefault(STEP_NEWS, []).extend(_steps_shown(s, agreements))
    seen = {document for agreement in agreements for document in documents_of(agreement)}
    told.setdefault(NewsKind.NEW_REPORT, []).extend((document, "") for document in sorted(seen))
    for news, reports in told.items():
        for details in _apart(reports):
            remember_told(s, subscription_id, news, details, now, digest_id=digest_id)


def _steps_shown(s: Session, agreements: Sequence[Agreement]) -> Iterator[tuple[int, str]]:
    """Each report of a step with the detail that it is told with."""
    named = parties_named(s, {document for agreement in agreements for document in agreement.document_ids})
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
    same = select(Digests.id).where(Digests.subscription_id == subscription_id, Digests.period == period)
    return s.scalar(same) is not None


def _item_json(item: Item) -> dict[str, Any]:
    documents = list(item.document_ids)
    return {"kind": item.kind, "agreement_id": item.agreement_id, "document_ids": documents, "detail": item.detail}


def _item_of(kept: Mapping[str, Any]) -> Item:
    return Item(NewsKind(kept["kind"]), kept["agreement_id"], tuple(kept["document_ids"]), kept["detail"])
