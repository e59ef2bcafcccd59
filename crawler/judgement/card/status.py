"""Find the furthest step that a text reports, as of its publication."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from crawler.judgement.card.implied_status import (
    AIMING,
    FOR_SURE,
    ImpliedStatus,
    comes_before_signature,
    find_implied_status,
    is_of_cabinet,
    is_open,
    let_sign,
    says_unsigned,
    will_end_talks,
)
from crawler.judgement.card.records import Act, Clauses, Modality, Precision
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
_SEALED = 1.5  # "has entered into an agreement", in title or lead
_SECOND = 0.4  # what a further act of the same kind adds: repetition is no proof
_MOST_SHOWN = 3
_IN_FULL = 2.5  # more than what stands in the lead
_SUBJECT_REACH = 3  # tokens between an agreement and what it does
_SET_DAYS = (Precision.DAY, Precision.WEEKDAY)
# Where one of these is reported, a cabinet's approval is that of this change.
_CHANGES = frozenset(("suspended", "terminated", "renewed"))
# What will be ratified or enter into force has been signed; what will be negotiated or agreed is
# proposed.
_TO_COME = {
    "negotiating": Status.PROPOSED,
    "agreed": Status.PROPOSED,
    "ratified": Status.SIGNED,
    "in_force": Status.SIGNED,
    "renewed": Status.RENEWED,
    "suspended": Status.SUSPENDED,
    "terminated": Status.TERMINATED,
}
_HOWEVER = frozenset(("unsigned", "rejected"))  # these count in other modalities than done, too
_FAINT = 0.3
# An act in the body, or a vague one, says less than a title that names an agreement; but these
# are believed of it.
_WEAK = 1.0
_NOT_OVERRULED = frozenset(
    (Status.PROPOSED, Status.SIGNED, Status.CONCLUDED, Status.IN_FORCE, Status.RATIFIED)
)
_UNSETTLED = "modality.unsettled"
_UNSETTLED_REACH = 16  # tokens: "vows on the first day in office to tear up"
# Acts that a vow, a bill or a court may be about, before anything is done.
_LATER = _CHANGES | {"rejected", "resumed", "in_force", "ratified", "approved"}
_AGREED = frozenset(("agreed", "sealed", "unsigned"))
_AIM_REACH = 3  # "a proposal for the suspension", "Gespräche über eine Verlängerung"
_DAY_REACH = 4
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
    """Return the status that the acts of a text speak for; `clauses` come from the same reading.

    It has none where title or lead only name what a court will hear, what somebody vows, or what
    must go on.
    """
    talks = reading.hits.get("act.negotiating.noun", ())
    nots = frozenset(hit.token for hit in reading.hits.get("modality.negation", ()))
    clauses = replace(clauses, acts=tuple(_settled(clauses.acts, reading)))
    votes = _votes(clauses, talks, nots) or [
        vote for act in clauses.acts if (vote := _faint_vote(act)) is not None
    ]
    if not votes:
        standing = find_implied_status(reading, clauses)
        is_open = standing is not None and _is_unsettled(standing.hit, reading)
        return FoundStatus(None) if is_open else _implied(standing, reading)
    scores = _scores(votes, "object.new" in reading.hits)
    best = max(scores, key=lambda status: scores[status])
    if scores[best] < _WEAK and best not in _NOT_OVERRULED:
        standing = find_implied_status(reading, clauses)
        if standing is not None and standing.names_in(Zone.TITLE, reading):
            return _implied(standing, reading)
    chosen = sorted((vote for vote in votes if vote[0] is best), key=lambda vote: -vote[1])
    evidence = (
        reading.evidence(act.hit, STATUS_RULE, round(weight, 2))
        for _, weight, act in chosen[:_MOST_SHOWN]
    )
    return FoundStatus(best, tuple(evidence), tuple(act for _, _, act in chosen))


def _settled(acts: Sequence[Act], reading: Reading) -> Iterator[Act]:
    """Yield the acts without those that a text only speaks of: what a bill would end, or an
    opposition vows to tear up, and the words for a hearing themselves.
    """
    open_hits = reading.hits.get(_UNSETTLED, ())
    conditions = reading.hits.get("modality.conditional", ())
    for act in acts:
        if any(map(act.hit.overlaps, open_hits)):
            continue
        before = (hit for hit in (*open_hits, *conditions) if _is_before(hit, act.hit))
        if act.deed not in _LATER or not any(before):
            yield act


def _is_before(hit: Hit, act: Hit) -> bool:
    """Whether a word stands shortly before an act, in its sentence, or is its verb."""
    gap = act.token - hit.token
    return hit.sentence == act.sentence and 0 <= gap <= _UNSETTLED_REACH


def _is_unsettled(named: Hit, reading: Reading) -> bool:
    """Whether the sentence of title or lead that names an agreement only says what is open."""
    is_early = reading.sentences[named.sentence].zone is not Zone.BODY
    return is_early and any(
        hit.sentence == named.sentence for hit in reading.hits.get(_UNSETTLED, ())
    )


def _implied(standing: ImpliedStatus | None, reading: Reading) -> FoundStatus:
    """Return what a text says of an agreement by naming it."""
    if standing is None:
        return FoundStatus(None)
    return FoundStatus(standing.status, (reading.evidence(standing.hit, STATUS_RULE, _FAINT),))


def _votes(clauses: Clauses, talks: Sequence[Hit], nots: Set[int]) -> list[Vote]:
    """Return what each act speaks for; `talks` are the words for talks, and `nots` the tokens of
    negations.
    """
    days = {
        mention.sentence
        for mention in clauses.dates
        if mention.ahead or mention.precision in _SET_DAYS
    }
    changed = {
        act.hit.sentence
        for act in clauses.acts
        if act.deed in _CHANGES and act.modality is Modality.DONE
    }
    agreed = any(act.deed in _AGREED and act.modality is Modality.DONE for act in clauses.acts)
    votes = []
    open_still = is_open(clauses.acts)
    let_be_signed = let_sign(clauses)
    for number, act in enumerate(clauses.acts):
        if will_end_talks(act, talks):
            votes.append((Status.NEGOTIATING, act.weight, act))
            continue
        if act.hit.token in let_be_signed or (let_be_signed and comes_before_signature(act)):
            continue
        if let_be_signed and is_of_cabinet(act):
            votes.append((Status.CONCLUDED, act.weight * _STRENGTH[act.deed], act))
            continue
        before = clauses.acts[max(0, number - 2) : number]
        if not (_is_aim(act, before) or (open_still and says_unsigned(act, nots))):
            act = _in_full(act) if _began_on_a_day(act, clauses) else act
            vote = _vote(act, days, changed, agreed)
            votes += [vote] if vote is not None else []
    return votes


def _in_full(act: Act) -> Act:
    return act._replace(weight=max(act.weight, _IN_FULL))


def _began_on_a_day(act: Act, clauses: Clauses) -> bool:
    """Whether a text tells the day on which its agreement entered into force, as notices do behind
    what was ratified: "the agreement entered into force on 14 October".
    """
    return (
        (act.deed, act.modality) == ("in_force", Modality.DONE)
        and any(0 < act.hit.token - hit.last_token <= _SUBJECT_REACH for hit in clauses.objects)
        and any(
            mention.precision is Precision.DAY
            and not (mention.ahead or mention.old)
            and 0 < mention.token - act.hit.last_token <= _DAY_REACH
            for mention in clauses.dates
        )
    )


def _faint_vote(act: Act) -> Vote | None:
    """Return what an act that is not reported as done says of today, as a weak vote.

    It is used where a text reports nothing as done: what it tells as past still holds, and what is
    to be ratified has been signed.
    """
    known = _PLAIN if act.modality is Modality.OLD else _TO_COME
    status = known.get(act.deed)
    return None if status is None else (status, act.weight * _FAINT, act)


def _is_aim(act: Act, before: Sequence[Act]) -> bool:
    """Return whether talks or a proposal are about this act: "talks on renewing the accord"."""
    return act.deed in _CHANGES and any(
        other.deed in AIMING
        and other.modality is Modality.DONE
        and other.hit.sentence == act.hit.sentence
        and act.hit.token - other.hit.last_token <= _AIM_REACH
        for other in before
    )


def _vote(act: Act, days: set[int], changed: set[int], agreed: bool) -> Vote | None:
    status, strength = _reading_of(act, days, changed, agreed)
    return None if status is None else (status, act.weight * strength, act)


def _reading_of(
    act: Act, days: set[int], changed: set[int], agreed: bool
) -> tuple[Status | None, float]:
    """Return the status that an act speaks for, and how strongly."""
    strength = _STRENGTH[act.deed]
    if act.modality is Modality.OLD:
        return None, 0.0
    if act.deed in ("signed", "sealed") and act.modality is not Modality.DONE:
        if act.modality is Modality.DENIED or agreed or act.hit.sentence in days:
            return Status.CONCLUDED, strength
        return Status.PROPOSED, strength * _AHEAD
    if act.modality is not Modality.DONE and act.deed not in _HOWEVER:
        return None, 0.0
    if act.deed == "rejected" and act.modality is Modality.AHEAD:
        return None, 0.0
    if "parliament" in act.actors and act.hit.concept.startswith("act.agreed"):
        return Status.RATIFIED, strength
    if act.deed == "approved":
        approves = act.actors & {"parliament", "cabinet"} and act.hit.sentence not in changed
        return (Status.RATIFIED if approves else None), strength
    return _PLAIN[act.deed], strength


def _scores(votes: Sequence[Vote], is_new: bool) -> dict[Status, float]:
    weights: dict[Status, list[float]] = defaultdict(list)
    changed = any(act.deed in _CHANGES and act.weight >= FOR_SURE for _, _, act in votes)
    signed = any(
        act.deed == "signed" and act.weight >= FOR_SURE and status is Status.SIGNED
        for status, _, act in votes
    )
    sealed = any(
        act.deed == "sealed" and act.weight >= _SEALED and status is Status.SIGNED
        for status, _, act in votes
    )
    for status, weight, act in votes:
        if (act.deed == "agreed" and (signed or sealed or changed)) or (
            act.deed == "unsigned" and changed
        ):
            continue
        weights[status].append(weight)
    if Status.RENEWED in weights and signed and changed:
        _join(weights, Status.RENEWED, Status.SIGNED, is_new)
    return {status: _score(found) for status, found in weights.items()}


def _join(
    weights: dict[Status, list[float]], renewed: Status, signed: Status, is_new: bool
) -> None:
    """Count a signed renewal as renewed, but a new agreement in its place as signed."""
    keeps, gives = (signed, renewed) if is_new else (renewed, signed)
    weights[keeps] += weights.pop(gives)


def _score(weights: Sequence[float]) -> float:
    first, *more = sorted(weights, reverse=True)
    return first + _SECOND * sum(more[:2])
