"""What the agreements and documents of a selection have, counted once for many readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.web.site.installation import Installation
from storage import overview
from storage.database.session import Session
from storage.document_facets import DocumentFacets, document_facets
from storage.overview import AgreementOverview, Corridor
from storage.register.stamp import stamp
from storage.telling.records import Filter

_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """`busiest`: the parties with the most agreements; `corridors`: those between them."""

    agreements: AgreementOverview
    busiest: Sequence[str]
    corridors: Sequence[Corridor]


@dataclass(frozen=True, slots=True)
class CountedDocuments:
    """How many documents a selection has, and what they have."""

    total: int
    facets: DocumentFacets


def counts_of(
    served: Installation, s: Session, flt: Filter, *, everything: bool
) -> CountedDocuments:
    """The counts of a selection of documents, some seconds old at most."""

    def count() -> CountedDocuments:
        has = document_facets(s, flt, everything=everything)
        if has.is_cut:
            return CountedDocuments(overview.count_documents(s, flt, everything=everything), has)
        return CountedDocuments(has.counted, has)

    return served.kept.for_seconds(("documents", flt, everything), _SECONDS, count)


def overview_of(served: Installation, s: Session, flt: Filter) -> Counted:
    """The counts of a selection of the register."""
    now = stamp(s)
    has = served.kept.until_changed(
        ("register", flt), now, lambda: overview.agreement_overview(s, flt)
    )
    corridors = served.kept.until_changed("corridors", now, lambda: overview.corridors(s))
    busiest = [code for code, _ in has.facets[0].counts]
    among = set(busiest)
    between = [one for one in corridors if one.one in among and one.other in among]
    return Counted(has, busiest, between)
