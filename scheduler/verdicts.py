"""A verdict as the contract writes it, and as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from storage.records import Card, Document, Evidence, Verdict


def verdict_row(document: Document, verdict: Verdict) -> dict[str, Any]:
    """One line of `classify --format jsonl`."""
    return {
        "id": document.external_id,
        "relevant": verdict.relevant,
        "score": round(verdict.score, 3),
        "threshold": verdict.threshold,
        "language": verdict.language,
        "rules": [{"id": rule.id, "version": rule.version, "score": round(rule.score, 3)} for rule in verdict.rules],
        "card": card_row(verdict.card),
        "evidence": [evidence_row(found) for found in verdict.evidence],
        "vetoes": list(verdict.vetoes),
        "near_miss": verdict.near_miss,
    }


def card_row(card: Card) -> dict[str, Any]:
    return {
        "parties": list(card.parties),
        "instrument": card.instrument,
        "topics": list(card.topics),
        "status": card.status,
        "event_date": card.event_date.isoformat() if card.event_date else None,
        "event_date_basis": card.event_date_basis,
        "place": card.place,
        "place_key": card.place_key,
    }


def evidence_row(found: Evidence) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "concept": found.concept,
        "zone": found.zone,
        "start": found.start,
        "end": found.end,
        "text": found.text,
        "weight": found.weight,
    }


def quote(document: Document, found: Evidence, around: int = 60) -> tuple[str, str, str]:
    """The words before, the words themselves and the words after, from the original."""
    whole = document.title if found.zone == "title" else document.text
    start, end = max(0, found.start - around), min(len(whole), found.end + around)
    before = ("… " if start else "") + " ".join(whole[start : found.start].split(" "))
    after = " ".join(whole[found.end : end].split(" ")) + (" …" if end < len(whole) else "")
    return before.replace("\n", " "), whole[found.start : found.end], after.replace("\n", " ")


def strongest(verdict: Verdict, most: int = 12) -> Iterator[Evidence]:
    """What decided, the heaviest first; each stretch of text once."""
    seen: set[tuple[str, int, int]] = set()
    for found in sorted(verdict.evidence, key=lambda found: -abs(found.weight)):
        key = ("title" if found.zone == "title" else "text", found.start, found.end)
        if key not in seen and not found.rule.startswith("card."):
            seen.add(key)
            yield found
            if len(seen) == most:
                return
