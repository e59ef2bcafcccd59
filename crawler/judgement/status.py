"""The furthest step that a text reports, as of its publication."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crawler.judgement.clauses import Act, Voice
from crawler.judgement.found import Found
from crawler.judgement.reading import Reading
from storage.records import Evidence, Status

_RULE = "card.status"
_PLAIN = {
    "signed": Status.SIGNED,
    "sealed": Status.SIGNED,
    "agreed": Status.CONCLUDED,
    "unsigned": Status.CONCLUDED,
    "negotiating": Status.NEGOTIATING,
    "proposed": Status.PROPOSED,
    "ratified": Status.RATIFIED,
    "in_force": Status.IN_FORCE,
    "renewed": Status.RENEWED,
    "suspended": Status.SUSPENDED,
    "terminated": Status.TERMINATED,
    "rejected": Status.REJECTED,
}
_STRENGTH = {
    "signed": 1.0, "sealed": 0.6, "agreed": 0.6, "unsigned": 1.0, "negotiating": 0.6, "proposed": 0.6, "ratified": 1.1,
    "approved": 1.1, "in_force": 1.1, "renewed": 1.1, "suspended": 1.2, "terminated": 1.2, "rejected": 0.9,
}  # fmt: skip
_SECOND = 0.4  # what a further act of the same kind adds: repetition is no proof
_MOST_SHOWN = 3

Vote = tuple[Status, float, Act]


def find_status(reading: Reading, acts: Sequence[Act]) -> Found[Status]:
    """`acts` as `find_acts` gives them for the same reading."""
    votes = [vote for act in acts if (vote := _vote(act)) is not None]
    if not votes:
        return Found(None)
    scores = _scores(votes)
    best = max(scores, key=lambda status: scores[status])
    proof = sorted((vote for vote in votes if vote[0] is best), key=lambda vote: -vote[1])[:_MOST_SHOWN]
    return Found(best, tuple(_evidence(reading, act, weight) for _, weight, act in proof))


def leading_acts(acts: Sequence[Act], status: Status | None) -> list[Act]:
    """The acts that speak for a status, strongest first: where its date and its instrument stand."""
    votes = [vote for act in acts if (vote := _vote(act)) is not None and vote[0] is status]
    return [act for _, _, act in sorted(votes, key=lambda vote: -vote[1])]


def _evidence(reading: Reading, act: Act, weight: float) -> Evidence:
    return reading.evidence(act.hit, _RULE, round(weight, 2))


def _vote(act: Act) -> Vote | None:
    status = _status(act)
    return None if status is None else (status, act.weight * _STRENGTH[act.deed], act)


def _status(act: Act) -> Status | None:
    if act.voice is Voice.OLD:
        return None
    if act.deed in ("signed", "sealed") and act.voice in (Voice.AHEAD, Voice.DENIED):
        return Status.CONCLUDED
    if act.voice is not Voice.DONE and act.deed not in ("unsigned", "rejected"):
        return None
    if act.deed == "approved":
        return Status.RATIFIED if act.actors & {"parliament", "cabinet"} else None
    return _PLAIN[act.deed]


def _scores(votes: Sequence[Vote]) -> dict[Status, float]:
    by_status: dict[Status, list[float]] = defaultdict(list)
    for status, weight, _ in votes:
        by_status[status].append(weight)
    scores = {}
    for status, weights in by_status.items():
        weights.sort(reverse=True)
        scores[status] = weights[0] + _SECOND * sum(weights[1:3])
    return scores
