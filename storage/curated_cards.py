"""The cards of documents with the corrections of curators, as forms show and compare them."""

from __future__ import annotations

from sqlalchemy import select

from storage.database.session import Session
from storage.documents.tables import Matches
from storage.documents.verdict_rows import card_of
from storage.records import Card
from storage.register.corrections import with_field
from storage.register.decisions import pins
from storage.register.records import PinKind


def curated_card(s: Session, document_id: int) -> Card | None:
    """Return the card of a document with the corrections in force; None if there is no document."""
    row = s.execute(select(Matches.card).where(Matches.document_id == document_id)).one_or_none()
    if row is None:
        return None
    card = card_of(row.card)
    for pin in pins(s, [document_id]):
        if pin.kind is PinKind.FIELD and pin.document_id == document_id:
            card = with_field(card, pin.field or "", pin.value or "")
    return card
