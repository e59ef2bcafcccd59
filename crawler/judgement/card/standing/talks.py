"""Talks and offers: their acts, and whether a text says that nothing came of them."""

from __future__ import annotations

from collections.abc import Sequence, Set

from crawler.judgement.card.records import Act, Voice
from crawler.judgement.text.reading import Hit

AIMING = frozenset(("negotiating", "proposed"))
# An act in title or lead, about the agreement: weaker words for earlier steps then tell its past.
FOR_SURE = 1.8
_ENDS = frozenset(("suspended", "terminated"))
_REACH = 5  # tokens between an act and the talks that it is done to
_TALKS_REACH = 8  # "talks between the two states on an agreement"


def ends_talks(acts: Sequence[Act], number: int) -> bool:
    """Return whether only talks were concluded, not an agreement."""
    act, after = acts[number], acts[number + 1 : number + 2]
    return act.deed == "sealed" and any(
        other.deed == "negotiating"
        and other.hit.sentence == act.hit.sentence
        and other.hit.token - act.hit.last_token <= _REACH
        for other in after
    )


def will_end_talks(act: Act, talks: Sequence[Hit]) -> bool:
    """Return whether somebody wants to conclude talks, which are then under way."""
    first, last = act.hit.token, act.hit.last_token + _REACH
    return (
        act.deed == "sealed"
        and act.voice is Voice.AHEAD
        and any(first <= hit.token <= last for hit in talks)
    )


def stops_talks(act: Act, objects: Sequence[Hit], talks: Sequence[Hit]) -> bool:
    """Return whether talks are put off or broken off, or ended without a result, not an agreement:
    "talks on an agreement ended on Wednesday".
    """
    behind = range(act.hit.last_token + 1, act.hit.last_token + 1 + _REACH)
    if act.deed not in _ENDS or any(hit.token in behind for hit in objects):
        return False
    if act.deed == "suspended" and any(hit.token in behind for hit in talks):
        return True
    same = [hit.token for hit in objects if hit.sentence == act.hit.sentence]
    first = min((token for token in same if token < act.hit.token), default=act.hit.token)
    return any(
        hit.sentence == act.hit.sentence and first - _TALKS_REACH <= hit.token < first
        for hit in talks
    )


def is_open(acts: Sequence[Act]) -> bool:
    """Whether title or lead report an offer or talks, and nothing tells that they came to an end:
    "nothing was signed" then says no more than that.
    """
    done = [act for act in acts if act.voice is Voice.DONE]
    return any(act.deed in AIMING and act.weight >= FOR_SURE for act in done) and not any(
        act.deed in ("agreed", "sealed", "signed") for act in done
    )


def says_unsigned(act: Act, nots: Set[int]) -> bool:
    """Whether an act says that nothing was signed."""
    if act.deed == "signed":
        return act.voice is Voice.DENIED
    return act.deed == "unsigned" and any(
        token in nots for token in range(act.hit.token, act.hit.last_token + 1)
    )
