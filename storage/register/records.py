"""The values of the register: reports, steps, agreements, and what curators decide of them. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from storage.records import Card, Instrument, Status, Topic


@dataclass(frozen=True, slots=True)
class Report:
    """One relevant document as the register sees it. `voice` is shared by copies of one text."""

    document_id: int
    card: Card
    title: str
    language: str
    outlet: str | None
    published_on: date | None
    seen_on: date
    text_hash: str
    voice: str
    quote: str = ""
    clues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A status at a date, told by one or more reports; `status` is None where no report says it."""

    status: Status | None
    on: date | None
    quote: str
    document_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Steps in order. `id` is "" until it is stored, then minted once ("A17") and never reused."""

    id: str
    title: str
    parties: tuple[str, ...]
    instrument: Instrument | None
    topics: tuple[Topic, ...]
    status: Status | None
    place: str | None
    event_date: date | None
    history: tuple[Step, ...]
    mentions: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()  # why its reports stand together; "review: ..." where in doubt
    links: tuple[tuple[str, str], ...] = ()  # ("follows" | "beside", agreement id)
    first_reported_at: datetime | None = None

    @property
    def document_ids(self) -> tuple[int, ...]:
        return tuple(document for step in self.history for document in step.document_ids)


class PinKind(StrEnum):
    MUST_LINK = "must_link"
    CANNOT_LINK = "cannot_link"
    FIELD = "field"
    IRRELEVANT = "irrelevant"
    RELEVANT = "relevant"  # a document that the rules missed is a report
    NAME = "name"  # what the agreement of the report is called; no input of `partition`
    HOME = "home"  # the agreement that the report stood in before the decision, which moved it; no input either


@dataclass(frozen=True, slots=True)
class Pin:
    """What a curator's decision says of one report, an input of `partition`; never undone by a later run."""

    kind: PinKind
    document_id: int
    other_document_id: int | None = None
    field: str | None = None
    value: str | None = None
    who: str = ""
    why: str = ""
    at: datetime | None = None


class DecisionKind(StrEnum):
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    CORRECT = "correct"
    IRRELEVANT = "irrelevant"
    RELEVANT = "relevant"
    RENAME = "rename"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a curator decided, with the pins that it is made of; once undone, they count no more.

    `agreement_id` and `other_agreement_id` say how the agreements were called that it was about (a merge: both, a move:
    from where and to where), if they are known. `id` is 0 until it is stored.
    """

    kind: DecisionKind
    pins: tuple[Pin, ...]
    who: str
    why: str
    at: datetime
    agreement_id: str | None = None
    other_agreement_id: str | None = None
    id: int = 0
    undone_at: datetime | None = None
    undone_by: str | None = None
