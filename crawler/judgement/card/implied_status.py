"""What a text says of an agreement where it tells no signature: that it stands, is being talked
about, or was approved by a cabinet.

Headlines name a deal and leave the act to the reader: "What the new deal means for seasonal
workers". Who names an agreement as a thing says that it was concluded, not that it was signed; who
names talks says that they are under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from crawler.judgement.card.records import Act, Clauses, Modality
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Status, Zone

_AHEAD_REACH = 8  # tokens before an agreement in which a modal makes it one that is only hoped for
_AHEAD = ("modality.ahead", "modality.negation")
_TALKS = ("act.negotiating.noun", "step.talks")
# What makes a report of a text that names no agreement: "Paris and Rome step up work on returns".
_STEPS = ("accord.migration", "accord.named", "step.conclude", "step.commit", "step.announce")


class ImpliedStatus(NamedTuple):
    """What is said of an agreement, and the word that says it."""

    status: Status
    hit: Hit

    def names_in(self, zone: Zone, reading: Reading) -> bool:
        """Whether this zone names an agreement as a thing that stands."""
        is_there = reading.sentences[self.hit.sentence].zone is zone
        return self.status is Status.CONCLUDED and is_there


def find_implied_status(reading: Reading, clauses: Clauses) -> ImpliedStatus | None:
    """Return what title, or else lead or body, say of an agreement; None where they name none.

    `clauses` come from the same reading.
    """
    denied = {act.hit.token for act in clauses.acts if act.modality is Modality.DENIED}
    found = [hit for concept in _TALKS for hit in reading.hits.get(concept, ())]
    talks = [hit for hit in found if denied.isdisjoint(range(hit.token, hit.last_token + 1))]
    offers = {
        token
        for hit in reading.family("act.proposed")
        for token in range(hit.token, hit.last_token + 1)
    }
    for zone in (Zone.TITLE, Zone.LEAD, Zone.BODY):
        talked = _first(talks, zone, reading)
        named = _first(_present(clauses), zone, reading)
        is_talked_of = (
            named is not None and talked is not None and talked.sentence == named.sentence
        )
        if named is not None and not is_talked_of and not _is_hoped_for(reading, named):
            return ImpliedStatus(Status.CONCLUDED, named)
        if talked is not None:
            return ImpliedStatus(_of_talks(talked, offers), talked)
        if named is not None:
            return ImpliedStatus(Status.PROPOSED, named)
    if found:  # "no talks have begun yet"
        return ImpliedStatus(Status.PROPOSED, found[0])
    return _hinted(reading)


def _of_talks(talked: Hit, offers: Set[int]) -> Status:
    """Return what words for talks say; `offers` are the tokens of those that are offers, too."""
    is_offer = not offers.isdisjoint(range(talked.token, talked.last_token + 1))
    return Status.PROPOSED if is_offer else Status.NEGOTIATING


def _hinted(reading: Reading) -> ImpliedStatus | None:
    """Return what a text that names neither agreement nor talks hints at: something planned where a
    modal stands before what is done, else something agreed.
    """
    steps = [hit for concept in _STEPS for hit in reading.hits.get(concept, ())]
    modals = reading.hits.get("modality.ahead", ())
    for zone in (Zone.TITLE, Zone.LEAD):
        told, modal = _first(steps, zone, reading), _first(modals, zone, reading)
        if modal is not None and (told is None or modal.token <= told.token):
            return ImpliedStatus(Status.PROPOSED, modal)
        if told is not None:
            return ImpliedStatus(Status.CONCLUDED, told)
    return None


def _present(clauses: Clauses) -> Iterable[Hit]:
    return (
        hit
        for hit in clauses.objects
        if hit.concept.startswith("instrument.") and hit.token not in clauses.past
    )


def _first(hits: Iterable[Hit], zone: Zone, reading: Reading) -> Hit | None:
    return next((hit for hit in hits if reading.sentences[hit.sentence].zone is zone), None)


def _is_hoped_for(reading: Reading, named: Hit) -> bool:
    return any(
        hit.sentence == named.sentence and 0 < named.token - hit.last_token <= _AHEAD_REACH
        for concept in _AHEAD
        for hit in reading.hits.get(concept, ())
    )


# --- cabinets: what they let a minister sign ------------------------------------------------------


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
    is_ahead = act.modality is Modality.AHEAD or act.hit.concept.endswith(".noun")
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
    return is_approval and act.modality is Modality.DONE and "parliament" not in act.actors


# --- talks and offers -----------------------------------------------------------------------------

AIMING = frozenset(("negotiating", "proposed"))
# An act in title or lead, about the agreement: weaker words for earlier steps then tell its past.
FOR_SURE = 1.8
_REACH = 5  # tokens between an act and the talks that it is done to


def will_end_talks(act: Act, talks: Sequence[Hit]) -> bool:
    """Return whether somebody wants to conclude talks, which are then under way."""
    first, last = act.hit.token, act.hit.last_token + _REACH
    return (
        act.deed == "sealed"
        and act.modality is Modality.AHEAD
        and any(first <= hit.token <= last for hit in talks)
    )


def is_open(acts: Sequence[Act]) -> bool:
    """Whether title or lead report an offer or talks, and nothing tells that they came to an end:
    "nothing was signed" then says no more than that.
    """
    done = [act for act in acts if act.modality is Modality.DONE]
    return any(act.deed in AIMING and act.weight >= FOR_SURE for act in done) and not any(
        act.deed in ("agreed", "sealed", "signed") for act in done
    )


def says_unsigned(act: Act, nots: Set[int]) -> bool:
    """Whether an act says that nothing was signed."""
    if act.deed == "signed":
        return act.modality is Modality.DENIED
    return act.deed == "unsigned" and any(
        token in nots for token in range(act.hit.token, act.hit.last_token + 1)
    )
