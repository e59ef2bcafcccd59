"""Documents that curators corrected, as labelled articles that `rules test --labelled` reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from storage import queries
from storage.database.session import Session
from storage.register.decisions import decisions
from storage.register.records import Pin, PinKind, is_listed
from storage.search import document_rows
from storage.search.document_rows import DocumentRow

# The kinds of pins that say what an article should have been judged as.
_LABELLING = frozenset({PinKind.FIELD, PinKind.IRRELEVANT, PinKind.RELEVANT, PinKind.CONFIRMED})


def labelled(s: Session) -> Iterator[dict[str, Any]]:
    """Each document that a curator corrected, ruled out or added, with the labels that follow from
    the decisions that still stand.
    """
    standing = (one for one in decisions(s) if one.undone_at is None)
    decided = [pin for one in standing for pin in one.pins if pin.kind in _LABELLING]
    rows = document_rows.report_rows(s, {pin.document_id for pin in decided})
    for document_id in sorted(rows):
        if is_listed(rows[document_id].source_id):  # a row of a list is no article to learn from
            continue
        own = [pin for pin in decided if pin.document_id == document_id]
        yield _article(s, rows[document_id], own)


def _article(s: Session, row: DocumentRow, decided: Sequence[Pin]) -> dict[str, Any]:
    relevant = row.relevant and not any(pin.kind is PinKind.IRRELEVANT for pin in decided)
    card: dict[str, Any] = {
        "parties": list(row.parties),
        "topics": list(row.topics),
        "status": row.status,
        "event_date": row.event_date.isoformat() if row.event_date else None,
        "place": row.place,
    }
    for pin in decided:
        if pin.kind is PinKind.FIELD and pin.field:
            value = pin.value or ""
            is_list = pin.field in ("parties", "topics")
            card[pin.field] = value.split(",") if is_list else value or None
    head = {
        "id": row.external_id or f"document-{row.id}",
        "lang": row.language,
        "relevant": relevant,
    }
    body = {
        "title": row.title,
        "text": queries.document_text(s, row.id) or "",
        "published": row.published_on.isoformat() if row.published_on else None,
        "outlet": row.outlet,
        "source_url": row.url,
    }
    return head | body | (card if relevant else {})
