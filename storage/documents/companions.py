"""Documents of the same days that report something, or perhaps do: what corroboration looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.database.statements import plain
from storage.documents.tables import Documents, Matches
from storage.documents.verdict_rows import card_of, verdict_of
from storage.records import Card, Verdict
from storage.register.decisions import says
from storage.register.records import PinKind

_MOST = 500  # a bulk import may put years of documents on one day


@dataclass(frozen=True, slots=True)
class Companion:
    """A document that is an alert, or waits for review, published within days of another one."""

    document_id: int
    relevant: bool
    probability: float
    card: Card
    outlet: str | None
    voice: str


def companions(
    s: Session, document_id: int, days: int, *, waiting_only: bool = False
) -> list[Companion]:
    """Return the documents published within `days` of a document, by id.

    They are judged, and nobody ruled them out. A document without a day has none. `waiting_only`
    leaves out what is an alert already, of which there may be hundreds.
    """
    day = s.scalar(select(Documents.published_on).where(Documents.id == document_id))
    if day is None:
        return []
    span = timedelta(days=days)
    waits = Matches.near_miss & ~Matches.relevant
    wanted = waits if waiting_only else or_(Matches.relevant, waits)
    rows = s.execute(
        select(
            Documents.id,
            Matches.relevant,
            Matches.probability,
            Matches.card,
            Documents.outlet,
            Matches.voice,
        )
        .join(Matches, Matches.document_id == Documents.id)
        .where(Documents.listed_on.between(day - span, day + span), Documents.id != document_id)
        .where(wanted, Matches.probability.is_not(None))
        .where(~says(Documents.id, PinKind.IRRELEVANT))
        .order_by(Documents.id)
        .limit(_MOST)
    )
    return [
        Companion(
            document_id=number,
            relevant=relevant,
            probability=probability,
            card=card_of(card),
            outlet=outlet,
            voice=voice,
        )
        for number, relevant, probability, card, outlet, voice in rows
    ]


def stored_verdict(s: Session, document_id: int) -> tuple[Verdict, tuple[str, ...], str]:
    """Return the verdict on a stored document, with its clues and its quote."""
    match = s.execute(
        select(plain(Matches), Documents.language.label("language"))
        .join(Documents, Documents.id == Matches.document_id)
        .where(Matches.document_id == document_id)
    ).one()
    return verdict_of(match, match.language), tuple(match.clues), match.quote
