"""What is owed to a subscription, as items of a digest about today's register."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import replace

from sqlalchemy import func, select

from storage.database.session import Session
from storage.database.statements import IDS, plain, rows_of
from storage.documents.tables import Matches
from storage.records import NewsKind
from storage.register.agreements import agreement_ids, load_agreements
from storage.register.records import Agreement, documents_of
from storage.register.tables import Reports
from storage.telling.outbox import owed_documents
from storage.telling.pages import Item
from storage.telling.tables import OwedRows
from storage.telling.told import STEP_NEWS, tells_of, told_among

_REPORTS, _MATCHES = plain(Reports), plain(Matches)


def owed_items(s: Session, subscription_id: str) -> tuple[tuple[Item, ...], list[int]]:
    """Return the items to tell, with each agreement once, and the ids of all owed rows."""
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
    """Return what is news of an agreement, if anything.

    A step is news only if none of its reports was told as a step of an agreement of these parties.
    """
    told = {document for document, detail in told_with if tells_of(detail, agreement.parties)}
    as_new = owed.get(NewsKind.NEW_AGREEMENT, set())
    as_step = as_new | owed.get(NewsKind.NEW_STEP, set())
    fresh: list[int] = []
    for step in agreement.history:
        if told.isdisjoint(step.document_ids) and not as_step.isdisjoint(step.document_ids):
            fresh += step.document_ids
    if fresh:
        is_known = bool(agreement.listed) or not told.isdisjoint(documents_of(agreement))
        is_new = not is_known and not as_new.isdisjoint(fresh)
        kind = NewsKind.NEW_AGREEMENT if is_new else NewsKind.NEW_STEP
        return Item(kind, agreement.id, tuple(fresh))
    reports = tuple(sorted(owed.get(NewsKind.NEW_REPORT, set()) & documents_of(agreement)))
    return Item(NewsKind.NEW_REPORT, agreement.id, reports) if reports else None


def _with_agreements(s: Session, items: Collection[Item]) -> list[Item]:
    """Add the agreements to changed documents, and drop near misses that became relevant."""
    documents = {document for item in items for document in item.document_ids}
    homes = {row.document_id: row.home for row in rows_of(s, _HOMES, documents)}
    near = {row.document_id for row in rows_of(s, _NEAR_MISSES, documents)}
    found = []
    for item in items:
        if item.kind is NewsKind.NEAR_MISS and near.isdisjoint(item.document_ids):
            continue
        of_item = [homes[document] for document in item.document_ids if document in homes]
        agreement_id = f"A{min(of_item)}" if of_item else None
        found.append(replace(item, agreement_id=agreement_id))
    return found


# A document that stands in two agreements is shown with the older one.
_HOMES = (
    select(_REPORTS.c.document_id, func.min(_REPORTS.c.agreement_id).label("home"))
    .where(_REPORTS.c.document_id.in_(IDS))
    .group_by(_REPORTS.c.document_id)
)
_NEAR_MISSES = select(_MATCHES.c.document_id).where(
    _MATCHES.c.document_id.in_(IDS), _MATCHES.c.near_miss.is_(True)
)
