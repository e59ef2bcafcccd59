"""Which agreements of the same parties follow one another, and which stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from storage.records import Agreement, Status, Topic

_DEAL_OR_LATER = frozenset(Status) - {Status.PROPOSED, Status.NEGOTIATING, Status.REJECTED}


def linked(agreements: Sequence[Agreement]) -> list[Agreement]:
    """The same, each linked to the one before it between the same parties: "follows" where they have a topic in common,
    else "beside". The other agreement is named by a document of it ("D17")."""
    by_parties: dict[tuple[str, ...], list[int]] = {}
    for index, agreement in enumerate(agreements):
        if len(agreement.parties) > 1:
            by_parties.setdefault(agreement.parties, []).append(index)
    links: dict[int, tuple[tuple[str, str], ...]] = {}
    for indices in by_parties.values():
        ordered = sorted(indices, key=lambda index: (_born(agreements[index]) or date.max, index))
        for position, index in enumerate(ordered[1:], start=1):
            links[index] = _links(agreements[index], [agreements[other] for other in ordered[:position]])
    return [
        replace(agreement, links=links[index]) if index in links else agreement
        for index, agreement in enumerate(agreements)
    ]


def _links(agreement: Agreement, earlier: Sequence[Agreement]) -> tuple[tuple[str, str], ...]:
    """To the last one on its subject, and to the last on another, if both are known."""
    found: dict[str, str] = {}
    for other in reversed(earlier):
        kind = "follows" if _alike(agreement.topics, other.topics) and _apart(agreement, other) else "beside"
        if kind not in found:
            found[kind] = f"D{_first_document(other)}"
    return tuple(sorted(found.items()))


def _alike(a: Sequence[Topic], b: Sequence[Topic]) -> bool:
    return not a or not b or not set(a).isdisjoint(b)


def _apart(agreement: Agreement, other: Agreement) -> bool:
    """On one day, papers stand side by side whatever their subject."""
    born, before = _born(agreement), _born(other)
    return born is None or before is None or born > before


def _born(agreement: Agreement) -> date | None:
    dated = [step for step in agreement.history if step.on is not None]
    dealt = [step.on for step in dated if step.status in _DEAL_OR_LATER]
    return next(iter(dealt), None) or (dated[0].on if dated else None)


def _first_document(agreement: Agreement) -> int:
    return agreement.document_ids[0] if agreement.document_ids else agreement.mentions[0]
