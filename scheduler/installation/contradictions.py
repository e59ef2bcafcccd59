"""Which decisions that stand here speak against one that comes from another installation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from storage.register.records import Pin, PinKind

_REPORTS = frozenset({PinKind.RELEVANT, PinKind.CONFIRMED, PinKind.FIELD})


class Objection(NamedTuple):
    """A decision that stands here, and the document about which both disagree."""

    decision: int
    document: int


def objections(coming: Sequence[Pin], standing: Sequence[tuple[int, Pin]]) -> list[Objection]:
    """Return the decisions in `standing` (with their numbers, oldest first) that cannot be true
    beside the pins of a decision that comes: one says that a document reports an agreement and the
    other that it does not; they give a field or a name different values; they put two documents
    together and keep them apart, be it by way of others.
    """
    found = [one for pin in coming for one in _against(pin, standing)]
    found += _against_links(coming, standing)
    return list({one.decision: one for one in found}.values())


def _against(pin: Pin, standing: Sequence[tuple[int, Pin]]) -> list[Objection]:
    """The objections to what a pin says of its document alone."""
    same = [one for one in standing if one[1].document_id == pin.document_id]
    if pin.kind in (PinKind.FIELD, PinKind.NAME):
        # the last value counts
        alike = [one for one in same if (one[1].kind, one[1].field) == (pin.kind, pin.field)]
        against = [one for one in alike[-1:] if one[1].value != pin.value]
    else:
        against = []
    if pin.kind in _REPORTS:
        against += [one for one in same if one[1].kind is PinKind.IRRELEVANT]
    elif pin.kind is PinKind.IRRELEVANT:
        against += [one for one in same if one[1].kind in _REPORTS]
    return [Objection(number, pin.document_id) for number, _ in against]


def _against_links(coming: Sequence[Pin], standing: Sequence[tuple[int, Pin]]) -> list[Objection]:
    links = _in_force(standing)
    found: list[Objection] = []
    together, apart = _of_kind(coming, PinKind.MUST_LINK), _of_kind(coming, PinKind.CANNOT_LINK)
    before = _Groups(pin for _, pin in links if pin.kind is PinKind.MUST_LINK)
    after = _Groups([*together, *(pin for _, pin in links if pin.kind is PinKind.MUST_LINK)])
    for number, pin in links:
        if pin.kind is PinKind.CANNOT_LINK and after.joins(pin) and not before.joins(pin):
            found.append(Objection(number, pin.document_id))
    for pin in apart:
        if before.joins(pin):
            joining = (
                number
                for number, one in links
                if one.kind is PinKind.MUST_LINK
                and before.root(one.document_id) == before.root(pin.document_id)
            )
            found.append(Objection(max(joining), pin.document_id))
    return found


def _in_force(standing: Sequence[tuple[int, Pin]]) -> list[tuple[int, Pin]]:
    """The links that count: of two about the same pair, the later one."""
    links = (one for one in standing if one[1].other_document_id is not None)
    last = {frozenset((pin.document_id, pin.other_document_id)): (n, pin) for n, pin in links}
    return list(last.values())


def _of_kind(pins: Iterable[Pin], kind: PinKind) -> list[Pin]:
    return [pin for pin in pins if pin.kind is kind]


class _Groups:
    """Documents that must-links join, be it by way of others (union-find)."""

    def __init__(self, links: Iterable[Pin]) -> None:
        self._parent: dict[int, int] = {}
        for pin in links:
            other = pin.other_document_id or pin.document_id
            self._parent[self.root(pin.document_id)] = self.root(other)

    def root(self, document_id: int) -> int:
        while (above := self._parent.get(document_id, document_id)) != document_id:
            document_id = above
        return document_id

    def joins(self, pin: Pin) -> bool:
        return self.root(pin.document_id) == self.root(pin.other_document_id or pin.document_id)
