"""Counts over the register and the documents: which parties, corridors and topics there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from storage.documents.tables import Documents, Matches
from storage.filtering import agreement_condition, document_condition, ruled_out
from storage.register.tables import AgreementParties, Agreements, AgreementTopics
from storage.telling.records import Filter


@dataclass(frozen=True, slots=True)
class Corridor:
    """Two parties, in the order of their codes, and how many agreements both take part in."""

    one: str
    other: str
    agreements: int


@dataclass(frozen=True, slots=True)
class Facet:
    """How many agreements or documents of a selection have each value, the most frequent first."""

    name: str
    counts: Sequence[tuple[str, int]]


def corridors(s: Session) -> list[Corridor]:
    """Return all pairs of parties, those with the most agreements first."""
    found = _pairs().order_by(func.count().desc(), _ONE.party, _OTHER.party)
    return [Corridor(one, other, count) for one, other, count in s.execute(found)]


def corridors_between(s: Session, parties: Sequence[str]) -> list[Corridor]:
    """Return the pairs of these parties that have agreements."""
    found = _pairs().where(_ONE.party.in_(parties), _OTHER.party.in_(parties))
    return [Corridor(one, other, count) for one, other, count in s.execute(found)]


_ONE, _OTHER = aliased(AgreementParties), aliased(AgreementParties)


def _pairs() -> Select[str, str, int]:
    both = and_(_ONE.agreement_id == _OTHER.agreement_id, _ONE.party < _OTHER.party)
    pairs = select(_ONE.party, _OTHER.party, func.count()).join(_OTHER, both)
    return pairs.group_by(_ONE.party, _OTHER.party)


def count_agreements(s: Session, flt: Filter) -> int:
    """Return how many agreements match a filter."""
    found = select(func.count()).select_from(Agreements).where(agreement_condition(s, flt))
    return s.execute(found).scalar_one()


def count_documents(s: Session, flt: Filter, *, everything: bool = False) -> int:
    """Return how many documents match a filter; see `storage.queries.search`."""
    condition = document_condition(s, flt)
    if not everything:
        condition = and_(condition, Matches.relevant.is_(True), ~ruled_out(Documents.id))
    joined = select(func.count()).select_from(Documents).join(Matches)
    return s.execute(joined.where(condition)).scalar_one()


def agreement_facets(s: Session, flt: Filter, most: int = 12) -> list[Facet]:
    """Return what the agreements of a filter have: parties, topics, statuses, instruments."""
    chosen = select(Agreements.id).where(agreement_condition(s, flt))
    parties = _counted(s, AgreementParties.party, AgreementParties.agreement_id.in_(chosen), most)
    topics = _counted(s, AgreementTopics.topic, AgreementTopics.agreement_id.in_(chosen), most)
    statuses = _counted(s, Agreements.status, agreement_condition(s, flt), most)
    return [Facet("party", parties), Facet("topic", topics), Facet("status", statuses)]


def _counted(s: Session, column: Any, condition: Any, most: int) -> list[tuple[str, int]]:
    count = func.count()
    rows = (
        select(column, count)
        .where(condition, column.is_not(None))
        .group_by(column)
        .order_by(count.desc(), column)
        .limit(most)
    )
    return [(value, number) for value, number in s.execute(rows)]
