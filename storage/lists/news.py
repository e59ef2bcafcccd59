"""What is new in the register: since a moment, or the newest; agreements, and steps of those that
were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents
from storage.filter import Filter
from storage.lists.queries import as_known
from storage.notifications.tables import Arrivals
from storage.records import Status
from storage.register.agreements import load_agreements, number, resolve
from storage.register.decisions import corrections_since
from storage.register.entry import Agreement, Decision, Step
from storage.register.list_rows import published
from storage.register.tables import Agreements, Reports, Steps
from storage.search.filtering import agreement_condition
from storage.search.past import of_report
from storage.search.tables import REPORTS

# Reports that are looked through for the newest steps before all of them are.
_NEWEST_REPORTS = 5_000
EVERYTHING = Filter()
ALWAYS = datetime.max.replace(tzinfo=UTC)
# Papers print a report the day after, and time zones move it by another; feeds have older entries
# under their own day.
_NEWS_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class News:
    """`agreements` are new. `steps` are new ones of known agreements: positions in the history.
    `more_agreements` and `more_steps` are how many were left out.
    """

    agreements: tuple[Agreement, ...]
    steps: tuple[tuple[Agreement, int], ...]
    more_agreements: int = 0
    more_steps: int = 0


def corrected_since(
    s: Session, since: datetime, flt: Filter = EVERYTHING, until: datetime = ALWAYS
) -> list[tuple[Agreement, Decision]]:
    """Return what persons corrected since then, and before `until`, in the entries of a filter,
    newest first. Of an entry that is gone there is nothing to show.
    """
    corrections = [decision for decision in corrections_since(s, since) if decision.at < until]
    named = {
        id
        for correction in corrections
        for id in (correction.agreement_id, correction.other_agreement_id)
        if id
    }
    homes = {id: number(home) for id in named if (home := resolve(s, id)) is not None}
    pairs = ((homes.get(correction.agreement_id or ""), correction) for correction in corrections)
    found = [
        (home or homes[decision.other_agreement_id or ""], decision)
        for home, decision in pairs
        if home or decision.other_agreement_id in homes
    ]
    wanted = {row_id for row_id, _ in found}
    fitting = sql.values_among(s, Agreements.id, Agreements.id, wanted, agreement_condition(s, flt))
    known = {agreement.id: agreement for agreement in load_agreements(s, fitting)}
    return [(known[f"A{row_id}"], decision) for row_id, decision in found if f"A{row_id}" in known]


def news_since(
    s: Session, since: datetime, most: int, flt: Filter = EVERYTHING, until: datetime = ALWAYS
) -> News:
    """Return at most `most` agreements and `most` steps of a filter, the newest first; of a filter
    on steps no others. A step is
    new if its first report came in since then, and before `until`: one that is reported again is
    not. An agreement that a list has, or an archive that was imported, is not new by what is
    reported of it, but each of its steps is that has a report.
    """
    matching, came_in = agreement_condition(s, flt), _came_in(since, until)
    was_reported = Agreements.id.in_(select(Reports.agreement_id).where(came_in))
    was_minted = and_(Agreements.minted_at >= since, Agreements.minted_at < until)
    minted = and_(was_minted, was_reported, ~_IS_KNOWN, matching)
    newest = select(Agreements.id).where(minted).order_by(Agreements.id.desc()).limit(most)
    fresh = load_agreements(s, s.scalars(newest).all())
    all_fresh = sql.count(s, Agreements, minted)
    steps = _new_steps(s, since, came_in, and_(matching, _is_wanted(flt)))
    known = {
        agreement.id: agreement
        for agreement in load_agreements(s, {row_id for row_id, _ in steps[:most]})
    }
    shown = tuple((known[f"A{row_id}"], position) for row_id, position in steps[:most])
    return News(tuple(fresh), shown, all_fresh - len(fresh), len(steps) - len(shown))


def _new_steps(
    s: Session, since: datetime, came_in: ColumnElement[bool], matching: ColumnElement[bool]
) -> list[tuple[int, int]]:
    came = select(Reports.document_id).where(came_in)
    touched = select(Reports.agreement_id).where(Reports.document_id.in_(came))
    first = func.min(Reports.document_id)
    rows = (
        select(Reports.agreement_id, Reports.step, first.label("first"))
        .join(Agreements, Agreements.id == Reports.agreement_id)
        .where(or_(Agreements.minted_at < since, _IS_KNOWN), Reports.step.is_not(None))
        .where(Reports.listed.is_(False), Reports.agreement_id.in_(touched), matching)
        .group_by(Reports.agreement_id, Reports.step)
        .having(first.in_(came))
        .order_by(first.desc(), Reports.agreement_id)
    )
    return [(row_id, position) for row_id, position, _ in s.execute(rows) if position is not None]


def _is_wanted(flt: Filter) -> ColumnElement[bool]:
    """Whether a report is on a step that a filter on steps wants."""
    wanted = select(Steps.position).where(of_report(Reports), Steps.status.in_(flt.steps))
    return wanted.correlate(Reports).exists() if flt.steps else true()


def _came_in(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Whether a report came in since then and before `until`, and of no archive."""
    is_within = and_(REPORTS.first_seen_at >= since, REPORTS.first_seen_at < until)
    came = select(REPORTS.id).where(is_within, published(REPORTS.source_id))
    return and_(Reports.document_id.in_(came), ~_is_of_archive(Reports.document_id))


def _is_of_archive(document_id: Any) -> ColumnElement[bool]:
    """Whether a report was imported when it was too old to be news, or without alerts."""
    return exists().where(
        Arrivals.document_id == document_id,
        Arrivals.fresh.is_(False),
        Documents.id == document_id,
        Documents.run_id.is_(None),
    )


_ANY = sql.plain(Reports).alias("any_report")
_IS_KNOWN = exists().where(
    _ANY.c.agreement_id == Agreements.id, or_(_ANY.c.listed, _is_of_archive(_ANY.c.document_id))
)


@dataclass(frozen=True, slots=True)
class Learnt:
    """When the register learnt of an agreement, and of each of its steps: when the first report of
    it came in, or when the agreement was made out of reports that were there. `listed_at` is when a
    list first had it, None if none has. `reported_on` has the day of each of these first reports.
    """

    minted_at: datetime
    steps: tuple[datetime, ...]
    reported_on: tuple[date, ...]
    listed_at: datetime | None = None

    @property
    def last_at(self) -> datetime:
        return max(self.steps, default=self.minted_at)

    @property
    def published_at(self) -> list[datetime]:
        """When each step was news: when it was learnt of, or on the day of its first report if that
        was long before. What an import brings from an archive would else be of one moment.
        """
        days = (datetime.combine(on, time(), UTC) for on in self.reported_on)
        return [
            day if at - day > _NEWS_FOR else at for at, day in zip(self.steps, days, strict=True)
        ]


class ToldAgreement(NamedTuple):
    """An agreement as a list of news tells it: its last step and its status, of a filter on steps
    the last of these; and when the newest of them was learnt of.
    """

    agreement: Agreement
    learnt: Learnt
    step: Step | None
    status: Status | None
    at: datetime


def newest_agreements(s: Session, flt: Filter, most: int) -> list[ToldAgreement]:
    """Return the `most` agreements of a filter that are new or have the newest steps; of a filter
    on steps, of these.
    """
    matching = agreement_condition(s, flt)
    newest = select(Agreements.id).where(matching).order_by(Agreements.id.desc()).limit(most)
    ids = {*s.scalars(newest), *_last_extended(s, and_(matching, _is_wanted(flt)), most)}
    agreements = as_known(s, load_agreements(s, ids), flt)
    learnt = learnt_of(s, agreements)
    told = [_told(agreement, learnt[agreement.id], flt) for agreement in agreements]
    told.sort(key=lambda one: (one.at, number(one.agreement.id)), reverse=True)
    return told[:most]


def _told(agreement: Agreement, learnt: Learnt, flt: Filter) -> ToldAgreement:
    steps = [
        (step, at)
        for step, at in zip(agreement.history, learnt.steps, strict=True)
        if not flt.steps or step.status in flt.steps
    ]
    last = steps[-1][0] if steps else None
    status = last.status if last and flt.steps else agreement.status
    told_at = max((at for _, at in steps), default=learnt.minted_at)
    return ToldAgreement(agreement, learnt, last, status, told_at)


def learnt_of(s: Session, agreements: Iterable[Agreement]) -> Mapping[str, Learnt]:
    """Return, by its id, when each of these agreements and its steps were learnt of."""
    known = list(agreements)
    wanted = [number(agreement.id) for agreement in known]
    minted = sql.values_by(s, Agreements.id, Agreements.minted_at, wanted)
    firsts = {
        _first_published(agreement, step) for agreement in known for step in agreement.history
    }
    firsts.update(document for agreement in known for document in agreement.listed)
    seen = sql.values_by(s, Documents.id, Documents.first_seen_at, firsts)
    days = sql.values_by(s, Documents.id, Documents.dated_on, firsts)
    return {
        agreement.id: _learnt(agreement, minted[number(agreement.id)], seen, days)
        for agreement in known
    }


def oldest_report(step: Step) -> int:
    """Return the first report of a step: ids grow with time."""
    return min(step.document_ids, default=0)


def _first_published(agreement: Agreement, step: Step) -> int:
    """Return the first report of a step; its first row of a list if it has none."""
    published = {*step.document_ids}.difference(agreement.listed)
    return min(published or step.document_ids, default=0)


def _learnt(
    agreement: Agreement,
    minted_at: datetime,
    seen: Mapping[int, datetime],
    days: Mapping[int, date],
) -> Learnt:
    firsts = [_first_published(agreement, step) for step in agreement.history]
    steps = tuple(max(seen.get(first, minted_at), minted_at) for first in firsts)
    reported_on = tuple(days.get(first, minted_at.date()) for first in firsts)
    listed_at = min((seen[row] for row in agreement.listed if row in seen), default=None)
    return Learnt(minted_at, steps, reported_on, listed_at)


def _last_extended(s: Session, matching: ColumnElement[bool], most: int) -> Sequence[int]:
    """Return the agreements whose steps were reported for the first time most recently."""
    rows = select(Reports.document_id).order_by(Reports.document_id.desc())
    last = s.scalar(rows.offset(_NEWEST_REPORTS).limit(1))
    found = _extended_after(s, matching, most, last)
    return found if last is None or len(found) == most else _extended_after(s, matching, most, None)


def _extended_after(
    s: Session, matching: ColumnElement[bool], most: int, last: int | None
) -> Sequence[int]:
    first = func.min(Reports.document_id).label("first")
    steps = select(Reports.agreement_id, first).join(
        Agreements, Agreements.id == Reports.agreement_id
    )
    steps = steps.where(Reports.step.is_not(None), matching)
    steps = steps.group_by(Reports.agreement_id, Reports.step)
    if last is not None:
        touched = select(Reports.agreement_id).where(Reports.document_id > last)
        steps = steps.where(Reports.agreement_id.in_(touched)).having(first > last)
    of_step = steps.subquery().c
    newest = select(of_step.agreement_id).group_by(of_step.agreement_id)
    return s.scalars(newest.order_by(func.max(of_step.first).desc()).limit(most)).all()
