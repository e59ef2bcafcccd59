"""Which entries of the register are perhaps one, and which reports are perhaps of another one: what
a person decides with both sides in view.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, cast, select

from storage.database import sql
from storage.database.session import Session
from storage.records import Instrument, Status
from storage.register.decisions import has_pin
from storage.register.entry import PinKind
from storage.register.tables import Agreements, Decisions, Pins, Reports, Steps

# Two outlets that report one signature differ by a day or two; further apart lie the rounds of
# talks and the papers that follow each other.
_NEAR_DAYS = 3
# Who signs twice within weeks, signs one agreement in two places.
_SECOND_DAYS = 30
# A reporter's word for any paper does not exclude another kind.
_ANY_KIND = frozenset({None, Instrument.AGREEMENT})


class Duplicate(NamedTuple):
    """Two entries that are perhaps one, `days` apart (None where one has no day), or an entry with
    a document that perhaps belongs elsewhere, since it reports a signature so many days after the
    first, or `is_close`: the register decided closely.
    """

    agreement_id: str
    other_agreement_id: str | None = None
    document_id: int | None = None
    days: int | None = None
    is_close: bool = True


def duplicates(s: Session) -> list[Duplicate]:
    """Return what waits, the likeliest first: pairs of entries, then reports."""
    return [*_pairs(s), *_strays(s)]


def _pairs(s: Session) -> list[Duplicate]:
    """Return the entries that are perhaps one, unless somebody decided that they are two. They have
    the same parties, and are of nearly the same day, or were put apart by a close decision.
    """
    rows = {row.id: row for row in s.execute(_REPORTED)}
    candidates = dict.fromkeys(_of_one_day(rows), False)
    candidates |= {
        (one, other): True
        for one, other in _closely_apart(s)
        if one in rows and other in rows and _may_be_one(rows[one], rows[other])
    }
    for row in s.execute(_APART):
        candidates.pop((min(row.one, row.other), max(row.one, row.other)), None)
    pairs = [
        Duplicate(f"A{one}", f"A{other}", None, _days(rows[one], rows[other]), is_close)
        for (one, other), is_close in sorted(candidates.items(), reverse=True)
    ]
    return sorted(
        pairs,
        key=lambda duplicate: (
            not duplicate.is_close,
            99 if duplicate.days is None else duplicate.days,
        ),
    )


def _strays(s: Session) -> list[Duplicate]:
    """The reports that joined an entry by a close decision; then those of second signatures."""
    close = {
        (row.id, document): Duplicate(f"A{row.id}", document_id=document)
        for row in s.execute(_IN_DOUBT)
        for document, joined, _ in row.doubts
        if joined
    }
    first_on: dict[int, date] = {}
    for row in s.execute(_SIGNATURES):
        days = (row.on - first_on.setdefault(row.agreement_id, row.on)).days
        named = row.agreement_id, row.document_id
        if days >= _SECOND_DAYS and named not in close:
            close[named] = Duplicate(f"A{row.agreement_id}", None, row.document_id, days, False)
    return list(close.values())


def _of_one_day(rows: dict[int, Any]) -> Iterator[tuple[int, int]]:
    alike: dict[tuple[str, ...], list[Any]] = {}
    for row in rows.values():
        if row.event_date is not None and len(row.parties) > 1:
            alike.setdefault(tuple(sorted(row.parties)), []).append(row)
    for same in alike.values():
        same.sort(key=attrgetter("event_date"))
        for place, first in enumerate(same, 1):
            for other in islice(same, place, None):
                if (other.event_date - first.event_date).days > _NEAR_DAYS:
                    break
                if _may_be_one(first, other):
                    yield min(first.id, other.id), max(first.id, other.id)


def _days(one: Any, other: Any) -> int | None:
    days: list[date | None] = [one.event_date, other.event_date]
    return None if None in days else abs((other.event_date - one.event_date).days)


def _may_be_one(one: Any, other: Any) -> bool:
    kinds = {one.instrument, other.instrument}
    topics = {*one.topics}, {*other.topics}
    return (len(kinds) == 1 or bool(kinds & _ANY_KIND)) and (
        not all(topics) or not topics[0].isdisjoint(topics[1])
    )


def _closely_apart(s: Session) -> Iterator[tuple[int, int]]:
    """Yield the entries of which one nearly became a part of the other."""
    doubts = [(row.id, other) for row in s.execute(_IN_DOUBT) for _, _, other in row.doubts]
    others = {other for _, other in doubts if other is not None}
    homes = sql.values_by(s, Reports.document_id, Reports.agreement_id, others)
    for mine, other in doubts:
        home = homes.get(other, mine)
        if home != mine:
            yield min(mine, home), max(mine, home)


_REPORTED = select(
    Agreements.id,
    Agreements.parties,
    Agreements.event_date,
    Agreements.instrument,
    Agreements.topics,
).where(Agreements.listed_only.is_(False))
_IN_DOUBT = (
    select(Agreements.id, Agreements.doubts)
    .where(cast(Agreements.doubts, Text) != "[]", Agreements.listed_only.is_(False))
    .order_by(Agreements.id.desc())
)
_SIGNATURES = (
    select(Steps.agreement_id, Steps.on, Reports.document_id)
    .join(Agreements, Agreements.id == Steps.agreement_id)
    .join(Reports, and_(Reports.agreement_id == Steps.agreement_id, Reports.step == Steps.position))
    .where(Steps.status == Status.SIGNED, Steps.on.is_not(None), Reports.position == 0)
    .where(Agreements.listed_only.is_(False), ~has_pin(Reports.document_id, PinKind.MUST_LINK))
    .order_by(Steps.agreement_id.desc(), Steps.on, Reports.document_id)
)
_ONE, _OTHER = sql.plain(Reports).alias("one"), sql.plain(Reports).alias("other")
_APART = (
    select(_ONE.c.agreement_id.label("one"), _OTHER.c.agreement_id.label("other"))
    .select_from(Pins)
    .join(Decisions, Decisions.id == Pins.decision_id)
    .join(_ONE, _ONE.c.document_id == Pins.document_id)
    .join(_OTHER, _OTHER.c.document_id == Pins.other_document_id)
    .where(Pins.kind == PinKind.CANNOT_LINK, Decisions.undone_at.is_(None))
    .distinct()
)
