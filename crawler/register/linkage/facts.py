"""A report as the register compares it: the card and the clues, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from crawler.clues import RecalledDate, read_clues
from crawler.register.steps import day_of
from storage.records import DateBasis, Instrument, Status, Topic, Zone
from storage.register.records import Report

_RUNNER_UP_WEIGHT = 0.6  # of a runner-up that is named as often as the weaker party

BEFORE_DEAL = frozenset({Status.PROPOSED, Status.NEGOTIATING})
DEAL = frozenset({Status.CONCLUDED, Status.SIGNED})
# Only these say what kind of paper it is; "agreement" is what any paper is called in passing.
SPECIFIC = frozenset(Instrument) - {Instrument.AGREEMENT, Instrument.OTHER}
_KINDS = {
    "memorandum": Instrument.MEMORANDUM,
    "treaty": Instrument.TREATY,
    "protocol": Instrument.PROTOCOL,
    "declaration": Instrument.DECLARATION,
    "partnership": Instrument.PARTNERSHIP,
    "plan": Instrument.ACTION_PLAN,
}


class Recalled(NamedTuple):
    """A date beside a paper. `other`: said to be another paper than the one in the news."""

    parts: tuple[int, ...]
    zone: Zone
    kind: Instrument | None
    other: bool

    @property
    def prominent(self) -> bool:
        return self.zone is not Zone.BODY


@dataclass(frozen=True, slots=True)
class Facts:
    """`weights`: parties 1, runners-up less; `day` is None where neither text nor outlet gives a date; `is_dated`
    where the text gives it."""

    report: Report
    parties: frozenset[str]
    weights: Mapping[str, float]
    day: date | None
    is_dated: bool
    status: Status | None
    topics: frozenset[Topic]
    instrument: Instrument | None
    recalled: tuple[Recalled, ...]
    numbers: frozenset[int]
    names: frozenset[str]


def facts_of(report: Report) -> Facts:
    card, clues = report.card, read_clues(report.clues)
    undated = card.event_date is None and report.published_on is None
    return Facts(
        report,
        frozenset(card.parties),
        _weights(report),
        None if undated else day_of(report),
        card.event_date_basis is DateBasis.TEXT,
        card.status,
        frozenset(card.topics) - {Topic.OTHER},
        card.instrument,
        tuple(map(_recalled, clues.dates)),
        frozenset(clues.numbers),
        frozenset(clues.names),
    )


def _weights(report: Report) -> dict[str, float]:
    scores = dict(report.card.party_scores)
    parties = report.card.parties
    weights = dict.fromkeys(parties, 1.0)
    weakest = min((scores[code] for code in parties if scores.get(code)), default=0.0)
    for code in report.card.runners_up:
        weights[code] = (
            _RUNNER_UP_WEIGHT * min(1.0, scores[code] / weakest) if weakest else _RUNNER_UP_WEIGHT
        )
    return weights


def _recalled(date: RecalledDate) -> Recalled:
    return Recalled(date.parts, date.zone, _KINDS.get(date.kind), date.other)
