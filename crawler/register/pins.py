"""What curators decided, as inputs of the partition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from storage.register.corrections import with_field
from storage.register.records import Pin, PinKind, Report


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


def kept_apart(pins: Sequence[Pin]) -> dict[int, dict[int, int]]:
    """For each report those that it must not share an agreement with, and the place of that decision in `pins`."""
    found: dict[int, dict[int, int]] = {}
    for place, pin in enumerate(pins):
        if pin.kind is PinKind.CANNOT_LINK and pin.other_document_id is not None:
            found.setdefault(pin.document_id, {})[pin.other_document_id] = place
            found.setdefault(pin.other_document_id, {})[pin.document_id] = place
    return found


def merged(groups: Sequence[set[int]], pins: Sequence[Pin]) -> list[set[int]]:
    """Groups of documents, joined where a curator says that they are one; of two decisions the later counts.

    Where a later decision keeps documents of the two groups apart, only the document that is named first moves.
    """
    apart = kept_apart(pins)
    homes = {document_id: group for group in map(set, groups) for document_id in group}
    for place, pin in enumerate(pins):
        if (
            pin.kind is not PinKind.MUST_LINK
            or pin.document_id not in homes
            or pin.other_document_id not in homes
        ):
            continue
        home, target = homes[pin.document_id], homes[pin.other_document_id]
        if home is target:
            continue
        moving = home if not _forbidden(home, target, apart, place) else {pin.document_id}
        if _forbidden(moving, target, apart, place):
            continue
        target |= moving
        for document_id in list(moving):
            homes[document_id] = target
            home.discard(document_id)
    return list({id(group): group for group in homes.values()}.values())


def _forbidden(
    moving: set[int], target: set[int], apart: Mapping[int, Mapping[int, int]], place: int
) -> bool:
    """Whether a decision later than `place` keeps one of `moving` from one of `target`."""
    return any(
        other in target and later > place
        for one in moving
        for other, later in apart.get(one, {}).items()
    )
