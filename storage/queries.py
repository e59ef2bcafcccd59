"""What readers see: documents, agreements and counts, under one filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

from storage.database.statements import chunks, plain
from storage.documents.search_words import postgresql_match, sqlite_match, terms_of
from storage.documents.tables import (
    Documents,
    Matches,
    MatchParties,
    MatchRules,
    MatchTopics,
    Texts,
)
from storage.documents.verdict_rows import card_of
from storage.records import Status, Topic
from storage.register.agreements import load_agreements, number, resolve
from storage.register.decisions import says
from storage.register.records import Agreement, PinKind
from storage.register.tables import AgreementParties, Agreements, AgreementTopics, Reports, Steps
from storage.sources.tables import Frontier
from storage.telling.records import Filter
from storage.telling.tables import OwedRows

PAGE = 500  # rows read at a time: a writer is never held up, and memory stays small


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as lists show it; `quote` is the sentence that shows best what it reports.

    `ruled_out`: a curator decided that it reports nothing, whatever the rules say; then it is not `relevant`.
    `added`: one decided that it is a report; then it is.
    """

    id: int
    external_id: str | None
    title: str
    outlet: str | None
    language: str
    url: str | None
    published_on: date | None
    score: float
    status: Status | None
    parties: tuple[str, ...]
    topics: tuple[Topic, ...]
    place: str | None
    event_date: date | None
    agreement_id: str | None
    quote: str
    relevant: bool = True
    near_miss: bool = False
    source_id: str | None = None
    ruled_out: bool = False
    added: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is kept: `frontier` URLs wait to be fetched, `owed` items wait to be told."""

    documents: int
    relevant: int
    agreements: int
    frontier: int
    owed: int


def search(
    s: Session, flt: Filter, *, everything: bool = False, limit: int | None = None
) -> Iterator[DocumentRow]:
    """Documents that fit, newest first; relevant ones only (as rules and curators see it), unless `everything`.

    `flt.query` is folded (`storage.documents.search_words.fold_query`). Rows are read as they are asked for.
    """
    condition = _document_condition(s, flt)
    if not everything:
        condition = and_(condition, Matches.relevant.is_(True), ~ruled_out(Documents.id))
    newest = (
        _document_rows().where(condition).order_by(Documents.listed_on.desc(), Documents.id.desc())
    )
    yield from map(_document_row, s.execute(newest.limit(limit).execution_options(yield_per=PAGE)))


def agreements(s: Session, flt: Filter, limit: int | None = None) -> list[Agreement]:
    """Agreements that fit, the one reported last first.

    Parties, corridors, topics, instruments and statuses are the agreement's own; words, languages, sources and
    scores are asked of its reports: one of them must fit in all of these. `since` and `until` are asked of the step
    that this report tells, since an article of today may recall an agreement of 2007. What has no day is in no window.
    """
    ids = select(Agreements.id).where(_agreement_condition(s, flt))
    newest = ids.order_by(Agreements.last_reported_on.desc(), Agreements.id.desc()).limit(limit)
    return load_agreements(s, s.scalars(newest).all())


def agreement(s: Session, agreement_id: str) -> Agreement | None:
    """One agreement, under today's id or one that was merged into it."""
    current = resolve(s, agreement_id)
    found = load_agreements(s, [number(current)]) if current else []
    return found[0] if found else None


def agreements_of(s: Session, document_ids: Iterable[int]) -> dict[int, str]:
    """The agreement that each of these documents stands in; a document of none is left out."""
    found: dict[int, str] = {}
    for chunk in chunks(document_ids):
        rows = select(Reports.document_id, Reports.agreement_id).where(
            Reports.document_id.in_(chunk)
        )
        found |= {document_id: f"A{row_id}" for document_id, row_id in s.execute(rows)}
    return found


def homes(s: Session) -> dict[int, str]:
    """The agreement of each document of the register."""
    return {document_id: f"A{row_id}" for document_id, row_id in s.execute(_HOMES)}


_HOMES = select(plain(Reports).c.document_id, plain(Reports).c.agreement_id)


def report_rows(s: Session, document_ids: Iterable[int]) -> dict[int, DocumentRow]:
    """These documents by id."""
    found: dict[int, DocumentRow] = {}
    for chunk in chunks(document_ids):
        rows = map(_document_row, s.execute(_document_rows().where(Documents.id.in_(chunk))))
        found |= {row.id: row for row in rows}
    return found


def document_text(s: Session, document_id: int) -> str | None:
    """The text of a document; None where retention has removed it."""
    return s.scalar(select(Texts.text).where(Texts.document_id == document_id))


def evidence(s: Session, document_id: int) -> list[dict[str, Any]]:
    """The evidence of a document's verdict, as the contract writes it."""
    return s.scalar(select(Matches.evidence).where(Matches.document_id == document_id)) or []


def sources_and_outlets(s: Session) -> set[str]:
    """The names that `Filter.sources` finds documents by."""
    found = s.execute(select(Documents.source_id, Documents.outlet).distinct())
    return {name for row in found for name in row if name}


def rules_that_found(s: Session) -> set[str]:
    """The names that `Filter.rules` finds documents by."""
    return set(s.scalars(select(MatchRules.rule).distinct()))


def counts(s: Session) -> Counts:
    """How much is kept."""
    matching = select(func.count()).select_from(Matches).where(Matches.registers.is_(True))
    relevant = matching.where(~ruled_out(Matches.document_id))
    open_rows = (
        select(func.count()).select_from(Frontier).where(Frontier.state.in_(("waiting", "leased")))
    )
    return Counts(
        documents=s.execute(select(func.count()).select_from(Documents)).scalar_one(),
        relevant=s.execute(relevant).scalar_one(),
        agreements=s.execute(select(func.count()).select_from(Agreements)).scalar_one(),
        frontier=s.execute(open_rows).scalar_one(),
        owed=s.execute(select(func.count()).select_from(OwedRows)).scalar_one(),
    )


# --- conditions ---------------------------------------------------------------------------------

Condition = ColumnElement[bool]


def ruled_out(document_id: Any) -> Condition:
    """A curator decided that the document reports nothing."""
    return says(document_id, PinKind.IRRELEVANT)


def _document_condition(s: Session, flt: Filter) -> Condition:
    conditions = [_kept_with(s, flt), *_within(Documents.published_on, flt)]
    conditions += [_document_has(party) for party in flt.parties]
    conditions += [or_(*map(_document_has, group)) for group in flt.party_groups]
    if flt.corridors:
        conditions.append(or_(*(and_(*map(_document_has, corridor)) for corridor in flt.corridors)))
    if flt.topics:
        topical = select(MatchTopics.document_id).where(MatchTopics.topic.in_(flt.topics))
        conditions.append(Documents.id.in_(topical))
    if flt.instruments:
        conditions.append(Matches.instrument.in_(flt.instruments))
    if flt.statuses:
        conditions.append(Matches.status.in_(flt.statuses))
    return and_(*conditions)


def _kept_with(s: Session, flt: Filter) -> Condition:
    """What is asked of a document itself rather than of the agreement it reports."""
    conditions: list[Condition] = [true()]
    if flt.languages:
        conditions.append(Documents.language.in_(flt.languages))
    if flt.sources:
        conditions.append(
            or_(Documents.source_id.in_(flt.sources), Documents.outlet.in_(flt.sources))
        )
    if flt.min_score is not None:
        conditions.append(Matches.score >= flt.min_score)
    if flt.rules:
        found = select(MatchRules.document_id).where(MatchRules.rule.in_(flt.rules))
        conditions.append(Documents.id.in_(found))
    if flt.query:
        conditions.append(_has_words(s, flt.query))
    return and_(*conditions)


def _within(day: Any, flt: Filter) -> list[Condition]:
    """The day is known and lies in the filter's window, where it has one."""
    conditions: list[Condition] = []
    if flt.since:
        conditions.append(day >= flt.since)
    if flt.until:
        conditions.append(day <= flt.until)
    return conditions


def _has_words(s: Session, query: str) -> Condition:
    terms = terms_of(query)
    if not terms:
        return false()
    if s.get_bind().dialect.name == "sqlite":
        found = text("SELECT rowid FROM texts_fts WHERE texts_fts MATCH :words")
        return Documents.id.in_(
            found.bindparams(words=sqlite_match(terms)).columns(Texts.document_id)
        )
    # Spelled like the index, or PostgreSQL would read every text.
    vector = text(
        "to_tsvector('simple', left(texts.folded, 200000)) @@ to_tsquery('simple', :words)"
    )
    matching = select(Texts.document_id).where(
        vector.bindparams(bindparam("words", postgresql_match(terms)))
    )
    return Documents.id.in_(matching)


def _document_has(party: str) -> Condition:
    taking_part = MatchParties.taking_part.is_(True)
    return Documents.id.in_(
        select(MatchParties.document_id).where(MatchParties.party == party, taking_part)
    )


def _agreement_condition(s: Session, flt: Filter) -> Condition:
    conditions: list[Condition] = [true()]
    conditions += [_agreement_has(party) for party in flt.parties]
    conditions += [or_(*map(_agreement_has, group)) for group in flt.party_groups]
    if flt.corridors:
        conditions.append(
            or_(*(and_(*map(_agreement_has, corridor)) for corridor in flt.corridors))
        )
    if flt.topics:
        topical = select(AgreementTopics.agreement_id).where(AgreementTopics.topic.in_(flt.topics))
        conditions.append(Agreements.id.in_(topical))
    if flt.instruments:
        conditions.append(Agreements.instrument.in_(flt.instruments))
    if flt.statuses:
        conditions.append(Agreements.status.in_(flt.statuses))
    asked_of_reports = (flt.query, flt.languages, flt.sources, flt.rules, flt.since, flt.until)
    if any(asked_of_reports) or flt.min_score is not None:
        conditions.append(_has_report(s, flt))
    return and_(*conditions)


def _has_report(s: Session, flt: Filter) -> Condition:
    conditions = [
        Reports.agreement_id == Agreements.id,
        Documents.id == Reports.document_id,
        Matches.document_id == Documents.id,
        _kept_with(s, flt),
    ]
    if flt.since or flt.until:
        conditions += [Steps.agreement_id == Reports.agreement_id, Steps.position == Reports.step]
        conditions += _within(Steps.on, flt)
    report = exists().where(*conditions)
    return report.correlate(Agreements)


def _agreement_has(party: str) -> Condition:
    return Agreements.id.in_(
        select(AgreementParties.agreement_id).where(AgreementParties.party == party)
    )


# --- rows ---------------------------------------------------------------------------------------


def _document_rows() -> Select[*tuple[Any, ...]]:
    # A document of two agreements is shown once, with the older.
    home = (
        select(func.min(Reports.agreement_id))
        .where(Reports.document_id == Documents.id)
        .scalar_subquery()
    )
    columns = (
        Documents.id,
        Documents.external_id,
        Documents.title,
        Documents.outlet,
        Documents.language,
        Documents.url,
        Documents.published_on,
        Documents.source_id,
        Matches.score,
        Matches.card,
        Matches.quote,
        Matches.relevant,
        Matches.near_miss,
        home.label("home"),
        ruled_out(Documents.id).label("ruled_out"),
        says(Documents.id, PinKind.RELEVANT).label("added"),
    )
    return select(*columns).join(Matches, Matches.document_id == Documents.id)


def _document_row(row: Any) -> DocumentRow:
    card = card_of(row.card)
    return DocumentRow(
        id=row.id,
        external_id=row.external_id,
        title=row.title,
        outlet=row.outlet,
        language=row.language,
        url=row.url,
        published_on=row.published_on,
        score=row.score,
        status=card.status,
        parties=card.parties,
        topics=card.topics,
        place=card.place,
        event_date=card.event_date,
        agreement_id=None if row.home is None else f"A{row.home}",
        quote=row.quote,
        relevant=row.relevant and not row.ruled_out,
        near_miss=row.near_miss,
        source_id=row.source_id,
        ruled_out=row.ruled_out,
        added=row.added,
    )


def rows_in_order(rows: dict[int, DocumentRow], ids: Sequence[int]) -> list[DocumentRow]:
    """The rows of `ids`, in that order; those without a row are left out."""
    return [rows[row_id] for row_id in ids if row_id in rows]
