"""A corridor as a second reader reads it: the entries of the same parties, with all their reports.

One question shows what no single text does: which reports are about one agreement, and which step
is its last. Of the answer only what the reports prove is believed. It becomes pins, as decisions of
persons do, and counts below these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, field_validator

from crawler.reader.answer import checked, cut_short
from crawler.reader.proof import can_be, day_of_answer, named_parties
from crawler.reader.question import excerpt, on_one_line, unmarked
from crawler.reader.quotes import stands_in
from crawler.register.steps import STEP_WINDOW, day_of, is_undated
from storage.records import DateBasis, Document, Evidence, Status
from storage.register.entry import Pin, PinKind, Report

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules

MOST_REPORTS = 12
CORRIDOR_TOKENS = 2_500  # of an answer: twelve agreements with a quote each
MOST_IN_ALL = 23_500  # characters of a question with its instructions: about 6,000 tokens
_MOST_OF_REPORT = 1_800  # characters of a report's text
_MOST_OF_HISTORY = 2_400
_LEAST_PARTIES = 2
# Who reports a step years after it only recalls it.
_MOST_BEFORE = timedelta(days=730)
# From an offer to entry into force an agreement goes forward: what stops it may come at any time.
_FORWARD = tuple(Status)[: tuple(Status).index(Status.IN_FORCE) + 1]


class ShownReport(NamedTuple):
    """A report with the document that it was made of, and what the rules found in it."""

    report: Report
    document: Document
    evidence: Sequence[Evidence] = ()


class ShownEntry(NamedTuple):
    """An entry as a reader sees it: its name, its steps in words, and its reports' numbers."""

    name: str
    history: Sequence[str]
    document_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Corridor:
    parties: tuple[str, ...]
    entries: tuple[ShownEntry, ...]
    reports: tuple[ShownReport, ...]

    @property
    def key(self) -> str:
        """What changes with the parties and with the texts that are shown."""
        hashes = sorted(report.report.text_hash for report in self.reports)
        return hashlib.sha256(" ".join((*self.parties, *hashes)).encode()).hexdigest()[:32]


# --- the question -------------------------------------------------------------------------------


@cache
def corridor_instructions() -> str:
    return files("crawler.reader").joinpath("corridor.md").read_text(encoding="utf-8")


@cache
def corridor_prompt() -> str:
    """Return what changes with the instructions and with the form of the answer."""
    form = json.dumps(corridor_schema(), sort_keys=True)
    return hashlib.sha256(f"{corridor_instructions()}{form}".encode()).hexdigest()[:8]


def corridor_messages(corridor: Corridor) -> list[dict[str, str]]:
    """Return the messages of a chat about one corridor, of at most MOST_IN_ALL characters."""
    entries = _cut("\n".join(map(_entry, corridor.entries)), _MOST_OF_HISTORY)
    head = f"Parties: {', '.join(corridor.parties)}\n\nEntries:\n{entries}\n\nReports:\n"
    tail = "\n\nAnswer with the JSON object only."
    heads = [_head(report) for report in corridor.reports]
    room = MOST_IN_ALL - len(corridor_instructions()) - len(head) - len(tail) - sum(map(len, heads))
    most = min(_MOST_OF_REPORT, room // max(1, len(heads)) - len("\n<text>\n\n</text>\n\n"))
    reports = "\n\n".join(
        f"{above}\n<text>\n{unmarked(excerpt(report.document, report.evidence, most))}\n</text>"
        for above, report in zip(heads, corridor.reports, strict=True)
    )
    return [
        {"role": "system", "content": corridor_instructions()},
        {"role": "user", "content": f"{head}{reports}{tail}"},
    ]


def _entry(entry: ShownEntry) -> str:
    steps = "".join(f"\n  {on_one_line(step)}" for step in entry.history)
    numbers = ", ".join(map(str, entry.document_ids))
    return f"- {on_one_line(entry.name)} (reports {numbers}){steps}"


def _head(shown: ShownReport) -> str:
    document = shown.document
    published = document.published_on.isoformat() if document.published_on else "unknown"
    outlet = on_one_line(document.outlet or "unknown")
    return (
        f"Report {shown.report.document_id}, published {published}, {outlet}, "
        f"{document.language}: {on_one_line(document.title)}"
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# --- the answer ---------------------------------------------------------------------------------


class ReadAgreement(BaseModel):
    """One agreement as a reader groups it; see `corridor.md` for what each field means."""

    reports: list[str]
    parties: list[str]
    status: Status
    day: str | None = None
    quote: str

    @field_validator("reports", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return _numbers(value)

    @field_validator("quote", "day", mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return cut_short(value)


class CorridorAnswer(BaseModel):
    """A reader's answer about a corridor."""

    agreements: list[ReadAgreement]
    no_step: list[str] = []

    @field_validator("no_step", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return _numbers(value)


def _numbers(value: object) -> object:
    """Reports are named by numbers, which models write as numbers or as text."""
    if not isinstance(value, list):
        return value
    return [str(one) if isinstance(one, int) else one for one in value]


def corridor_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of an answer about a corridor."""
    schema = CorridorAnswer.model_json_schema()
    agreement = schema["$defs"]["ReadAgreement"]
    for one in (schema, agreement):
        one["required"] = list(one["properties"])
        one["additionalProperties"] = False
    lists, fields = schema["properties"], agreement["properties"]
    for reports in (lists["agreements"], lists["no_step"], fields["reports"]):
        reports["maxItems"] = MOST_REPORTS
    fields["parties"] |= {"maxItems": 12, "items": {"type": "string", "maxLength": 60}}
    fields["quote"]["maxLength"] = 600
    return schema


def checked_corridor(found: Mapping[str, Any]) -> CorridorAnswer:
    """Return an answer from its JSON object. Raises AnswerError if a field is not as it should."""
    return checked(CorridorAnswer, found)


# --- what of an answer is proven ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CorridorReading:
    """What an answer proves: `pins` for the partition, the reports of `no_step`, and of which
    reports what is doubtful (`reports`, `quote`, `parties`, `day` or `grouping`).
    """

    pins: tuple[Pin, ...] = ()
    no_step: tuple[int, ...] = ()
    doubts: tuple[tuple[int, str], ...] = ()

    @property
    def read(self) -> int:
        """How many agreements were read with proof."""
        return sum(pin.field == "quote" for pin in self.pins)


class _Proven(NamedTuple):
    """A group of reports with what is proven of it; `showing` is the report of the quote."""

    members: list[ShownReport]
    showing: ShownReport
    parties: tuple[str, ...]
    status: Status
    day: date | None
    quote: str


def prove_corridor(
    answer: CorridorAnswer,
    reports: Mapping[str, ShownReport],
    homes: Mapping[int, str],
    rules: Rules,
    party_of: Callable[[str], str | None],
) -> CorridorReading:
    """Return what the reports prove of an answer. `reports` has those that were shown, by the
    numbers that the answer uses, `homes` the entry of each document. An answer that names another
    report, or one twice, changes nothing.
    """
    named = [
        number for agreement in answer.agreements for number in agreement.reports
    ] + answer.no_step
    if not named or len(named) != len({*named}) or not reports.keys() >= {*named}:
        doubts = tuple((report.report.document_id, "reports") for report in reports.values())
        return CorridorReading(doubts=doubts)
    proven, doubts_found = list[_Proven](), list[tuple[int, str]]()
    for read_agreement in answer.agreements:
        members = [reports[number] for number in read_agreement.reports]
        group = _proven(read_agreement, members, homes, rules, party_of) if members else ""
        if isinstance(group, _Proven):
            proven.append(group)
        else:
            doubts_found += [(member.report.document_id, group) for member in members]
    pins = [pin for group in proven for pin in _pins_of(group)]
    pins += [
        Pin(PinKind.READ_APART, here.report.document_id, there.report.document_id)
        for one, other in combinations(proven, 2)
        for here, there in product(one.members, other.members)
    ]
    no_step = tuple(reports[number].report.document_id for number in answer.no_step)
    return CorridorReading(tuple(pins), no_step, tuple(doubts_found))


def _proven(
    read_agreement: ReadAgreement,
    members: list[ShownReport],
    homes: Mapping[int, str],
    rules: Rules,
    party_of: Callable[[str], str | None],
) -> _Proven | str:
    """Return what is proven of a group, or what of it is doubtful."""
    showing = next((it for it in members if stands_in(read_agreement.quote, it.document)), None)
    if showing is None:
        return "quote"
    codes = {party_of(name) for name in read_agreement.parties}
    named = frozenset[str]().union(*(named_parties(it.document, rules) for it in members))
    if None in codes or len(codes) < _LEAST_PARTIES or not codes <= named:
        return "parties"
    day = day_of_answer(read_agreement.day or "")
    if read_agreement.day and (day is None or not _is_day_of(day, members, rules)):
        return "day"
    if _joins_two(members, homes):
        return "grouping"
    parties = tuple(sorted(code for code in codes if code is not None))
    quote = " ".join(read_agreement.quote.split())
    return _Proven(members, showing, parties, read_agreement.status, day, quote)


def _is_day_of(day: date, members: Sequence[ShownReport], rules: Rules) -> bool:
    """Whether a report can give this day, and the first one did not come years after it."""
    printed = [it.document.published_on for it in members if it.document.published_on is not None]
    if printed and (day > max(printed) or min(printed) - day > _MOST_BEFORE):
        return False
    return any(can_be(day, it.document, rules) for it in members)


def _joins_two(members: Sequence[ShownReport], homes: Mapping[int, str]) -> bool:
    """Whether a group joins reports of different entries of which each text gives another day of
    signature: nobody signs one agreement twice.
    """
    signed = [
        (homes.get(it.report.document_id), it.report.card.event_date)
        for it in members
        if it.report.card.status is Status.SIGNED
        and it.report.card.event_date_basis is DateBasis.TEXT
    ]
    return any(
        here != there and day is not None and other is not None and abs(day - other) > STEP_WINDOW
        for (here, day), (there, other) in combinations(signed, 2)
    )


def _pins_of(group: _Proven) -> Iterator[Pin]:
    """Yield what holds the group together, and where its reports say something else than it."""
    showing = group.showing.report.document_id
    yield Pin(PinKind.READ_FIELD, showing, field="quote", value=group.quote)
    for it in group.members:
        report = it.report
        number, card = report.document_id, report.card
        if number != showing:
            yield Pin(PinKind.READ_TOGETHER, number, showing)
        if card.parties != group.parties:
            yield _field(number, "parties", ",".join(group.parties))
        is_last = number == showing or _tells_the_last(report, group)
        if (is_last or _goes_beyond(report, group)) and card.status is not group.status:
            yield _field(number, "status", group.status)
        if is_last and group.day is not None and card.event_date != group.day:
            yield _field(number, "event_date", group.day.isoformat())


def _field(document_id: int, field: str, value: str) -> Pin:
    return Pin(PinKind.READ_FIELD, document_id, field=field, value=value)


def _tells_the_last(report: Report, group: _Proven) -> bool:
    """Whether a report tells the last step of its group: one of the same status in these weeks, or
    anything at that time or later. Of an undated one nobody knows.
    """
    if is_undated(report):
        return False
    last = group.day or day_of(group.showing.report)
    is_alike = report.card.status is group.status
    return day_of(report) >= last - (STEP_WINDOW if is_alike else timedelta(days=1))


def _goes_beyond(report: Report, group: _Proven) -> bool:
    """Whether a report seems to tell more than what the last one says was reached."""
    status = report.card.status
    if status not in _FORWARD or group.status not in _FORWARD:
        return False
    return _FORWARD.index(status) > _FORWARD.index(group.status)
