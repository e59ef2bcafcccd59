"""Links between agreements of the same parties: "follows" and "beside"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from storage.records import Status, Topic
from storage.register.records import Agreement

_DEAL_OR_LATER = frozenset(Status) - {Status.PROPOSED, Status.NEGOTIATING, Status.REJECTED}


class End(NamedTuple):
    """What is needed of an agreement to link it.

    `born` is the day on which it was concluded, and `document` one of its documents.
    """

    topics: tuple[Topic, ...]
    born: date | None
    document: int


def end_of(agreement: Agreement) -> End:
    """Return what is needed of an agreement to link it."""
    return End(agreement.topics, _born(agreement), _first_document(agreement))


def links_of(ends: Sequence[End]) -> list[tuple[tuple[str, str], ...]]:
    """Return the links of each of these agreements, which must have the same parties.

    An agreement is linked to earlier ones: to the last one with a common topic ("follows"), and to
    the last one with other topics, or of the same day ("beside"). The target is named by one of its
    documents ("D17").
    """
    ordered = sorted(range(len(ends)), key=lambda index: (ends[index].born or date.max, index))
    links: list[tuple[tuple[str, str], ...]] = [()] * len(ends)
    lasts: dict[tuple[Topic, ...], _Last] = {}
    for place, index in enumerate(ordered):
        mine = ends[index]
        follows, beside = -1, -1
        for topics, last in lasts.items():
            if _alike(mine.topics, topics):
                earlier, same_day = last.places(mine.born)
                follows, beside = max(follows, earlier), max(beside, same_day)
            else:
                beside = max(beside, last.place)
        found = (("beside", beside), ("follows", follows))
        links[index] = tuple(
            (kind, f"D{ends[ordered[other]].document}") for kind, other in found if other >= 0
        )
        lasts.setdefault(mine.topics, _Last()).add(place, mine.born)
    return links


@dataclass(slots=True)
class _Last:
    """The last agreement with certain topics, by its place in the order; -1 if there is none.

    `born` is the day on which it was concluded, and `earlier` the last place before that day.
    """

    place: int = -1
    born: date | None = None
    earlier: int = -1

    def add(self, place: int, born: date | None) -> None:
        if born is None or born != self.born:
            self.earlier = self.place
        self.place, self.born = place, born

    def places(self, born: date | None) -> tuple[int, int]:
        """Return the places of the agreement to follow and of the one to stand beside.

        Agreements of the same day stand beside each other, even if they have a common topic.
        """
        if born is not None and born == self.born:
            return self.earlier, self.place
        return self.place, -1


def _alike(a: Sequence[Topic], b: Sequence[Topic]) -> bool:
    return not a or not b or not set(a).isdisjoint(b)


def _born(agreement: Agreement) -> date | None:
    dated = [step for step in agreement.history if step.on is not None]
    dealt = [step.on for step in dated if step.status in _DEAL_OR_LATER]
    return next(iter(dealt), None) or (dated[0].on if dated else None)


def _first_document(agreement: Agreement) -> int:
    reporting = next(
        (document for step in agreement.history for document in step.document_ids), None
    )
    return agreement.mentions[0] if reporting is None else reporting
