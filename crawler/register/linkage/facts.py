"""Reports in the form in which they are compared. Cards and clues are converted only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from crawler.clues import AgreementName, PaperBeside, RecalledDate, read_clues
from crawler.register.steps import day_of, is_vague
from storage.records import DateBasis, Instrument, Status, Topic
from storage.register.entry import Report
from storage.register.list_rows import ListRow, row_of

_RUNNER_UP_WEIGHT = 0.6  # for a runner-up that is named as often as the weakest party

BEFORE_DEAL = frozenset({Status.PROPOSED, Status.NEGOTIATING})
DEAL = frozenset({Status.CONCLUDED, Status.SIGNED})
# Only these say what kind of document it is: any document may be called an agreement in passing.
SPECIFIC = frozenset(Instrument) - {Instrument.AGREEMENT, Instrument.OTHER}
# Of the texts: what fewer of them name is no topic of the agreement.
LEAST_SHARE = 0.4
# Reporters may call one deal readmission, border control or aid; but none takes a deal about
# sending people back for one about letting them come.
_SUBJECTS = {
    Topic.READMISSION: "control",
    Topic.BORDER: "control",
    Topic.TRAFFICKING: "control",
    Topic.LABOUR: "mobility",
    Topic.VISA: "mobility",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of a report. `weights` are less than 1 for runners-up. `is_dated`: the text
    gives the day; `dates_signature`: that is the day of its signature. `row` is the row of a list
    that it was made of.
    """

    report: Report
    parties: frozenset[str]
    weights: Mapping[str, float]
    day: date | None
    is_dated: bool
    dates_signature: bool
    status: Status | None
    topics: frozenset[Topic]
    subject: str | None
    instrument: Instrument | None
    recalled: tuple[RecalledDate, ...]
    numbers: frozenset[int]
    names: frozenset[str]
    row: ListRow | None
    beside: tuple[PaperBeside, ...]  # papers that it names beside the one in the news
    looks_back: bool  # whether it only recalls a deal: it states no step explicitly, and no day
    named: AgreementName | None  # by a second reader


def facts_of(report: Report) -> Facts:
    card, clues = report.card, read_clues(report.clues)
    undated = card.event_date is None and report.published_on is None
    return Facts(
        report=report,
        parties=frozenset(card.parties),
        weights=_weights(report),
        day=None if undated else day_of(report),
        is_dated=card.event_date_basis is DateBasis.TEXT,
        dates_signature=clues.is_dated and card.event_date_basis is DateBasis.TEXT,
        status=card.status,
        topics=frozenset(card.topics) - {Topic.OTHER},
        subject=subject_of(card.topics),
        instrument=card.instrument,
        recalled=clues.dates,
        numbers=frozenset(clues.numbers),
        names=frozenset(clues.names),
        row=row_of(report.clues),
        beside=clues.beside,
        looks_back=is_vague(report)
        and card.status in DEAL
        and card.event_date_basis is not DateBasis.TEXT,
        named=clues.named,
    )


def implies_signature(status: Status | None) -> bool:
    """Whether a report with this status implies that the agreement was signed."""
    return status is not None and status not in BEFORE_DEAL and status is not Status.CONCLUDED


def subject_of(topics: Iterable[Topic]) -> str | None:
    """Return "control" or "mobility" for topics that are all of the one kind, else None."""
    kinds = set(map(_SUBJECTS.get, topics))
    return kinds.pop() if len(kinds) == 1 else None


def _weights(report: Report) -> dict[str, float]:
    scores = dict(report.card.party_scores)
    parties = report.card.parties
    weights = dict.fromkeys(parties, 1.0)
    weakest = min((scores[code] for code in parties if scores.get(code)), default=0.0)
    for code in report.card.runners_up:
        relative = min(1.0, scores[code] / weakest) if weakest else 1.0
        weights[code] = _RUNNER_UP_WEIGHT * relative
    return weights


# --- whether two reports with similar texts are copies --------------------------------------------

# Copies state the same day, but "on Tuesday" and a time zone can shift it by one.
_STATED_DAYS = 1
# If only the outlet gives a day, it is that of the reprint: papers print agency texts within a
# week.
_REPRINT_DAYS = 7


def are_one_event(a: Facts, b: Facts) -> bool:
    """Whether two similar texts may be copies by parties, place and day, of which either may say
    nothing. The steps of one row of a list always belong together.
    """
    if _are_of_one_row(a, b):
        return True
    return not (contradict(a.parties, b.parties) or _other_place(a, b) or _other_days(a, b))


def are_two_events(a: Facts, b: Facts) -> bool:
    """Whether two similar texts are releases on the same form about different agreements. Different
    parties may be misread: then each text names the other's as runners-up, and the place is the
    same.
    """
    if _are_of_one_row(a, b) or not contradict(a.parties, b.parties):
        return False
    here, there = a.parties - b.parties, b.parties - a.parties
    return _other_place(a, b) or (here.isdisjoint(b.weights) and there.isdisjoint(a.weights))


def _are_of_one_row(a: Facts, b: Facts) -> bool:
    return a.row is not None and a.row == b.row


def contradict(some: Set[str], others: Set[str]) -> bool:
    """Whether each of two sets of parties has one that the other lacks."""
    return not (some <= others or others <= some)


def _other_place(a: Facts, b: Facts) -> bool:
    here, there = a.report.card.place_key, b.report.card.place_key
    return here is not None and there is not None and here != there


def _other_days(a: Facts, b: Facts) -> bool:
    if a.day is None or b.day is None:
        return False
    most = _STATED_DAYS if a.is_dated and b.is_dated else _REPRINT_DAYS
    return abs((a.day - b.day).days) > most


# --- agreements in the making ---------------------------------------------------------------------


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
    births: set[tuple[int, ...]] = field(default_factory=set)  # when it may have been concluded
    numbers: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    rows: dict[str, str] = field(default_factory=dict)  # list -> the key of the only row of it
    beside: set[PaperBeside] = field(default_factory=set)
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
            self.was_signed = self.was_signed or implies_signature(report.status)
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
        self.births.update(_births(report))
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
    made = Cluster()
    for member in members:
        made.add(member)
    return made


def _births(report: Facts) -> Iterable[tuple[int, ...]]:
    """Yield the date at which the agreement was concluded, as far as this report gives one."""
    if report.status in DEAL and report.day is not None:
        yield report.day.timetuple()[:3]
    elif report.status is not None:
        own = [one for one in report.recalled if not one.other]
        prominent = [one for one in own if one.prominent]
        if prominent:
            yield prominent[0].parts
        elif len(own) == 1 and report.status not in BEFORE_DEAL:
            yield own[0].parts
