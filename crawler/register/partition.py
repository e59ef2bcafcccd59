"""Partitioning reports into agreements with their steps. Pure functions.

The result does not depend on the order of the input: reports are looked at in a canonical order
(date of the event, publication, hash of the text). Which agreement a report belongs to depends only
on the reports that share parties with it, so that a part of the register can be partitioned alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from crawler.clues import VAGUE
from crawler.register.fields import agreement_of
from crawler.register.linkage.board import Board, Placing
from crawler.register.linkage.facts import Facts, facts_of
from crawler.register.steps import canonical
from storage.records import Status, Topic
from storage.register.entry import Agreement, Pin, PinKind, Report, with_field


def partition(reports: Sequence[Report], pins: Sequence[Pin]) -> list[Agreement]:
    """Return the agreements, without ids, in canonical order. Each report is in one, unless a pin
    says that it is irrelevant. `reasons` say why reports belong together, and which of them are in
    doubt; `links` name a document of the other agreement ("D17"). Raises
    ValueError for a pin whose field or value is unknown.
    """
    company = Company()
    company.update((), reports, pins)
    return company.agreements


# --- reports that could share agreements ----------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """An agreement with the input that it was made from. It is made again only if that changes."""

    members: list[Facts]
    placings: list[Placing]
    decided: Mapping[int, PinKind]  # those that a person or reader joined
    agreement: Agreement
    end: End

    @property
    def first(self) -> int:
        return self.members[0].report.document_id

    @property
    def documents(self) -> list[int]:
        return [member.report.document_id for member in self.members]

    def is_of(
        self, members: list[Facts], placings: list[Placing], decided: Mapping[int, PinKind]
    ) -> bool:
        return (self.members, self.placings, self.decided) == (members, placings, decided)


class Company:
    """A set of reports and its agreements: the partition of all, in whatever order added."""

    def __init__(self) -> None:
        self.reports: dict[int, Report] = {}
        self.pins: tuple[Pin, ...] = ()
        self._board = Board()
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
        firsts = {self._home[id_] for id_ in document_ids if id_ in self._home}
        return [self._groups[first].agreement for first in self._ordered(firsts)]

    def _ordered(self, document_ids: Iterable[int]) -> list[int]:
        return sorted(document_ids, key=self._board.order.__getitem__)

    def update(
        self, removed: Collection[int], added: Iterable[Report], pins: Sequence[Pin]
    ) -> list[Agreement]:
        """Remove and then add or replace these reports, and apply all pins in force.
        Returns, in canonical order, the agreements that may have changed, or whose links may lead
        to another id now. Raises ValueError for a pin whose field or value is unknown.
        """
        changed = {report.document_id: report for report in added}
        for document_id in removed:
            self.reports.pop(document_id, None)
        self.reports |= changed
        new_or_lapsed = {*pins} ^ {*self.pins}
        repinned = {number for pin in new_or_lapsed for number in _named(pin)}
        for document_id in repinned & self.reports.keys():
            changed[document_id] = self.reports[document_id]
        seen = [facts_of(report) for report in corrected(changed.values(), pins)]
        out = {*removed, *changed} - {facts.report.document_id for facts in seen}
        self.pins = tuple(pins)
        touched = self._board.place(out, seen, kept_apart(pins))
        return self._regroup(out, self._held(touched))

    def _held(self, touched: set[int]) -> list[list[Facts]]:
        """Return the reports of each changed agreement; of all, if curators have merged some."""
        clusters = self._board.clusters
        merging = any(pin.kind in _JOINING for pin in self.pins)
        firsts = clusters if merging else touched & clusters.keys()
        found = [list(clusters[first].members) for first in firsts if clusters[first].members]
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
        new = {group.first for group in made if group is not ended.get(group.first)}
        ended_groups = [
            group for first, group in ended.items() if first in new or first not in self._groups
        ]
        return self._linked(new, ended_groups)

    def _made(self, members: list[Facts]) -> _Group:
        numbers = [member.report.document_id for member in members]
        placings = {number: self._board.placings[number] for number in numbers}
        decided = {
            number: pin.kind
            for pin in self.pins  # those of persons come last
            if pin.kind in _JOINING
            for number in _named(pin)
            if number in placings
        }
        old = self._groups.get(numbers[0])
        if old is not None and old.is_of(members, list(placings.values()), decided):
            return old
        agreement = agreement_of([member.report for member in members], placings, decided)
        return _Group(members, list(placings.values()), decided, agreement, end_of(agreement))

    def _linked(self, new: set[int], ended_groups: Iterable[_Group]) -> list[Agreement]:
        """Link the groups with the parties of one that changed, and return the changed agreements,
        with those whose link leads to a document of one.
        """
        changed = [*(self._groups[first] for first in new), *ended_groups]
        parties = {group.agreement.parties for group in changed}
        named = {f"D{number}" for first in new for number in self._groups[first].documents}
        touched = set(new)
        for firsts in (self._same_parties[party] for party in parties if len(party) > 1):
            alike = [self._groups[first] for first in self._ordered(firsts)]
            for group, links in zip(alike, links_of([one.end for one in alike]), strict=True):
                if links != group.agreement.links:
                    group.agreement = replace(group.agreement, links=links)
                    touched.add(group.first)
                elif not named.isdisjoint(other for _, other in links):
                    touched.add(group.first)
        return [self._groups[first].agreement for first in self._ordered(touched)]


def _named(pin: Pin) -> list[int]:
    named = (pin.document_id, pin.other_document_id)
    return [document_id for document_id in named if document_id is not None]


# --- links between agreements of the same parties -------------------------------------------------

_DEAL_OR_LATER = frozenset(Status) - {Status.PROPOSED, Status.NEGOTIATING, Status.REJECTED}


class End(NamedTuple):
    """What is needed of an agreement to link it: when it was concluded, and a document of it."""

    topics: tuple[Topic, ...]
    born: date | None
    document: int


def end_of(agreement: Agreement) -> End:
    dated = [step for step in agreement.history if step.on is not None]
    dealt = [step.on for step in dated if step.status in _DEAL_OR_LATER]
    born = next(iter(dealt), None) or (dated[0].on if dated else None)
    return End(agreement.topics, born, (agreement.document_ids or agreement.mentions)[0])


def links_of(ends: Sequence[End]) -> list[tuple[tuple[str, str], ...]]:
    """Return the links of agreements with the same parties: to the last earlier one with a common
    topic ("follows"), and to the last with other topics, or of the same day ("beside"), by a
    document ("D17").
    """
    ordered = sorted(range(len(ends)), key=lambda index: (ends[index].born or date.max, index))
    links: list[tuple[tuple[str, str], ...]] = [()] * len(ends)
    lasts: dict[tuple[Topic, ...], _Last] = {}
    for place, index in enumerate(ordered):
        mine = ends[index]
        follows, beside = -1, -1
        for topics, last in lasts.items():
            if not mine.topics or not topics or not set(mine.topics).isdisjoint(topics):
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


class _Last:
    """The last agreement with certain topics, by place and day, and the last before that day."""

    def __init__(self) -> None:
        self.place, self.earlier = -1, -1
        self.born: date | None = None

    def add(self, place: int, born: date | None) -> None:
        if born is None or born != self.born:
            self.earlier = self.place
        self.place, self.born = place, born

    def places(self, born: date | None) -> tuple[int, int]:
        """Return the places to follow and to stand beside, as those of one day do."""
        if born is not None and born == self.born:
            return self.earlier, self.place
        return self.place, -1


# --- applying curators' decisions -----------------------------------------------------------------

# By these a person or a second reader says that a document reports an agreement, or what.
_LOOKED_AT = frozenset((PinKind.CONFIRMED, PinKind.RELEVANT, PinKind.FIELD, PinKind.READ_FIELD))
_CORRECTING = frozenset((PinKind.FIELD, PinKind.READ_FIELD))
_JOINING = frozenset((PinKind.MUST_LINK, PinKind.READ_TOGETHER))
_SEPARATING = frozenset((PinKind.CANNOT_LINK, PinKind.READ_APART))


def corrected(reports: Iterable[Report], pins: Sequence[Pin]) -> Iterator[Report]:
    """Yield the reports with fields as corrected last, without irrelevant ones. One that a person
    looked at has no probability any more.
    """
    looked_at = {pin.document_id for pin in pins if pin.kind in _LOOKED_AT}
    irrelevant = {pin.document_id for pin in pins if pin.kind is PinKind.IRRELEVANT}
    fields: dict[int, list[Pin]] = {}
    for pin in pins:
        if pin.kind in _CORRECTING:
            fields.setdefault(pin.document_id, []).append(pin)
    for report in reports:
        if report.document_id in irrelevant:
            continue
        card = report.card
        clues, quote = report.clues, report.quote
        probability = None if report.document_id in looked_at else report.probability
        for pin in fields.get(report.document_id, ()):
            if pin.field == "quote":
                quote = pin.value or ""
                continue
            card = with_field(card, pin.field or "", pin.value or "")
            if pin.field == "status":
                clues = tuple(clue for clue in clues if clue != VAGUE)
        yield replace(report, card=card, clues=clues, quote=quote, probability=probability)


def kept_apart(pins: Sequence[Pin]) -> dict[int, dict[int, int]]:
    """Return for each report those that it must not share an agreement with, and by which pin."""
    apart: dict[int, dict[int, int]] = {}
    for place, pin in enumerate(pins):
        if pin.kind in _SEPARATING and pin.other_document_id is not None:
            apart.setdefault(pin.document_id, {})[pin.other_document_id] = place
            apart.setdefault(pin.other_document_id, {})[pin.document_id] = place
    return apart


def merged(groups: Sequence[set[int]], pins: Sequence[Pin]) -> list[set[int]]:
    """Join groups of documents as curators said. If a later decision keeps documents of the two
    apart, only the one that the pin names first moves.
    """
    apart = kept_apart(pins)
    homes = {document_id: group for group in map(set, groups) for document_id in group}
    for place, pin in enumerate(pins):
        if pin.kind not in _JOINING or pin.other_document_id is None:
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
