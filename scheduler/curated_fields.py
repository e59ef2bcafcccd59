"""The fields of a card as a curator writes them: text, with commas between parties and topics."""

from __future__ import annotations

from datetime import date

from scheduler.configuration.party_names import party_fault, party_meant
from scheduler.words.lines import clean
from storage.errors import AccordwatchError
from storage.records import Card, Instrument, Status, Topic
from storage.register.corrections import FIELDS

_LONGEST_PLACE = 200
_ALLOWED: dict[str, list[str]] = {
    "instrument": [*Instrument],
    "status": [*Status],
    "topics": [*Topic],
}


def written_field(card: Card, field: str) -> str:
    """A field of a card as a curator would write it; "" if it is unknown."""
    value = getattr(card, field)
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def checked_field(field: str, value: str) -> str:
    """The value in the form in which it is stored.

    Raises AccordwatchError that says what can be written.
    """
    if field not in FIELDS:
        raise AccordwatchError(f"{field!r} is not a field; fields are {', '.join(FIELDS)}")
    if field == "event_date":
        return _checked_day(value)
    if field == "place":
        return _checked_place(value)
    parts = list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if field == "parties":
        parts = list(dict.fromkeys(party_meant(part) or part for part in parts))
        _check_parties(parts, value)
    else:
        _check_codes(field, parts, value)
    return ",".join(parts)


def _checked_place(value: str) -> str:
    place = clean(value)
    if len(place) > _LONGEST_PLACE:
        raise AccordwatchError(
            f"place: has at most {_LONGEST_PLACE} characters; this one has {len(place)}"
        )
    return place


def _check_codes(field: str, parts: list[str], value: str) -> None:
    allowed = _ALLOWED[field]
    for part in parts:
        if part not in allowed:
            raise AccordwatchError(f"{field}: {part!r} is not one of {', '.join(allowed)}")
    if field != "topics" and len(parts) > 1:
        raise AccordwatchError(f"{field}: {value!r} names several; write one")


def _check_parties(parts: list[str], value: str) -> None:
    if not parts:
        raise AccordwatchError(f"parties: {value!r} is not a list like MA,NE")
    for fault in filter(None, map(party_fault, parts)):
        raise AccordwatchError(f"parties: {fault}")


def _checked_day(value: str) -> str:
    if value:
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise AccordwatchError(f"event_date: {value!r} is not a day like 2025-07-28") from error
    return value.strip()
