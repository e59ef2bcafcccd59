"""Curators' corrections of a card. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from storage.records import Card, Instrument, Status, Topic, Verdict
from storage.register.records import Pin, PinKind

FIELDS = ("parties", "instrument", "topics", "status", "event_date", "place")


def with_field(card: Card, field: str, value: str) -> Card:
    """Return the card with one field set to what a curator wrote.

    Lists are separated by commas; an empty value means unknown. Raises ValueError if the field is
    not one of FIELDS, or the value is not valid for it.
    """
    values = tuple(part.strip() for part in value.split(",") if part.strip())
    match field:
        case "parties":
            return replace(card, parties=tuple(sorted(values)), party_scores=())
        case "topics":
            return replace(card, topics=tuple(map(Topic, values)))
        case "instrument":
            return replace(card, instrument=Instrument(value) if value else None)
        case "status":
            return replace(card, status=Status(value) if value else None)
        case "event_date":
            return replace(card, event_date=date.fromisoformat(value) if value else None)
        case "place":
            return replace(card, place=value or None, place_key=None)
    raise ValueError(f"{field!r} cannot be corrected; the fields are {', '.join(FIELDS)}")


def as_added(verdict: Verdict, pins: Iterable[Pin]) -> Verdict:
    """Return the verdict on a document that a curator added.

    It is a report whatever the rules say, with the fields that curators corrected.
    """
    card = verdict.card
    for pin in pins:
        if pin.kind is PinKind.FIELD:
            card = with_field(card, pin.field or "", pin.value or "")
    return replace(verdict, relevant=True, registers=True, near_miss=False, card=card)
