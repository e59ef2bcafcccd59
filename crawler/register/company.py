"""Reports that could share agreements, and the agreements that they form.

Both are kept up to date as reports are added and removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from crawler.register.fields import agreement_of
from crawler.register.linkage.board import Board
from crawler.register.linkage.clusters import Placing
from crawler.register.linkage.facts import Facts, facts_of
from crawler.register.linkage.second_looks import Moves, held, second_looks
from crawler.register.links import End, end_of, links_of
from crawler.register.pins import corrected, kept_apart, merged
from crawler.register.steps import canonical
from storage.register.records import Agreement, Pin, PinKind, Report


@dataclass(slots=True)
class _Group:
    """An agreement with the input that it was made from. It is made again only if that changes."""

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
    """A set of reports and its agreements.

    The agreements are those of a partition of all the reports, whatever the order in which these
    were added.
    """

    def __init__(self) -> None:
        self.reports: dict[int, Report] = {}
        self.pins: tuple[Pin, ...] = ()
        self._board = Board()
        self._moved: Moves = {}
        self._groups: dict[int, _Group] = {}  # by the first document of each
        self._home: dict[int, int] = {}  # document -> its group
        self._same_parties: dict[tuple[str, ...], set[int]] = {}  # parties -> groups

    @property
    def agreements(self) -> list[Agreement]:
        """All agreements, without ids, in canonical order."""
        groups = self._groups.values()
        ordered = sorted(groups, key=lambda group: canonical(group.members[0].report))
        return [group.agreement for group in ordered]

    def holding(self, document_ids: Iterable[int]) -> list[Agreement]:
        """Return, in canonical order and without ids, the agreements that hold these documents."""
        firsts = {self._home[one] for one in document_ids if one in self._home}
        return [self._groups[first].agreement for first in self._ordered(firsts)]

    def _ordered(self, document_ids: Iterable[int]) -> list[int]:
        return sorted(document_ids, key=self._board.order.__getitem__)

    def update(
        self, gone: Collection[int], came: Iterable[Report], pins: Sequence[Pin]
    ) -> list[Agreement]:
        """Remove the documents `gone`, add or replace the reports that `came`, and apply the pins.

        `pins` are all that are in force. Returns, in canonical order, the agreements that may have
        changed, or whose links may lead to another id now. Raises ValueError for a pin whose field
        or value is unknown.
        """
        changed = {report.document_id: report for report in came}
        for document_id in gone:
            self.reports.pop(document_id, None)
        self.reports |= changed
        new_or_lapsed = {*pins} ^ {*self.pins}
        repinned = {number for pin in new_or_lapsed for number in _named(pin)}
        for document_id in repinned & self.reports.keys():
            changed[document_id] = self.reports[document_id]
        seen = [facts_of(report) for report in corrected(changed.values(), pins)]
        out = {*gone, *changed} - {facts.report.document_id for facts in seen}
        self.pins = tuple(pins)
        touched = self._board.place(out, seen, kept_apart(pins))
        return self._regroup(out, self._held(touched))

    def _held(self, touched: set[int]) -> list[list[Facts]]:
        """Return the reports of each agreement that changed.

        If curators have merged agreements, the reports of all agreements are returned.
        """
        before, self._moved = self._moved, second_looks(self._board)
        moving = before.items() ^ self._moved.items()
        touched = touched | {document_id for document_id, _ in moving}
        touched |= {home for _, (home, _) in moving}
        touched |= {self._moved[document_id][0] for document_id in self._moved.keys() & touched}
        merging = any(pin.kind is PinKind.MUST_LINK for pin in self.pins)
        found = held(self._board, None if merging else touched, self._moved)
        if not merging:
            return found
        facts = {member.report.document_id: member for members in found for member in members}
        unmerged = [{member.report.document_id for member in members} for members in found]
        groups = merged(unmerged, self.pins)
        return [[facts[document_id] for document_id in self._ordered(group)] for group in groups]

    def _regroup(self, out: Collection[int], held: Iterable[list[Facts]]) -> list[Agreement]:
        """Replace the groups that changed, and return the agreements of the new ones."""
        made = [self._made(members) for members in held if members]
        moving = [*(document_id for group in made for document_id in group.documents), *out]
        old = {self._home.pop(document_id) for document_id in moving if document_id in self._home}
        ended = {first: self._groups.pop(first) for first in old}
        for first, group in ended.items():
            self._same_parties[group.agreement.parties].discard(first)
        for group in made:
            self._groups[group.first] = group
            self._home |= dict.fromkeys(group.documents, group.first)
            self._same_parties.setdefault(group.agreement.parties, set()).add(group.first)
        fresh = {group.first for group in made if group is not ended.get(group.first)}
        stale = [
            group for first, group in ended.items() if first in fresh or first not in self._groups
        ]
        return self._linked(fresh, stale)

    def _made(self, members: list[Facts]) -> _Group:
        numbers = [member.report.document_id for member in members]
        placings = {number: self._placing(number) for number in numbers}
        merges = (pin for pin in self.pins if pin.kind is PinKind.MUST_LINK)
        merged_documents = {number for pin in merges for number in _named(pin)}
        decided = frozenset(merged_documents & placings.keys())
        old = self._groups.get(numbers[0])
        if old is not None and old.is_of(members, list(placings.values()), decided):
            return old
        agreement = agreement_of([member.report for member in members], placings, decided)
        return _Group(members, list(placings.values()), decided, agreement, end_of(agreement))

    def _placing(self, document_id: int) -> Placing:
        moved = self._moved.get(document_id)
        return self._board.placings[document_id] if moved is None else moved[1]

    def _linked(self, fresh: set[int], stale: Iterable[_Group]) -> list[Agreement]:
        """Link the groups with the parties of one that changed, and return the changed agreements.

        An agreement whose link names a document of a changed one is among them, since the link may
        lead to another id now.
        """
        changed = [*(self._groups[first] for first in fresh), *stale]
        parties = {group.agreement.parties for group in changed}
        named = {f"D{number}" for first in fresh for number in self._groups[first].documents}
        found = set(fresh)
        for firsts in (self._same_parties[one] for one in parties if len(one) > 1):
            alike = [self._groups[first] for first in self._ordered(firsts)]
            for group, links in zip(alike, links_of([one.end for one in alike]), strict=True):
                if links != group.agreement.links:
                    group.agreement = replace(group.agreement, links=links)
                    found.add(group.first)
                elif not named.isdisjoint(other for _, other in links):
                    found.add(group.first)
        return [self._groups[first].agreement for first in self._ordered(found)]


def _named(pin: Pin) -> list[int]:
    named = (pin.document_id, pin.other_document_id)
    return [document_id for document_id in named if document_id is not None]
