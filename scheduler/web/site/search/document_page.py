"""One document with its text, and why it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from crawler.differences import Passage, differences
from scheduler.views.entry import report_in_words
from scheduler.views.words.labels import Labels, direction_of
from scheduler.views.words.lines import percent
from scheduler.views.words.page import moment, words_of
from scheduler.views.words.reasons import what_was_read
from scheduler.web.site.addresses import NotHere, language_for, row_number
from scheduler.web.site.rendering import page, served_by
from scheduler.web.site.rules.loaded_rules import (
    LoadedRules,
    marked,
    nearly_in,
    paragraphs,
    reasons_in_words,
)
from storage import queries
from storage.database.session import Session
from storage.documents.versions import Version, versions_of
from storage.notifications.arrivals import was_fresh
from storage.review import review_queue
from storage.search import document_rows
from storage.sources.revisits import withdrawn_at

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version of a text, and when it was seen first."""

    number: int
    seen: str


_MOST_EVIDENCE = 15
_TEXT_ZONES, _TITLE_ZONES = frozenset({"lead", "body"}), frozenset({"title"})


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
        words = words_of(language_for(request))
        before = versions[at - 1] if at else None
        shown: dict[str, Any] = {
            "document": report_in_words(row, words),
            "direction": direction_of(row.language),
            "versions": [version_line(one, words) for one in versions],
            "current": wanted,
            "passages": _changes(before, versions[at]),
            "is_first": before is None,
        }
        return page(request, s, "search/version.html.j2", **shown)


def _changes(before: Version | None, after: Version) -> list[Passage]:
    if before is None:
        return []
    titles = differences(before.title, after.title)
    return [*titles, *differences(before.text, after.text)]


def version_line(one: Version, words: Labels) -> VersionLine:
    """A version in the reader's words."""
    return VersionLine(one.number, moment(one.seen_at, words))


def _shown(request: Request, s: Session, row: document_rows.DocumentRow) -> dict[str, Any]:
    words = words_of(language_for(request))
    evidence = queries.evidence(s, row.id)
    text = queries.document_text(s, row.id)
    probability = queries.probability(s, row.id)
    versions, withdrawn = versions_of(s, row.id), withdrawn_at(s, row.id)
    return {
        "versions": [version_line(one, words) for one in versions] if len(versions) > 1 else [],
        "document": report_in_words(row, words),
        "direction": direction_of(row.language),
        "title": marked(row.title, evidence, _TITLE_ZONES),
        "paragraphs": None if text is None else paragraphs(marked(text, evidence, _TEXT_ZONES)),
        "imported": _imported(s, row, words),
        "withdrawn": None if withdrawn is None else moment(withdrawn, words),
        "percent": None if probability is None else percent(probability),
        "evidence": _strongest(evidence),
        "relevant": row.relevant,
        **_why(request, s, row.id, words),
    }


def _imported(s: Session, row: document_rows.DocumentRow, words: Labels) -> str:
    """When a document of an import came in, and whether that owed alerts; "" for any other: what is
    collected has a source.
    """
    if row.source_id is not None or row.first_seen_at is None:
        return ""
    key = {True: "pending", False: "silent", None: "no_report"}[was_fresh(s, row.id)]
    return words.say(f"page.imported.{key}", at=moment(row.first_seen_at, words))


def _why(request: Request, s: Session, document_id: int, words: Labels) -> dict[str, Any]:
    """What spoke for a report and against it; on wish, what nearly fired in the text."""
    found = review_queue.read_judged(s, document_id)
    if found is None:
        return {"read": "", "for": [], "against": [], "vetoes": (), "nearly": None}
    document, verdict = found
    nearly = None
    if "nearly" in request.query_params:
        rules: LoadedRules = request.app.state.rules
        nearly = nearly_in(document, rules.at(served_by(request).now()), words)
    return {
        "read": what_was_read(verdict.frame, words),
        "for": reasons_in_words(verdict.reasons, words, 1),
        "against": reasons_in_words(verdict.reasons, words, -1),
        "vetoes": verdict.vetoes,
        "nearly": nearly,
    }


def _strongest(evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The evidence that weighs the most, each form of words once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in sorted(evidence, key=lambda one: -abs(float(one["weight"]))):
        found.setdefault((str(one["text"]).casefold(), one["concept"]), one)
    return list(found.values())[:_MOST_EVIDENCE]
