"""What is news of a document itself, outside the register."""

from __future__ import annotations

from crawler.differences import is_notable
from storage.documents.documents import Stored
from storage.records import Certainty, Judged, NewsKind
from storage.register.changes import Change
from storage.register.records import Agreement, Step


def document_news(stored: Stored, one: Judged) -> Change | None:
    """Return what may be told of a document that was just stored, or None."""
    kind = _kind(stored, one)
    if kind is None:
        return None
    # A document may change several times, and each text is told.
    detail = one.fingerprint.text_hash if kind is NewsKind.CHANGED_DOCUMENT else ""
    return Change(_as_agreement(one), kind, None, (stored.document_id,), detail)


def _kind(stored: Stored, one: Judged) -> NewsKind | None:
    verdict = one.verdict
    if stored.created and verdict.outcome == "review":
        return NewsKind.NEAR_MISS
    if stored.created and verdict.relevant and not verdict.registers:
        return NewsKind.NEW_DOCUMENT
    if stored.changed and verdict.relevant and _has_other_words(stored, one):
        return NewsKind.CHANGED_DOCUMENT
    return None


def _has_other_words(stored: Stored, one: Judged) -> bool:
    """Whether other words stand in the text now. A comma is no news."""
    return stored.before is None or is_notable(stored.before, one.document.text)


def _as_agreement(one: Judged) -> Agreement:
    """Return the card of one document in the form of an agreement, which filters can read."""
    card, is_sure = one.verdict.card, one.verdict.relevant
    return Agreement(
        id="",
        title=one.document.title,
        parties=card.parties,
        instrument=card.instrument,
        topics=card.topics,
        status=card.status,
        place=card.place,
        event_date=card.event_date,
        history=(Step(card.status, card.event_date, "", (), card.expected_on),),
        certainty=Certainty.SINGLE if is_sure else Certainty.DOUBTFUL,
    )
