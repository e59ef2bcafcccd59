"""The values of the register: reports, steps, agreements and curators' decisions.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from storage.provision import Provision, ProvisionKind, months_after
from storage.records import (
    GRADE_OF,
    Card,
    DateBasis,
    Grade,
    GradeBasis,
    Instrument,
    SecondReading,
    Status,
    TextState,
    Topic,
    Verdict,
)

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Report:
    """One relevant document, as the register sees it. Copies of one text share a `copy_group`.
    `probability` is that it reports a step; None where no judge was used, or a person or a second
    reader looked.
    """

    document_id: int
    card: Card
    title: str
    language: str
    outlet: str | None
    published_on: date | None
    seen_on: date
    text_hash: str
    copy_group: str
    quote: str = ""
    clues: tuple[str, ...] = ()
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Who published a document, and how far it can be believed.

    `outlet` is its host where the outlet is unknown, and "" where that is unknown, too. Copies of
    one text share a `copy_group`. `probability` is that it reports a step; None where no judge was
    used. `listed`: it is a row of a list. `confirmed_by` is the person who decided that it reports
    something, or what; "" for nobody. `is_text_place`: it is a page of a treaty series. `reading`
    is the second reader's answer. It reports `status` on the day `happened_on`, or else that of
    publication.
    """

    document_id: int
    outlet: str
    copy_group: str
    probability: float | None = None
    official: bool = False
    listed: bool = False
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    title: str = ""
    url: str | None = None
    published_on: date | None = None
    is_text_place: bool = False
    reading: SecondReading | None = None
    status: Status | None = None
    happened_on: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A status at a date, by one or more reports. `status` is None if no report names one.
    `expected_on` is the day for which the reports announce the next step.
    """

    status: Status | None
    on: date | None
    quote: str
    document_ids: tuple[int, ...]
    expected_on: date | None = None


SIGNED_STATUSES = frozenset(
    {
        Status.SIGNED,
        Status.RATIFIED,
        Status.IN_FORCE,
        Status.RENEWED,
        Status.SUSPENDED,
        Status.TERMINATED,
    }
)
_WAITING = frozenset({Status.CONCLUDED, Status.SIGNED})
_NO_LONGER_WAITING = (SIGNED_STATUSES | {Status.REJECTED}) - {Status.SIGNED}


class Doubt(NamedTuple):
    """A report that stands where it stands by a close decision. `joined`: with earlier reports;
    else it began its agreement, and nearly joined that of the document `other`.
    """

    document_id: int
    joined: bool
    other: int | None = None


class LinkageReason(NamedTuple):
    """Why reports are one agreement: the key of its sentence (in `page.linkage` in the words of
    each language), of which report, and its values. `points` are those for (+) and against (-) the
    report: the reason, the value, and the day that it is about.
    """

    kind: str
    document_id: int | None = None
    values: tuple[int | float, ...] = ()  # numbers of reports are whole, points are not
    points: tuple[tuple[str, float, str], ...] = ()

    @property
    def is_in_doubt(self) -> bool:
        return self.kind in ("doubtful", "rivalled", "apart", "alone")


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement with its steps in order. `id` is "" until the agreement is stored. It is then
    assigned once ("A17") and never reused.
    """

    id: str
    title: str
    parties: tuple[str, ...] = ()
    instrument: Instrument | None = None
    topics: tuple[Topic, ...] = ()
    status: Status | None = None
    place: str | None = None
    event_date: date | None = None
    history: tuple[Step, ...] = ()
    mentions: tuple[int, ...] = ()
    reasons: tuple[LinkageReason, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # ("follows" | "beside", agreement id)
    first_reported_at: datetime | None = None
    listed: tuple[int, ...] = ()  # those of its documents that are rows of lists
    grade_basis: GradeBasis = GradeBasis.SINGLE
    grade_by: str = ""  # the person who confirmed it, or the model that read it; "" for neither
    grade_at: datetime | None = None
    place_key: str | None = None  # the canonical name of the place; None where it has none
    text_state: TextState | None = None  # None: it was not signed yet, so that no text is due
    text_document_id: int | None = None  # the document that is its text
    provisions: tuple[Provision, ...] = ()

    @property
    def grade(self) -> Grade:
        return GRADE_OF[self.grade_basis]

    @property
    def report_ids(self) -> tuple[int, ...]:
        """The documents of its steps and mentions, each once, without rows of lists."""
        listed = {*self.listed}
        found = dict.fromkeys((*self.document_ids, *self.mentions))
        return tuple(one for one in found if one not in listed)

    @property
    def is_only_listed(self) -> bool:
        """Whether it is known from lists alone, even if somebody mentions it."""
        return bool(self.listed) and {*self.document_ids} <= {*self.listed}

    @property
    def current(self) -> Step | None:
        """The step that gave it its status and day; None before it has any step."""
        now, steps = (self.status, self.event_date), reversed(self.history)
        return next((step for step in steps if (step.status, step.on) == now), None)

    @property
    def expected_on(self) -> date | None:
        """The day for which its next step is announced; None if none is, or if it was taken."""
        return self.current.expected_on if self.current else None

    @property
    def in_doubt(self) -> tuple[Step, ...]:
        """The steps behind the one of the status: each was reported by one outlet, in doubt."""
        now = (self.status, self.event_date)
        reporting = [at for at, step in enumerate(self.history) if (step.status, step.on) == now]
        if self.status is None or not reporting:
            return ()
        return tuple(step for step in self.history[reporting[-1] + 1 :] if step.status is not None)

    @property
    def _counted(self) -> list[Step]:
        doubted = self.in_doubt
        return [step for step in self.history if step not in doubted]

    @property
    def text_due_on(self) -> date | None:
        """The day of the first step after which there is a text to publish; None if unknown."""
        days = (step.on for step in self._counted if step.status in SIGNED_STATUSES and step.on)
        return min(days, default=None)

    @property
    def expires_on(self) -> date | None:
        """The end of its first term: the day that a text names, or counted from its entry into
        force, else from its signature; None if no text has its duration, or no report one of these
        days.
        """
        terms = [
            provision for provision in self.provisions if provision.kind is ProvisionKind.DURATION
        ]
        if terms and terms[0].until:
            return date.fromisoformat(terms[0].until)
        in_force = (step.on for step in self._counted if step.status is Status.IN_FORCE and step.on)
        begin = min(in_force, default=self.text_due_on)
        months = terms[0].months if terms else 0
        return months_after(begin, months) if months and begin else None

    @property
    def is_signed(self) -> bool:
        """Whether a report is on its signature, or on what only happens after that."""
        return any(step.status in SIGNED_STATUSES for step in self._counted)

    @property
    def pending_since(self) -> date | None:
        """The day since which it waits for ratification or entry into force: of its signature, else
        of its conclusion; `date.min` if no report has the day. None if it does not wait.
        """
        statuses = {step.status for step in self._counted}
        if not statuses & _WAITING or statuses & _NO_LONGER_WAITING:
            return None
        status = Status.SIGNED if Status.SIGNED in statuses else Status.CONCLUDED
        days = (step.on for step in self._counted if step.status is status and step.on)
        return min(days, default=date.min)

    @property
    def document_ids(self) -> tuple[int, ...]:
        return tuple(document for step in self.history for document in step.document_ids)


def agreement_of_card(title: str, card: Card, history: tuple[Step, ...] = ()) -> Agreement:
    """Return the card of one document in the form of an agreement, which filters can read."""
    facts = (card.parties, card.instrument, card.topics, card.status, card.place, card.event_date)
    return Agreement("", title, *facts, history, place_key=card.place_key)


def documents_of(agreement: Agreement) -> set[int]:
    return {*agreement.document_ids, *agreement.mentions}


class PinKind(StrEnum):
    MUST_LINK = "must_link"
    CANNOT_LINK = "cannot_link"
    FIELD = "field"
    IRRELEVANT = "irrelevant"
    RELEVANT = "relevant"  # a document that the rules missed is a report
    # A person looked at a report and confirmed it. It changes nothing of the partition.
    CONFIRMED = "confirmed"
    # The text of the agreement of the report stands at the address `value`.
    TEXT = "text"
    # A person searched for that text, at the places `value`. Not an input of `partition`.
    SEARCHED = "searched"
    # What the agreement of the report is called. Not an input of `partition`.
    NAME = "name"
    # The agreement of the report before the decision moved it. Not an input of `partition`.
    HOME = "home"
    # What `field` of the decision's agreement said before it, and after. No inputs either.
    WAS = "was"
    BECAME = "became"
    # The document was made of a row of a list; `value` says which row. Not an input of `partition`.
    LISTED = "listed"
    # The document was made of a row that the list does not have any more. Not an input either.
    UNLISTED = "unlisted"
    # The decision answers the audit; `value` is the group that the document was drawn from. Not an
    # input of `partition`.
    AUDIT = "audit"
    # What a second reader read of a corridor. These count below every decision of a person.
    READ_TOGETHER = "read_together"
    READ_APART = "read_apart"
    READ_FIELD = "read_field"
    # The report was read with its corridor, and what its answer says of it lacks a proof, as
    # `value` says. Not an input of `partition`.
    READ_DOUBT = "read_doubt"


OF_READERS = frozenset(
    (PinKind.READ_TOGETHER, PinKind.READ_APART, PinKind.READ_FIELD, PinKind.READ_DOUBT)
)


@dataclass(frozen=True, slots=True)
class Pin:
    """A part of a curator's decision, on one report. Pins are an input of `partition`, so that a
    later run does not undo a decision.
    """

    kind: PinKind
    document_id: int
    other_document_id: int | None = None
    field: str | None = None
    value: str | None = None
    who: str = ""
    why: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row of a list: its reference, else "row 12"; `url` is what it names as the text."""

    name: str
    url: str | None = None


class DecisionKind(StrEnum):
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    CORRECT = "correct"
    IRRELEVANT = "irrelevant"
    RELEVANT = "relevant"
    CONFIRM = "confirm"
    RENAME = "rename"
    LIST = "list"
    TOGETHER = "together"  # a report belongs to its agreement
    APART = "apart"  # two agreements are two
    TEXT = "text"  # where the text of an agreement stands
    SEARCHED = "searched"  # somebody searched for the text
    READ = "read"  # a second reader read the entries of a corridor with all their reports


# After these an entry says something else; after others of persons, if they changed a field.
_CORRECTING = (
    *(DecisionKind.MERGE, DecisionKind.SPLIT, DecisionKind.MOVE),
    *(DecisionKind.IRRELEVANT, DecisionKind.RENAME),
)


class Change(NamedTuple):
    """A field of an entry before a decision and after it, as curators write it."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a curator decided, with the pins that it consists of. They lapse when it is undone.

    `agreement_id` and `other_agreement_id` are the agreements that it was about, with the ids they
    had then (for a merge both of them, for a move the origin and the target). `id` is 0 until the
    decision is stored. That a list was imported has no pins when it is read: there may be
    hundreds of thousands.
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

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it changed of its agreement; empty of what was decided before that was stored."""
        was = {pin.field: pin.value or "" for pin in self.pins if pin.kind is PinKind.WAS}
        became = (pin for pin in self.pins if pin.kind is PinKind.BECAME and pin.field)
        return tuple(Change(pin.field or "", was[pin.field], pin.value or "") for pin in became)

    @property
    def is_correction(self) -> bool:
        """Whether it changed what an entry says, and is in force."""
        says_else = self.kind in _CORRECTING or bool(self.changes)
        return says_else and self.agreement_id is not None and self.undone_at is None

    @property
    def list_name(self) -> str:
        """What readers call the list that was imported: `why` is "id: name"."""
        return self.why.partition(": ")[2]


# --- what curators corrected of a report ----------------------------------------------------------

FIELDS = ("parties", "instrument", "topics", "status", "event_date", "place")


def with_field(card: Card, field: str, value: str) -> Card:
    """Return the card with one field set to what a curator or reader wrote. Lists are separated by
    commas; an empty value means unknown. Raises ValueError if the field is not one of FIELDS, or
    the value is not valid for it.
    """
    values = tuple(part.strip() for part in value.split(",") if part.strip())
    match field:
        case "parties":
            return replace(card, parties=tuple(sorted(values)), party_scores=())
        case "topics":
            return replace(card, topics=tuple(map(Topic, values)))
        case "instrument":
            return replace(card, instrument=Instrument(value) if value else None)
        case "status":
            return replace(card, status=Status(value) if value else None)
        case "event_date":
            on, basis = (date.fromisoformat(value), DateBasis.TEXT) if value else (None, None)
            return replace(card, event_date=on, event_date_basis=basis)
        case "place":
            return replace(card, place=value or None, place_key=None)
    raise ValueError(f"{field!r} cannot be corrected; the fields are {', '.join(FIELDS)}")


def as_added(verdict: Verdict, pins: Iterable[Pin]) -> Verdict:
    """The verdict on a document that a curator added: a report, with corrected fields."""
    card = verdict.card
    for pin in pins:
        if pin.kind is PinKind.FIELD:
            card = with_field(card, pin.field or "", pin.value or "")
    return replace(verdict, relevant=True, registers=True, near_miss=False, card=card)
