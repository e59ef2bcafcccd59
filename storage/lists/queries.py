"""What readers see: documents, agreements and counts; what waits for review, and what is near."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import CTE, ColumnElement, and_, exists, func, or_, select, tuple_

from storage.database import sql
from storage.database.columns import UNDATED
from storage.database.session import Session
from storage.documents.tables import Documents, Matches, Texts
from storage.documents.verdicts import card_of
from storage.filter import BY_REPORT, Filter, Known, Order
from storage.notifications.tables import Arrivals, PendingNotifications
from storage.records import Card, Grade
from storage.register.agreements import load_agreements, number, resolve
from storage.register.decisions import pins
from storage.register.entry import Agreement, PinKind, documents_of, with_field
from storage.register.list_rows import published
from storage.register.tables import AgreementParties, Agreements, Reports, Steps
from storage.search.counts import Bits, numbers_of
from storage.search.document_rows import DocumentRow, document_row, select_rows
from storage.search.filtering import agreement_condition, ruled_out
from storage.search.hits import among_ids, newest_stretch, ranks
from storage.search.past import documents_then, steps_then
from storage.search.selection import ChosenRows, chosen, in_order
from storage.search.tables import REPORTS, STORED
from storage.sources.tables import Frontier

PAGE = 500  # rows that are read at a time, so that memory stays small
RANKED = 10_000  # hits at most that are ordered by how well they match
RANKED_OF_ALL = 1_000  # where not only reports are searched: PostgreSQL reads each text


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is stored. `frontier` URLs wait to be fetched, `pending` items to be sent;
    `imported` of the `documents` came from no source.
    """

    documents: int
    imported: int
    relevant: int
    agreements: int
    frontier: int
    pending: int


def search(
    s: Session,
    flt: Filter,
    *,
    everything: bool = False,
    limit: int | None = None,
    after: int | None = None,
    by_relevance: bool = False,
) -> Iterator[DocumentRow]:
    """Yield the documents that match a filter, newest first.

    Only documents that the rules and curators find relevant, unless `everything`. `flt.query` has
    to be folded (`storage.query_words.fold_query`). Rows are read as they are consumed.
    `after` is the last document of the page before: the next ones follow. `by_relevance`: those
    that match the words best come first, the newer first of equal ones, and of more than RANKED
    hits (RANKED_OF_ALL with `everything`) the newest only; without words, all newest first.
    """
    if by_relevance:
        candidates = among_ids(s, _newest_ids(s, flt, everything))
        points = ranks(s, flt.words, candidates, reports=not everything)
        if points is not None:
            yield from _most_relevant(s, candidates, points, limit, after)
            return
    if flt.query and limit is not None and (among := newest_stretch(s, after)) is not None:
        rows = list(_newest(s, chosen(s, flt, everything=everything, among=among), limit, after))
        if len(rows) == limit:
            yield from rows
            return
    yield from _newest(s, chosen(s, flt, everything=everything), limit, after)


def _newest(
    s: Session, chosen_rows: ChosenRows, limit: int | None, after: int | None
) -> Iterator[DocumentRow]:
    if after is not None:
        chosen_rows = chosen_rows.after(after)
    # What is shown of a row is read for those that are shown, not for all that are sorted.
    shown = (
        chosen_rows.ids
        if limit is None
        else chosen_rows.ids.order_by(*chosen_rows.newest_first).limit(limit)
    )
    newest = select_rows().where(Documents.id.in_(shown)).order_by(*_NEWEST)
    yield from map(document_row, s.execute(newest.execution_options(yield_per=PAGE)))


_NEWEST = (Documents.listed_on.desc(), Documents.id.desc())


def _newest_ids(s: Session, flt: Filter, everything: bool) -> Sequence[int]:
    most = RANKED_OF_ALL if everything else RANKED
    rows = chosen(s, flt, everything=everything)
    return s.scalars(rows.ids.order_by(*rows.newest_first).limit(most)).all()


def is_any_stored(s: Session, flt: Filter) -> bool:
    """Whether any stored document matches a filter, be it a report or not."""
    chosen_rows = chosen(s, flt, everything=True)
    # Without an order: SQLite would go through all documents, the newest first.
    return s.scalar(chosen_rows.ids.limit(1)) is not None


def _most_relevant(
    s: Session, candidates: Any, ranks: CTE, limit: int | None, after: int | None
) -> Iterator[DocumentRow]:
    points = ranks.c.points
    matching = select_rows().join(ranks, ranks.c.document_id == Documents.id)
    matching = matching.where(Documents.id.in_(candidates))
    if after is not None:
        # Ranks change with all that is stored, so that of the last one is computed anew.
        last = select(points).where(ranks.c.document_id == after).scalar_subquery()
        day = select(Documents.listed_on).where(Documents.id == after).scalar_subquery()
        key = tuple_(points, Documents.listed_on, Documents.id)
        matching = matching.where(key < tuple_(last, day, after))
    best = matching.order_by(points.desc(), *_NEWEST).limit(limit)
    yield from map(document_row, s.execute(best.execution_options(yield_per=PAGE)))


def titles(s: Session, most: int) -> list[str]:
    newest = select(REPORTS.id).order_by(REPORTS.listed_on.desc(), REPORTS.id.desc()).limit(most)
    shown = select(Documents.title).where(Documents.id.in_(newest))
    return list(s.scalars(shown.order_by(*_NEWEST)))


def agreements(
    s: Session,
    flt: Filter,
    limit: int | None = None,
    after: str | None = None,
    order: Order = BY_REPORT,
    reported_since: date | None = None,
    chosen: Bits | None = None,
) -> list[Agreement]:
    """Return the agreements that match a filter, the one reported last first, or in another order.

    Parties, corridors, topics, instruments and statuses are compared with the agreement itself.
    Words, languages, sources, rules and scores are compared with its reports: a single report must
    match all of them. `since` and `until` are compared with the step of this report, since
    an article of today may recall an agreement of 2007. A step without a date is in no window.
    `after` is the last agreement of the page before. With `reported_since`, agreements may be left
    out none of whose reports is dated of that day or later. `chosen` are the agreements that match,
    if the caller knows them (`storage.search.counts`).
    """
    ids = select(Agreements.id)
    if reported_since is not None:
        ids = ids.where(_reported_since(reported_since))
    ids, is_there = in_order(s, ids, order, after)
    if not is_there:
        return []
    if chosen is not None and chosen.bit_count() > _FEW:  # the newest of them are soon found
        with s.scalars(ids.execution_options(yield_per=PAGE)) as newest:
            found = list(islice((one for one in newest if chosen >> one & 1), limit))
        return as_known(s, load_agreements(s, found), flt)
    if chosen is None:
        matching = agreement_condition(s, flt)
    else:
        matching = Agreements.id.in_(among_ids(s, list(numbers_of(chosen))))
    listed = s.scalars(ids.where(matching).limit(limit)).all()
    return as_known(s, load_agreements(s, listed), flt)


SURE = (Grade.CONFIRMED, Grade.LIKELY)
Asked = TypeVar("Asked", bound=Filter)


def as_listed(s: Session, asked: Asked) -> Asked:
    """What lists, counts, maps, files and feeds of a selection show: what is confirmed or likely,
    where anything is; and all of it as soon as one filter is chosen (`known`, `as_of`
    and `clock` choose nothing). An export leaves them out until their grade is named.
    """
    if asked.but(known=None, as_of=None, clock=None) != type(asked)() or asked.known is Known.ONLY:
        return asked
    sure = asked.but(grades=SURE)
    is_any = select(Agreements.id).where(agreement_condition(s, sure)).limit(1)
    return asked if s.scalar(is_any) is None else sure


def count_left_out(s: Session, asked: Filter, *, waiting: bool = False) -> int:
    """How many unconfirmed entries `as_listed` leaves out of a selection, or of those that wait."""
    count = count_waiting if waiting else count_agreements
    is_whole = as_listed(s, asked) is asked
    return 0 if is_whole else count(s, asked.but(grades=(Grade.UNCONFIRMED,)))


def as_known(s: Session, entries: list[Agreement], flt: Filter) -> list[Agreement]:
    """Agreements as they were at the end of the day of the filter's `as_of`, by its clock: with the
    steps and documents of then, and the status and day of these. All else, as the grade and the
    topics, is as it is today. Without a day, as they are.
    """
    if flt.as_of is None or not entries:
        return entries
    numbers = [number(one.id) for one in entries]
    steps = select(Steps.agreement_id, Steps.position).where(*steps_then(flt))
    there = {
        tuple(row) for row in sql.rows_of(s, steps.where(Steps.agreement_id.in_(sql.IDS)), numbers)
    }
    documents = {one for each in entries for one in documents_of(each)}
    then = and_(*documents_then(flt, STORED))
    seen = sql.values_among(s, Documents.id, Documents.id, documents, then)
    return [_with_steps(one, there, seen) for one in entries]


def _with_steps(entry: Agreement, there: set[Any], seen: set[int]) -> Agreement:
    history = tuple(
        replace(step, document_ids=tuple(n for n in step.document_ids if n in seen))
        for position, step in enumerate(entry.history)
        if (number(entry.id), position) in there
    )
    now = next((step for step in reversed(history) if step.status is not None), None)
    return replace(
        entry,
        history=history,
        status=now.status if now else None,
        event_date=now.on if now else next((step.on for step in reversed(history)), None),
        mentions=tuple(n for n in entry.mentions if n in seen),
        listed=tuple(n for n in entry.listed if n in seen),
    )


_FEW = 1_000  # agreements that are sorted rather than sought among all, the newest first


def _reported_since(day: date) -> ColumnElement[bool]:
    """An undated report counts by when it came in, which is no later than its arrival."""
    arrived = (
        select(Reports.agreement_id)
        .join(Arrivals, Arrivals.document_id == Reports.document_id)
        .join(Documents, Documents.id == Reports.document_id)
        .where(Arrivals.arrived_at >= datetime.combine(day, time(), UTC))
        .where(Documents.listed_on == UNDATED)
    )
    return or_(Agreements.last_reported_on >= day, Agreements.id.in_(arrived))


def agreement_pages(s: Session, flt: Filter, size: int = PAGE) -> Iterator[list[Agreement]]:
    """Yield the agreements that match a filter, in the order of ids, `size` at a time."""
    matching, last = select(Agreements.id).where(agreement_condition(s, flt)), 0
    while True:
        following = matching.where(Agreements.id > last).order_by(Agreements.id).limit(size)
        ids = s.scalars(following).all()
        if not ids:
            return
        yield as_known(s, load_agreements(s, ids), flt)
        last = ids[-1]


def count_agreements(s: Session, flt: Filter) -> int:
    return sql.count(s, Agreements, agreement_condition(s, flt))


def agreement(s: Session, agreement_id: str) -> Agreement | None:
    """Return an agreement by its present id, or by one that was merged into it."""
    current = resolve(s, agreement_id)
    found = load_agreements(s, [number(current)]) if current else []
    return found[0] if found else None


def agreements_of(s: Session, document_ids: Iterable[int]) -> dict[int, str]:
    """Return the agreement of each of these documents; documents without one are left out."""
    homes = sql.values_by(s, Reports.document_id, Reports.agreement_id, document_ids)
    return {document_id: f"A{row_id}" for document_id, row_id in homes.items()}


def days_of(s: Session, document_ids: Iterable[int]) -> dict[int, date]:
    """Return the day of each of these documents: of its publication, else when it came in."""
    return sql.values_by(s, Documents.id, Documents.dated_on, document_ids)


def document_text(s: Session, document_id: int) -> str | None:
    return s.scalar(select(Texts.text).where(Texts.document_id == document_id))


def texts_of(s: Session, document_ids: Iterable[int]) -> dict[int, str]:
    return sql.values_by(s, Texts.document_id, Texts.text, document_ids)


def counts(s: Session) -> Counts:
    """Count what is stored; rows of lists are no documents here."""
    of_list = exists().where(Documents.id == Matches.document_id, ~published(Documents.source_id))
    reporting = Matches.registers.is_(True) & ~ruled_out(Matches.document_id) & ~of_list
    is_open = Frontier.state.in_(("waiting", "leased"))
    return Counts(
        documents=count_stored(s),
        imported=sql.count(s, Documents, Documents.source_id.is_(None)),
        relevant=sql.count(s, Matches, reporting),
        agreements=count_agreements(s, Filter()),
        frontier=sql.count(s, Frontier, is_open),
        pending=sql.count(s, PendingNotifications),
    )


def count_stored(s: Session) -> int:
    return sql.count(s, Documents, published(Documents.source_id))


# --- agreements that wait for ratification or entry into force ------------------------------------


def waiting(
    s: Session,
    flt: Filter,
    limit: int | None = None,
    after: str | None = None,
    *,
    longest_first: bool = False,
) -> list[Agreement]:
    """Return the agreements of a filter that wait, the one signed last first, or the one that waits
    longest. What was signed on an unknown day comes last. `after` is the last one of the page
    before.
    """
    order = Order("pending_since", is_reversed=longest_first)
    ids, is_there = in_order(s, select(Agreements.id).where(_waits(s, flt)), order, after)
    return load_agreements(s, s.scalars(ids.limit(limit)).all()) if is_there else []


def count_waiting(s: Session, flt: Filter) -> int:
    return sql.count(s, Agreements, _waits(s, flt))


def _waits(s: Session, flt: Filter) -> ColumnElement[bool]:
    return and_(Agreements.pending_since.is_not(None), agreement_condition(s, flt))


# --- agreements that an editor may merge with one, or move a report to ----------------------------


def neighbours(
    s: Session, parties: Collection[str], on: date | None, *, without: str = "", most: int = 8
) -> list[Agreement]:
    """Return the agreements that share at least two of `parties` (or the only one), at most `most`.
    Those that share more come first, then those whose last day is nearest to `on`. `without` is an
    id that is left out.
    """
    shared = func.count(AgreementParties.party)
    sharing = (
        select(Agreements.id, shared, Agreements.event_date)
        .join(AgreementParties, Agreements.id == AgreementParties.agreement_id)
        .where(AgreementParties.party.in_(sorted(parties)), Agreements.id != number(without))
        .group_by(Agreements.id, Agreements.event_date)
        .having(shared >= min(2, len(parties)))
    )
    by_distance = sorted(
        (-parties_shared, _days_between(day, on), row_id)
        for row_id, parties_shared, day in s.execute(sharing)
    )
    return load_agreements(s, [row_id for *_, row_id in by_distance[:most]])


def _days_between(day: date | None, other: date | None) -> int:
    """Days between two dates; one that is unknown counts as far away from all."""
    if day is None or other is None:
        return (date.max - UNDATED).days
    return abs((day - other).days)


# --- cards with the corrections of curators -------------------------------------------------------


def curated_card(s: Session, document_id: int) -> Card | None:
    """Return the card of a document with the corrections in force; None if there is no document."""
    row = s.execute(select(Matches.card).where(Matches.document_id == document_id)).one_or_none()
    if row is None:
        return None
    card = card_of(row.card)
    for pin in pins(s, [document_id]):
        if pin.kind is PinKind.FIELD and pin.document_id == document_id:
            card = with_field(card, pin.field or "", pin.value or "")
    return card
