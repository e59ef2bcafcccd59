"""What curators decided, as inputs of the partition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from storage.records import Card, Instrument, Pin, PinKind, Report, Status, Topic

FIELDS = ("parties", "topics", "instrument", "status", "event_date", "place")


def corrected(reports: Iterable[Report], pins: Sequence[Pin]) -> Iterator[Report]:
    """The reports as the curators see them: without the irrelevant ones, fields as they say; the latest pin counts."""
    irrelevant = {pin.document_id for pin in pins if pin.kind is PinKind.IRRELEVANT}
    fields: dict[int, list[Pin]] = {}
    for pin in pins:
        if pin.kind is PinKind.FIELD:
            fields.setdefault(pin.document_id, []).append(pin)
    for report in reports:
        if report.document_id in irrelevant:
            continue
        card = report.card
        for pin in fields.get(report.document_id, ()):
            card = with_field(card, pin.field or "", pin.value or "")
        yield report if card is report.card else replace(report, card=card)


def with_field(card: Card, field: str, value: str) -> Card:
    """The card with one field as a curator writes it: lists with commas, empty for unknown.

    Raises ValueError where the field is not one of FIELDS or the value is none of its values.
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
    raise ValueError(f"{field!r} is not a field that can be corrected; there are {', '.join(FIELDS)}")


def kept_apart(pins: Iterable[Pin]) -> dict[int, frozenset[int]]:
    """For each report the reports that it must not share an agreement with."""
    return _pairs(pins, PinKind.CANNOT_LINK)


def kept_together(pins: Iterable[Pin]) -> dict[int, frozenset[int]]:
    """For each report the reports that it must share an agreement with."""
    return _pairs(pins, PinKind.MUST_LINK)


def _pairs(pins: Iterable[Pin], kind: PinKind) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for pin in pins:
        if pin.kind is kind and pin.other_document_id is not None:
            found.setdefault(pin.document_id, set()).add(pin.other_document_id)
            found.setdefault(pin.other_document_id, set()).add(pin.document_id)
    return {document_id: frozenset(others) for document_id, others in found.items()}


def merged(
    groups: Sequence[set[int]], together: Mapping[int, frozenset[int]], apart: Mapping[int, frozenset[int]]
) -> list[set[int]]:
    """Groups of documents, joined where a curator says that they are one.

    Where another curator keeps some of them apart, only the documents that are named move.
    """
    merged_groups = [set(group) for group in groups]
    for document_id in sorted(together):
        for other_id in sorted(together[document_id]):
            home = next((group for group in merged_groups if document_id in group), None)
            other = next((group for group in merged_groups if other_id in group), None)
            if home is None or other is None or home is other or document_id > other_id:
                continue
            if not any(apart.get(one, frozenset()) & other for one in home):
                home |= other
                other.clear()
            elif not apart.get(other_id, frozenset()) & home:
                home.add(other_id)
                other.discard(other_id)
    return [group for group in merged_groups if group]
