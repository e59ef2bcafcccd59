"""One document with its text, and why it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from crawler.differences import Passage, differences
from crawler.reader.answer import quoted
from scheduler.views.documents import reading_in_words
from scheduler.views.entry import report_in_words
from scheduler.views.verdicts import evidence_row
from scheduler.views.words.labels import Labels, direction_of
from scheduler.views.words.lines import line, percent, without_towers
from scheduler.views.words.page import moment
from scheduler.views.words.reasons import reason_in_words, what_was_read
from scheduler.web.site.addresses import NotHere, row_number
from scheduler.web.site.rendering import page, served_by, words_for
from storage import queries
from storage.database.session import Session
from storage.documents.documents import Version, versions_of
from storage.notifications.arrivals import was_fresh
from storage.records import Verdict
from storage.review import review_queue
from storage.search import document_rows
from storage.sources.revisits import withdrawn_at

router = APIRouter(include_in_schema=False)


# A run of a text, the concept for which it is marked, and its weight: "" and 0 for what is not.
Piece = tuple[str, str, float]

_MOST_EVIDENCE = 15
TEXT, TITLE = frozenset({"lead", "body"}), frozenset({"title"})  # the zones of evidence
_UNMARKED = (0, 0, "", 0.0)


@router.get("/documents/{number}")
def document(request: Request, number: str) -> Response:
    """One document: its text with the evidence marked, and why it was found."""
    document_id = row_number(number)
    with served_by(request).database.read() as s:
        row = document_rows.report_rows(s, [document_id]).get(document_id) if document_id else None
        if row is None:
            raise NotHere
        return page(request, s, "search/document.html.j2", **_shown(request, s, row))


@router.get("/documents/{number}/versions/{version}")
def document_version(request: Request, number: str, version: str) -> Response:
    """What changed in a document's text from the version before to this one."""
    document_id, wanted = row_number(number), row_number(version)
    with served_by(request).database.read() as s:
        row = document_rows.report_rows(s, [document_id]).get(document_id) if document_id else None
        versions = versions_of(s, document_id) if document_id else []
        at = next((at for at, one in enumerate(versions) if one.number == wanted), None)
        if row is None or at is None:
            raise NotHere
        words = words_for(request)
        before, after = versions[at - 1] if at else None, versions[at]
        passages: list[Passage] = []
        if before is not None:
            passages += differences(before.title, after.title)
            passages += differences(before.text, after.text)
        shown: dict[str, Any] = {
            "document": report_in_words(row, words),
            "direction": direction_of(row.language),
            "versions": _version_lines(versions, words),
            "current": wanted,
            "passages": passages,
            "is_first": before is None,
        }
        return page(request, s, "search/version.html.j2", **shown)


def _version_lines(found: Sequence[Version], words: Labels) -> list[tuple[int, str]]:
    """The number of each version, and when it was seen first."""
    return [(one.number, moment(one.seen_at, words)) for one in found]


def _shown(request: Request, s: Session, row: document_rows.DocumentRow) -> dict[str, Any]:
    words = words_for(request)
    evidence = queries.evidence(s, row.id)
    text = queries.document_text(s, row.id)
    reading = queries.second_reading(s, row.id)
    marks = list(evidence)
    if reading is not None:
        marks += map(evidence_row, quoted(reading, row.title, text or ""))
    probability, judged = queries.probability(s, row.id), review_queue.read_judged(s, row.id)
    versions, withdrawn = versions_of(s, row.id), withdrawn_at(s, row.id)
    return {
        "versions": _version_lines(versions, words) if len(versions) > 1 else [],
        "document": report_in_words(row, words),
        "direction": direction_of(row.language),
        "title": marked(row.title, marks, TITLE),
        "paragraphs": None if text is None else paragraphs(marked(text, marks, TEXT)),
        "imported": _imported(s, row, words),
        "withdrawn": None if withdrawn is None else moment(withdrawn, words),
        "percent": None if probability is None else percent(probability),
        "reading": reading_in_words(reading, words),
        "why": why(judged[1] if judged else None, evidence, words),
    }


def _imported(s: Session, row: document_rows.DocumentRow, words: Labels) -> str:
    """When a document of an import came in, and whether that owed alerts; "" for any other: what is
    collected has a source.
    """
    if row.source_id is not None or row.first_seen_at is None:
        return ""
    key = {True: "pending", False: "silent", None: "no_report"}[was_fresh(s, row.id)]
    return words.say(f"page.imported.{key}", at=moment(row.first_seen_at, words))


# --- a text with its evidence marked, as a verdict on a text that is tried shows it, too ----------


def why(
    verdict: Verdict | None, evidence: Iterable[Mapping[str, Any]], words: Labels
) -> dict[str, Any]:
    """What spoke for a report and against it, in words, each with what it weighs; and the evidence
    that weighs the most, each form of words once.
    """
    reasons = verdict.reasons if verdict else ()
    said = [(reason_in_words(one.name, words), one.weight) for one in reasons]
    strongest: dict[tuple[str, str], tuple[str, str, float]] = {}
    for one in sorted(evidence, key=lambda one: -abs(float(one["weight"]))):
        text, concept = line(str(one["text"]), 80), str(one["concept"])
        strongest.setdefault((text.casefold(), concept), (text, concept, float(one["weight"])))
    return {
        "read": what_was_read(verdict.frame, words) if verdict else "",
        "for": [(text, f"{weight:+.1f}") for text, weight in said if weight > 0],
        "against": [(text, f"{weight:+.1f}") for text, weight in said if weight < 0],
        "vetoes": verdict.vetoes if verdict else (),
        "evidence": list(strongest.values())[:_MOST_EVIDENCE],
    }


def marked(text: str, evidence: Sequence[Mapping[str, Any]], zones: frozenset[str]) -> list[Piece]:
    """The text cut where evidence begins and ends, so that each piece is marked or not.

    Where marks overlap, the one that weighs the most is shown.
    """
    marks = [
        (int(one["start"]), int(one["end"]), str(one["concept"]), float(one["weight"]))
        for one in evidence
        if one["zone"] in zones and 0 <= one["start"] < one["end"] <= len(text)
    ]
    edges = sorted({0, len(text), *(edge for start, end, *_ in marks for edge in (start, end))})
    pieces: list[Piece] = []
    for start, end in pairwise(edges):
        over = [mark for mark in marks if mark[0] <= start and end <= mark[1]]
        *_, concept, weight = max(over, key=lambda mark: (abs(mark[3]), mark[2]), default=_UNMARKED)
        said = without_towers(text[start:end])
        if pieces and pieces[-1][1:] == (concept, weight):
            said = pieces.pop()[0] + said
        pieces.append((said, concept, weight))
    return pieces


def paragraphs(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """The pieces line by line; empty lines are left out."""
    lines: list[list[Piece]] = [[]]
    for text, concept, weight in pieces:
        first, *others = text.split("\n")
        lines[-1].append((first, concept, weight))
        lines += [[(rest, concept, weight)] for rest in others]
    return [found for found in lines if any(text.strip() for text, *_ in found)]
