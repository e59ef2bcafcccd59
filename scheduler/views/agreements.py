"""The register as lists: agreements with their steps, parties and reports, and what is pending.

The same columns serve the commands, files, the API, and the tables of the data set.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from operator import attrgetter as get
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from scheduler.views.columns import (
    DATASET_ONLY,
    EVERYWHERE,
    JSON_ONLY,
    SHEET_ONLY,
    Column,
    Door,
    ForeignKey,
    Row,
    Table,
)
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.names import name_of, name_parts, place_in
from scheduler.views.words.page import words_of
from storage.filter import Filter
from storage.languages import LANGUAGES, UNKNOWN_LANGUAGE
from storage.records import Certainty, Instrument, Status, TextState
from storage.register.records import NO_PROVENANCE, Agreement, Lead, Provenance, Step

if TYPE_CHECKING:  # these bring SQLAlchemy, which the terminal's other lists do not need
    from storage.database.session import Session
    from storage.documents.official import Official
    from storage.search.document_rows import DocumentRow

# What happened to an agreement, in contrast to what is said before there is one.
ACTS = (
    Status.SIGNED,
    Status.RATIFIED,
    Status.IN_FORCE,
    Status.RENEWED,
    Status.SUSPENDED,
    Status.TERMINATED,
    Status.REJECTED,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An agreement with all that its rows tell, for a reader of a language.

    `given` is the name that a person gave it. `documents` are its reports and mentions, by id;
    `copies` those that repeat the text of an earlier one. `first_official_on` is the day of the
    first official document that tells a step. `today` is the day until which days are counted.
    """

    agreement: Agreement
    language: str = "en"
    given: str | None = None
    documents: Mapping[int, DocumentRow] = field(default_factory=dict)
    provenance: Provenance = NO_PROVENANCE
    copies: frozenset[int] = frozenset()
    first_official_on: date | None = None
    today: date | None = None

    @property
    def name(self) -> str:
        """What the agreement is called in the reader's language."""
        return self.name_in(self.language)

    def name_in(self, language: str) -> str:
        return name_of(name_parts(self.agreement, self.given), labels_of(language))

    @property
    def original(self) -> str | None:
        """The address of a report: of the latest step that has one, else of a mention."""
        one = self.agreement
        told = (number for step in reversed(one.history) for number in step.document_ids)
        found = (self.documents.get(number) for number in chain(told, one.mentions))
        return next((row.url for row in found if row and row.url), None)

    @property
    def pending_since(self) -> date | None:
        """The day since which it waits for ratification or entry into force; None if no report
        tells it.
        """
        since = self.agreement.pending_since
        return None if since in (None, date.min) else since

    @property
    def days_pending(self) -> int | None:
        since = self.pending_since
        return max(0, (self.today - since).days) if since and self.today else None


def entries_of(
    s: Session, found: Sequence[Agreement], language: str = "en", official: Official | None = None
) -> list[Entry]:
    """Agreements with their documents, who reported them first, and the names that persons gave.

    `official` adds which of their documents are copies, and when the first official one came.
    """
    from storage.documents.copies import copy_groups
    from storage.first_reports import provenance_of
    from storage.register.given_names import given_names
    from storage.register.records import documents_of
    from storage.search.document_rows import report_rows

    ids = set(chain.from_iterable(map(documents_of, found)))
    rows, given = report_rows(s, ids), given_names(s, [one.id for one in found])
    provenance, said_by = provenance_of(s, found, rows), copy_groups(s, ids) if official else {}
    entries = []
    for one in found:
        own = {n: rows[n] for n in (*one.document_ids, *one.mentions) if n in rows}
        entry = Entry(one, language, given.get(one.id), own, provenance[one.id])
        if official:
            first_on = _first_official_on(entry, official)
            copies = _copies(own.values(), said_by)
            entry = replace(entry, copies=copies, first_official_on=first_on)
        entries.append(entry)
    return entries


def _first_official_on(entry: Entry, official: Official) -> date | None:
    """The day of publication of the first official document; None if none has a day."""
    told = set(entry.agreement.document_ids)
    days = (
        row.published_on
        for row in entry.documents.values()
        if row.published_on and row.id in told and official.published(row.source_id, row.url)
    )
    return min(days, default=None)


def _copies(documents: Collection[DocumentRow], said_by: Mapping[int, str]) -> frozenset[int]:
    """The documents whose text an earlier one has. What has no date is later than what has one."""
    reported: set[str] = set()
    copies: set[int] = set()
    for row in sorted(documents, key=lambda row: (row.published_on or date.max, row.id)):
        group = said_by.get(row.id, "")
        if group and group in reported:
            copies.add(row.id)
        reported.add(group)
    return frozenset(copies)


# --- columns that several lists have ------------------------------------------------------------


class OfAgreement(Protocol):
    """What rows about an agreement are made of."""

    @property
    def agreement(self) -> Agreement: ...


class Named(Protocol):
    """What has a name in the reader's language."""

    @property
    def name(self) -> str: ...


def status_cell(status: Status | None, found: Agreement, labels: Labels) -> str:
    """A status in words that agree with the instrument of the agreement."""
    return labels.status(status, found.instrument) if status else labels.say("terminal.unknown")


def _certainty(one: OfAgreement, labels: Labels) -> str:
    return labels.say(f"certainty.{one.agreement.certainty}.name")


def _instrument(one: OfAgreement, labels: Labels) -> str:
    kind = one.agreement.instrument
    return labels.instrument(kind) if kind else labels.say("terminal.unknown")


def _status(one: OfAgreement, labels: Labels) -> str:
    return status_cell(one.agreement.status, one.agreement, labels)


def _place(one: OfAgreement, labels: Labels) -> str:
    return place_in(labels.language, one.agreement.place, one.agreement.place_key)


def _topics(one: OfAgreement, labels: Labels) -> str:
    return labels.say("comma").join(labels.say(f"topics.{topic}") for topic in one.agreement.topics)


def _event_date(one: OfAgreement, labels: Labels) -> str:
    return str(one.agreement.event_date or labels.say("terminal.unknown"))


def _text(one: OfAgreement, labels: Labels) -> str:
    state = one.agreement.text_state
    return words_of(labels.language).say(f"page.text_states.{state}") if state else ""


_Shared = Column[OfAgreement]
_AGREEMENT = _Shared("agreement", "string", get("agreement.id"), DATASET_ONLY, required=True)
CERTAINTY = _Shared(
    "certainty",
    "string",
    get("agreement.certainty"),
    EVERYWHERE,
    Certainty,
    _certainty,
    required=True,
)
EVENT_DATE = _Shared(
    "event_date", "date", get("agreement.event_date"), EVERYWHERE, (), _event_date, title="day"
)
ID = _Shared("id", "string", get("agreement.id"), EVERYWHERE, required=True)
INSTRUMENT = _Shared(
    "instrument", "string", get("agreement.instrument"), EVERYWHERE, Instrument, _instrument
)
NAME = Column[Named]("name", "string", get("name"))
PARTIES_OF = _Shared("parties", "list", get("agreement.parties"), EVERYWHERE)
PLACE = _Shared("place", "string", get("agreement.place"), EVERYWHERE, cell=_place)
PLACE_KEY = _Shared("place_key", "string", get("agreement.place_key"), EVERYWHERE)
STATUS = _Shared("status", "string", get("agreement.status"), EVERYWHERE, Status, _status)
TEXT = _Shared("text", "string", get("agreement.text_state"), EVERYWHERE, TextState, _text)
TOPICS = _Shared("topics", "list", get("agreement.topics"), EVERYWHERE, cell=_topics)
_TO_AGREEMENT = ForeignKey(("agreement",), "agreements", ("id",))


# --- steps, and reports -------------------------------------------------------------------------


class StepOf(NamedTuple):
    """A step of an agreement; the earliest one has the position 1."""

    agreement: Agreement
    position: int
    step: Step

    @property
    def id(self) -> str:
        return f"{self.agreement.id}-{self.position}"


def steps_of(agreement: Agreement) -> list[StepOf]:
    return [StepOf(agreement, at, step) for at, step in enumerate(agreement.history, 1)]


STEPS = Table[StepOf](
    "steps",
    (
        Column("id", "string", get("id"), DATASET_ONLY, required=True),
        _AGREEMENT,
        Column("position", "integer", get("position"), DATASET_ONLY, required=True),
        Column("status", "string", get("step.status"), EVERYWHERE, Status),
        Column("on", "date", get("step.on"), EVERYWHERE),
        Column("expected_on", "date", get("step.expected_on"), EVERYWHERE),
        Column("quote", "string", get("step.quote"), EVERYWHERE),
        Column("documents", "list", get("step.document_ids"), DATASET_ONLY),
        Column("document_ids", "list", get("step.document_ids")),
    ),
    title="Steps",
    key=("id",),
    foreign_keys=(_TO_AGREEMENT,),
)


class ReportOf(NamedTuple):
    """A document of an agreement; `told` is the step that it tells, None if it only mentions it."""

    entry: Entry
    row: DocumentRow
    told: StepOf | None

    @property
    def agreement(self) -> Agreement:
        return self.entry.agreement

    @property
    def step_id(self) -> str | None:
        return self.told.id if self.told else None

    @property
    def status(self) -> Status | None:
        return self.told.step.status if self.told else None

    @property
    def on(self) -> date | None:
        return self.told.step.on if self.told else None

    @property
    def is_listed(self) -> bool:
        return self.row.id in self.entry.agreement.listed

    @property
    def is_copy(self) -> bool:
        return self.row.id in self.entry.copies


def reports_of(entry: Entry) -> Iterator[ReportOf]:
    """All documents of an agreement, in the order of its steps; then those that mention it."""
    told = {number: step for step in steps_of(entry.agreement) for number in step.step.document_ids}
    for row in entry.documents.values():
        yield ReportOf(entry, row, told.get(row.id))


SPOKEN = (*LANGUAGES, UNKNOWN_LANGUAGE)
REPORTS = Table[ReportOf](
    "reports",
    (
        _AGREEMENT,
        Column("agreement_id", "string", get("agreement.id"), SHEET_ONLY, required=True),
        Column("name", "string", get("entry.name"), SHEET_ONLY),
        Column("status", "string", get("status"), SHEET_ONLY, Status),
        Column("on", "date", get("on"), SHEET_ONLY),
        Column("id", "integer", get("row.id"), DATASET_ONLY, required=True),
        Column("document_id", "integer", get("row.id"), required=True),
        Column("step", "string", get("step_id"), DATASET_ONLY),
        Column("external_id", "string", get("row.external_id"), EVERYWHERE),
        Column("outlet", "string", get("row.outlet"), EVERYWHERE),
        Column("language", "string", get("row.language"), EVERYWHERE, SPOKEN),
        Column("url", "string", get("row.url"), EVERYWHERE),
        Column("title", "string", get("row.title"), EVERYWHERE),
        Column("published", "date", get("row.published_on"), EVERYWHERE),
        Column("source", "string", get("row.source_id"), DATASET_ONLY),
        Column("copy", "boolean", get("is_copy"), DATASET_ONLY, required=True),
        Column("listed", "boolean", get("is_listed"), DATASET_ONLY, required=True),
    ),
    title="Reports",
    key=("agreement", "id"),
    foreign_keys=(_TO_AGREEMENT, ForeignKey(("step",), "steps", ("id",))),
)


# --- agreements ---------------------------------------------------------------------------------


def _first_report(entry: Entry) -> Row | None:
    first = entry.provenance.first_report
    if first is None:
        return None
    return {
        "outlet": first.outlet,
        "document_id": first.document_id,
        "on": first.on.isoformat(),
        "seen_at": first.seen_at.isoformat() if first.seen_at else None,
        "is_official": first.is_official,
        "before_next": _lead(first.next),
        "before_official": _lead(first.official),
    }


def _lead(lead: Lead | None) -> Row | None:
    if lead is None:
        return None
    return {
        "outlet": lead.outlet,
        "document_id": lead.document_id,
        "on": lead.on.isoformat() if lead.on else None,
        "days": lead.days,
        "hours": lead.hours,
    }


def _first_reported_on(entry: Entry) -> date | None:
    first = entry.agreement.first_reported_at
    return first.date() if first else None


def _days_before_official(entry: Entry) -> int | None:
    first, official_on = _first_reported_on(entry), entry.first_official_on
    return (official_on - first).days if first and official_on else None


def _first_outlet(entry: Entry) -> str | None:
    return entry.provenance.first_report.outlet if entry.provenance.first_report else None


def _links(entry: Entry) -> list[Row]:
    return [{"kind": kind, "id": other} for kind, other in entry.agreement.links]


def _linked(kind: str) -> Callable[[Entry], list[str]]:
    return lambda entry: [other for one, other in entry.agreement.links if one == kind]


def _count(field: str) -> Callable[[Entry], int]:
    return lambda entry: len(getattr(entry.agreement, field))


def _history(entry: Entry) -> list[Row]:
    return [STEPS.row(step) for step in steps_of(entry.agreement)]


def _reports(entry: Entry) -> list[Row]:
    return [REPORTS.row(report) for report in reports_of(entry)]


AGREEMENTS = Table[Entry](
    "agreements",
    (
        ID,
        NAME,
        Column("name_en", "string", lambda one: one.name_in("en"), DATASET_ONLY),
        Column("name_fr", "string", lambda one: one.name_in("fr"), DATASET_ONLY),
        Column("title", "string", get("agreement.title"), EVERYWHERE),
        PARTIES_OF,
        INSTRUMENT,
        TOPICS,
        STATUS,
        PLACE,
        PLACE_KEY,
        EVENT_DATE,
        Column("expected_on", "date", get("agreement.expected_on"), EVERYWHERE),
        CERTAINTY,
        Column("first_reported_at", "datetime", get("agreement.first_reported_at")),
        Column("first_reported_on", "date", _first_reported_on, DATASET_ONLY),
        Column("first_report", "object", _first_report),
        Column("first_outlet", "string", _first_outlet, DATASET_ONLY),
        Column("first_official_on", "date", get("first_official_on"), DATASET_ONLY),
        Column("days_before_official", "integer", _days_before_official, DATASET_ONLY),
        TEXT,
        Column("text_on", "date", get("provenance.text_on"), EVERYWHERE),
        Column("text_url", "string", get("provenance.text_url"), EVERYWHERE),
        Column("text_document_id", "integer", get("agreement.text_document_id"), JSON_ONLY),
        Column("text_due_on", "date", get("agreement.text_due_on")),
        Column("steps", "integer", _count("history"), DATASET_ONLY, required=True),
        Column("history", "list", _history, parts=STEPS),
        Column("reports", "integer", _count("report_ids"), DATASET_ONLY, required=True),
        Column("reports", "list", _reports, parts=REPORTS, about="documents"),
        Column("mentions", "list", get("agreement.mentions")),
        Column("listed", "list", get("agreement.listed"), JSON_ONLY),
        Column("reasons", "list", get("agreement.reasons"), JSON_ONLY),
        Column("links", "list", _links, JSON_ONLY),
        Column("follows", "list", _linked("follows"), DATASET_ONLY),
        Column("beside", "list", _linked("beside"), DATASET_ONLY),
    ),
    ("id", "name", "status", "certainty", "event_date", "place", "topics", "reports"),
    title="Agreements",
    key=("id",),
)


def _pending_since(entry: Entry, labels: Labels) -> str:
    return str(entry.pending_since or labels.say("terminal.undated"))


def _days_pending(entry: Entry, labels: Labels) -> str:
    if entry.days_pending is None:
        return labels.say("terminal.unknown")
    return words_of(labels.language).count("page.pending.days", entry.days_pending)


PENDING = Table[Entry](
    "pending",
    (
        ID,
        NAME,
        PARTIES_OF,
        INSTRUMENT,
        TOPICS,
        STATUS,
        Column("pending_since", "date", get("pending_since"), cell=_pending_since, title="signed"),
        Column("days", "integer", get("days_pending"), cell=_days_pending, title="waiting"),
        TEXT,
        CERTAINTY,
        PLACE,
        PLACE_KEY,
    ),
    ("id", "name", "instrument", "status", "pending_since", "days", "text"),
)


def pending_entries(
    s: Session,
    flt: Filter,
    today: date,
    language: str = "en",
    most: int | None = None,
    after: str | None = None,
    *,
    longest_first: bool = False,
) -> list[Entry]:
    """The agreements that wait, from that behind `after` on."""
    from storage.register.given_names import given_names
    from storage.search.waiting import waiting

    found = waiting(s, flt, most, after, longest_first=longest_first)
    given = given_names(s, [one.id for one in found])
    return [Entry(one, language, given.get(one.id), today=today) for one in found]


# --- parties, and what they did -----------------------------------------------------------------


class PartyOf(NamedTuple):
    agreement: Agreement
    code: str


class ActOf(NamedTuple):
    """A party and a step that is more than talks."""

    agreement: Agreement
    party: str
    step: StepOf


def acts_of(agreement: Agreement) -> Iterator[ActOf]:
    for step in steps_of(agreement):
        if step.step.status in ACTS:
            for code in agreement.parties:
                yield ActOf(agreement, code, step)


PARTIES = Table[PartyOf](
    "parties",
    (
        _AGREEMENT,
        Column("code", "string", get("code"), DATASET_ONLY, required=True),
        Column("name_en", "string", lambda one: labels_of("en").party(one.code), DATASET_ONLY),
        Column("name_fr", "string", lambda one: labels_of("fr").party(one.code), DATASET_ONLY),
    ),
    title="Parties",
    key=("agreement", "code"),
    foreign_keys=(_TO_AGREEMENT,),
)
ACTIONS = Table[ActOf](
    "actions",
    (
        _AGREEMENT,
        Column("party", "string", get("party"), DATASET_ONLY, required=True),
        Column("step", "string", get("step.id"), DATASET_ONLY, required=True),
        Column("status", "string", get("step.step.status"), DATASET_ONLY, ACTS, required=True),
        Column("on", "date", get("step.step.on"), DATASET_ONLY),
    ),
    title="Actions of parties",
    key=("agreement", "party", "step"),
    foreign_keys=(
        _TO_AGREEMENT,
        ForeignKey(("agreement", "party"), "parties", ("agreement", "code")),
        ForeignKey(("step",), "steps", ("id",)),
    ),
)
# The tables of the data set. In this order each refers only to those before it.
DATASET: tuple[Table[Any], ...] = (AGREEMENTS, STEPS, PARTIES, ACTIONS, REPORTS)


def dataset_rows(entry: Entry) -> dict[str, list[Row]]:
    """The rows of an agreement in the data set, by the name of the table."""
    one = entry.agreement
    items: dict[str, Iterable[Any]] = {
        AGREEMENTS.name: (entry,),
        STEPS.name: steps_of(one),
        PARTIES.name: (PartyOf(one, code) for code in one.parties),
        ACTIONS.name: acts_of(one),
        REPORTS.name: reports_of(entry),
    }
    return {
        table.name: [table.row(item, Door.DATASET) for item in items[table.name]]
        for table in DATASET
    }
