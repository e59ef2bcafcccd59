"""The columns of the register's lists: agreements with their steps, parties and reports, and what
is pending. The same columns serve the commands, files, the API, and the tables of the data set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Protocol

from scheduler.views.columns import (
    DATASET_ONLY,
    EVERYWHERE,
    JSON_ONLY,
    SHEET_ONLY,
    Column,
    Door,
    Row,
    Table,
    fields_row,
)
from scheduler.views.register_entries import (
    ACTS,
    Entry,
    ReportOf,
    StepOf,
    acts_of,
    reports_of,
    steps_of,
)
from scheduler.views.words.labels import Labels, body_names, labels_of
from scheduler.views.words.names import joined_parties, place_in
from storage.filter import Order
from storage.languages import LANGUAGES, UNKNOWN_LANGUAGE
from storage.letters import fold_text
from storage.lists.first_reports import Lead
from storage.records import Grade, GradeBasis, Instrument, Status, TextState, Topic
from storage.register.entry import Agreement


class OfAgreement(Protocol):
    """What rows about an agreement are made of."""

    @property
    def agreement(self) -> Agreement: ...


class Named(Protocol):
    """What has a name in the reader's language."""

    @property
    def name(self) -> str: ...


def status_cell(status: Status | None, agreement: Agreement, labels: Labels) -> str:
    """A status in words that agree with the instrument of the agreement."""
    return labels.status(status, agreement.instrument) if status else labels.say("unknown")


def _instrument(one: OfAgreement, labels: Labels) -> str:
    kind = one.agreement.instrument
    return labels.instrument(kind) if kind else labels.say("unknown")


def _topics(one: OfAgreement, labels: Labels) -> str:
    return labels.say(", ").join(labels.term(f"topics.{topic}") for topic in one.agreement.topics)


def _text(one: OfAgreement, labels: Labels) -> str:
    state = one.agreement.text_state
    return labels.term(f"page.text_states.{state}") if state else ""


_Shared = Column[OfAgreement]
_AGREEMENT = _Shared("agreement", "string", "agreement.id", DATASET_ONLY, required=True)
GRADE = _Shared(
    "grade",
    "string",
    "agreement.grade",
    EVERYWHERE,
    Grade,
    lambda row, labels: labels.term(f"grade.{row.agreement.grade}.name"),
    required=True,
)
EVENT_DATE = _Shared(
    "event_date", "date", "agreement.event_date", EVERYWHERE, title="day", empty="unknown"
)
ID = _Shared("id", "string", "agreement.id", EVERYWHERE, required=True)
INSTRUMENT = _Shared(
    "instrument", "string", "agreement.instrument", EVERYWHERE, Instrument, _instrument
)
NAME = Column[Named]("name", "string")
PARTIES_OF = _Shared(
    "parties",
    "list",
    "agreement.parties",
    EVERYWHERE,
    cell=lambda row, to: joined_parties(row.agreement.parties, to) or to.say("unknown"),
)
PLACE = _Shared(
    "place",
    "string",
    "agreement.place",
    EVERYWHERE,
    cell=lambda row, to: place_in(to.language, row.agreement.place, row.agreement.place_key),
)
PLACE_KEY = _Shared("place_key", "string", "agreement.place_key", EVERYWHERE)
STATUS = _Shared(
    "status",
    "string",
    "agreement.status",
    EVERYWHERE,
    Status,
    lambda row, labels: status_cell(row.agreement.status, row.agreement, labels),
)
TEXT = _Shared("text", "string", "agreement.text_state", EVERYWHERE, TextState, _text)
TOPICS = _Shared("topics", "list", "agreement.topics", EVERYWHERE, cell=_topics)
_TO_AGREEMENT = ("agreement",), "agreements", ("id",)


STEPS = Table[StepOf](
    "steps",
    (
        Column("id", "string", "id", DATASET_ONLY, required=True),
        _AGREEMENT,
        Column("position", "integer", "position", DATASET_ONLY, required=True),
        Column("status", "string", "step.status", EVERYWHERE, Status),
        Column("on", "date", "step.on", EVERYWHERE),
        Column("expected_on", "date", "step.expected_on", EVERYWHERE),
        Column("quote", "string", "step.quote", EVERYWHERE),
        Column("documents", "list", "step.document_ids", DATASET_ONLY),
        Column("document_ids", "list", "step.document_ids"),
    ),
    title="Steps",
    key=("id",),
    foreign_keys=(_TO_AGREEMENT,),
)


SPOKEN = (*LANGUAGES, UNKNOWN_LANGUAGE)
REPORTS = Table[ReportOf](
    "reports",
    (
        _AGREEMENT,
        Column("agreement_id", "string", "agreement.id", SHEET_ONLY, required=True),
        Column("name", "string", "entry.name", SHEET_ONLY),
        Column("status", "string", "status", SHEET_ONLY, Status),
        Column("on", "date", "on", SHEET_ONLY),
        Column("id", "integer", "row.id", DATASET_ONLY, required=True),
        Column("document_id", "integer", "row.id", required=True),
        Column("step", "string", "step_id", DATASET_ONLY),
        Column("external_id", "string", "row.external_id", EVERYWHERE),
        Column("outlet", "string", "row.outlet", EVERYWHERE),
        Column("language", "string", "row.language", EVERYWHERE, SPOKEN),
        Column("url", "string", "row.url", EVERYWHERE),
        Column("title", "string", "row.title", EVERYWHERE),
        Column("published", "date", "row.published_on", EVERYWHERE),
        Column("source", "string", "row.source_id", DATASET_ONLY),
        Column("copy", "boolean", "is_copy", DATASET_ONLY, required=True),
        Column("listed", "boolean", "is_listed", DATASET_ONLY, required=True),
    ),
    title="Reports",
    key=("agreement", "id"),
    foreign_keys=(_TO_AGREEMENT, (("step",), "steps", ("id",))),
)


def _first_report(entry: Entry) -> Row | None:
    first = entry.provenance.first_report
    if first is None:
        return None
    return {
        **fields_row(first, "outlet", "document_id", "on", "seen_at", "is_official"),
        "before_next": _lead(first.next),
        "before_official": _lead(first.official),
    }


def _lead(lead: Lead | None) -> Row | None:
    return fields_row(lead, "outlet", "document_id", "on", "days", "hours") if lead else None


def _first_reported_on(entry: Entry) -> date | None:
    first = entry.agreement.first_reported_at
    return first.date() if first else None


def _days_before_official(entry: Entry) -> int | None:
    first, official_on = _first_reported_on(entry), entry.first_official_on
    return (official_on - first).days if first and official_on else None


def _first_outlet(entry: Entry) -> str | None:
    return entry.provenance.first_report.outlet if entry.provenance.first_report else None


def _linked(kind: str) -> Callable[[Entry], list[str]]:
    return lambda entry: [other for one, other in entry.agreement.links if one == kind]


def _count(field: str) -> Callable[[Entry], int]:
    return lambda entry: len(getattr(entry.agreement, field))


AGREEMENTS = Table[Entry](
    "agreements",
    (
        NAME,
        ID,
        Column("name_en", "string", lambda entry: entry.name_in("en"), DATASET_ONLY),
        Column("name_fr", "string", lambda entry: entry.name_in("fr"), DATASET_ONLY),
        Column("title", "string", "agreement.title", EVERYWHERE),
        PARTIES_OF,
        INSTRUMENT,
        TOPICS,
        STATUS,
        PLACE,
        PLACE_KEY,
        EVENT_DATE,
        Column("expected_on", "date", "agreement.expected_on", EVERYWHERE),
        Column("expires_on", "date", "agreement.expires_on", EVERYWHERE),
        Column(
            "provisions",
            "list",
            lambda entry: [each._asdict() for each in entry.agreement.provisions],
            JSON_ONLY,
        ),
        GRADE,
        Column(
            "grade_basis", "string", "agreement.grade_basis", EVERYWHERE, GradeBasis, required=True
        ),
        Column("grade_by", "string", lambda entry: entry.agreement.grade_by or None, EVERYWHERE),
        Column("grade_at", "datetime", "agreement.grade_at"),
        Column("first_reported_at", "datetime", "agreement.first_reported_at"),
        Column("first_reported_on", "date", _first_reported_on, DATASET_ONLY),
        Column("first_report", "object", _first_report),
        Column("first_outlet", "string", _first_outlet, DATASET_ONLY),
        Column("first_official_on", "date", "first_official_on", DATASET_ONLY),
        Column("days_before_official", "integer", _days_before_official, DATASET_ONLY),
        TEXT,
        Column("text_on", "date", "provenance.text_on", EVERYWHERE),
        Column("text_url", "string", "provenance.text_url", EVERYWHERE),
        Column("text_document_id", "integer", "agreement.text_document_id", JSON_ONLY),
        Column("text_due_on", "date", "agreement.text_due_on"),
        Column("steps", "integer", _count("history"), DATASET_ONLY, required=True),
        Column(
            "history",
            "list",
            lambda entry: list(map(STEPS.row, steps_of(entry.agreement))),
            parts=STEPS,
        ),
        Column("reports", "integer", _count("report_ids"), DATASET_ONLY, required=True),
        Column(
            "reports",
            "list",
            lambda entry: list(map(REPORTS.row, reports_of(entry))),
            parts=REPORTS,
            about="documents",
        ),
        Column("mentions", "list", "agreement.mentions"),
        Column("listed", "list", "agreement.listed", JSON_ONLY),
        Column(
            "reasons",
            "list",
            lambda entry: [each._asdict() for each in entry.agreement.reasons],
            JSON_ONLY,
        ),
        Column(
            "links",
            "list",
            lambda entry: [{"kind": kind, "id": other} for kind, other in entry.agreement.links],
            JSON_ONLY,
        ),
        Column("follows", "list", _linked("follows"), DATASET_ONLY),
        Column("beside", "list", _linked("beside"), DATASET_ONLY),
    ),
    ("id", "name", "status", "grade", "event_date", "place", "topics", "reports"),
    ("name", "status", "grade", "event_date", "topics", "reports", "text"),
    ("parties", "instrument", "place", "expires_on", "first_reported_at", "steps", "title", "id"),
    title="Agreements",
    key=("id",),
)


# The ways in which every list of the register can be sorted; "-" in front turns one round.
_FIRST = ("name", "parties", "instrument")
TABLE = (*_FIRST, *(name for name in (*AGREEMENTS.page, *AGREEMENTS.more) if name not in _FIRST))
SORTED_BY = ("reported", "day", *TABLE, *(f"-{name}" for name in TABLE))


def order_of(sort: str | None, labels: Labels) -> Order:
    """The order that the name of a column asks for, of those in SORTED_BY; by default, and for
    "reported", what was reported last comes first.
    """
    column = (sort or "reported").removeprefix("-")
    column = "event_date" if column == "day" else column
    label_of: dict[str, Callable[[str], str]] = {
        "parties": labels.short_party,
        "name": labels.short_party,
        "instrument": labels.instrument,
        "topics": lambda topic: labels.term(f"topics.{topic}"),
    }
    ranks: tuple[str, ...] = tuple(_IN_ORDER.get(column, ()))
    if column in ("parties", "name"):  # the names of states take time, which few lists need
        states = (code for code in map(str, labels.locale.territories) if len(code) == 2)
        ranks = (*body_names(), *states)
    if column in label_of:
        ranks = tuple(sorted(ranks, key=lambda value: fold_text(label_of[column](value))))
    return Order(column, (sort or "").startswith("-"), ranks)


_IN_ORDER: dict[str, Iterable[str]] = {
    "instrument": Instrument,
    "topics": Topic,
    "status": Status,
    "grade": Grade,
    "text": TextState,
}


def _days_pending(entry: Entry, labels: Labels) -> str:
    if entry.days_pending is None:
        return labels.say("unknown")
    return labels.count("{n} day", "{n} days", entry.days_pending)


PENDING = Table[Entry](
    "pending",
    (
        NAME,
        ID,
        PARTIES_OF,
        INSTRUMENT,
        TOPICS,
        STATUS,
        Column("pending_since", "date", title="signed", empty="undated"),
        Column("days", "integer", "days_pending", cell=_days_pending, title="waiting"),
        Column("expected_on", "date", "agreement.expected_on"),
        TEXT,
        GRADE,
        PLACE,
        PLACE_KEY,
    ),
    ("id", "name", "instrument", "status", "grade", "pending_since", "days", "text"),
)


PARTIES = Table[tuple[Agreement, str]](
    "parties",
    (
        Column("agreement", "string", lambda one: one[0].id, DATASET_ONLY, required=True),
        Column("code", "string", lambda one: one[1], DATASET_ONLY, required=True),
        Column("name_en", "string", lambda one: labels_of("en").party(one[1]), DATASET_ONLY),
        Column("name_fr", "string", lambda one: labels_of("fr").party(one[1]), DATASET_ONLY),
    ),
    title="Parties",
    key=("agreement", "code"),
    foreign_keys=(_TO_AGREEMENT,),
)
ACTIONS = Table[tuple[str, StepOf]](
    "actions",
    (
        Column("agreement", "string", lambda one: one[1].agreement.id, DATASET_ONLY, required=True),
        Column("party", "string", lambda one: one[0], DATASET_ONLY, required=True),
        Column("step", "string", lambda one: one[1].id, DATASET_ONLY, required=True),
        Column(
            "status", "string", lambda one: one[1].step.status, DATASET_ONLY, ACTS, required=True
        ),
        Column("on", "date", lambda one: one[1].step.on, DATASET_ONLY),
    ),
    title="Actions of parties",
    key=("agreement", "party", "step"),
    foreign_keys=(
        _TO_AGREEMENT,
        (("agreement", "party"), "parties", ("agreement", "code")),
        (("step",), "steps", ("id",)),
    ),
)
# The tables of the data set. In this order each refers only to those before it.
DATASET: tuple[Table[Any], ...] = (AGREEMENTS, STEPS, PARTIES, ACTIONS, REPORTS)


def dataset_rows(entry: Entry) -> dict[str, list[Row]]:
    """The rows of an agreement in the data set, by the name of the table."""
    agreement = entry.agreement
    items: dict[str, Iterable[Any]] = {
        AGREEMENTS.name: (entry,),
        STEPS.name: steps_of(agreement),
        PARTIES.name: ((agreement, code) for code in agreement.parties),
        ACTIONS.name: acts_of(agreement),
        REPORTS.name: reports_of(entry),
    }
    return {
        table.name: [table.row(item, Door.DATASET) for item in items[table.name]]
        for table in DATASET
    }
