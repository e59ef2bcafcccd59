"""What is new in the register: since a moment, or the newest; agreements, and steps of those that
were known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from storage.asking import Filter
from storage.database.session import Session
from storage.documents.tables import Documents
from storage.register.agreements import load_agreements, number
from storage.register.listed import published
from storage.register.records import Agreement, Step
from storage.register.tables import Agreements, Reports
from storage.search.filtering import agreement_condition
from storage.search.rows import REPORTS

# Reports that are looked through for the newest steps before all of them are.
_NEWEST_REPORTS = 5_000
EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class News:
    """`agreements` are new. `steps` are new ones of known agreements: positions in the history.

    `more_agreements` and `more_steps` are how many were left out.
    """

    agreements: tuple[Agreement, ...]
    steps: tuple[tuple[Agreement, int], ...]
    more_agreements: int = 0
    more_steps: int = 0


def news_since(s: Session, since: datetime, most: int, flt: Filter = EVERYTHING) -> News:
    """Return at most `most` agreements and `most` steps of a filter, the newest first.

    A step is new if its first report came in since then: one that is reported again is not.
    """
    matching = agreement_condition(s, flt)
    minted = and_(Agreements.minted_at >= since, Agreements.listed_only.is_(False), matching)
    newest = select(Agreements.id).where(minted).order_by(Agreements.id.desc()).limit(most)
    fresh = load_agreements(s, s.scalars(newest).all())
    all_fresh = s.scalar(select(func.count()).select_from(Agreements).where(minted)) or 0
    steps = _new_steps(s, since, matching)
    known = {one.id: one for one in load_agreements(s, {row_id for row_id, _ in steps[:most]})}
    shown = tuple((known[f"A{row_id}"], position) for row_id, position in steps[:most])
    return News(tuple(fresh), shown, all_fresh - len(fresh), len(steps) - len(shown))


def _new_steps(s: Session, since: datetime, matching: ColumnElement[bool]) -> list[tuple[int, int]]:
    fresh = select(REPORTS.id).where(REPORTS.first_seen_at >= since, published(REPORTS.source_id))
    touched = select(Reports.agreement_id).where(Reports.document_id.in_(fresh))
    first_report = func.min(Reports.document_id)
    rows = (
        select(Reports.agreement_id, Reports.step)
        .join(Agreements, Agreements.id == Reports.agreement_id)
        .where(Agreements.minted_at < since, Reports.step.is_not(None))
        .where(Reports.agreement_id.in_(touched), matching)
        .group_by(Reports.agreement_id, Reports.step)
        .having(first_report.in_(fresh))
        .order_by(first_report.desc(), Reports.agreement_id)
    )
    return [(row_id, position) for row_id, position in s.execute(rows) if position is not None]


@dataclass(frozen=True, slots=True)
class Learnt:
    """When the register learnt of an agreement, and of each of its steps: when the first report of
    it came in, or when the agreement was made out of reports that were there.
    """

    minted_at: datetime
    steps: tuple[datetime, ...]

    @property
    def last_at(self) -> datetime:
        return max(self.steps, default=self.minted_at)


def newest_agreements(s: Session, flt: Filter, most: int) -> list[tuple[Agreement, Learnt]]:
    """Return the `most` agreements of a filter that are new or have the newest steps, the one last
    learnt of first. A step of 2007 of which the first report came in today is as new as can be.
    """
    matching = agreement_condition(s, flt)
    ids = {*_last_minted(s, matching, most), *_last_extended(s, matching, most)}
    found = load_agreements(s, ids)
    learnt = learnt_of(s, found)
    paired = [(one, learnt[one.id]) for one in found]
    paired.sort(key=lambda pair: (pair[1].last_at, number(pair[0].id)), reverse=True)
    return paired[:most]


def learnt_of(s: Session, agreements: Iterable[Agreement]) -> Mapping[str, Learnt]:
    """Return, by its id, when each of these agreements and its steps were learnt of."""
    known = list(agreements)
    wanted = [number(one.id) for one in known]
    columns = select(Agreements.id, Agreements.minted_at)
    minted = {row.id: row.minted_at for row in s.execute(columns.where(Agreements.id.in_(wanted)))}
    firsts = {first_report(step) for one in known for step in one.history}
    rows = select(Documents.id, Documents.first_seen_at).where(Documents.id.in_(firsts))
    seen = {row.id: row.first_seen_at for row in s.execute(rows)}
    return {one.id: _learnt(one, minted[number(one.id)], seen) for one in known}


def first_report(step: Step) -> int:
    """Return the document that told of a step first: ids grow with time."""
    return min(step.document_ids, default=0)


def _learnt(one: Agreement, minted_at: datetime, seen: Mapping[int, datetime]) -> Learnt:
    first_seen = (seen.get(first_report(step), minted_at) for step in one.history)
    return Learnt(minted_at, tuple(max(at, minted_at) for at in first_seen))


def _last_minted(s: Session, matching: ColumnElement[bool], most: int) -> Sequence[int]:
    newest = select(Agreements.id).where(matching).order_by(Agreements.id.desc()).limit(most)
    return s.scalars(newest).all()


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
    found = steps.subquery().c
    newest = select(found.agreement_id).group_by(found.agreement_id)
    return s.scalars(newest.order_by(func.max(found.first).desc()).limit(most)).all()
