"""What waits for ratification or entry into force, as rows for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from scheduler.words.labels import Labels
from scheduler.words.names import name_of, name_parts
from storage.register.records import Agreement

LONGEST = "longest"
COLUMNS = (
    *("id", "name", "parties", "instrument", "topics", "status", "pending_since", "days"),
    *("text", "certainty", "place"),
)


def waiting_since(agreement: Agreement) -> date | None:
    """The day since which an agreement waits; None if no report tells it."""
    since = agreement.pending_since
    return None if since in (None, date.min) else since


def days_waiting(agreement: Agreement, today: date) -> int | None:
    """How many days an agreement waits; None if no report tells since when."""
    since = waiting_since(agreement)
    return None if since is None else max(0, (today - since).days)


def pending_rows(
    found: Sequence[Agreement], given: Mapping[str, str], today: date, labels: Labels
) -> list[dict[str, Any]]:
    """Agreements that wait, each under its name in the reader's language, with the days."""
    return [_row(one, given.get(one.id), today, labels) for one in found]


def _row(one: Agreement, given: str | None, today: date, labels: Labels) -> dict[str, Any]:
    since = waiting_since(one)
    return {
        "id": one.id,
        "name": name_of(name_parts(one, given), labels),
        "parties": list(one.parties),
        "instrument": one.instrument,
        "topics": list(one.topics),
        "status": one.status,
        "pending_since": since.isoformat() if since else None,
        "days": days_waiting(one, today),
        "text": one.text_state,
        "certainty": one.certainty,
        "place": one.place,
        "place_key": one.place_key,
    }
