"""Two independent outlets: what neither of two articles proves alone, both together do.

A document that waits for review is lifted to an alert if it states a step explicitly, and another
outlet reports the same parties within a day in a text of its own. Among the alerts of half a
year of feeds there are 67 true and 34 false ones with this, and 72 and 44 if what is only implied
is lifted, too; as many agreements are found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawler.clues import read_clues
from crawler.ingest.placement import replace_judgement
from crawler.register.fingerprint import SAME_TEXT, fingerprint, likeness
from storage.database.session import Session
from storage.documents.copies import companions, stored_verdict
from storage.documents.texts import load_judgeable
from storage.documents.verdicts import card_of
from storage.queries import document_text
from storage.records import Card, Judged, Reason, Verdict

# The least probability with which a document speaks for another. On the feeds of 2023, 0.1 gave
# recall 0.75 and precision 0.50; 0.2 gave 0.71 and 0.56.
LEAST_PROBABILITY = 0.12
# Between two reports of one step, which time zones put on neighbouring days; 2 found no more.
DAYS = 1
_LEAST_PARTIES = 2
_MOST_COMPARED = 10


# A document that becomes an alert, how it was judged (None if its text is gone), and who else
# reports the same.
_Lift = tuple[int, Judged | None, str | None]


def corroborate(s: Session, news: Iterable[tuple[int, Judged]], now: datetime) -> set[int]:
    """Lift what two independent outlets report; return the ids of the documents that became alerts.

    `news` are documents that were just stored or judged anew.
    """
    lifted: set[int] = set()
    for document_id, one in news:
        if document_id in lifted or not _can_corroborate(one.verdict):
            continue
        for number, judged, outlet in _decide(s, document_id, one):
            if judged is not None:
                reason = Reason(f"also reported by {outlet}", 0.0)
                verdict = replace(
                    judged.verdict,
                    relevant=True,
                    registers=True,
                    near_miss=False,
                    found_by=tuple(rule.id for rule in judged.verdict.rules),
                    reasons=(reason, *judged.verdict.reasons),
                )
                replace_judgement(s, number, replace(judged, verdict=verdict), now)
            lifted.add(number)
    return lifted


def is_corroborated(s: Session, document_id: int, one: Judged) -> bool:
    """Whether a document that waits for review would be lifted by what is stored beside it."""
    waits = one.verdict.near_miss and not one.verdict.relevant
    can_be_lifted = waits and _can_corroborate(one.verdict) and _has_own_step(one)
    return can_be_lifted and bool(_independent(s, document_id, one))


def _can_corroborate(verdict: Verdict) -> bool:
    if verdict.second_reading is not None and verdict.second_reading.answer == "no":
        return False
    is_candidate = verdict.relevant or (verdict.near_miss and _reports_step(verdict.card))
    return is_candidate and (verdict.probability or 0.0) >= LEAST_PROBABILITY


def _reports_step(card: Card) -> bool:
    """Whether a text reports what was done, and about what: without that it is no alert."""
    return card.status is not None and bool(card.topics)


def _decide(s: Session, document_id: int, one: Judged) -> list[_Lift]:
    """Decide which documents become alerts because of this one, itself included."""
    independent = _independent(s, document_id, one)
    lifts: list[_Lift] = [
        (other.document_id, stored_judged(s, other.document_id), one.document.outlet)
        for other in independent
        if not other.relevant
    ]
    if independent and not one.verdict.relevant:
        lifts.append((document_id, one, independent[0].outlet))
    return [one for one in lifts if one[1] is None or _has_own_step(one[1])]


def _has_own_step(one: Judged) -> bool:
    """Whether a text states a step explicitly, and does not only imply it."""
    return not read_clues(one.clues).is_vague


def _independent(s: Session, document_id: int, one: Judged) -> list[Any]:
    """Return documents by other outlets, in texts of their own, about the same parties."""
    similar = [
        other
        for other in companions(s, document_id, DAYS, waiting_only=one.verdict.relevant)
        if other.probability >= LEAST_PROBABILITY
        and other.outlet is not None
        and one.document.outlet is not None
        and other.outlet != one.document.outlet
        and _reports_step(card := card_of(other.card))
        and len({*one.verdict.card.parties} & {*card.parties}) >= _LEAST_PARTIES
    ]
    return [other for other in similar[:_MOST_COMPARED] if not _is_copy(s, one, other.document_id)]


def _is_copy(s: Session, one: Judged, other_id: int) -> bool:
    text = document_text(s, other_id) or ""
    return likeness(one.document.text, text) >= SAME_TEXT


def stored_judged(s: Session, document_id: int) -> Judged | None:
    """Return a stored document as it was judged; None if its text is gone."""
    for _, document in load_judgeable(s, [document_id]):
        verdict, clues, quote = stored_verdict(s, document_id)
        marks = fingerprint(document.title, document.text)
        return Judged(
            document=document,
            verdict=verdict,
            fingerprint=marks,
            folded="",
            quote=quote,
            clues=clues,
        )
    return None
