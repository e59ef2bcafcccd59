"""How many documents of a selection have each party, topic, status, language, source, instrument.

What it costs is bounded: of a selection with more hits, the newest are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CTE,
    Select,
    String,
    cast,
    distinct,
    func,
    literal,
    select,
    union_all,
)

from storage.database.session import Session
from storage.database.statements import is_sqlite
from storage.documents.tables import MatchParties, MatchTopics
from storage.filter import Filter
from storage.register.tables import Agreements, Reports
from storage.search.counts import Facets, month_of
from storage.search.hits import is_only_without, newest_stretch
from storage.search.selection import ChosenRows, chosen

COUNTED = 1_000  # hits of which all values are counted in 30 ms
_RULED_OUT = 250  # among the last hits, for which more of them are looked up
_AMONG = 40_000  # documents in which a frequent word has that many


@dataclass(frozen=True, slots=True)
class DocumentFacets:
    """The facets of a selection, those without values left out, and of how many hits they are.
    `is_cut`: only the newest COUNTED were counted, since there are so many. `months` are those of
    publication: (202603, 5) for March 2026.
    """

    facets: Facets
    counted: int
    is_cut: bool
    months: Sequence[tuple[int, int]] = ()


def document_facets(
    s: Session, flt: Filter, *, everything: bool = False, most: int = 12
) -> DocumentFacets:
    """Return what the documents of a filter have, in each facet the `most` frequent values."""
    for few in _few_at_first(s, flt, everything):
        found = _facets(s, _newest(few), most)
        if found.is_cut:
            return found
    return _facets(s, _newest(chosen(s, flt, everything=everything)), most)


def _few_at_first(s: Session, flt: Filter, everything: bool) -> Iterator[ChosenRows]:
    """Choices that soon find the newest hits of a frequent word. Where they find fewer than
    COUNTED, there may be more elsewhere.
    """
    if not flt.query or is_only_without(flt.words):
        return
    only_words = Filter(query=flt.query)
    if flt == only_words and (not everything or is_sqlite(s)):
        yield chosen(s, flt, everything=everything, last=COUNTED + _RULED_OUT)
    elif everything and (among := newest_stretch(s, length=_AMONG)) is not None:
        yield chosen(s, flt, everything=everything, among=among)


def _facets(s: Session, newest: CTE, most: int) -> DocumentFacets:
    whole = select(literal("").label("name"), literal("").label("value"), func.count().label("n"))
    parts = [whole.select_from(newest), *_parts(newest)]
    found = s.execute(union_all(*parts).order_by("name"))
    by_name = {
        name: sorted(((value, n) for _, value, n in rows), key=lambda one: (-one[1], one[0]))
        for name, rows in groupby(found, key=lambda row: str(row.name))
    }
    ((_, total),) = by_name.pop("")
    months = sorted((int(float(month)), n) for month, n in by_name.pop("month", []))
    facets = {name: by_name[name][:most] for name in _ORDER if name in by_name}
    return DocumentFacets(facets, total, is_cut=total >= COUNTED, months=months)


_ORDER = ("party", "topic", "status", "instrument", "grade", "language", "source")


def _newest(found: ChosenRows) -> CTE:
    rows = found.rows
    columns = (
        rows.id.label("id"),
        rows.language,
        func.coalesce(rows.outlet, rows.source_id).label("source"),
        rows.status,
        rows.instrument,
        cast(month_of(rows.published_on), String).label("month"),
    )
    newest = found.select(*columns, verdicts=True).order_by(*found.newest_first).limit(COUNTED)
    return newest.cte("newest").prefix_with("MATERIALIZED")


def _parts(newest: CTE) -> list[Select[*tuple[Any, ...]]]:
    plain = [
        _counted(name, newest.c[name], select(newest.c[name]).select_from(newest))
        for name in ("status", "instrument", "language", "source", "month")
    ]
    # With a join, SQLite would go through all parties that are stored.
    ids = select(newest.c.id)
    party, topic = MatchParties.party, MatchTopics.topic
    taking_part = select(party).where(MatchParties.document_id.in_(ids))
    taking_part = taking_part.where(MatchParties.taking_part.is_(True))
    topical = select(topic).where(MatchTopics.document_id.in_(ids))
    others = [_counted("party", party, taking_part), _counted("topic", topic, topical)]
    return [*plain, *others, _grades(ids)]


def _grades(ids: Select[int]) -> Select[*tuple[Any, ...]]:
    """How sure the agreements of these documents are, a document once for each value."""
    sure = Agreements.grade
    told = func.count(distinct(Reports.document_id))
    rows = select(literal("grade").label("name"), sure.label("value"), told.label("n"))
    rows = rows.join(Reports, Reports.agreement_id == Agreements.id)
    return rows.where(Reports.document_id.in_(ids)).group_by(sure)


def _counted(name: str, value: Any, rows: Select[Any]) -> Select[*tuple[Any, ...]]:
    counted = rows.with_only_columns(
        literal(name).label("name"), value.label("value"), func.count().label("n")
    )
    return counted.where(value.is_not(None)).group_by(value)
