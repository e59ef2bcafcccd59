"""Agreements that resemble one: on the same topics, between parties of the same regions, of the
same kind and status.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Set
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from sqlalchemy import exists, or_, select

from storage.database.session import Session
from storage.filter import load_party_groups
from storage.records import Grade, Instrument, Topic
from storage.register.agreements import load_agreements, number
from storage.register.entry import Agreement
from storage.register.tables import AgreementParties, Agreements, AgreementTopics

MOST = 5
_LOOKED_AT = 200  # candidates, the ones reported last
_ENOUGH = 2.0
_TOPICS, _BOTH_REGIONS, _ONE_REGION, _KIND, _STATUS, _SURE = 2.0, 1.5, 0.5, 0.5, 0.25, 0.25


class Likeness(StrEnum):
    TOPICS = "topics"
    REGIONS = "regions"
    KIND = "kind"
    STATUS = "status"


class Similar(NamedTuple):
    agreement: Agreement
    why: tuple[Likeness, ...]
    topics: tuple[str, ...]  # that both are on


class _Profile(NamedTuple):
    """What of an agreement is compared."""

    parties: frozenset[str]
    topics: frozenset[str]
    instrument: str | None
    status: str | None
    grade: str | None


def similar_to(s: Session, agreement: Agreement) -> list[Similar]:
    """At most `MOST` agreements of other parties, the most similar first, with why."""
    own = _Profile(
        frozenset(agreement.parties),
        frozenset(agreement.topics) - {Topic.OTHER},
        agreement.instrument,
        agreement.status,
        agreement.grade,
    )
    scored = [
        (*_likeness(own, profile), key) for key, profile in _profiles(s, agreement, own).items()
    ]
    best = sorted((one for one in scored if one[0] >= _ENOUGH), key=lambda one: (-one[0], -one[2]))
    there = {number(one.id): one for one in load_agreements(s, [key for *_, key in best[:MOST]])}
    return [
        Similar(there[key], why, tuple(t for t in agreement.topics if t in there[key].topics))
        for _, why, key in best[:MOST]
    ]


def _profiles(s: Session, agreement: Agreement, own: _Profile) -> Mapping[int, _Profile]:
    """Those on one of its topics or with one of its parties, the ones reported last."""
    # Looked at one by one, the newest first: topics are few, so that enough are soon found.
    on_topic = exists().where(
        AgreementTopics.agreement_id == Agreements.id, AgreementTopics.topic.in_(own.topics)
    )
    with_party = select(AgreementParties.agreement_id)
    with_party = with_party.where(AgreementParties.party.in_(own.parties))
    like = Agreements.id.in_(with_party)
    rows = select(Agreements.id, Agreements.instrument, Agreements.status, Agreements.grade)
    rows = rows.where(or_(on_topic, like) if own.topics else like)
    rows = rows.where(Agreements.id != number(agreement.id), Agreements.listed_only.is_(False))
    rows = rows.order_by(Agreements.last_reported_on.desc(), Agreements.id.desc())
    looked_at = s.execute(rows.limit(_LOOKED_AT)).all()
    keys = [key for key, *_ in looked_at]
    parties, topics = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    of_parties = select(AgreementParties.agreement_id, AgreementParties.party)
    of_topics = select(AgreementTopics.agreement_id, AgreementTopics.topic)
    for key, party in s.execute(of_parties.where(AgreementParties.agreement_id.in_(keys))):
        parties[key].add(party)
    for key, topic in s.execute(of_topics.where(AgreementTopics.agreement_id.in_(keys))):
        topics[key].add(topic)
    return {
        key: _Profile(frozenset(parties[key]), frozenset(topics[key]) - {Topic.OTHER}, *rest)
        for key, *rest in looked_at
    }


def _likeness(this: _Profile, other: _Profile) -> tuple[float, tuple[Likeness, ...]]:
    """How similar two agreements are, and why; nothing for those of the same parties, which stand
    on the page of their corridor.
    """
    shared, regions = this.topics & other.topics, _regions(this.parties, other.parties)
    if this.parties == other.parties or not (shared or regions):
        return 0.0, ()
    is_kind = this.instrument == other.instrument and this.instrument != Instrument.OTHER
    points = {
        Likeness.TOPICS: _TOPICS * len(shared) / len(this.topics | other.topics) if shared else 0.0,
        Likeness.REGIONS: regions,
        Likeness.KIND: _KIND * (is_kind and this.instrument is not None),
        Likeness.STATUS: _STATUS * (this.status == other.status and this.status is not None),
    }
    sure = _SURE * (other.grade != Grade.UNCONFIRMED)
    told = {**points, Likeness.REGIONS: regions == _BOTH_REGIONS}
    return sum(points.values()) + sure, tuple(name for name in points if told[name])


def _regions(ones: Collection[str], others: Collection[str]) -> float:
    """Points for parties of the same regions: all of both sides, or some."""
    groups = _groups_by_party()

    def like(party: str, parties: Collection[str]) -> bool:
        own = groups.get(party, {party})
        return any(own & groups.get(other, {other}) for other in parties)

    matched = [like(party, others) for party in ones]
    if len(ones) > 1 and all(matched) and all(like(party, ones) for party in others):
        return _BOTH_REGIONS
    return _ONE_REGION if any(matched) else 0.0


_MOST_OF_A_REGION = 60  # parties; what lies "outside Europe" has nothing in common


@cache
def _groups_by_party() -> Mapping[str, Set[str]]:
    by_party: dict[str, set[str]] = {}
    for group, members in load_party_groups().parties.items():
        for party in members if len(members) <= _MOST_OF_A_REGION else ():
            by_party.setdefault(party, {party}).add(group)
    return by_party
