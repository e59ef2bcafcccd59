"""What a text says of an agreement where it tells no act: that it stands, or is being talked about.

Headlines name a deal and leave the act to the reader: "What the new deal means for seasonal
workers". Who names an agreement as a thing says that it was concluded, not that it was signed; who
names talks says that they are under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import NamedTuple

from crawler.judgement.card.records import Clauses, Voice
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
    denied = {act.hit.token for act in clauses.acts if act.voice is Voice.DENIED}
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
