"""Reports as tests need them: one signature in Rabat, and whatever differs from it."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from storage.records import Card, DateBasis, Instrument, Status, Topic
from storage.register.entry import Agreement, Report

RABAT = Card(
    parties=("ES", "MA"),
    instrument=Instrument.AGREEMENT,
    topics=(Topic.READMISSION,),
    status=Status.SIGNED,
    event_date=date(2019, 2, 14),
    event_date_basis=DateBasis.TEXT,
    place="Rabat",
    party_scores=(("ES", 4.0), ("MA", 4.0), ("FR", 1.0)),
)
_CARD = {field.name for field in fields(Card)}


def report(number: int, **differs: Any) -> Report:
    """Report `number` of the signature, with fields of the card or of the report that differ. An
    event date that differs moves the publication with it.
    """
    card = {name: value for name, value in differs.items() if name in _CARD}
    rest = {name: value for name, value in differs.items() if name not in _CARD}
    if "parties" in card:
        card.setdefault("party_scores", tuple((code, 4.0) for code in card["parties"]))
    values: dict[str, Any] = {
        "document_id": number,
        "card": Card(**{name: getattr(RABAT, name) for name in _CARD} | card),
        "title": f"Title {number}",
        "language": "en",
        "outlet": f"outlet-{number}.example",
        "published_on": card.get("event_date", RABAT.event_date),
        "seen_on": date(2026, 1, 1),
        "text_hash": f"{number:032x}",
        "copy_group": f"{number:032x}",
        "quote": f"Quote {number}.",
    }
    return Report(**values | rest)


def groups(agreements: list[Agreement]) -> list[list[int]]:
    """The documents of each agreement."""
    return sorted(
        sorted((*agreement.document_ids, *agreement.mentions)) for agreement in agreements
    )


def life(agreement: Agreement) -> list[tuple[str | None, str, list[int]]]:
    return [(step.status, str(step.on), sorted(step.document_ids)) for step in agreement.history]
