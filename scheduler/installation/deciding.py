"""Decisions of persons in another installation, taken over one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crawler.ingest.clustering import cluster_anew, look_up
from crawler.ingest.replacement import replace_judgement
from crawler.judgement.judge import Rules
from crawler.process.process import judge_document
from scheduler import curation
from scheduler.curation import Curator
from scheduler.installation.contradictions import Objection, objections
from storage import queries
from storage.database.session import Database, Session
from storage.documents.documents import relevant_among
from storage.documents.judgeable import load_judgeable
from storage.register.decisions import (
    add_decision,
    add_homes,
    decision,
    same_decision,
    set_standing,
    set_undone,
    standing_pins,
)
from storage.register.records import Decision, DecisionKind, Pin, PinKind
from storage.search.document_rows import report_rows

# Stands as "undone by" of a decision that contradicts one of ours, so that it is known again.
_AGAINST = "import, against decision "


class DecisionOutcome(StrEnum):
    TAKEN = "taken over"
    KNOWN = "known"
    UNDONE = "undone there, too"
    CONTRADICTS = "against one of ours"
    UNKNOWN_DOCUMENTS = "about documents that are not here"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a decision. `there` is its number in the file; `kept` the decision as it is
    stored here, `against` the one of ours that it contradicts, `title` that of the document about
    which both disagree.
    """

    outcome: DecisionOutcome
    there: int
    kept: Decision | None = None
    against: Decision | None = None
    document: int | None = None
    title: str = ""


class Deciding:
    """Takes decisions over, in their order. `ids` maps documents of the file to those here."""

    def __init__(
        self, database: Database, rules: Rules, ids: Mapping[int, int], now: datetime
    ) -> None:
        self._database, self._rules, self._ids, self._now = database, rules, ids, now
        # Later decisions of the other side replace its earlier ones and contradict none of ours.
        self._theirs: set[int] = set()

    def take(self, there: int, given: Decision) -> Fate:
        """Take over one decision, in a transaction of its own."""
        pins = _mapped(given.pins, self._ids)
        if pins is None:
            return Fate(DecisionOutcome.UNKNOWN_DOCUMENTS, there, given)
        coming = replace(given, pins=pins)
        with self._database.begin() as s:
            kept = same_decision(s, coming)
            if kept is not None:
                fate = self._known(s, there, coming, kept)
            else:
                fate = self._new(s, there, coming)
        if fate.kept is not None:
            self._theirs.add(fate.kept.id)
        return fate

    def _known(self, s: Session, there: int, coming: Decision, kept: Decision) -> Fate:
        """What was imported before, or stems from a copy that both installations began with."""
        held_back = (kept.undone_by or "").startswith(_AGAINST)
        if coming.undone_at is not None and kept.undone_at is None:
            self._undo(s, kept.id, coming)
            return Fate(DecisionOutcome.UNDONE, there, decision(s, kept.id))
        if coming.undone_at is not None or not held_back:
            return Fate(DecisionOutcome.KNOWN, there, kept)
        against = self._objections(s, coming)
        if against:
            return self._contradiction(s, there, kept.id, against[0])
        set_standing(s, kept.id)
        self._apply(s, kept.id, coming)
        return Fate(DecisionOutcome.TAKEN, there, decision(s, kept.id))

    def _new(self, s: Session, there: int, coming: Decision) -> Fate:
        homes = queries.agreements_of(s, _documents(coming.pins))
        # The ids of agreements that the decision names are those of the other installation.
        named = list(dict.fromkeys(homes[one] for one in _in_order(coming.pins) if one in homes))
        is_pair = coming.kind in (DecisionKind.MERGE, DecisionKind.MOVE)
        coming = replace(
            coming,
            agreement_id=named[0] if named else None,
            other_agreement_id=named[-1] if is_pair and len(named) > 1 else None,
        )
        against = [] if coming.undone_at is not None else self._objections(s, coming)
        if against:
            number = add_decision(s, coming)
            set_undone(s, number, f"{_AGAINST}{against[0].decision}", self._now)
            return self._contradiction(s, there, number, against[0])
        if coming.undone_at is not None:
            number = add_decision(s, coming)
            set_undone(s, number, coming.undone_by or "", coming.undone_at)
            return Fate(DecisionOutcome.TAKEN, there, decision(s, number))
        look_up(s, _documents(coming.pins))
        number = add_decision(s, coming)
        self._apply(s, number, coming)
        return Fate(DecisionOutcome.TAKEN, there, decision(s, number))

    def _apply(self, s: Session, number: int, coming: Decision) -> None:
        """Bring the register up to date with a decision that is stored and in force."""
        named = _documents(coming.pins)
        added = {pin.document_id for pin in coming.pins if pin.kind is PinKind.RELEVANT}
        missed = added - relevant_among(s, added)
        for document_id, document in load_judgeable(s, missed):
            judged = judge_document(document, self._rules, with_card=True)
            replace_judgement(s, document_id, judged, self._now)
        if coming.kind is DecisionKind.RENAME:
            return
        clustered = cluster_anew(s, named, self._now)
        moved = clustered.homes.items() - queries.agreements_of(s, clustered.homes).items()
        add_homes(s, number, dict(moved))

    def _undo(self, s: Session, number: int, coming: Decision) -> None:
        who = coming.undone_by or coming.who
        curation.undo(s, number, Curator(who, "", self._now, rules=lambda: self._rules))

    def _objections(self, s: Session, coming: Decision) -> list[Objection]:
        standing = _standing_around(s, _documents(coming.pins))
        ours = [one for one in standing if one[0] not in self._theirs]
        return objections(coming.pins, ours)

    def _contradiction(self, s: Session, there: int, number: int, against: Objection) -> Fate:
        row = report_rows(s, [against.document]).get(against.document)
        return Fate(
            DecisionOutcome.CONTRADICTS,
            there,
            kept=decision(s, number),
            against=decision(s, against.decision),
            document=against.document,
            title="" if row is None else row.title,
        )


def _mapped(pins: Sequence[Pin], ids: Mapping[int, int]) -> tuple[Pin, ...] | None:
    """The pins about the documents here; None if one of them is not here."""
    if any(number not in ids for number in _documents(pins)):
        return None
    return tuple(
        replace(
            pin,
            document_id=ids[pin.document_id],
            other_document_id=ids[pin.other_document_id] if pin.other_document_id else None,
        )
        for pin in pins
    )


def _standing_around(s: Session, document_ids: Iterable[int]) -> list[tuple[int, Pin]]:
    """The pins in force on these documents and on those that must-links tie to them."""
    known = set(document_ids)
    while True:
        standing = standing_pins(s, known)
        tied = [pin for _, pin in standing if pin.kind is PinKind.MUST_LINK]
        further = _documents(tied) - known
        if not further:
            return standing
        known |= further


def _in_order(pins: Iterable[Pin]) -> list[int]:
    named = (number for pin in pins for number in (pin.document_id, pin.other_document_id))
    return [number for number in named if number is not None]


def _documents(pins: Iterable[Pin]) -> set[int]:
    return set(_in_order(pins))
