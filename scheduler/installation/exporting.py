"""Writing all that an installation knows into a file, for another one to take in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from scheduler.installation.archive import (
    AGREEMENTS,
    DECIDED,
    DECISIONS,
    LISTED,
    OTHERS,
    TOLD,
    writing,
)
from storage.database.session import Database
from storage.documents.verdict_rows import card_json
from storage.errors import ConfigurationError
from storage.maintenance.handover import (
    HandedDocument,
    HandedRow,
    all_documents,
    count_owed,
    count_without_text,
    decided_documents,
    handed_agreements,
    handed_documents,
    handed_rows,
    subscriptions_told,
    told_documents,
)
from storage.register.decisions import decisions
from storage.register.records import Decision, PinKind

_SAY_EVERY = 10_000  # documents; some seconds apart
# What a decision says of the ids of agreements here, and what lists say in lines of their own.
_OF_HERE = (PinKind.HOME, PinKind.LISTED, PinKind.UNLISTED)


@dataclass(frozen=True, slots=True)
class ExportedInstallation:
    """What was written. `waiting` are the items that are still owed to its subscriptions."""

    documents: int
    agreements: int
    decisions: int
    rows: int
    subscriptions: tuple[str, ...]
    without_text: int
    waiting: Mapping[str, int]


def export_installation(
    database: Database,
    path: Path,
    chosen: Sequence[str] | None,
    configured: Iterable[str],
    now: datetime,
    tell: Callable[[int], None],
) -> ExportedInstallation:
    """Write one state of the database to a new file, while others work.

    `chosen` are the subscriptions whose told history goes along; None for all but those of people.
    `tell` hears now and then how many documents were written. Raises ConfigurationError for a
    subscription that is not known.
    """
    with database.read() as s, writing(path) as out:
        subscriptions = _subscriptions(subscriptions_told(s), chosen, configured)
        told = told_documents(s, subscriptions)
        decided = decided_documents(s) - told
        progress = _Progress(tell)
        out.write(TOLD, progress.of(handed_documents(s, told, subscriptions)))
        out.write(DECIDED, progress.of(handed_documents(s, decided, subscriptions)))
        out.write(LISTED, _rows(handed_rows(s)))
        out.write(DECISIONS, map(_decision, decisions(s)))
        others = all_documents(s) - told - decided
        out.write(OTHERS, progress.of(handed_documents(s, others, subscriptions)))
        out.write(AGREEMENTS, map(asdict, handed_agreements(s)))
        out.finish(now.isoformat(), subscriptions)
        return ExportedInstallation(
            documents=progress.documents,
            agreements=out.counts[AGREEMENTS],
            decisions=out.counts[DECISIONS],
            rows=out.counts[LISTED],
            subscriptions=subscriptions,
            without_text=count_without_text(s),
            waiting=count_owed(s, subscriptions),
        )


def _subscriptions(
    told: Sequence[str], chosen: Sequence[str] | None, configured: Iterable[str]
) -> tuple[str, ...]:
    if chosen is None:
        return tuple(told)
    known = sorted({*told, *configured})
    for one in chosen:
        if one not in known:
            named = ", ".join(known) or "none"
            raise ConfigurationError(f"--subscription {one}: is not known; there are: {named}")
    return tuple(dict.fromkeys(chosen))


class _Progress:
    """Counts documents and their parts on their way into lines."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.documents = 0
        self._tell = tell

    def of(self, documents: Iterable[HandedDocument]) -> Iterator[dict[str, Any]]:
        for document in documents:
            yield _line(document)
            before, self.documents = self.documents, self.documents + 1 + len(document.parts)
            if before // _SAY_EVERY != self.documents // _SAY_EVERY:
                self._tell(self.documents)


def _line(one: HandedDocument) -> dict[str, Any]:
    """A document as a line; what is empty is left out."""
    said = asdict(one.document) | {
        "id": one.id,
        "seen_at": one.seen_at,
        "fresh": one.fresh,
        "versions": [
            {"seen_at": kept.seen_at, "title": kept.title, "text": kept.text}
            for kept in one.versions
        ],
        "told": [asdict(told) for told in one.told],
        "parts": [_line(part) for part in one.parts],
    }
    return {key: value for key, value in said.items() if value not in (None, [])}


def _rows(rows: Iterable[HandedRow]) -> Iterator[dict[str, Any]]:
    """A line for all rows of a list about one agreement."""
    for (source_id, _), same in groupby(rows, lambda one: (one.document.source_id, one.voice)):
        steps = [
            {
                "id": one.id,
                "title": one.document.title,
                "text": one.document.text,
                "language": one.document.language,
                "outlet": one.document.outlet,
                "external_id": one.document.external_id,
                "text_hash": one.text_hash,
                "card": card_json(one.card),
                "clues": one.clues,
                "quote": one.quote,
                "row": one.row.name,
                "url": one.row.url,
            }
            for one in same
        ]
        yield {"list": source_id, "steps": steps}


def _decision(one: Decision) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "who": one.who,
        "why": one.why,
        "at": one.at,
        "undone_at": one.undone_at,
        "undone_by": one.undone_by,
        "pins": [
            {
                "kind": pin.kind,
                "document": pin.document_id,
                "other": pin.other_document_id,
                "field": pin.field,
                "value": pin.value,
            }
            for pin in one.pins
            if pin.kind not in _OF_HERE
        ],
    }
