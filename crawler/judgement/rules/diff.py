"""Compare the verdicts of two rule sets on a document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from storage.records import Document, Verdict


class DifferenceKind(StrEnum):
    APPEARS = "appears"
    VANISHES = "vanishes"
    CARD = "card"  # relevant before and after, with another card
    SCORE = "score"  # relevant before and after, with the same card


@dataclass(frozen=True, slots=True)
class Difference:
    """One document on which two sets of rules do not agree.

    `fields` are the names of the card's fields that change.
    """

    document: Document
    change: DifferenceKind
    old: Verdict
    new: Verdict
    fields: tuple[str, ...] = ()


_FIELDS = ("parties", "instrument", "topics", "status", "event_date", "place")


def compare(document: Document, old: Verdict, new: Verdict) -> Difference | None:
    """Return how two verdicts on one document differ.

    None where they say the same, or where neither finds it relevant.
    """
    if old.relevant != new.relevant:
        return Difference(
            document, DifferenceKind.APPEARS if new.relevant else DifferenceKind.VANISHES, old, new
        )
    if not new.relevant:
        return None
    fields = tuple(name for name in _FIELDS if getattr(old.card, name) != getattr(new.card, name))
    if fields:
        return Difference(document, DifferenceKind.CARD, old, new, fields)
    return Difference(document, DifferenceKind.SCORE, old, new) if old.score != new.score else None
