"""Reports -> clusters, one an agreement: each report, in canonical order, joins the likeliest one, or begins one.

What a report scores against a cluster depends on these two alone. So a part of the register that consists of whole
agreements can be clustered alone, with the same outcome.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from crawler.register.evidence import DOUBT, JOIN, weigh
from crawler.register.facts import BEFORE_DEAL, DEAL, Facts, Recalled
from crawler.register.timing import SAME_EVENT, Point, tells_signature
from storage.records import Instrument, Status, Topic, Zone


@dataclass(frozen=True, slots=True)
class Placing:
    """Why a report stands where it stands. `rival` is the score of the second best place."""

    document_id: int
    points: tuple[Point, ...]
    score: float
    rival: float | None

    @property
    def doubtful(self) -> bool:
        return abs(self.score - JOIN) < DOUBT or (self.rival is not None and self.score - self.rival < DOUBT)


@dataclass(slots=True)
class Cluster:
    """An agreement in the making. Shares are of its voices: copies of one text count once."""

    members: list[Facts] = field(default_factory=list)
    placings: list[Placing] = field(default_factory=list)
    parties: frozenset[str] = frozenset()
    weights: dict[str, float] = field(default_factory=dict)
    topics: dict[Topic, float] = field(default_factory=dict)
    instrument: Instrument | None = None
    days: dict[tuple[int, Status | None], None] = field(default_factory=dict)
    undated: set[Status | None] = field(default_factory=set)
    last_day: date | None = None
    was_signed: bool = False
    births: tuple[Recalled, ...] = ()
    numbers: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    _voices: set[str] = field(default_factory=set)
    _topic_votes: dict[Topic, int] = field(default_factory=dict)
    _topic_voices: int = 0
    _instrument_votes: dict[Instrument, int] = field(default_factory=dict)
    _party_votes: dict[frozenset[str], int] = field(default_factory=dict)

    def add(self, report: Facts, placing: Placing) -> None:
        self.members.append(report)
        self.placings.append(placing)
        if report.day is None:
            self.undated.add(report.status)
        else:
            self.days[report.day.toordinal(), report.status] = None
            self.was_signed = self.was_signed or tells_signature(report.status)
            self.last_day = report.day if self.last_day is None else max(self.last_day, report.day)
        if report.report.voice in self._voices:
            return
        self._voices.add(report.report.voice)
        self.numbers |= report.numbers
        self.names |= report.names
        self.births = tuple(dict.fromkeys((*self.births, *_births(report))))
        self._count(report)

    def _count(self, report: Facts) -> None:
        if report.parties:
            self._party_votes[report.parties] = self._party_votes.get(report.parties, 0) + 1
        self.parties = max(self._party_votes, key=lambda key: self._party_votes[key], default=self.parties)
        known = self.weights | {code: max(w, self.weights.get(code, 0.0)) for code, w in report.weights.items()}
        # Only the parties that most voices name are its parties; the others are runners-up.
        self.weights = {code: 1.0 if code in self.parties else min(weight, 0.9) for code, weight in known.items()}
        if report.topics:
            self._topic_voices += 1
            for topic in report.topics:
                self._topic_votes[topic] = self._topic_votes.get(topic, 0) + 1
            self.topics = {topic: count / self._topic_voices for topic, count in self._topic_votes.items()}
        if report.instrument is not None:
            self._instrument_votes[report.instrument] = self._instrument_votes.get(report.instrument, 0) + 1
            self.instrument = max(self._instrument_votes, key=lambda one: self._instrument_votes[one])


def _births(report: Facts) -> Iterable[Recalled]:
    """When the agreement came about, as far as this report tells."""
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


class Board:
    """The clusters so far, found by two parties that they have in common with a report."""

    def __init__(self, apart: Mapping[int, Collection[int]]) -> None:
        self.clusters: list[Cluster] = []
        self._apart = apart
        self._by_key: dict[tuple[str, ...], set[int]] = {}  # -> indices into `clusters`
        self._by_voice: dict[str, set[int]] = {}
        self._home: dict[int, int] = {}  # document -> index

    def place(self, report: Facts) -> None:
        """Put a report where it belongs."""
        document_id = report.report.document_id
        copies = self._by_voice.get(report.report.voice, ())
        copy = next((index for index in sorted(copies) if self._free(self.clusters[index], document_id)), None)
        if copy is not None:
            point = Point(JOIN + 2 * DOUBT, "a copy of one text")
            self._add(copy, report, Placing(document_id, (point,), point.value, None))
            return
        scored = self._scored(report)
        rival = scored[1][0] if len(scored) > 1 else None
        if scored and scored[0][0] >= JOIN:
            score, index, points = scored[0]
        else:
            score, points = (scored[0][0], scored[0][2]) if scored else (0.0, [])
            index = len(self.clusters)
            self.clusters.append(Cluster())
        self._add(index, report, Placing(document_id, tuple(points), score, rival))

    def reconsider(self, report: Facts) -> None:
        """Give a report that stands alone a second look at what others tell of its days: the first report of an event
        may have misread its parties, and stood in nobody's way."""
        home = self._home[report.report.document_id]
        if len(self.clusters[home].members) > 1 or report.day is None:
            return
        for score, index, points in self._scored(report):
            if index != home and score >= JOIN and any(point.reason in SAME_EVENT for point in points):
                self.clusters[home] = Cluster()
                self._add(index, report, Placing(report.report.document_id, tuple(points), score, None))
                return

    def _scored(self, report: Facts) -> list[tuple[float, int, list[Point]]]:
        """Score, cluster, points: the best first; at a tie the one that began first."""
        scored = []
        indices = set[int]().union(*(self._by_key.get(key, ()) for key in _keys(report)))
        for index in indices:
            if not self.clusters[index].members:
                continue
            free = self._free(self.clusters[index], report.report.document_id)
            points = weigh(report, self.clusters[index]) if free else []
            if points:
                scored.append((round(sum(point.value for point in points), 3), index, points))
        return sorted(scored, key=lambda one: (-one[0], one[1]))

    def _add(self, index: int, report: Facts, placing: Placing) -> None:
        self.clusters[index].add(report, placing)
        self._home[report.report.document_id] = index
        for key in _keys(report):
            self._by_key.setdefault(key, set()).add(index)
        self._by_voice.setdefault(report.report.voice, set()).add(index)

    def _free(self, cluster: Cluster, document_id: int) -> bool:
        """Whether no curator keeps the report apart from one of the cluster's."""
        apart = self._apart.get(document_id)
        return not apart or not any(member.report.document_id in apart for member in cluster.members)


def _keys(report: Facts) -> Iterable[tuple[str, ...]]:
    """Pairs of its parties and runners-up, by which it meets others; its one party where it names no more."""
    codes = sorted(report.weights)
    return combinations(codes, 2) if len(codes) > 1 else [(code,) for code in codes]


def cluster(reports: Sequence[Facts], apart: Mapping[int, Collection[int]]) -> list[Cluster]:
    """`reports` in canonical order; clusters in the order of their first reports."""
    board = Board(apart)
    for report in reports:
        board.place(report)
    for report in reports:
        board.reconsider(report)
    return [one for one in board.clusters if one.members]
