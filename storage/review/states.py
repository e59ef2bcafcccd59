"""What is stored of a state, beside what lists have; who reported it, and what waits for review."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, select

from storage.database import sql
from storage.database.columns import UNDATED
from storage.database.session import Session
from storage.documents.tables import Documents
from storage.filter import Filter, Known, Reviewed
from storage.lists import queries
from storage.records import Grade
from storage.register.tables import Agreements, Reports
from storage.review import review_queue
from storage.search.document_rows import DocumentRow, report_rows
from storage.search.filtering import agreement_condition


class Reporter(NamedTuple):
    """Who reported agreements of a state: a source and an outlet, either perhaps unknown."""

    source_id: str | None
    outlet: str | None
    reports: int
    last_on: date | None


class StateFigures(NamedTuple):
    """The agreements of a state: those `found` in reports, those that lists have, and `missing`:
    those that only lists have. Of the found ones, how sure they are, and how many a person looked
    at; `waiting` are documents about it of which the judge was unsure.
    """

    found: int
    listed: int
    missing: int
    confirmed: int
    likely: int
    unconfirmed: int
    reviewed: int
    waiting: int


def state_figures(s: Session, party: str, now: datetime) -> StateFigures:
    own = Filter(parties=(party,))
    missing = queries.count_agreements(s, own.but(known=Known.ONLY))
    is_listed = exists().where(Reports.agreement_id == Agreements.id, Reports.listed.is_(True))
    return StateFigures(
        queries.count_agreements(s, own),
        missing + sql.count(s, Agreements, agreement_condition(s, own), is_listed),
        missing,
        **{grade: queries.count_agreements(s, own.but(grades=(grade,))) for grade in Grade},
        reviewed=queries.count_agreements(s, own.but(reviewed=Reviewed.YES)),
        waiting=len(review_queue.arrived(s, own, None, now)),
    )


def last_report_of(s: Session, party: str) -> DocumentRow | None:
    newest = _reports_of(s, party, Documents.id)
    newest = newest.order_by(Documents.listed_on.desc(), Documents.id.desc())
    number = s.scalar(newest.limit(1))
    return None if number is None else report_rows(s, [number])[number]


def reporters_of(s: Session, party: str) -> list[Reporter]:
    """Who reported the agreements of a state, whoever reported most first; `last_on` is None where
    no report has a day.
    """
    number, last = func.count(), func.max(Documents.listed_on)
    rows = _reports_of(s, party, Documents.source_id, Documents.outlet, number, last)
    rows = rows.group_by(Documents.source_id, Documents.outlet)
    rows = rows.order_by(number.desc(), last.desc(), Documents.source_id, Documents.outlet)
    return [
        Reporter(source, outlet, n, None if on == UNDATED else on)
        for source, outlet, n, on in s.execute(rows)
    ]


def _reports_of(s: Session, party: str, *columns: Any) -> Select[Any]:
    """These columns of the reports of a state's agreements, without rows of lists."""
    of_state = select(Agreements.id).where(agreement_condition(s, Filter(parties=(party,))))
    joined = select(*columns).join(Reports, Reports.document_id == Documents.id)
    return joined.where(Reports.agreement_id.in_(of_state), Reports.listed.is_(False))
