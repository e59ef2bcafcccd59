"""The tables of the data set: columns, types, values and keys.

The table schemas of the package and the codebook are made from this. Types are those of
Frictionless Table Schema (https://datapackage.org/standard/table-schema).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storage.languages import LANGUAGES, UNKNOWN_LANGUAGE
from storage.records import Certainty, Instrument, Status, TextState

Type = Literal["string", "integer", "date", "boolean"]

# What happened to an agreement, in contrast to what is said before there is one.
ACTIONS = (
    Status.SIGNED,
    Status.RATIFIED,
    Status.IN_FORCE,
    Status.RENEWED,
    Status.SUSPENDED,
    Status.TERMINATED,
    Status.REJECTED,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `values`: all that it can hold; none for any. A required one is never empty."""

    name: str
    type: Type
    description: str
    values: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """The values of `columns` stand in the columns `target_columns` of the table `target`."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _of_agreement() -> Column:
    return Column("agreement", "string", "The agreement: `id` in agreements.", required=True)


_TO_AGREEMENT = ForeignKey(("agreement",), "agreements", ("id",))
_STEP_ID = (
    "The agreement and the position, such as A17-2. It can change when an earlier step becomes "
    "known or a person corrects the register; the id of an agreement does not."
)
_EVENT_DATE = (
    "The day of the latest step, as EDTF level 0 (YYYY-MM-DD); empty where no report tells it."
)

_FIRST_OFFICIAL = (
    "The day of publication of the first official document that tells a step: one that an official "
    "source led to, or that stands on the host of one. Empty where there is none with a day, or "
    "where no source is marked as official."
)
_DAYS_BEFORE = (
    "How many days the first report led the first official document: first_official_on minus "
    "first_reported_on. 0: it was official from the first day."
)

_TEXT = (
    "published: the text was found in a treaty series or gazette. missing: it was signed, and no "
    "text was found. Empty: it was not signed yet. That a ministry reports a signature is no text."
)
_PLACE_KEY = (
    "The same city by the name that it has in the gazetteer, in small Latin letters, whatever the "
    "language of the reports; empty where the gazetteer does not know it."
)
_CERTAINTY = (
    "How sure the entry is. confirmed: a person looked at it. official: an official document tells "
    "a step. several: several independent outlets report it; copies of one text count once. "
    "single: one outlet does. doubtful: one outlet does, and the probability of its best report is "
    "below 0.90. listed: it is known from lists of agreements alone."
)

AGREEMENTS = Table(
    "agreements",
    "Agreements",
    "One row an agreement, in the order of ids.",
    (
        Column(
            "id",
            "string",
            "Given once and never used again, such as A17. Where two agreements turn out to be "
            "one, the older id remains.",
            required=True,
        ),
        Column(
            "name_en",
            "string",
            "What it is called in English: made of parties, instrument, topic and year, or given "
            "by a person.",
        ),
        Column("name_fr", "string", "The same in French."),
        Column("title", "string", "The headline of a report, in the language of that report."),
        Column("parties", "string", 'The codes of parties, joined with "; ": see parties.'),
        Column(
            "instrument",
            "string",
            "The kind of document; empty where no report says it.",
            tuple(Instrument),
        ),
        Column(
            "topics",
            "string",
            'What it is about, joined with "; ": readmission_returns, border_control, '
            "trafficking_smuggling, labour_mobility, visa, asylum_protection, "
            "development_root_causes, other.",
        ),
        Column(
            "status",
            "string",
            "The status of the latest step; empty where no report says it.",
            tuple(Status),
        ),
        Column("place", "string", "Where the latest step happened, as most reports write it."),
        Column("place_key", "string", _PLACE_KEY),
        Column("event_date", "date", _EVENT_DATE),
        Column("certainty", "string", _CERTAINTY, tuple(Certainty), required=True),
        Column(
            "first_reported_on",
            "date",
            "The day of the first report: published, else first seen, on that day.",
        ),
        Column("first_outlet", "string", "The outlet of the first report."),
        Column("first_official_on", "date", _FIRST_OFFICIAL),
        Column("days_before_official", "integer", _DAYS_BEFORE),
        Column("text", "string", _TEXT, tuple(TextState)),
        Column("text_on", "date", "The day on which the text was published; empty if unknown."),
        Column("text_url", "string", "The address of the text."),
        Column("steps", "integer", "How many rows it has in steps.", required=True),
        Column(
            "reports",
            "integer",
            "How many reports it has: its rows in reports, without those that are listed.",
            required=True,
        ),
        Column(
            "follows",
            "string",
            'Earlier agreements of the same parties on a common topic, joined with "; ". They may '
            "be missing from a data set that was made with filters.",
        ),
        Column("beside", "string", "The same for those without a common topic, or of one day."),
    ),
    ("id",),
)
STEPS = Table(
    name="steps",
    title="Steps",
    description="One row a step in the life of an agreement: a status at a date, as told by "
    "reports.",
    columns=(
        Column("id", "string", _STEP_ID, required=True),
        _of_agreement(),
        Column("position", "integer", "1 is the earliest step of the agreement.", required=True),
        Column(
            "status",
            "string",
            "What the step led to; empty where no report names it.",
            tuple(Status),
        ),
        Column(
            "on", "date", "The day, as EDTF level 0 (YYYY-MM-DD); empty where no report tells it."
        ),
        Column("quote", "string", "The sentence of a report that shows the step best."),
        Column(
            "documents",
            "string",
            'The reports that tell the step, joined with "; ": `id` in reports.',
        ),
    ),
    key=("id",),
    foreign_keys=(_TO_AGREEMENT,),
)
PARTIES = Table(
    name="parties",
    title="Parties",
    description="One row for each party of each agreement.",
    columns=(
        _of_agreement(),
        Column(
            "code",
            "string",
            "ISO 3166-1 alpha-2 for states (Kosovo: XK), else the code of a body, such as EU, "
            "AUC (African Union) or IOM.",
            required=True,
        ),
        Column("name_en", "string", "The name of the state or body in English."),
        Column("name_fr", "string", "The same in French."),
    ),
    key=("agreement", "code"),
    foreign_keys=(_TO_AGREEMENT,),
)
ACTIONS_TABLE = Table(
    name="actions",
    title="Actions of parties",
    description="One row for each agreement, party and step that is more than talks. Reports tell "
    "the step of an agreement, not which of its parties took it: all parties have a row, also "
    "where only one of them, for instance, ratified.",
    columns=(
        _of_agreement(),
        Column("party", "string", "The party: `code` in parties.", required=True),
        Column("step", "string", "The step: `id` in steps.", required=True),
        Column("status", "string", "What happened.", tuple(ACTIONS), required=True),
        Column("on", "date", "The day, as in steps."),
    ),
    key=("agreement", "party", "step"),
    foreign_keys=(
        _TO_AGREEMENT,
        ForeignKey(("agreement", "party"), "parties", ("agreement", "code")),
        ForeignKey(("step",), "steps", ("id",)),
    ),
)
REPORTS = Table(
    name="reports",
    title="Reports",
    description="One row for each document of each agreement: the evidence.",
    columns=(
        _of_agreement(),
        Column("id", "integer", "The number of the document.", required=True),
        Column(
            "step",
            "string",
            "The step that it tells: `id` in steps; empty where it only mentions the agreement.",
        ),
        Column("external_id", "string", "The id that it was imported with."),
        Column("outlet", "string", "Who published it."),
        Column(
            "language",
            "string",
            "ISO 639-1; und where it was not recognised.",
            (*LANGUAGES, UNKNOWN_LANGUAGE),
        ),
        Column("url", "string", "Its address."),
        Column("title", "string", "Its headline."),
        Column("published", "date", "The day of publication; empty where it is unknown."),
        Column(
            "source",
            "string",
            "The id of the watched source that led to it; empty for what was imported.",
        ),
        Column(
            "copy",
            "boolean",
            "Whether its text is a copy of an earlier report of the same agreement, such as an "
            "agency text in many papers. Copies have one vote in the register.",
            required=True,
        ),
        Column(
            "listed",
            "boolean",
            "Whether it is a row of a list of known agreements, which is no report.",
            required=True,
        ),
    ),
    key=("agreement", "id"),
    foreign_keys=(_TO_AGREEMENT, ForeignKey(("step",), "steps", ("id",))),
)
# In this order each table refers only to those before it.
TABLES = (AGREEMENTS, STEPS, PARTIES, ACTIONS_TABLE, REPORTS)
