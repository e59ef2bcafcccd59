"""Cabinets: what they let a minister sign, and what stands for that signature elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.judgement.card.records import Act, Clauses, Voice


def let_sign(clauses: Clauses) -> frozenset[int]:
    """Return the tokens of signatures to come, or of proposals, that a cabinet approves.

    What it approves elsewhere in the text is then the same signature.
    """
    objects = [hit.token for hit in clauses.objects]
    approvals = [act for act in clauses.acts if is_of_cabinet(act)]
    return frozenset(
        act.hit.token
        for act in clauses.acts
        if (_is_unsigned(act) and any(_approves(one, act, objects) for one in approvals))
        or (act.deed == "proposed" and any(_is_of_proposal(one, act) for one in approvals))
    )


def _is_unsigned(act: Act) -> bool:
    is_ahead = act.voice is Voice.AHEAD or act.hit.concept.endswith(".noun")
    return is_ahead and act.deed in ("signed", "sealed")


def comes_before_signature(act: Act) -> bool:
    """Return whether an act is over or still to come where a cabinet has let a minister sign."""
    return act.deed == "proposed" or (
        act.deed in ("signed", "sealed") and act.hit.concept.endswith(".noun")
    )


def _is_of_proposal(approval: Act, proposal: Act) -> bool:
    """Return whether a cabinet approves a proposal, such as that of a minister to sign."""
    return approval.hit.sentence == proposal.hit.sentence and "cabinet" in approval.actors


def _approves(approval: Act, signature: Act, objects: Sequence[int]) -> bool:
    """Return whether a signature is what is approved. It is not if an agreement stands between the
    two: "the cabinet approved the accord after its signature".
    """
    first, last = approval.hit.last_token, signature.hit.token
    is_same = approval.hit.sentence == signature.hit.sentence
    is_behind = last < first and "cabinet" in approval.actors  # "its signature was approved"
    return is_same and (is_behind or not any(first < token < last for token in objects))


def is_of_cabinet(act: Act) -> bool:
    """Return whether no parliament approves. Who ratifies has to be named as a cabinet."""
    is_approval = act.deed == "approved" or (act.deed == "ratified" and "cabinet" in act.actors)
    return is_approval and act.voice is Voice.DONE and "parliament" not in act.actors
