"""Reports that could share agreements, and the agreements that they make, kept up to date as reports come and go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from crawler.register.fields import agreement_of
from crawler.register.linkage.board import Board
from crawler.register.linkage.clusters import Placing
from crawler.register.linkage.facts import Facts, facts_of
from crawler.register.links import End, end_of, links_of
from crawler.register.pins import corrected, kept_apart, merged
from crawler.register.steps import canonical
from storage.register.records import Agreement, Pin, PinKind, Report


@dataclass(slots=True)
class _Group:
    """An agreement, and what it was made of: while that stays, it is not made again."""

    members: list[Facts]
    placings: list[Placing]
    decided: frozenset[int]
    agreement: Agreement
    end: End

    @property
    def first(self) -> int:
        return self.members[0].report.document_id

    @property
    def documents(self) -> list[int]:
        return [member.report.document_id for member in self.members]

    def is_of(self, members: list[Facts], placings: list[Placing], decided: frozenset[int]) -> bool:
        return (self.members, self.placings, self.decided) == (members, placings, decided)


class Company:
    """Its agreements are those of a partition of all reports that are here, whatever came first."""

    def __init__(self) -> None:
        self.reports: dict[int, Report] = {}
        self.pins: tuple[Pin, ...] = ()
        self._board = Board()
        self._moved: dict[int, tuple[int, Placing]] = {}
        self._groups: dict[int, _Group] = {}  # by their first documents
        self._home: dict[int, int] = {}  # document -> the first of its group
        self._namesakes: dict[tuple[str, ...], set[int]] = {}  # parties -> groups

    @property
    def agreements(self) -> list[Agreement]:
        """All of them, without ids, in canonical order."""
        ordered = sorted(
            self._groups.values(), key=lambda group: canonical(group.members[0].report)
        )
        return [group.agreement for group in ordered]

    def holding(self, document_ids: Iterable[int]) -> list[Agreement]:
        """The agreements that hold one of these documents, without ids, in canonical order."""
        firsts = {
            self._home[document_id] for document_id in document_ids if document_id in self._home
        }
        return [
            self._groups[first].agreement
            for first in sorted(firsts, key=self._board.order.__getitem__)
        ]

    def update(
        self, gone: Collection[int], came: Iterable[Report], pins: Sequence[Pin]
    ) -> list[Agreement]:
        """Take reports out, and put reports in (in the place of those of the same documents); heed these pins alone.

        Gives the agreements that may be others than before, or stand under another id, in canonical order. Raises
        ValueError for a pin whose field or value is unknown.
        """
        changed = {report.document_id: report for report in came}
        for document_id in gone:
            self.reports.pop(document_id, None)
        self.reports |= changed
        repinned = {
            number for pin in {*pins} ^ {*self.pins} for number in _named(pin)
        } & self.reports.keys()
        changed |= {document_id: self.reports[document_id] for document_id in repinned}
        seen = [facts_of(report) for report in corrected(changed.values(), pins)]
        out = {*gone, *changed} - {facts.report.document_id for facts in seen}
        self.pins = tuple(pins)
        touched = self._board.place(out, seen, kept_apart(pins))
        return self._regroup(out, self._held(touched))

    def _held(self, touched: set[int]) -> list[list[Facts]]:
        """The reports of each agreement that changed; of all of them where curators joined some."""
        before, self._moved = self._moved, self._board.second_looks()
        moving = (before.items() | self._moved.items()) - (before.items() & self._moved.items())
        touched = (
            touched | {document_id for document_id, _ in moving} | {home for _, (home, _) in moving}
        )
        touched |= {self._moved[document_id][0] for document_id in self._moved.keys() & touched}
        merging = any(pin.kind is PinKind.MUST_LINK for pin in self.pins)
        held = self._board.held(None if merging else touched, self._moved)
        if not merging:
            return held
        facts = {member.report.document_id: member for members in held for member in members}
        groups = merged(
            [{member.report.document_id for member in members} for members in held], self.pins
        )
        order = self._board.order.__getitem__
        return [
            [facts[document_id] for document_id in sorted(group, key=order)] for group in groups
        ]

    def _regroup(self, out: Collection[int], held: Iterable[list[Facts]]) -> list[Agreement]:
        made = [self._made(members) for members in held if members]
        old = {
            self._home.pop(document_id, None) for group in made for document_id in group.documents
        }
        old |= {self._home.pop(document_id, None) for document_id in out}
        ended = {first: self._groups.pop(first) for first in old if first is not None}
        for first, group in ended.items():
            self._namesakes[group.agreement.parties].discard(first)
        for group in made:
            self._groups[group.first] = group
            self._home |= dict.fromkeys(group.documents, group.first)
            self._namesakes.setdefault(group.agreement.parties, set()).add(group.first)
        fresh = {group.first for group in made if group is not ended.get(group.first)}
        stale = [
            group for first, group in ended.items() if first in fresh or first not in self._groups
        ]
        return self._linked(fresh, stale)

    def _made(self, members: list[Facts]) -> _Group:
        numbers = [member.report.document_id for member in members]
        placings = {number: self._placing(number) for number in numbers}
        decided = frozenset(
            number
            for pin in self.pins
            if pin.kind is PinKind.MUST_LINK
            for number in _named(pin)
            if number in placings
        )
        old = self._groups.get(numbers[0])
        if old is not None and old.is_of(members, list(placings.values()), decided):
            return old
        agreement = agreement_of([member.report for member in members], placings, decided)
        return _Group(members, list(placings.values()), decided, agreement, end_of(agreement))

    def _placing(self, document_id: int) -> Placing:
        moved = self._moved.get(document_id)
        return self._board.placings[document_id] if moved is None else moved[1]

    def _linked(self, fresh: set[int], stale: Iterable[_Group]) -> list[Agreement]:
        """Link anew what has the parties of a group that changed. What is linked to one may be led to another id."""
        parties = {self._groups[first].agreement.parties for first in fresh} | {
            one.agreement.parties for one in stale
        }
        named = {f"D{number}" for first in fresh for number in self._groups[first].documents}
        found = set(fresh)
        for firsts in (self._namesakes[one] for one in parties if len(one) > 1):
            order = self._board.order.__getitem__
            alike = [self._groups[first] for first in sorted(firsts, key=order)]
            for group, links in zip(alike, links_of([one.end for one in alike]), strict=True):
                if links != group.agreement.links:
                    group.agreement = replace(group.agreement, links=links)
                    found.add(group.first)
                elif not named.isdisjoint(other for _, other in links):
                    found.add(group.first)
        return [
            self._groups[first].agreement
            for first in sorted(found, key=self._board.order.__getitem__)
        ]


def _named(pin: Pin) -> tuple[int, ...]:
    return (pin.document_id, *(() if pin.other_document_id is None else (pin.other_document_id,)))
