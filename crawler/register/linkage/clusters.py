"""Clusters: agreements in the making, to which one report after the other is added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from crawler.register.linkage.facts import (
    BEFORE_DEAL,
    DEAL,
    LEAST_SHARE,
    Facts,
    Paper,
    Recalled,
    subject_of,
)
from crawler.register.linkage.points import (
    DOUBT,
    JOIN,
    NAMED_ALIKE,
    PROMINENT,
    RECALLS_ITS_DATE,
    SAME_PAPER,
)
from crawler.register.linkage.timing import Point, tells_signature
from storage.records import Instrument, Status, Topic, Zone

COPY = "a copy of one text"
OF_ROW = "a row of one list"
_ACCEPTED = frozenset({Status.RATIFIED, Status.IN_FORCE})


@dataclass(frozen=True, slots=True)
class Placing:
    """Why a report stands where it stands: its points against the most likely cluster `best`, even
    if it did not join it, and the score of `second`, the next best.
    """

    document_id: int
    points: tuple[Point, ...]
    score: float
    rival: float | None
    best: int | None = None
    second: int | None = None

    @property
    def is_copy(self) -> bool:
        return any(point.reason in (COPY, OF_ROW) for point in self.points)

    def names_it(self, status: Status | None) -> bool:
        """Whether a later step names this very agreement: by the date on which it was concluded in
        headline or lead. Ratification and entry into force need less: a date in the text, or the
        same kind of paper, if that is no mere "agreement".
        """
        dates = [one.value for one in self.points if one.reason == RECALLS_ITS_DATE]
        if status not in _ACCEPTED:
            return any(value >= PROMINENT for value in dates)
        return bool(dates) or any(one.reason == SAME_PAPER for one in self.points)

    @property
    def rests_on_names(self) -> bool:
        """Whether the report joined only since a second reader gives both one name."""
        named = sum(one.value for one in self.points if one.reason == NAMED_ALIKE)
        return named > 0 and self.score >= JOIN > self.score - named

    @property
    def doubtful(self) -> bool:
        near_threshold = abs(self.score - JOIN) < DOUBT
        near_rival = self.rival is not None and self.score - self.rival < DOUBT
        return near_threshold or near_rival


@dataclass(slots=True)
class Cluster:
    """The reports of an agreement in the making, copies once, and what they say (in ordinals)."""

    members: list[Facts] = field(default_factory=list)
    parties: frozenset[str] = frozenset()
    party_votes: dict[frozenset[str], int] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    topics: dict[Topic, float] = field(default_factory=dict)
    subject: str | None = None
    instrument: Instrument | None = None
    undated: set[Status | None] = field(default_factory=set)
    latest: dict[Status | None, int] = field(default_factory=dict)
    last_day: date | None = None
    ended_on: int | None = None
    was_signed: bool = False
    births: tuple[Recalled, ...] = ()
    birth_years: set[int] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    rows: dict[str, str] = field(default_factory=dict)  # list -> the key of the only row of it
    beside: set[Paper] = field(default_factory=set)
    known_on: set[date | None] = field(default_factory=set)  # days that rows of lists have
    # By second readers: year -> words. What is only planned has no year.
    named: dict[int | None, set[str]] = field(default_factory=dict)
    planned: bool = False  # whether a second reader calls it so
    _copy_groups: set[str] = field(default_factory=set)
    _topic_votes: dict[Topic, int] = field(default_factory=dict)
    _topic_groups: int = 0
    _instrument_votes: dict[Instrument, int] = field(default_factory=dict)

    def add(self, report: Facts) -> None:
        self.members.append(report)
        if report.row is not None:
            self.rows[report.row.list_id] = report.row.key
            self.known_on.add(report.report.card.event_date)
        if report.day is None:
            self.undated.add(report.status)
        else:
            today = report.day.toordinal()
            self.latest[report.status] = max(today, self.latest.get(report.status, today))
            self.last_day = report.day if self.last_day is None else max(self.last_day, report.day)
            self.was_signed = self.was_signed or tells_signature(report.status)
            if report.status is Status.TERMINATED:
                self.ended_on = today if self.ended_on is None else min(self.ended_on, today)
        if report.named is not None:
            self.named.setdefault(report.named.year, set()).update(report.named.words)
            self.planned = self.planned or report.named.planned
        if report.report.copy_group in self._copy_groups:
            return
        self._copy_groups.add(report.report.copy_group)
        self.numbers |= report.numbers
        self.names |= report.names
        self.beside.update(report.beside)
        self.births = tuple(dict.fromkeys((*self.births, *_births(report))))
        self.birth_years = {birth.parts[0] for birth in self.births}
        self._count(report)

    def _count(self, report: Facts) -> None:
        if report.parties:
            self.party_votes[report.parties] = self.party_votes.get(report.parties, 0) + 1
        votes = self.party_votes
        self.parties = max(votes, key=lambda key: votes[key], default=self.parties)
        known = dict(self.weights)
        # A report of several deals also names the parties of the others: no runners-up here.
        others = report.parties - self.parties if self.parties < report.parties else frozenset()
        for code, weight in report.weights.items():
            if code in others:
                continue
            known[code] = max(weight, known.get(code, 0.0))
        # Only the parties that most texts name are parties of the cluster; the others are
        # runners-up.
        self.weights = {
            code: 1.0 if code in self.parties else min(weight, 0.9)
            for code, weight in known.items()
        }
        if report.topics:
            self._topic_groups += 1
            for topic in report.topics:
                self._topic_votes[topic] = self._topic_votes.get(topic, 0) + 1
            self.topics = {
                topic: count / self._topic_groups for topic, count in self._topic_votes.items()
            }
            least = LEAST_SHARE * self._topic_groups
            self.subject = subject_of(
                topic for topic, count in self._topic_votes.items() if count >= least
            )
        if report.instrument is not None:
            kinds = self._instrument_votes
            kinds[report.instrument] = kinds.get(report.instrument, 0) + 1
            self.instrument = max(kinds, key=lambda kind: kinds[kind])


def cluster_of(members: Iterable[Facts]) -> Cluster:
    """Return the cluster of these reports, added one after the other."""
    made = Cluster()
    for member in members:
        made.add(member)
    return made


def keys_of(report: Facts) -> tuple[tuple[str, ...], ...]:
    """Return the blocking keys of a report: pairs of codes (runners-up too), or its only code."""
    codes = sorted(report.weights)
    return tuple(combinations(codes, 2)) if len(codes) > 1 else tuple((code,) for code in codes)


def _births(report: Facts) -> Iterable[Recalled]:
    """Yield the dates at which the agreement was concluded, as far as this report tells."""
    if report.status in DEAL and report.day is not None:
        day = report.day
        yield Recalled((day.year, day.month, day.day), Zone.TITLE, report.instrument, False)
    elif report.status is not None:
        own = [one for one in report.recalled if not one.other]
        prominent = [one for one in own if one.prominent]
        if prominent:
            yield prominent[0]
        elif len(own) == 1 and report.status not in BEFORE_DEAL:
            yield own[0]
