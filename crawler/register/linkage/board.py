"""Placing reports: each one, in canonical order, joins the cluster that fits best or begins one.

A cluster is an agreement in the making. The score of a report against a cluster depends only on the
report, and on the reports of the cluster that come before it in the canonical order. So when
reports are added or removed, only later reports have to be looked at again, and of these only the
ones that could meet a cluster that has changed. The result is the same as placing all reports anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from itertools import combinations

from crawler.register.linkage.facts import (
    DEAL,
    Cluster,
    Facts,
    are_one_event,
    are_two_events,
    cluster_of,
)
from crawler.register.linkage.points import (
    DOUBT,
    JOIN,
    MOST_FROM_AFAR,
    NAMED_ALIKE,
    PROMINENT,
    RECALLS_ITS_DATE,
    SAME_PAPER,
    weigh,
)
from crawler.register.linkage.timing import FEW_MONTHS, STEP_DAYS, Point
from crawler.register.steps import canonical
from storage.records import Status

# If more clusters than this have changed, placing a report anew costs no more than finding out
# whether one of them matters to it.
_FEW = 12


COPY = "a copy of one text"
OF_ROW = "a row of one list"
_ACCEPTED = frozenset({Status.RATIFIED, Status.IN_FORCE})


@dataclass(frozen=True, slots=True)
class Placing:
    """Why a report stands where it stands: its points against the most likely cluster `best`, even
    if it did not join it, and their sum, the `score`. `rival` is the score of `second`, the next
    best. Clusters are named by their first document.
    """

    document_id: int
    points: tuple[Point, ...]
    score: float
    rival: float | None
    best: int | None = None
    second: int | None = None

    @property
    def is_copy(self) -> bool:
        return any(point.reason in (COPY, OF_ROW) for point in self.points)

    def names_it(self, status: Status | None) -> bool:
        """Whether a later step names this very agreement: by the date on which it was concluded in
        headline or lead. Ratification and entry into force need less: a date in the text, or the
        same kind of paper, if that is no mere "agreement".
        """
        dates = [point.value for point in self.points if point.reason == RECALLS_ITS_DATE]
        if status not in _ACCEPTED:
            return any(value >= PROMINENT for value in dates)
        return bool(dates) or any(point.reason == SAME_PAPER for point in self.points)

    @property
    def rests_on_names(self) -> bool:
        """Whether the report joined only since a second reader gives both one name."""
        named = sum(point.value for point in self.points if point.reason == NAMED_ALIKE)
        return named > 0 and self.score >= JOIN > self.score - named

    @property
    def doubtful(self) -> bool:
        near_threshold = abs(self.score - JOIN) < DOUBT
        near_rival = self.rival is not None and self.score - self.rival < DOUBT
        return near_threshold or near_rival


class Board:
    """Reports and the clusters they form, each named by its first document; `placings` say why."""

    def __init__(self) -> None:
        self.reports = ReportIndex()
        self.clusters: dict[int, Cluster] = {}
        self.placings: dict[int, Placing] = {}
        self.home: dict[int, int] = {}  # document -> its cluster
        # key -> clusters with a report that has the key, and how many such reports each one has
        self.met: dict[Key, dict[int, int]] = {}
        self._apart: Mapping[int, Collection[int]] = {}
        # The following describe a single call of `place`.
        self._waiting: list[Order] = []  # a heap of the reports that have to be looked at
        self._seen: set[Order] = set()  # what is, or was, in this heap
        self._opened: dict[Key, Order] = {}  # key -> after this place, all reports with it wait
        self._prefixes: dict[tuple[int, int], Cluster] = {}  # (cluster, number of its reports)
        self._disturbed: set[int] = set()  # clusters whose reports have changed
        self._replaced: set[int] = set()  # clusters with a report whose placing has changed

    @property
    def order(self) -> dict[int, Order]:
        return self.reports.order

    def place(
        self,
        removed: Iterable[int],
        added: Iterable[Facts],
        apart: Mapping[int, Collection[int]] | None = None,
    ) -> set[int]:
        """Remove, replace and add reports, and return the clusters that changed or ended. `apart`:
        what curators keep apart.
        """
        self._disturbed, self._replaced, self._seen = set(), set(), set()
        self._opened, self._prefixes = {}, {}
        self._apart = apart or {}
        for document_id in removed:
            self._take_out(document_id)
        for report in added:
            self._take_out(report.report.document_id)
            self._wait(self.reports.add(report))
        while self._waiting:
            self._visit(heappop(self._waiting))
        for first in self._disturbed:
            if not self.clusters[first].members:
                del self.clusters[first]
        return self._disturbed | self._replaced

    def may_join(self, cluster: Cluster, report: Facts) -> bool:
        """Whether neither a curator, nor a release on the same form about another event, nor
        another row of the same list keeps a report apart from a cluster.
        """
        row = report.row
        if row is not None and cluster.rows.get(row.list_id, row.key) != row.key:
            return False
        apart = self._apart.get(report.report.document_id)
        if apart and any(member.report.document_id in apart for member in cluster.members):
            return False
        copy_group = report.report.copy_group
        if len(self.reports.by_copy_group[copy_group]) < 2:
            return True
        alike = (member for member in cluster.members if member.report.copy_group == copy_group)
        return not any(are_two_events(report, member) for member in alike)

    # --- what has to be looked at again -----------------------------------------------------------

    def _take_out(self, document_id: int) -> None:
        if document_id not in self.reports.facts:
            return
        order = self.order[document_id]
        if document_id in self.home:
            self._disturb(self.home[document_id], order)
        self._leave(document_id)
        self._wake_copies(document_id, order)
        self.reports.remove(document_id)
        self.placings.pop(document_id, None)

    def _wait(self, order: Order) -> None:
        if order not in self._seen:
            self._seen.add(order)
            heappush(self._waiting, order)

    def _disturb(self, first: int, order: Order) -> None:
        """Reset a cluster to its reports before `order`; later ones, and those that could meet it,
        are placed again.
        """
        cluster = self.clusters[first]
        earlier = self._count_before(cluster, order)
        later = cluster.members[earlier:]
        if first not in self._disturbed or later:
            self._disturbed.add(first)
            for member in cluster.members:
                self._open(self.reports.keys[member.report.document_id], order)
                self._wake_copies(member.report.document_id, order)
        if later:
            for member in later:
                document_id = member.report.document_id
                self._leave(document_id)
                if self.order[document_id] > order:
                    self._wait(self.order[document_id])
            self.clusters[first] = cluster_of(cluster.members[:earlier])

    def _open(self, keys: Iterable[Key], order: Order) -> None:
        """Let all reports after `order` that have one of these keys be looked at."""
        for key in keys:
            opened = self._opened.get(key)
            if opened is None or order < opened:
                self._opened[key] = order
                for other in self.reports.between(key, order, opened):
                    self._wait(other)

    def _wake_copies(self, document_id: int, order: Order) -> None:
        for other in self.reports.copies_after(document_id, order):
            self._wait(other)

    def _leave(self, document_id: int) -> None:
        first = self.home.pop(document_id, None)
        if first is None:
            return
        for key in self.reports.keys[document_id]:
            met = self.met[key]
            met[first] -= 1
            if not met[first]:
                del met[first]

    # --- placing one report -----------------------------------------------------------------------

    def _visit(self, order: Order) -> None:
        document_id = order[-1]
        if self.order.get(document_id) != order:
            return  # it is gone, or was replaced by a report of another day
        if document_id in self.home and self._stays(document_id):
            return
        report = self.reports.facts[document_id]
        placing, target = self._best_place(report)
        home = self.home.get(document_id)
        if placing != self.placings.get(document_id):
            self.placings[document_id] = placing
            self._replaced.add(target)
        if home == target:
            return
        if home is not None:
            self._disturb(home, order)
        if target == document_id:
            self.clusters[target] = Cluster()
        self._disturb(target, order)
        self._join(target, report)
        self._open(self.reports.keys[document_id], order)
        self._wake_copies(document_id, order)

    def _join(self, first: int, report: Facts) -> None:
        document_id = report.report.document_id
        self.clusters[first].add(report)
        self.home[document_id] = first
        for key in self.reports.keys[document_id]:
            met = self.met.setdefault(key, {})
            met[first] = met.get(first, 0) + 1

    def _stays(self, document_id: int) -> bool:
        """Whether a report is certain to stay, since no changed cluster matters to it."""
        report, placing = self.reports.facts[document_id], self.placings[document_id]
        disturbed = self._disturbed
        if len(disturbed) > _FEW or document_id in self._apart:
            return False
        copied = self._copied(report)
        if copied is not None or placing.is_copy:
            return placing.is_copy and placing.best == copied
        is_clear = placing.score >= JOIN and not placing.doubtful
        if placing.best in disturbed or (placing.second in disturbed and not is_clear):
            return False
        # The score that a changed cluster has to reach to matter.
        enough = placing.score - DOUBT if is_clear else placing.rival
        near, far = self._near_and_far(report, self._disturbed_that_meet(document_id))
        mattering = near if enough is not None and enough > MOST_FROM_AFAR else [*near, *far]
        scores = [score for score, _, _ in self._weighed(report, mattering)]
        return not scores or (enough is not None and max(scores) < enough)

    def _disturbed_that_meet(self, document_id: int) -> list[int]:
        clusters_met = [self.met.get(key, {}) for key in self.reports.keys[document_id]]
        return [first for first in self._disturbed if any(first in met for met in clusters_met)]

    def _best_place(self, report: Facts) -> tuple[Placing, int]:
        """Return the placing of a report, and its cluster: its own document for a new one."""
        document_id = report.report.document_id
        copied = self._copied(report)
        if copied is not None:
            point = Point(JOIN + 2 * DOUBT, COPY if report.row is None else OF_ROW)
            return Placing(document_id, (point,), point.value, None, copied), copied
        scored = self._scored(report)
        if not scored:
            return Placing(document_id, (), 0.0, None), document_id
        score, best, points = scored[0]
        rival, second = scored[1][:2] if len(scored) > 1 else (None, None)
        placing = Placing(
            document_id=document_id,
            points=tuple(points),
            score=score,
            rival=rival,
            best=best,
            second=second,
        )
        return placing, best if score >= JOIN else document_id

    def _copied(self, report: Facts) -> int | None:
        """Return the earliest cluster that the report joins as a copy of one of its reports, unless
        it also holds a release on the same form about another event.
        """
        document_id, copy_group = report.report.document_id, report.report.copy_group
        order = self.order[document_id]
        if len(self.reports.by_copy_group[copy_group]) < 2:
            return None
        alike: dict[int, bool] = {}
        for other in self.reports.by_copy_group[copy_group]:
            if self.order[other] < order:
                first = self.home[other]
                is_copy = are_one_event(report, self.reports.facts[other])
                alike[first] = alike.get(first, True) and is_copy
        copies = (first for first, is_copy in alike.items() if is_copy)
        homes: Iterable[int] = sorted(copies, key=self.order.__getitem__)
        if document_id in self._apart:
            homes = (home for home in homes if self.may_join(self._before(home, order), report))
        return next(iter(homes), None)

    # --- scores -----------------------------------------------------------------------------------

    def _scored(self, report: Facts) -> list[tuple[float, int, list[Point]]]:
        """Return (score, cluster, points), the best first, then the older. If one fits well,
        clusters that were in the news long before are left out: they can reach neither its score
        nor the doubt around it.
        """
        near, far = self._near_and_far(report, self._met_by(report))
        scored = self._weighed(report, near)
        best = max((score for score, _, _ in scored), default=0.0)
        if best < JOIN or best - DOUBT <= MOST_FROM_AFAR:
            scored += self._weighed(report, far)
        return sorted(scored, key=lambda one: (-one[0], self.order[one[1]]))

    def _met_by(self, report: Facts) -> list[int]:
        """Return the clusters that share a key with a report and began before it."""
        document_id = report.report.document_id
        order = self.order[document_id]
        met = {first for key in self.reports.keys[document_id] for first in self.met.get(key, ())}
        return [first for first in met if self.order[first] < order]

    def _near_and_far(self, report: Facts, firsts: Iterable[int]) -> tuple[list[int], list[int]]:
        """Split clusters into recent or recalled ones, and others that a deal may follow."""
        if report.day is None:
            return list(firsts), []
        years = {one.parts[0] for one in report.recalled}
        recent = date.fromordinal(max(1, report.day.toordinal() - STEP_DAYS))
        months_ago = date.fromordinal(max(1, report.day.toordinal() - FEW_MONTHS))
        is_deal = report.status in DEAL
        near, far = [], []
        for first in firsts:
            cluster = self.clusters[first]
            last_day = cluster.last_day
            may_be_recalled = any(birth[0] in years for birth in cluster.births)
            if report.named is not None and cluster.named:
                years_named = {report.named.year, None} & cluster.named.keys()
                may_be_recalled |= report.named.year is None or bool(years_named)
            if last_day is None or last_day >= recent or may_be_recalled:
                near.append(first)
            elif not (is_deal and cluster.was_signed and last_day < months_ago):
                far.append(first)
        return near, far

    def _weighed(
        self, report: Facts, firsts: Iterable[int]
    ) -> list[tuple[float, int, list[Point]]]:
        """Return (score, cluster, points) for each of these clusters that the report could join."""
        order = self.order[report.report.document_id]
        scored = []
        for first in firsts:
            cluster = self._before(first, order)
            if not cluster.members or not self.may_join(cluster, report):
                continue
            points = weigh(report, cluster)
            if points:
                scored.append((round(sum(point.value for point in points), 3), first, points))
        return scored

    def _before(self, first: int, order: Order) -> Cluster:
        """Return a cluster with only its reports before this place in the canonical order."""
        cluster = self.clusters[first]
        if not cluster.members or self.order[cluster.members[-1].report.document_id] < order:
            return cluster
        count = self._count_before(cluster, order)
        if (first, count) not in self._prefixes:
            self._prefixes[first, count] = cluster_of(cluster.members[:count])
        return self._prefixes[first, count]

    def _count_before(self, cluster: Cluster, order: Order) -> int:
        def order_of(member: Facts) -> Order:
            return self.order[member.report.document_id]

        return bisect_left(cluster.members, order, key=order_of)


# --- all reports that are known -------------------------------------------------------------------

Order = tuple[date, date, str, int]  # the canonical order; the last value is the document id
Key = tuple[str, ...]


class ReportIndex:
    """Reports by document, blocking key and copy group."""

    def __init__(self) -> None:
        self.facts: dict[int, Facts] = {}
        self.order: dict[int, Order] = {}
        self.keys: dict[int, tuple[Key, ...]] = {}
        self.by_copy_group: dict[str, set[int]] = {}
        self._by_key: dict[Key, list[Order]] = {}

    def add(self, report: Facts) -> Order:
        """Add a report, and return its place in the canonical order."""
        order = canonical(report.report)
        document_id = order[-1]
        self.order[document_id], self.facts[document_id] = order, report
        self.keys[document_id] = keys_of(report)
        for key in self.keys[document_id]:
            insort(self._by_key.setdefault(key, []), order)
        self.by_copy_group.setdefault(report.report.copy_group, set()).add(document_id)
        return order

    def remove(self, document_id: int) -> None:
        report, order = self.facts.pop(document_id), self.order.pop(document_id)
        for key in self.keys.pop(document_id):
            del self._by_key[key][bisect_left(self._by_key[key], order)]
        self.by_copy_group[report.report.copy_group].discard(document_id)

    def between(self, key: Key, order: Order, end: Order | None) -> list[Order]:
        """Return the places of the reports with a key after `order`, up to and including `end`."""
        orders = self._by_key[key]
        last = len(orders) if end is None else bisect_right(orders, end)
        return orders[bisect_right(orders, order) : last]

    def copies_after(self, document_id: int, order: Order) -> Iterator[Order]:
        """Yield the places, after `order`, of all reports with the copy group of this one."""
        for other in self.by_copy_group[self.facts[document_id].report.copy_group]:
            if self.order[other] > order:
                yield self.order[other]


def keys_of(report: Facts) -> tuple[tuple[str, ...], ...]:
    """Return the blocking keys of a report: pairs of codes (runners-up too), or its only code."""
    codes = sorted(report.weights)
    return tuple(combinations(codes, 2)) if len(codes) > 1 else tuple((code,) for code in codes)
