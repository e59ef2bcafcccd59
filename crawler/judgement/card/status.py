"""Find the furthest step that a text reports, as of its publication.

Each act speaks for a status by its weight. Where none is reported, what the text reports as past or
as still to come says what stands today, or else that it names an agreement or talks at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from crawler.judgement.card.mentions import Act, Clauses, Modality, Precision
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Evidence, Status, Zone

STATUS_RULE = "card.status"
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
    "resumed": Status.RENEWED,
    "suspended": Status.SUSPENDED,
    "terminated": Status.TERMINATED,
    "rejected": Status.REJECTED,
}
_STRENGTH = {
    "signed": 1.0, "sealed": 0.75, "agreed": 0.6, "unsigned": 1.0, "negotiating": 0.75, "proposed":
    0.6, "ratified": 1.1, "approved": 1.1, "in_force": 1.1, "renewed": 1.1, "resumed": 0.7,
    "suspended": 1.2, "terminated": 1.2, "rejected": 0.9,
}  # fmt: skip
_AHEAD = 0.6  # a signature that is wished for, with no day set
_SECOND = 0.4  # what a further act of the same kind adds: repetition is no proof
_MOST_SHOWN = 3
_FOR_SURE = 1.5  # an act in title or lead: weaker words for earlier steps are then its past
_IN_FULL = 2.5  # more than what stands in the lead
_SUBJECT_REACH = 3  # tokens between an agreement and what it does
_DAY_REACH = 4
_SET_DAYS = (Precision.DAY, Precision.WEEKDAY)
_CHANGES = frozenset(("suspended", "terminated", "renewed"))
_AIMING = frozenset(("negotiating", "proposed"))
_AIM_REACH = 3  # "a proposal for the suspension", "Gespräche über eine Verlängerung"
# What will be ratified or enter into force has been signed; what will be negotiated or agreed is
# proposed.
_TO_COME = {
    "negotiating": Status.PROPOSED,
    "agreed": Status.PROPOSED,
    "ratified": Status.SIGNED,
    "in_force": Status.SIGNED,
    "suspended": Status.SUSPENDED,
}
_FAINT = 0.3
# Who names an agreement as a thing says that it was concluded, not that it was signed; who names
# talks says that they are under way.
_HOPE_REACH = 8  # tokens
_STEPS = ("accord.migration", "step.conclude", "step.commit", "step.announce")
_UNSETTLED = "modality.unsettled"
_UNSETTLED_REACH = 16  # tokens: "vows on the first day in office to tear up"
# Acts that a vow, a bill or a court may be about, before anything is done.
_QUESTION_MARKS = "?؟"
_LATER = _CHANGES | {"rejected", "resumed", "in_force", "ratified", "approved"}
# Steps of a new agreement. What is renewed, suspended or in force was signed long ago itself.
NEW_STEPS = frozenset(
    (Status.PROPOSED, Status.NEGOTIATING, Status.CONCLUDED, Status.SIGNED, Status.REJECTED)
)

Vote = tuple[Status, float, Act]


@dataclass(frozen=True, slots=True)
class FoundStatus:
    """The status, its evidence, and the acts that speak for it, strongest first."""

    status: Status | None
    evidence: tuple[Evidence, ...] = ()
    acts: tuple[Act, ...] = ()


def find_status(reading: Reading, clauses: Clauses) -> FoundStatus:
    """Return the status that the acts of a text speak for; `clauses` come from the same reading."""
    nots = frozenset(hit.token for hit in reading.hits.get("modality.negation", ()))
    clauses = replace(clauses, acts=tuple(_settled(clauses.acts, reading)))
    votes = _votes(clauses, nots) or [
        (status, act.weight * _FAINT, act)
        for act in clauses.acts
        if (status := (_PLAIN if act.modality is Modality.OLD else _TO_COME).get(act.deed))
        is not None
    ]
    if not votes:
        return _implied(reading, clauses)
    scores = _scores(votes, "object.new" in reading.hits)
    best = max(scores, key=lambda status: scores[status])
    chosen = sorted((vote for vote in votes if vote[0] is best), key=lambda vote: -vote[1])
    evidence = (
        reading.evidence(act.hit, STATUS_RULE, round(weight, 2))
        for _, weight, act in chosen[:_MOST_SHOWN]
    )
    return FoundStatus(best, tuple(evidence), tuple(act for _, _, act in chosen))


def _settled(acts: Sequence[Act], reading: Reading) -> Iterator[Act]:
    """Yield the acts without those that a bill would do, an opposition vows, or a question asks
    about.
    """
    open_hits = reading.hits.get(_UNSETTLED, ())
    before = (*open_hits, *reading.hits.get("modality.conditional", ()))
    for act in acts:
        if any(map(act.hit.overlaps, open_hits)) or _is_asked(act, reading):
            continue
        if act.deed not in _LATER or not any(
            hit.sentence == act.hit.sentence and 0 <= act.hit.token - hit.token <= _UNSETTLED_REACH
            for hit in before
        ):
            yield act


def _is_asked(act: Act, reading: Reading) -> bool:
    """Whether an act stands in a question: "Has Ankara torn up the deal?". A proposal may."""
    if act.deed in _AIMING:
        return False
    start, end = act.hit.start, reading.sentences[act.hit.sentence].end
    *_, written = reading.original(start, end + 1)
    return any(mark in written for mark in _QUESTION_MARKS)


def _votes(clauses: Clauses, nots: Set[int]) -> list[Vote]:
    """Return what each act speaks for; `nots` are the tokens of negations."""
    days = {day.sentence for day in clauses.dates if day.ahead or day.precision in _SET_DAYS}
    is_open = any(act.deed in _AIMING and act.modality is Modality.DONE for act in clauses.acts)
    approvals = [act for act in clauses.acts if _is_of_cabinet(act)]
    let_sign = {
        approval.hit.sentence
        for approval in approvals
        for act in clauses.acts
        if _lets(approval, act, clauses.objects)
    }
    changing = {act.hit.sentence for act in clauses.acts if act.deed in _CHANGES}
    votes = []
    for number, act in enumerate(clauses.acts):
        sentence = act.hit.sentence
        if _is_aim(act, clauses.acts[max(0, number - 2) : number]):
            continue
        if let_sign and _is_of_cabinet(act):  # all of it is about the same signature to come
            votes.append((Status.CONCLUDED, act.weight * _STRENGTH[act.deed], act))
            continue
        if sentence in let_sign or (sentence in changing and _is_of_cabinet(act)):
            continue
        if is_open and (
            act.deed == "unsigned"
            and not nots.isdisjoint(range(act.hit.token, act.hit.last_token + 1))
        ):
            continue
        weight = max(act.weight, _IN_FULL) if _began_on_a_day(act, clauses) else act.weight
        status, strength = _reading_of(act, days)
        if status is not None:
            votes.append((status, weight * strength, act._replace(weight=weight)))
    return votes


def _is_of_cabinet(act: Act) -> bool:
    """Whether a cabinet approves, and no parliament."""
    is_done = act.deed in ("approved", "ratified") and act.modality is Modality.DONE
    return is_done and "cabinet" in act.actors and "parliament" not in act.actors


def _lets(approval: Act, act: Act, objects: Sequence[Hit]) -> bool:
    """Whether a cabinet approves a proposal or a signature to come, and not one that is only named
    behind the agreement: "approved the accord after its signing".
    """
    if act.hit.sentence != approval.hit.sentence:
        return False
    if act.deed not in ("signed", "sealed"):
        return act.deed == "proposed"
    is_ahead = act.modality is Modality.AHEAD
    if is_ahead and approval.deed == "approved":
        return True
    first, last = approval.hit.last_token, act.hit.token
    is_behind = any(first < hit.token < last for hit in objects)
    return not is_behind and (is_ahead or act.hit.concept.endswith(".noun"))


def _is_aim(act: Act, before: Sequence[Act]) -> bool:
    """Whether talks or a proposal are about this act: "talks on renewing the accord"."""
    return act.deed in _CHANGES and any(
        other.deed in _AIMING and act.hit.token - other.hit.last_token <= _AIM_REACH
        for other in before
    )


def _began_on_a_day(act: Act, clauses: Clauses) -> bool:
    """Whether a text gives the day of entry into force, as notices do behind what was ratified."""
    return (
        (act.deed, act.modality) == ("in_force", Modality.DONE)
        and any(0 < act.hit.token - hit.last_token <= _SUBJECT_REACH for hit in clauses.objects)
        and any(
            day.precision is Precision.DAY and 0 < day.token - act.hit.last_token <= _DAY_REACH
            for day in clauses.dates
        )
    )


def _reading_of(act: Act, days: Set[int]) -> tuple[Status | None, float]:
    """Return what an act speaks for, and how strongly; `days` are the sentences that name one."""
    strength = _STRENGTH[act.deed]
    if act.modality is Modality.OLD:
        return None, 0.0
    if act.deed in ("signed", "sealed") and act.modality is not Modality.DONE:
        if act.deed == "sealed" and act.modality is Modality.AHEAD:
            return Status.NEGOTIATING, strength  # somebody wants to conclude what is talked about
        if act.modality is Modality.DENIED or act.hit.sentence in days:
            return Status.CONCLUDED, strength
        return Status.PROPOSED, strength * _AHEAD
    if act.modality is not Modality.DONE and act.deed != "unsigned":
        return None, 0.0
    if act.deed == "approved":
        approves = act.actors & {"parliament", "cabinet"}
        return (Status.RATIFIED if approves else None), strength
    return _PLAIN[act.deed], strength


def _scores(votes: Sequence[Vote], is_new: bool) -> dict[Status, float]:
    weights: dict[Status, list[float]] = defaultdict(list)
    sure = [(status, act.deed) for status, _, act in votes if act.weight >= _FOR_SURE]
    signed = any(status is Status.SIGNED for status, _ in sure)
    changed = any(deed in _CHANGES for _, deed in sure)
    for status, weight, act in votes:
        if not ((act.deed == "agreed" and signed) or (act.deed == "unsigned" and changed)):
            weights[status].append(weight)
    if Status.RENEWED in weights and signed and changed:
        # A signed renewal counts as renewed, but a new agreement in its place as signed.
        winner, loser = (
            (Status.SIGNED, Status.RENEWED) if is_new else (Status.RENEWED, Status.SIGNED)
        )
        weights[winner] += weights.pop(loser)
    return {status: _score(found) for status, found in weights.items()}


def _score(weights: Sequence[float]) -> float:
    first, *more = sorted(weights, reverse=True)
    return first + _SECOND * sum(more[:2])


def _implied(reading: Reading, clauses: Clauses) -> FoundStatus:
    """Return what title, lead or body say by naming an agreement, or talks, or hint at."""
    talks = reading.hits.get("step.talks", ())
    modals = reading.hits.get("modality.ahead", ())
    named = [
        hit
        for hit in clauses.objects
        if hit.concept.startswith("instrument.")
        and hit.token not in clauses.past
        and not any(
            modal.sentence == hit.sentence and 0 < hit.token - modal.last_token <= _HOPE_REACH
            for modal in modals
        )
    ]
    steps = [hit for concept in _STEPS for hit in reading.hits.get(concept, ())]
    stated = ((Status.CONCLUDED, named), (Status.NEGOTIATING, talks))
    hinted = ((Status.PROPOSED, modals), (Status.CONCLUDED, steps))
    unsettled = {hit.sentence for hit in reading.hits.get(_UNSETTLED, ())}
    for zones, hints in ((Zone, stated), ((Zone.TITLE, Zone.LEAD), hinted)):
        for zone in zones:
            for status, hits in hints:
                for hit in hits:
                    if reading.sentences[hit.sentence].zone is not zone:
                        continue
                    if zone is not Zone.BODY and hit.sentence in unsettled:
                        return FoundStatus(None)
                    return FoundStatus(status, (reading.evidence(hit, STATUS_RULE, _FAINT),))
    return FoundStatus(None)
