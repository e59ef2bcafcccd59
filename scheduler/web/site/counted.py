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
        total = overview.count_documents(s, flt, everything=everything)
        return CountedDocuments(total, document_facets(s, flt, everything=everything))

    return served.kept.for_seconds(("documents", flt, everything), _SECONDS, count)


def overview_of(served: Installation, s: Session, flt: Filter) -> Counted:
    """The counts of a selection of the register."""
    return served.kept.until_changed(("register", flt), stamp(s), lambda: _count(s, flt))


def _count(s: Session, flt: Filter) -> Counted:
    has = overview.agreement_overview(s, flt)
    busiest = [code for code, _ in has.facets[0].counts]
    return Counted(has, busiest, overview.corridors_between(s, busiest))
