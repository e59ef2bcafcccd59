"""Counts over the register and the documents: which parties, corridors and topics there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from storage.asking import Filter, TextState
from storage.documents.tables import Documents, Matches
from storage.records import Certainty
from storage.register.tables import AgreementParties, Agreements, AgreementTopics, Pins
from storage.search.filtering import (
    agreement_condition,
    asks_of_verdicts,
    document_condition,
    ruled_out,
)
from storage.search.hits import Scope, count_up_to, count_with_words, has_words


@dataclass(frozen=True, slots=True)
class Corridor:
    """Two parties, in the order of their codes, how many agreements both take part in, and of how
    many of these the text is published.
    """

    one: str
    other: str
    agreements: int
    with_text: int = 0


@dataclass(frozen=True, slots=True)
class Facet:
    """How many agreements or documents of a selection have each value, the most frequent first."""

    name: str
    counts: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class AgreementOverview:
    """How many agreements a selection has, and what they have."""

    total: int
    facets: Sequence[Facet]


def corridors(s: Session) -> list[Corridor]:
    """Return all pairs of parties, those with the most agreements first."""
    found = _pairs().order_by(func.count().desc(), _ONE.party, _OTHER.party)
    return [Corridor(*row) for row in s.execute(found)]


_ONE, _OTHER = aliased(AgreementParties), aliased(AgreementParties)


def _pairs() -> Select[str, str, int, int]:
    both = and_(_ONE.agreement_id == _OTHER.agreement_id, _ONE.party < _OTHER.party)
    with_text = func.count(case((Agreements.text_state == TextState.PUBLISHED, 1)))
    pairs = select(_ONE.party, _OTHER.party, func.count(), with_text).join(_OTHER, both)
    pairs = pairs.join(Agreements, Agreements.id == _ONE.agreement_id)
    pairs = pairs.where(Agreements.listed_only.is_(False))
    return pairs.group_by(_ONE.party, _OTHER.party)


def count_documents(
    s: Session, flt: Filter, *, everything: bool = False, most: int | None = None
) -> int:
    """Return how many documents match a filter; see `storage.queries.search`. With `most`, of so
    many it may say that number.
    """
    if flt == Filter() and not everything:
        return _count_reports(s)
    if flt.query and flt == Filter(query=flt.query, named_parties=flt.named_parties):
        if everything:
            return count_with_words(s, flt.query, most=most)
        found = count_with_words(s, flt.query, reports=True)
        return found - _count_ruled_out(s, flt.query)
    condition = document_condition(s, flt, Scope(reports=not everything))
    if not everything:
        condition = and_(condition, Matches.relevant.is_(True), ~ruled_out(Documents.id))
    rows = select(Documents.id).where(condition)
    if not everything or asks_of_verdicts(flt):
        rows = rows.join(Matches)
    return count_up_to(s, rows, most)


def _count_reports(s: Session) -> int:
    """Count all that is listed, without a look at each document: few of them were ruled out."""
    relevant = select(func.count()).select_from(Matches).where(Matches.relevant.is_(True))
    return s.execute(relevant).scalar_one() - _count_ruled_out(s)


def _count_ruled_out(s: Session, query: str = "") -> int:
    """Count what the rules find relevant, and have the words of a query, but a curator does not."""
    decided = Matches.document_id.in_(select(Pins.document_id))
    conditions = [Matches.relevant.is_(True), decided, ruled_out(Matches.document_id)]
    if query:
        conditions.append(has_words(s, query, Matches.document_id, Scope(reports=True)))
    out = select(func.count()).select_from(Matches).where(*conditions)
    return s.execute(out).scalar_one()


def agreement_overview(s: Session, flt: Filter, most: int = 12) -> AgreementOverview:
    """Count the parties, topics, statuses, texts and certainties of agreements that match a filter.

    They are selected once for all counts.
    """
    columns = (Agreements.id, Agreements.status, Agreements.text_state, Agreements.certainty)
    chosen = select(*columns).where(agreement_condition(s, flt))
    found = chosen.cte("chosen").prefix_with("MATERIALIZED")
    of_party, of_topic = AgreementParties.agreement_id, AgreementTopics.agreement_id
    statement = union_all(
        _counts("party", AgreementParties.party).join(found, found.c.id == of_party),
        _counts("topic", AgreementTopics.topic).join(found, found.c.id == of_topic),
        _counts("status", found.c.status),
        _counts("text", found.c.text_state),
        _counts("certainty", found.c.certainty),
    )
    counts: dict[str, list[tuple[str, int]]]
    counts = {"party": [], "topic": [], "status": [], "text": [], "certainty": []}
    total = 0
    for name, value, number in s.execute(statement):
        total += number if name == "status" else 0
        if value is not None:
            counts[name].append((value, number))
    facets = [Facet(name, _most(values, most)) for name, values in counts.items()]
    facets[-1] = Facet("certainty", sorted(counts["certainty"], key=_surest_first))
    return AgreementOverview(total, facets)


def _surest_first(count: tuple[str, int]) -> int:
    return list(Certainty).index(Certainty(count[0]))


def _counts(name: str, column: Any) -> Select[str, str, int]:
    return select(literal(name), column, func.count()).group_by(column)


def _most(counts: Iterable[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda count: (-count[1], count[0]))[:most]
