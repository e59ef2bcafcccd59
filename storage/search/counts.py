"""How many agreements and documents a selection has, and of which kinds, places and times. What
counting documents costs is bounded: of a selection with more hits, the newest are counted.

For the overviews beside each list the whole register is read in columns: for each value, the
agreements that have it, as the bits of a number. To say what a selection has, the bits of each
value are ANDed with those of the selection: 2 µs a value where there are 50,000 agreements, for
which SQL would need .3 s a page. Tables of counts are made by `storage.search.pivot` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import (
    CTE,
    Select,
    String,
    cast,
    distinct,
    extract,
    func,
    literal,
    select,
    union_all,
)

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import MatchParties, MatchTopics
from storage.filter import Filter
from storage.records import Grade, TextState
from storage.register.tables import (
    AgreementParties,
    Agreements,
    AgreementTopics,
    Pins,
    Reports,
    Steps,
)
from storage.search.filtering import agreement_condition, ruled_out
from storage.search.hits import (
    Scope,
    count_up_to,
    count_with_words,
    has_words,
    is_only_without,
    newest_stretch,
)
from storage.search.selection import ChosenRows, chosen
from storage.search.tables import REPORTS, SEARCH_ROWS

Bits = int  # bit 17 stands for the agreement "A17"
PeriodCounts = Sequence[tuple[int, int]]


# Two parties in order, how many agreements both take part in, and of how many the text is public.
Corridor = tuple[str, str, int, int]
# How many agreements or documents of a selection have each value, by the name of the facet, the
# most frequent values first.
Facets = Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Columns:
    """`reported` are the agreements that are not known from lists alone; `months` are those of
    steps: 202603 for March 2026. `corridors` are those with the most agreements first.
    """

    reported: Bits
    facets: Mapping[str, Mapping[str, Bits]]
    months: Mapping[int, Bits]
    corridors: Sequence[Corridor]

    @property
    def is_any_listed(self) -> bool:
        """Whether any agreement is known from lists alone."""
        return any(bits & ~self.reported for bits in self.facets["grade"].values())

    def overview(self, chosen: Bits, most: int) -> tuple[int, Facets]:
        """How many these agreements are, and the `most` frequent values that they have."""
        facets = {
            name: sorted(_counts(values, chosen), key=lambda count: (-count[1], count[0]))[:most]
            for name, values in self.facets.items()
        }
        surest_first = [*Grade].index
        sure = _counts(self.facets["grade"], chosen)
        facets["grade"] = sorted(sure, key=lambda count: surest_first(Grade(count[0])))
        return chosen.bit_count(), facets

    def corridors_of(self, chosen: Bits) -> list[Corridor]:
        """The corridors of these agreements."""
        return _corridors(
            self.facets["party"], chosen, self.facets["text"].get(TextState.PUBLISHED, 0)
        )

    def by_month(self, chosen: Bits) -> list[tuple[int, int]]:
        """The months in which these agreements have steps, and how many: (202603, 5)."""
        return sorted(_counts(self.months, chosen))

    def by_year(self, chosen: Bits) -> list[tuple[int, int]]:
        """The same by years, in each of which an agreement counts once."""
        years: dict[int, Bits] = {}
        for month, bits in self.months.items():
            years[month // 100] = years.get(month // 100, 0) | bits
        return sorted(_counts(years, chosen))


def agreement_overview(
    s: Session, flt: Filter, most: int = 12, columns: Columns | None = None
) -> tuple[int, Facets]:
    """Count what the agreements of a filter have. `columns`: if they were read already."""
    columns = columns or read_columns(s)
    return columns.overview(chosen_agreements(s, flt, columns), most)


def read_columns(s: Session) -> Columns:
    """Read the whole register: 0.2 s of processor time for 50,000 agreements."""
    parties, topics = AgreementParties, AgreementTopics
    reported = _by_value(s, Agreements.listed_only, Agreements.id).get(False, 0)
    facets = {
        "party": _by_value(s, parties.party, parties.agreement_id),
        "instrument": _by_value(s, Agreements.instrument, Agreements.id),
        "topic": _by_value(s, topics.topic, topics.agreement_id),
        "status": _by_value(s, Agreements.status, Agreements.id),
        "text": _by_value(s, Agreements.text_state, Agreements.id),
        "grade": _by_value(s, Agreements.grade, Agreements.id),
    }
    with_text = facets["text"].get(TextState.PUBLISHED, 0)
    return Columns(
        reported=reported,
        facets=facets,
        months=_by_month(_by_value(s, Steps.on, Steps.agreement_id)),
        corridors=_corridors(facets["party"], reported, with_text),
    )


def chosen_agreements(s: Session, flt: Filter, columns: Columns) -> Bits:
    if flt == Filter():
        return columns.reported
    numbers = s.scalar(select(_ids(Agreements.id)).where(agreement_condition(s, flt)))
    return bits_of(map(int, numbers.split(","))) if numbers else 0


def bits_of(ids: Iterable[int]) -> Bits:
    numbers = list(ids)
    mask = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        mask[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(mask, "little")


def numbers_of(bits: Bits) -> Iterator[int]:
    """Yield the places of the bits that are set."""
    for place, byte in enumerate(bits.to_bytes(bits.bit_length() // 8 + 1, "little")):
        if byte:
            yield from (place * 8 + one for one in range(8) if byte >> one & 1)


def count_documents(
    s: Session, flt: Filter, *, everything: bool = False, most: int | None = None
) -> int:
    """Count the documents that match a filter. With `most`, of so many it may say that number."""
    if flt == Filter() and not everything:
        return sql.count(s, SEARCH_ROWS) - _count_ruled_out(s)
    if flt.query and flt == Filter(query=flt.query):
        if everything:
            return count_with_words(s, flt.words, most=most)
        found = count_with_words(s, flt.words, reports=True)
        return found - _count_ruled_out(s, flt.words)
    return count_up_to(s, chosen(s, flt, everything=everything).ids, most)


def _corridors(parties: Mapping[str, Bits], reported: Bits, with_text: Bits) -> list[Corridor]:
    corridors = [
        (one, other, both.bit_count(), (both & with_text).bit_count())
        for one, other in combinations(sorted(parties), 2)
        if (both := parties[one] & parties[other] & reported)
    ]
    return sorted(corridors, key=lambda pair: (-pair[2], *pair[:2]))


def _by_value(s: Session, value: Any, row_id: Any) -> dict[Any, Bits]:
    rows = s.execute(select(value, _ids(row_id)).where(value.is_not(None)).group_by(value))
    return {having: bits_of(map(int, numbers.split(","))) for having, numbers in rows}


def _ids(row_id: Any) -> Any:
    """Ids as one string: a row for each would take several times as long."""
    return func.aggregate_strings(cast(row_id, String), ",")


def _by_month(days: Mapping[date, Bits]) -> dict[int, Bits]:
    months: dict[int, Bits] = {}
    for day, bits in days.items():
        month = day.year * 100 + day.month
        months[month] = months.get(month, 0) | bits
    return months


def _counts(values: Mapping[Any, Bits], chosen: Bits) -> list[tuple[Any, int]]:
    return [(value, n) for value, bits in values.items() if (n := (bits & chosen).bit_count())]


def _count_ruled_out(s: Session, query: str = "") -> int:
    """Count what the rules find relevant, and have the words of a query, but a curator does not."""
    decided = REPORTS.id.in_(select(Pins.document_id))
    conditions = [decided, ruled_out(REPORTS.id)]
    if query:
        conditions.append(has_words(s, query, REPORTS.id, Scope(reports=True)))
    return sql.count(s, SEARCH_ROWS, *conditions)


# --- what the documents of a selection have -------------------------------------------------------

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
        facets = _facets(s, _newest(few), most)
        if facets.is_cut:
            return facets
    return _facets(s, _newest(chosen(s, flt, everything=everything)), most)


def _few_at_first(s: Session, flt: Filter, everything: bool) -> Iterator[ChosenRows]:
    """Choices that soon find the newest hits of a frequent word, though perhaps not all."""
    if not flt.query or is_only_without(flt.words):
        return
    only_words = Filter(query=flt.query)
    if flt == only_words and (not everything or sql.is_sqlite(s)):
        yield chosen(s, flt, everything=everything, last=COUNTED + _RULED_OUT)
    elif everything and (among := newest_stretch(s, length=_AMONG)) is not None:
        yield chosen(s, flt, everything=everything, among=among)


def _facets(s: Session, newest: CTE, most: int) -> DocumentFacets:
    whole = select(literal("").label("name"), literal("").label("value"), func.count().label("n"))
    parts = [whole.select_from(newest), *_parts(newest)]
    result = s.execute(union_all(*parts).order_by("name"))
    by_name = {
        name: sorted(((value, n) for _, value, n in rows), key=lambda one: (-one[1], one[0]))
        for name, rows in groupby(result, key=lambda row: str(row.name))
    }
    ((_, total),) = by_name.pop("")
    months = sorted((int(float(month)), n) for month, n in by_name.pop("month", []))
    facets = {name: by_name[name][:most] for name in _ORDER if name in by_name}
    return DocumentFacets(facets, total, is_cut=total >= COUNTED, months=months)


_ORDER = ("party", "topic", "status", "instrument", "grade", "language", "source")


def _newest(chosen_rows: ChosenRows) -> CTE:
    rows = chosen_rows.rows
    columns = (
        rows.id.label("id"),
        rows.language,
        func.coalesce(rows.outlet, rows.source_id).label("source"),
        rows.status,
        rows.instrument,
        cast(
            extract("year", rows.published_on) * 100 + extract("month", rows.published_on), String
        ).label("month"),
    )
    newest = (
        chosen_rows.select(*columns, verdicts=True)
        .order_by(*chosen_rows.newest_first)
        .limit(COUNTED)
    )
    return newest.cte("newest").prefix_with("MATERIALIZED")


def _parts(newest: CTE) -> list[Select[*tuple[Any, ...]]]:
    plain = [
        _counted_values(name, newest.c[name], select(newest.c[name]).select_from(newest))
        for name in ("status", "instrument", "language", "source", "month")
    ]
    # With a join, SQLite would go through all parties that are stored.
    ids = select(newest.c.id)
    party, topic = MatchParties.party, MatchTopics.topic
    taking_part = select(party).where(MatchParties.document_id.in_(ids))
    taking_part = taking_part.where(MatchParties.taking_part.is_(True))
    topical = select(topic).where(MatchTopics.document_id.in_(ids))
    others = [
        _counted_values("party", party, taking_part),
        _counted_values("topic", topic, topical),
    ]
    return [*plain, *others, _grades(ids)]


def _grades(ids: Select[int]) -> Select[*tuple[Any, ...]]:
    """How sure the agreements of these documents are, a document once for each value."""
    sure = Agreements.grade
    reports = func.count(distinct(Reports.document_id))
    rows = select(literal("grade").label("name"), sure.label("value"), reports.label("n"))
    rows = rows.join(Reports, Reports.agreement_id == Agreements.id)
    return rows.where(Reports.document_id.in_(ids)).group_by(sure)


def _counted_values(name: str, value: Any, rows: Select[Any]) -> Select[*tuple[Any, ...]]:
    counted = rows.with_only_columns(
        literal(name).label("name"), value.label("value"), func.count().label("n")
    )
    return counted.where(value.is_not(None)).group_by(value)
