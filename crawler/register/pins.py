"""Applying curators' decisions, as pins, to reports and their groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from crawler.clues import VAGUE
from storage.register.corrections import with_field
from storage.register.records import Pin, PinKind, Report

# By these a person says that a document reports an agreement, or what it reports.
_LOOKED_AT = frozenset((PinKind.CONFIRMED, PinKind.RELEVANT, PinKind.FIELD))


def corrected(reports: Iterable[Report], pins: Sequence[Pin]) -> Iterator[Report]:
    """Yield the reports with corrected fields, without those that curators found irrelevant.

    If several pins correct the same field, the last one counts. A report that a person looked at
    has no probability any more.
    """
    looked_at = {pin.document_id for pin in pins if pin.kind in _LOOKED_AT}
    irrelevant = {pin.document_id for pin in pins if pin.kind is PinKind.IRRELEVANT}
    fields: dict[int, list[Pin]] = {}
    for pin in pins:
        if pin.kind is PinKind.FIELD:
            fields.setdefault(pin.document_id, []).append(pin)
    for report in reports:
        if report.document_id in irrelevant:
            continue
        card = report.card
        clues = report.clues
        probability = None if report.document_id in looked_at else report.probability
        for pin in fields.get(report.document_id, ()):
            card = with_field(card, pin.field or "", pin.value or "")
            if pin.field == "status":
                clues = tuple(clue for clue in clues if clue != VAGUE)
        is_same = card is report.card and probability == report.probability
        yield (
            report if is_same else replace(report, card=card, clues=clues, probability=probability)
        )


def kept_apart(pins: Sequence[Pin]) -> dict[int, dict[int, int]]:
    """Return, for each report, the reports that it must not share an agreement with.

    They are mapped to the position, in `pins`, of the pin that says so.
    """
    found: dict[int, dict[int, int]] = {}
    for place, pin in enumerate(pins):
        if pin.kind is PinKind.CANNOT_LINK and pin.other_document_id is not None:
            found.setdefault(pin.document_id, {})[pin.other_document_id] = place
            found.setdefault(pin.other_document_id, {})[pin.document_id] = place
    return found


def merged(groups: Sequence[set[int]], pins: Sequence[Pin]) -> list[set[int]]:
    """Join groups of documents if curators said that they belong together.

    If a later decision keeps documents of the two groups apart, only the document that the pin
    names first moves to the other group.
    """
    apart = kept_apart(pins)
    homes = {document_id: group for group in map(set, groups) for document_id in group}
    for place, pin in enumerate(pins):
        if pin.kind is not PinKind.MUST_LINK or pin.other_document_id is None:
            continue
        home, target = homes.get(pin.document_id), homes.get(pin.other_document_id)
        if home is None or target is None or home is target:
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
    """Whether a pin after `place` keeps one of `moving` apart from one of `target`."""
    return any(
        other in target and later > place
        for one in moving
        for other, later in apart.get(one, {}).items()
    )
