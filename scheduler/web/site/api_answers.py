"""What the answers of the API hold besides the rows of lists, for their description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from crawler.differences import Edit
from scheduler.views.columns import Table, json_schema
from storage.counting import By, Counted
from storage.records import Topic, Zone
from storage.register.similar import Likeness
from storage.source import SourceKind

Responses = dict[int | str, dict[str, Any]]


class Following(BaseModel):
    next: str | None = Field(description="The address of what follows.")


def answers_with(table: Table[Any], more: type[BaseModel] | None = Following) -> Responses:
    """How OpenAPI describes an answer with rows of a list, and with what `more` has besides."""
    rows = {"type": "array", "items": json_schema(table)}
    return _described(table, {"type": "object", "properties": {"items": rows}}, more)


def answers_with_one(table: Table[Any], more: type[BaseModel] | None = None) -> Responses:
    """The same of an answer that is a row of a list."""
    return _described(table, json_schema(table), more)


def _described(
    table: Table[Any], schema: dict[str, Any], more: type[BaseModel] | None
) -> Responses:
    answer = {"description": table.description, "content": {"application/json": {"schema": schema}}}
    # FastAPI puts a reference to the model beside what the schema says: both apply.
    return {200: answer | ({"model": more} if more else {})}


class ApiAddress(BaseModel):
    path: str
    methods: Sequence[str]
    summary: str


class ApiAddresses(BaseModel):
    items: Sequence[ApiAddress]


# --- agreements -----------------------------------------------------------------------------------

Numbers = Mapping[str, int]


class Learned(BaseModel):
    since: datetime = Field(description="What was learnt since then is listed.")
    more: int = Field(description="How many were left out.")


class Listed(Following):
    """`unconfirmed`: how many a list without filters leaves out; `grade=unconfirmed` has them."""

    unconfirmed: int


class Facets(BaseModel):
    """How many agreements have each value. `unconfirmed`: how many a list without filters leaves
    out, which `grade` alone counts.
    """

    total: int
    unconfirmed: int
    party: Numbers
    instrument: Numbers
    topic: Numbers
    status: Numbers
    text: Numbers
    grade: Numbers


class Corridor(BaseModel):
    parties: tuple[str, str]
    agreements: int
    with_text: int = Field(description="Of how many the text is published.")


class Corridors(Following):
    items: Sequence[Corridor]


class SimilarAgreement(BaseModel):
    agreement_id: str
    name: str
    parties: Sequence[str]
    why: Sequence[Likeness]
    topics: Sequence[Topic] = Field(description="That both are on.")


class SimilarAgreements(Following):
    items: Sequence[SimilarAgreement]


class Durations(BaseModel):
    """How many, and how many days from signature to entry into force."""

    number: int
    shortest: int | None
    median: float | None
    longest: int | None


class Named(BaseModel):
    value: str
    name: str


class CountedRow(Named):
    total: int | Durations
    cells: Mapping[str, int | Durations]


class DurationOf(BaseModel):
    """A duration of an agreement, in days."""

    id: str
    name: str
    begin: date
    end: date
    days: int


class Counts(BaseModel):
    """A table of counts. What stands in several cells is in a total once."""

    title: str
    count: Counted
    rows: By
    columns: Sequence[Named]
    items: Sequence[CountedRow]
    totals: Mapping[str, int | Durations]
    total: int | Durations
    of: int = Field(description="How many the selection has in all.")
    unconfirmed: int = Field(description="How many are left out until a filter is chosen.")
    durations: Sequence[DurationOf]


# --- documents ------------------------------------------------------------------------------------


class Match(BaseModel):
    start: int
    end: int
    text: str


class SnippetPiece(Match):
    """A piece in which the words stand; offsets count code points into title or text."""

    zone: Zone | Literal["text"]
    matches: Sequence[Match]


class Searched(BaseModel):
    snippet: Sequence[SnippetPiece]


class Hint(BaseModel):
    """Why nothing was found."""

    sentences: Sequence[str]
    left_out: Sequence[str]
    near: Sequence[str] = Field(description="Words of stored titles that are written alike.")
    in_everything: bool = Field(description="Whether what reports nothing has it.")
    instead: str | None = Field(description="The words with the names that may be meant.")


class SearchedPage(Following):
    items: Sequence[Searched]
    hint: Hint | None = Field(None, description="Where nothing was found.")


class DocumentFacets(BaseModel):
    """How many documents have each value."""

    of_newest: int | None = Field(description="Of how many hits, if only the newest are counted.")
    party: Numbers = {}
    topic: Numbers = {}
    status: Numbers = {}
    instrument: Numbers = {}
    grade: Numbers = {}
    language: Numbers = {}
    source: Numbers = {}


class Evidence(Match):
    """A passage of title or text on which the verdict rests."""

    rule: str
    concept: str
    zone: Zone
    weight: float


class Difference(BaseModel):
    field: str
    rules: Any
    reader: Any


class SecondReading(BaseModel):
    answer: Literal["yes", "no", "unclear"]
    reader: str
    prompt: str
    read_at: datetime
    cause: str | None
    doubt: str | None
    agreement: str | None
    quote: str | None
    quoted: Sequence[Evidence]
    rules_outcome: str | None
    differences: Sequence[Difference]


class DocumentDetail(BaseModel):
    probability: float | None
    text: str | None = Field(description="Null once it was deleted.")
    evidence: Sequence[Evidence]
    second_reading: SecondReading | None


class Piece(BaseModel):
    change: Edit
    text: str


class Version(BaseModel):
    version: int
    seen_at: datetime
    title: str | None
    text: str | None
    changes: Sequence[Sequence[Piece]]


class Versions(BaseModel):
    items: Sequence[Version]


# --- sources and review ---------------------------------------------------------------------------


class LedgerDay(BaseModel):
    """What a source gave on a day."""

    on: date
    polls: int
    polls_failed: int
    offered: int
    new: int
    again: int
    matched: int
    reviewed: int
    outcomes: Numbers
    left: Numbers


class ListedSource(BaseModel):
    id: str
    kind: SourceKind
    url: str
    name: str | None
    country: str | None
    language: str | None
    enabled: bool
    alive: bool
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    last_offered: int = 0
    last_new: int = 0
    changes: Sequence[str]
    days: Sequence[LedgerDay]


class Sources(Following):
    items: Sequence[ListedSource]


class StateSource(BaseModel):
    """A source of a state, or one that reported it; an outlet without a source has no id."""

    id: str | None
    name: str
    kind: SourceKind | None
    language: str | None
    country: str | None
    enabled: bool
    last_success_at: datetime | None
    reports: int
    last_report_on: date | None


class LastReport(BaseModel):
    document_id: int
    title: str
    outlet: str | None
    published_on: date | None
    url: str | None


class State(BaseModel):
    """How complete the register is for a state."""

    party: str
    name: str
    found: int = Field(description="Agreements that reports tell of.")
    listed: int = Field(description="Agreements that lists have.")
    missing: int = Field(description="Agreements that only lists have.")
    confirmed: int
    likely: int
    unconfirmed: int
    reviewed: int = Field(description="Of how many a person answered about a report.")
    waiting: int = Field(description="Documents about it that wait for review.")
    named: int = Field(description="Reports that name it, as a party or not.")
    last_report: LastReport | None
    missed: Sequence[str] = Field(description="What the audit says is missed, of all states.")
    sources: Sequence[StateSource]


class Waiting(Following):
    waiting: int = Field(description="How many documents wait.")


class Decided(BaseModel):
    decision: int
