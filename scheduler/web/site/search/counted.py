"""What the agreements and documents of a selection have, counted once for many readers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scheduler.web.site.installation import Installation
from storage.database.session import Session, remembered
from storage.document_facets import DocumentFacets, document_facets
from storage.filter import Filter
from storage.register.stamp import stamp
from storage.search import counts
from storage.search.counts import (
    AgreementOverview,
    Bits,
    Columns,
    Corridor,
    chosen_agreements,
    read_columns,
)

Value = TypeVar("Value")

MOST = 10_000  # of all documents, no more are counted
MOST_VALUES = 12  # of a facet of the register
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """`busiest`: the parties with the most agreements; `corridors`: those between them."""

    agreements: AgreementOverview
    busiest: Sequence[str]
    corridors: Sequence[Corridor]


@dataclass(frozen=True, slots=True)
class CountedDocuments:
    """How many documents a selection has, and what they have. `is_least`: there are more."""

    total: int
    facets: DocumentFacets
    is_least: bool = False


NOTHING = CountedDocuments(0, DocumentFacets((), 0, is_cut=False))


def counts_of(
    served: Installation, s: Session, flt: Filter, *, everything: bool
) -> CountedDocuments:
    """The counts of a selection of documents, some seconds old at most."""

    def count() -> CountedDocuments:
        has = document_facets(s, flt, everything=everything)
        if not has.is_cut:
            return CountedDocuments(has.counted, has)
        if not everything:  # there are far fewer reports
            return CountedDocuments(counts.count_documents(s, flt), has)
        total = counts.count_documents(s, flt, everything=True, most=MOST + 1)
        return CountedDocuments(min(total, MOST), has, is_least=total > MOST)

    return served.kept.for_seconds(("documents", flt, everything), _SECONDS, count)


def overview_of(served: Installation, s: Session, flt: Filter) -> Counted:
    """The counts of a selection of the register."""
    columns = columns_of(served, s)
    has = columns.overview(selected(served, s, flt), MOST_VALUES)
    busiest = [code for code, _ in has.facets[0].counts]
    among = set(busiest)
    between = [one for one in columns.corridors if one.one in among and one.other in among]
    return Counted(has, busiest, between)


def columns_of(served: Installation, s: Session) -> Columns:
    """The register in columns; a large one some seconds old at most."""
    return _once(
        s,
        "columns",
        lambda: served.kept.nearly_current("columns", stamp(s), lambda: read_columns(s)),
    )


def selected(served: Installation, s: Session, flt: Filter) -> Bits:
    """The agreements of a selection."""
    columns = columns_of(served, s)
    if flt == Filter():
        return columns.reported
    return _once(
        s,
        flt,
        lambda: served.kept.until_changed(
            ("chosen", flt), stamp(s), lambda: chosen_agreements(s, flt, columns)
        ),
    )


def _once(s: Session, key: Hashable, make: Callable[[], Value]) -> Value:
    """What was made for `key` in this reading transaction: one page asks for it up to four times,
    and all of its counts have to be of the same columns.
    """
    made: dict[Hashable, Value] = remembered(s).setdefault("counted", {})
    if key not in made:
        made[key] = make()
    return made[key]
