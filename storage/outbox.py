"""What is owed to subscriptions, what was told, and the digests on their way.

Told is remembered per report and kind of news, so merges, splits and reclustering never alert again. New
agreements and new steps are one kind here: whoever heard of a signature as a new agreement does not hear of
it again when it turns out to be the second step of an older one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.agreements import Change, documents_of, number
from storage.columns import storable
from storage.records import NewsKind, Owed, Subscription
from storage.tables import Documents, Matches, Texts
from storage.telling_tables import OwedReports, OwedRows, Told
from storage.wants import Witness, wants
from storage.writing import IDS, chunks, plain, rows_of, upsert

_TOLD, _OWED, _OWED_REPORTS = plain(Told), plain(OwedRows), plain(OwedReports)
_DOCUMENTS, _MATCHES, _TEXTS = plain(Documents), plain(Matches), plain(Texts)

STEP_NEWS = "step"
_OF_STEPS = (NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP)


def news_of(kind: NewsKind) -> str:
    """Under which name a kind of news is remembered in `told`."""
    return STEP_NEWS if kind in _OF_STEPS else kind.value


@dataclass(slots=True)
class _Ledger:
    """What one subscription was told or is owed: (news, document id, detail); owed rows by the same key."""

    told: set[tuple[str, int, str]] = field(default_factory=set)
    owed: dict[tuple[str, int, str], int] = field(default_factory=dict)

    def knows(self, news: str, documents: Iterable[int], detail: str = "") -> bool:
        return any((news, document, detail) in self.told for document in documents)

    def owed_row(self, news: str, documents: Iterable[int], detail: str = "") -> int | None:
        found = (self.owed.get((news, document, detail)) for document in documents)
        return next((row_id for row_id in found if row_id is not None), None)


def owe(
    s: Session,
    subscriptions: Sequence[Subscription],
    changes: Sequence[Change],
    *,
    now: datetime,
    crawl: bool,
    max_age_days: int,
) -> int:
    """Note what each subscription is to be told of these changes; how many new items.

    In a `crawl`, changes whose new reports are all older than `max_age_days` are passed over; an import owes
    all. A report that joins a step which was told is remembered as told with it.
    """
    if not subscriptions or not changes:
        return 0
    witnesses = _witnesses(s, changes, any(subscription.filter.query for subscription in subscriptions))
    oldest = now.date() - timedelta(days=max_age_days)
    ledgers = _ledgers(s, subscriptions, changes)
    count = 0
    for change in changes:
        told_by = [witnesses[document] for document in change.document_ids if document in witnesses]
        fresh = not crawl or any(witness.dated_on >= oldest for witness in told_by)
        for subscription in subscriptions:
            desk = _Desk(s, subscription, ledgers[subscription.id], now)
            if desk.joins_what_is_known(change):
                continue
            if fresh and wants(subscription.filter, change.agreement, change.step, told_by):
                count += desk.owe(change)
    return count


def owe_notice(s: Session, subscriptions: Iterable[Subscription], kind: NewsKind, notice: str, now: datetime) -> int:
    """Owe a line of text (source health) to all subscriptions that want this kind of news; how many."""
    wanting = [subscription.id for subscription in subscriptions if kind in subscription.news]
    for subscription_id in wanting:
        _insert_owed(s, subscription_id, kind, None, storable(notice), now)
    return len(wanting)


def owed(s: Session, subscription_id: str) -> list[Owed]:
    """What a subscription has not been told yet, oldest first."""
    columns = (OwedRows.id, OwedRows.kind, OwedRows.agreement_id, OwedRows.owed_at)
    rows = s.execute(select(*columns).where(OwedRows.subscription_id == subscription_id).order_by(OwedRows.id)).all()
    documents = owed_documents(s, [row.id for row in rows])
    return [
        Owed(
            row.id,
            subscription_id,
            NewsKind(row.kind),
            None if row.agreement_id is None else f"A{row.agreement_id}",
            documents.get(row.id, ()),
            row.owed_at,
        )
        for row in rows
    ]


def owed_documents(s: Session, owed_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The reports of each owed item."""
    found: dict[int, tuple[int, ...]] = {}
    for chunk in chunks(owed_ids):
        reports = select(OwedReports.owed_id, OwedReports.document_id).where(OwedReports.owed_id.in_(chunk))
        for owed_id, document_id in s.execute(reports.order_by(OwedReports.owed_id, OwedReports.document_id)):
            found[owed_id] = (*found.get(owed_id, ()), document_id)
    return found


def remember_told(
    s: Session,
    subscription_id: str,
    news: str,
    document_ids: Iterable[int],
    now: datetime,
    *,
    detail: str = "",
    digest_id: int | None = None,
) -> None:
    """Remember that these reports were told (or need no telling: `digest_id` None)."""
    common: dict[str, Any] = {"subscription_id": subscription_id, "news": news, "detail": detail}
    common |= {"digest_id": digest_id, "told_at": now}
    rows = [common | {"document_id": document_id} for document_id in dict.fromkeys(document_ids)]
    if rows:
        s.execute(upsert(s, Told).on_conflict_do_nothing(), rows)


def told_among(s: Session, subscription_id: str, news: str, document_ids: Iterable[int]) -> set[tuple[int, str]]:
    """Which of these reports (with detail) the subscription was told as this kind of news."""
    found: set[tuple[int, str]] = set()
    mine = (Told.subscription_id == subscription_id) & (Told.news == news)
    for chunk in chunks(document_ids):
        rows = select(Told.document_id, Told.detail).where(mine, Told.document_id.in_(chunk))
        found |= {(document_id, detail) for document_id, detail in s.execute(rows)}
    return found


# --- one subscription and one change ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Desk:
    s: Session
    subscription: Subscription
    ledger: _Ledger
    now: datetime

    def joins_what_is_known(self, change: Change) -> bool:
        """A late report of a step that was told, or is owed already; only who wants reports hears of it."""
        step = change.step
        if step is None or change.kind not in (*_OF_STEPS, NewsKind.NEW_REPORT):
            return False
        if self.ledger.knows(STEP_NEWS, step.document_ids):
            remember_told(self.s, self.subscription.id, STEP_NEWS, change.document_ids, self.now)
            self.ledger.told |= {(STEP_NEWS, document, "") for document in change.document_ids}
            return NewsKind.NEW_REPORT not in self.subscription.news
        row_id = self.ledger.owed_row(STEP_NEWS, step.document_ids)
        if row_id is not None:
            self._add_reports(row_id, STEP_NEWS, change.document_ids, "")
        return row_id is not None

    def owe(self, change: Change) -> int:
        kind = self._kind(change)
        news = news_of(kind)
        if kind not in self.subscription.news:
            return 0
        documents = [
            document
            for document in change.document_ids
            if not self.ledger.knows(news, (document,), change.detail)
            and self.ledger.owed_row(news, (document,), change.detail) is None
        ]
        if not documents:
            return 0
        row_id = number(change.agreement.id) or None
        owed_id = _insert_owed(self.s, self.subscription.id, kind, row_id, change.detail, self.now)
        self._add_reports(owed_id, news, documents, change.detail)
        return 1

    def _kind(self, change: Change) -> NewsKind:
        """What the change is to this subscription, which may not have heard of what came before."""
        if change.step is None or change.kind not in (*_OF_STEPS, NewsKind.NEW_REPORT):
            return change.kind
        if self.ledger.knows(STEP_NEWS, change.step.document_ids):
            return NewsKind.NEW_REPORT
        everything = documents_of(change.agreement)
        unheard = not self.ledger.knows(STEP_NEWS, everything) and self.ledger.owed_row(STEP_NEWS, everything) is None
        is_new = change.kind is NewsKind.NEW_AGREEMENT or len(change.agreement.history) == 1
        if unheard and is_new and NewsKind.NEW_AGREEMENT in self.subscription.news:
            return NewsKind.NEW_AGREEMENT
        return NewsKind.NEW_STEP

    def _add_reports(self, owed_id: int, news: str, documents: Iterable[int], detail: str) -> None:
        rows = [{"owed_id": owed_id, "document_id": document} for document in documents]
        self.s.execute(upsert(self.s, OwedReports).on_conflict_do_nothing(), rows)
        self.ledger.owed |= {(news, document, detail): owed_id for document in documents}


def _insert_owed(
    s: Session, subscription_id: str, kind: NewsKind, row_id: int | None, detail: str, now: datetime
) -> int:
    values = {"subscription_id": subscription_id, "kind": kind, "agreement_id": row_id, "detail": detail}
    return s.execute(insert(OwedRows).values(owed_at=now, **values).returning(OwedRows.id)).scalar_one()


# --- what is known beforehand -------------------------------------------------------------------


def _ledgers(s: Session, subscriptions: Sequence[Subscription], changes: Sequence[Change]) -> Mapping[str, _Ledger]:
    ledgers = {subscription.id: _Ledger() for subscription in subscriptions}
    documents: set[int] = set()
    for change in changes:
        documents |= {*documents_of(change.agreement), *change.document_ids}
    for subscription_id, news, document_id, detail in rows_of(s, _TOLD_OF, documents):
        if subscription_id in ledgers:
            ledgers[subscription_id].told.add((news, document_id, detail))
    for subscription_id, kind, document_id, detail, row_id in rows_of(s, _OWED_OF, documents):
        if subscription_id in ledgers:
            ledgers[subscription_id].owed[news_of(NewsKind(kind)), document_id, detail] = row_id
    return ledgers


_TOLD_OF = select(_TOLD.c.subscription_id, _TOLD.c.news, _TOLD.c.document_id, _TOLD.c.detail).where(
    _TOLD.c.document_id.in_(IDS)
)
_OWED_OF = (
    select(_OWED.c.subscription_id, _OWED.c.kind, _OWED_REPORTS.c.document_id, _OWED.c.detail, _OWED.c.id)
    .join(_OWED_REPORTS, _OWED_REPORTS.c.owed_id == _OWED.c.id)
    .where(_OWED_REPORTS.c.document_id.in_(IDS))
)


def _witnesses(s: Session, changes: Sequence[Change], with_words: bool) -> dict[int, Witness]:
    documents = {document for change in changes for document in change.document_ids}
    words = {row.document_id: row.folded for row in rows_of(s, _WORDS_OF, documents)} if with_words else {}
    return {
        row.id: Witness(row.id, row.language, row.source_id, row.outlet, row.score, row.dated_on, words.get(row.id, ""))
        for row in rows_of(s, _WITNESSES, documents)
    }


_WITNESSES = (
    select(
        _DOCUMENTS.c.id,
        _DOCUMENTS.c.language,
        _DOCUMENTS.c.source_id,
        _DOCUMENTS.c.outlet,
        _MATCHES.c.score,
        _DOCUMENTS.c.dated_on,
    )
    .join(_MATCHES, _MATCHES.c.document_id == _DOCUMENTS.c.id)
    .where(_DOCUMENTS.c.id.in_(IDS))
)
_WORDS_OF = select(_TEXTS.c.document_id, _TEXTS.c.folded).where(_TEXTS.c.document_id.in_(IDS))
