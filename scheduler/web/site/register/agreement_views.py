"""What the templates show, made of stored rows: pure functions over records and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from crawler.register.steps import says
from scheduler.words.certainty import certainty_meaning, certainty_name
from scheduler.words.heard import tells_hours, text_sentence, voice_sentences
from scheduler.words.labels import Labels, direction_of
from scheduler.words.lines import line, web_address, without_towers
from scheduler.words.names import name_of, name_parts
from scheduler.words.places import place_in
from storage.records import Status, TextState
from storage.register.records import Agreement, Heard, NamedRow, Step, is_listed
from storage.search.counting.columns import Corridor
from storage.search.document_rows import DocumentRow, rows_in_order

_LONGEST_TITLE = 240
_LONGEST_QUOTE = 600
NOTHING_LISTED: Mapping[int, NamedRow] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement as lists show it. `stage` names a colour; `is_listed`: only rows of lists tell
    of it, so that it has no reports.
    """

    id: str
    name: str
    headline: str
    parties: Sequence[tuple[str, str]]
    status: str
    stage: str
    on: str
    day: date | None
    expected: str
    place: str
    topics: Sequence[str]
    reports: int
    certainty: str
    certainty_name: str
    certainty_means: str
    is_listed: bool = False


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A document as lists show it. `url` is None where the page may not link to it; `is_row`: it
    was made of a row of a list, which `row` names where it is known.
    """

    id: int
    title: str
    outlet: str
    language: str
    direction: str
    on: str
    url: str | None
    status: str
    parties: Sequence[tuple[str, str]]
    quote: str
    agreement_id: str | None
    relevant: bool
    is_row: bool = False
    row: str = ""


@dataclass(frozen=True, slots=True)
class HeardView:
    """Who reported an agreement first, as sentences, and where its text is; "" for no text due."""

    voice: Sequence[str]
    voice_id: int | None
    has_hours: bool
    text: str
    text_url: str | None
    text_id: int | None
    is_missing: bool


@dataclass(frozen=True, slots=True)
class StepView:
    status: str
    stage: str
    on: str
    expected: str
    quote: str
    direction: str
    support: tuple[int, int] | None
    reports: Sequence[ReportLine]
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A run of a text; `why` and `weight` say why it is marked, "" for what is not."""

    text: str
    why: str = ""
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Matrix:
    """How many agreements each two parties have; None where they have none."""

    parties: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[int | None]]


_STAGES = {
    Status.PROPOSED: "talks",
    Status.NEGOTIATING: "talks",
    Status.CONCLUDED: "agreed",
    Status.SIGNED: "agreed",
    Status.RATIFIED: "agreed",
    Status.RENEWED: "agreed",
    Status.IN_FORCE: "force",
    Status.SUSPENDED: "ended",
    Status.TERMINATED: "ended",
    Status.REJECTED: "ended",
}


def stage_of(status: Status | None) -> str:
    """The name of a colour: talks, agreed, force or ended; "" where the status is unknown."""
    return _STAGES[status] if status else ""


def status_name(status: Status | None, found: Agreement, words: Labels) -> str:
    """A status in words that agree with the instrument of the agreement."""
    return words.status(status, found.instrument) if status else words.say("page.unknown")


def agreement_line(found: Agreement, given: str | None, words: Labels) -> AgreementLine:
    return AgreementLine(
        id=found.id,
        name=name_of(name_parts(found, given), words),
        headline=line(found.title, _LONGEST_TITLE),
        parties=_parties(found.parties, words),
        status=words.status(found.status, found.instrument) if found.status else "",
        stage=_STAGES[found.status] if found.status else "",
        on=_day(found.event_date, words),
        day=found.event_date,
        expected=_expected(found.expected_on, words),
        place=place_in(words.language, found.place, found.place_key),
        topics=[words.say(f"topics.{topic}") for topic in found.topics],
        reports=len(found.report_ids),
        certainty=found.certainty,
        certainty_name=certainty_name(found.certainty, words),
        certainty_means=certainty_meaning(found.certainty, words),
        is_listed=found.is_only_listed,
    )


def report_line(
    row: DocumentRow, words: Labels, listed: Mapping[int, NamedRow] = NOTHING_LISTED
) -> ReportLine:
    """A document; `listed` says of which rows of lists documents were made."""
    named = listed.get(row.id)
    return ReportLine(
        id=row.id,
        title=line(row.title, _LONGEST_TITLE) or words.say("untitled"),
        outlet=line(row.outlet or row.source_id or "", 80),
        language=row.language,
        direction=direction_of(row.language),
        on=_day(row.published_on, words),
        url=web_address(named.url if named else row.url),
        status=words.status(row.status, None) if row.status else "",
        parties=_parties(row.parties, words),
        quote=line(row.quote, _LONGEST_QUOTE),
        agreement_id=row.agreement_id,
        relevant=row.relevant,
        is_row=is_listed(row.source_id),
        row=line(named.name, 160) if named else "",
    )


def heard_view(found: Agreement, heard: Heard, words: Labels) -> HeardView:
    voice = heard.voice
    return HeardView(
        voice=list(voice_sentences(voice, words)) if voice else [],
        voice_id=voice.document_id if voice else None,
        has_hours=bool(voice and tells_hours(voice)),
        text=text_sentence(found, heard, words),
        text_url=web_address(heard.text_url),
        text_id=found.text_document_id,
        is_missing=found.text_state is TextState.MISSING,
    )


def step_views(
    found: Agreement,
    rows: dict[int, DocumentRow],
    words: Labels,
    listed: Mapping[int, NamedRow] = NOTHING_LISTED,
) -> list[StepView]:
    """The life of an agreement, step by step; `rows` are its documents."""
    return [_step_view(step, found, rows, words, listed) for step in found.history]


def _step_view(
    step: Step,
    found: Agreement,
    rows: dict[int, DocumentRow],
    words: Labels,
    listed: Mapping[int, NamedRow],
) -> StepView:
    told_by = rows_in_order(rows, step.document_ids)
    saying = sum(says(row.status, step) for row in told_by)
    quoted = next((row for row in told_by if row.quote == step.quote), None)
    named = words.status(step.status, found.instrument) if step.status else None
    return StepView(
        status=named or words.say("page.unknown"),
        stage=_STAGES[step.status] if step.status else "",
        on=_day(step.on, words),
        expected=_expected(step.expected_on, words),
        quote=line(step.quote, _LONGEST_QUOTE),
        direction=direction_of(quoted.language) if quoted else "auto",
        support=None if saying in (0, len(told_by)) else (saying, len(told_by)),
        reports=[report_line(row, words, listed) for row in told_by],
        in_doubt=step in found.in_doubt,
    )


def _day(on: date | None, words: Labels) -> str:
    return words.day(on) if on else words.say("page.undated")


def _expected(on: date | None, words: Labels) -> str:
    """The day for which the next step is announced, "" where none is."""
    return words.say("expected_on", day=words.day(on)) if on else ""


def _parties(codes: Iterable[str], words: Labels) -> list[tuple[str, str]]:
    return [(code, words.short_party(code)) for code in codes]


def marked(
    text: str, evidence: Sequence[Mapping[str, Any]], zones: frozenset[str]
) -> list[TextPiece]:
    """The text cut where evidence begins and ends, so that each piece is marked or not.

    Where marks overlap, the one that weighs the most is shown.
    """
    marks = [
        (int(one["start"]), int(one["end"]), str(one["concept"]), float(one["weight"]))
        for one in evidence
        if one["zone"] in zones and 0 <= one["start"] < one["end"] <= len(text)
    ]
    edges = sorted({0, len(text), *(edge for start, end, *_ in marks for edge in (start, end))})
    pieces: list[TextPiece] = []
    for start, end in pairwise(edges):
        over = [mark for mark in marks if mark[0] <= start and end <= mark[1]]
        best = max(over, key=lambda mark: (abs(mark[3]), mark[2]), default=None)
        said = without_towers(text[start:end])
        piece = TextPiece(said, best[2], best[3]) if best else TextPiece(said)
        if pieces and (pieces[-1].why, pieces[-1].weight) == (piece.why, piece.weight):
            pieces[-1] = TextPiece(pieces[-1].text + piece.text, piece.why, piece.weight)
        else:
            pieces.append(piece)
    return pieces


def paragraphs(pieces: Iterable[TextPiece]) -> list[list[TextPiece]]:
    """The pieces line by line; empty lines are left out."""
    lines: list[list[TextPiece]] = [[]]
    for piece in pieces:
        first, *others = piece.text.split("\n")
        lines[-1].append(TextPiece(first, piece.why, piece.weight))
        lines += [[TextPiece(rest, piece.why, piece.weight)] for rest in others]
    return [found for found in lines if any(piece.text.strip() for piece in found)]


def matrix(found: Sequence[Corridor], codes: Sequence[str], words: Labels) -> Matrix:
    """The parties with the most agreements, `codes` in that order, against each other."""
    between: dict[tuple[str, str], int] = {}
    for corridor in found:
        between[corridor.one, corridor.other] = corridor.agreements
        between[corridor.other, corridor.one] = corridor.agreements
    rows = [[between.get((one, other)) for other in codes] for one in codes]
    return Matrix(_parties(codes, words), rows)
