"""Reports in the form in which they are compared. Cards and clues are converted only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from crawler.clues import AgreementName, PaperBeside, RecalledDate, read_clues
from crawler.register.steps import day_of, is_vague
from storage.records import DateBasis, Instrument, Status, Topic, Zone
from storage.register.records import ListRow, Report, row_of

_RUNNER_UP_WEIGHT = 0.6  # for a runner-up that is named as often as the weakest party

BEFORE_DEAL = frozenset({Status.PROPOSED, Status.NEGOTIATING})
DEAL = frozenset({Status.CONCLUDED, Status.SIGNED})
# Only these tell what kind of document it is: any document may be called an agreement in passing.
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
_KINDS = {
    "memorandum": Instrument.MEMORANDUM,
    "treaty": Instrument.TREATY,
    "protocol": Instrument.PROTOCOL,
    "declaration": Instrument.DECLARATION,
    "partnership": Instrument.PARTNERSHIP,
    "plan": Instrument.ACTION_PLAN,
}


class Recalled(NamedTuple):
    """A date of an agreement, perhaps an earlier one: year, month and day, as far as known.
    `other`: the text says that it is not the agreement in the news.
    """

    parts: tuple[int, ...]
    zone: Zone
    kind: Instrument | None
    other: bool

    @property
    def prominent(self) -> bool:
        return self.zone is not Zone.BODY


class Paper(NamedTuple):
    """What a report calls a paper: the kinds of document and the topics."""

    kinds: frozenset[Instrument]
    topics: frozenset[Topic]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of a report. `weights` are less than 1 for runners-up. `is_dated`: the text
    gives the day; `tells_its_day`: that is the day of its signature. `row` is the row of a list
    that it was made of.
    """

    report: Report
    parties: frozenset[str]
    weights: Mapping[str, float]
    day: date | None
    is_dated: bool
    tells_its_day: bool
    status: Status | None
    topics: frozenset[Topic]
    subject: str | None
    instrument: Instrument | None
    recalled: tuple[Recalled, ...]
    numbers: frozenset[int]
    names: frozenset[str]
    row: ListRow | None
    beside: tuple[Paper, ...]  # papers that it names beside the one in the news
    looks_back: (
        bool  # whether it only recalls a deal: it tells no step in so many words, and no day
    )
    named: AgreementName | None  # by a second reader


def facts_of(report: Report) -> Facts:
    """Return the facts of a report that linkage compares."""
    card, clues = report.card, read_clues(report.clues)
    undated = card.event_date is None and report.published_on is None
    return Facts(
        report=report,
        parties=frozenset(card.parties),
        weights=_weights(report),
        day=None if undated else day_of(report),
        is_dated=card.event_date_basis is DateBasis.TEXT,
        tells_its_day=clues.is_dated and card.event_date_basis is DateBasis.TEXT,
        status=card.status,
        topics=frozenset(card.topics) - {Topic.OTHER},
        subject=subject_of(card.topics),
        instrument=card.instrument,
        recalled=tuple(map(_recalled, clues.dates)),
        numbers=frozenset(clues.numbers),
        names=frozenset(clues.names),
        row=row_of(report.clues),
        beside=tuple(map(_paper, clues.beside)),
        looks_back=is_vague(report)
        and card.status in DEAL
        and card.event_date_basis is not DateBasis.TEXT,
        named=clues.named,
    )


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


def _paper(beside: PaperBeside) -> Paper:
    kinds = frozenset(_KINDS[kind] for kind in beside.kinds if kind in _KINDS)
    topics = frozenset(Topic(topic) for topic in beside.topics) - {Topic.OTHER}
    return Paper(kinds or frozenset({Instrument.AGREEMENT}), topics)


def _recalled(date: RecalledDate) -> Recalled:
    return Recalled(date.parts, date.zone, _KINDS.get(date.kind), date.other)


# --- whether two reports with similar texts are copies --------------------------------------------

# Copies state the same day, but "on Tuesday" and a time zone can shift it by one.
_STATED_DAYS = 1
# If only the outlet gives a day, it is that of the reprint: papers print agency texts within a
# week.
_REPRINT_DAYS = 7


def tell_one_event(a: Facts, b: Facts) -> bool:
    """Whether two similar texts may be copies by parties, place and day, of which either may say
    nothing. The steps of one row of a list always belong together.
    """
    if _are_of_one_row(a, b):
        return True
    return not (contradict(a.parties, b.parties) or _other_place(a, b) or _other_days(a, b))


def tell_two_events(a: Facts, b: Facts) -> bool:
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
