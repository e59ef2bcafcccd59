"""Verdicts, and versions of a document, as the JSON objects that docs/design.md describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scheduler.views.columns import fields_row, plain
from storage.records import Card, Document, Evidence, ReadFrame, SecondReading, Verdict

if TYPE_CHECKING:  # they bring all that judges, and SQLAlchemy
    from crawler.process.process import JudgedStory
    from storage.documents.documents import Version


def verdict_row(document: Document, verdict: Verdict) -> dict[str, Any]:
    """One line of `classify --format jsonl`."""
    return {
        "id": document.external_id,
        "relevant": verdict.relevant,
        "score": round(verdict.score, 3),
        "threshold": verdict.threshold,
        "language": verdict.language,
        "rules": [
            {"id": rule.id, "version": rule.version, "score": round(rule.score, 3)}
            for rule in verdict.rules
        ],
        "card": card_row(verdict.card),
        "evidence": [evidence_row(found) for found in verdict.evidence],
        "vetoes": list(verdict.vetoes),
        "near_miss": verdict.near_miss,
        "outcome": verdict.outcome,
        "probability": None if verdict.probability is None else round(verdict.probability, 4),
        "frame": frame_row(verdict.frame),
        "reasons": [{"name": one.name, "weight": one.weight} for one in verdict.reasons],
        "second_reading": reading_row(verdict.second_reading, document.title, document.text),
        "stories": [],
    }


def round_up_row(document: Document, stories: Sequence[JudgedStory]) -> dict[str, Any]:
    """The line of a round-up: the verdict on its clearest story, and `stories`, those that are
    reports or may be. All offsets count in the title and text of the whole document.
    """
    from crawler.process.parts import in_page  # with it comes all that reads pages

    clearest, rows = max(stories, key=_clearness), []
    for one in stories:
        if one.verdict.outcome != "silent":
            row = fields_row(one.story, "title", "start", "end")
            row |= verdict_row(one.document, in_page(one.verdict, one.story))
            rows.append({key: row[key] for key in row if key not in ("id", "stories")})
    return verdict_row(document, in_page(clearest.verdict, clearest.story)) | {"stories": rows}


def _clearness(one: JudgedStory) -> tuple[bool, bool, float, float]:
    verdict = one.verdict
    return verdict.relevant, verdict.near_miss, verdict.probability or 0.0, verdict.score


def frame_row(frame: ReadFrame | None) -> dict[str, Any] | None:
    """What the judge read in the clearest sentence; None if it was not asked."""
    if frame is None:
        return None
    return fields_row(frame, "parties", "act", "agreement", "about", "office")


def reading_row(
    reading: SecondReading | None, title: str = "", text: str = ""
) -> dict[str, Any] | None:
    """What a second reader answered, where its quote stands in title and text, and the fields in
    which it differs from the rules; None if nobody else read the document.
    """
    if reading is None:
        return None
    from crawler.reader import answer  # most lists need none of it

    return {
        **fields_row(reading, "answer", "reader", "prompt", "read_at"),
        "cause": reading.cause or None,
        "doubt": reading.doubt or None,
        "agreement": reading.agreement or None,
        "quote": reading.quote or None,
        "quoted": [evidence_row(found) for found in answer.quoted(reading, title, text)],
        "rules_outcome": reading.rules_outcome or None,
        "differences": [
            {"field": name, "rules": plain(rules), "reader": plain(reader)}
            for name, rules, reader in answer.differences(reading)
        ],
    }


def card_row(card: Card) -> dict[str, Any]:
    what = ("parties", "instrument", "topics", "status")
    return fields_row(
        card, *what, "event_date", "event_date_basis", "expected_on", "place", "place_key"
    )


def evidence_row(found: Evidence) -> dict[str, Any]:
    return fields_row(found, "rule", "concept", "zone", "start", "end", "text", "weight")


def version_rows(versions: Sequence[Version]) -> list[dict[str, Any]]:
    """The versions, oldest first, each but the first with what changed since the one before."""
    from crawler.differences import differences

    rows: list[dict[str, Any]] = []
    for before, one in zip((None, *versions), versions, strict=False):
        passages = differences(before.text, one.text) if before else ()
        changes = [[fields_row(part, "change", "text") for part in each] for each in passages]
        row = {"version": one.number, **fields_row(one, "seen_at", "title", "text")}
        rows.append({**row, "changes": changes})
    return rows
