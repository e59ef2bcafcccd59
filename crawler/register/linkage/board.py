"""Reports -> clusters, one an agreement: each report, in canonical order, joins the likeliest one, or begins one.

What a report scores against a cluster depends on these two alone: on the report, and on the reports of the cluster that
come before it. So when reports come or go, only what comes after them has to be looked at again, and of that only what
could meet a cluster that is another one than before. The outcome is that of placing all reports anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from datetime import date
from heapq import heappop, heappush

from crawler.register.linkage.clusters import COPY, Cluster, Placing, cluster_of, keys_of
from crawler.register.linkage.copies import tell_one_event, tell_two_events
from crawler.register.linkage.facts import DEAL, Facts
from crawler.register.linkage.points import DOUBT, JOIN, MOST_FROM_AFAR, weigh
from crawler.register.linkage.timing import FEW_MONTHS, SAME_DAYS, SAME_EVENT, STEP_DAYS, Point
from crawler.register.steps import canonical

Order = tuple[date, date, str, int]  # the last one is the document
Key = tuple[str, ...]
# With more clusters than these that are others than before, to place a report anew is no dearer than to ask whether
# one of them matters to it.
_FEW = 12


class Board:
    """Clusters by their first document. `place` brings them up to date; `second_looks` says what moves in the end."""

    def __init__(self) -> None:
        self.clusters: dict[int, Cluster] = {}
        self.placings: dict[int, Placing] = {}
        self.order: dict[int, Order] = {}
        self._facts: dict[int, Facts] = {}
        self._keys: dict[int, tuple[Key, ...]] = {}
        self._home: dict[int, int] = {}  # document -> first document of its cluster
        self._by_key: dict[Key, list[Order]] = {}
        self._met: dict[
            Key, dict[int, int]
        ] = {}  # key -> clusters, and how many of their reports have it
        self._by_voice: dict[str, set[int]] = {}
        self._by_day: dict[int, set[int]] = {}
        self._apart: Mapping[int, Collection[int]] = {}
        self._waiting: list[Order] = []
        self._seen: set[int] = set()
        self._opened: dict[Key, Order] = {}  # key -> from where on all that has it waits
        self._prefixes: dict[tuple[int, int], Cluster] = {}
        self._disturbed: set[int] = set()  # clusters that are others than before
        self._told: set[int] = set()  # clusters of which a placing is another one

    def place(
        self,
        gone: Iterable[int],
        came: Iterable[Facts],
        apart: Mapping[int, Collection[int]] | None = None,
    ) -> set[int]:
        """Take reports out and put others in; a report that is known is taken out first. `apart`: those that curators
        keep apart from a report. Gives the clusters that changed, those that ended among them."""
        self._disturbed, self._told, self._seen = set(), set(), set()
        self._opened, self._prefixes = {}, {}
        self._apart = apart or {}
        for document_id in gone:
            self._take_out(document_id)
        for report in came:
            self._take_out(report.report.document_id)
            self._put_in(report)
        while self._waiting:
            self._visit(heappop(self._waiting))
        for first in self._disturbed:
            if not self.clusters[first].members:
                del self.clusters[first]
        return self._disturbed | self._told

    # --- in and out -------------------------------------------------------------------------------

    def _put_in(self, report: Facts) -> None:
        order = canonical(report.report)
        document_id = order[-1]
        self.order[document_id], self._facts[document_id] = order, report
        self._keys[document_id] = keys_of(report)
        for key in self._keys[document_id]:
            insort(self._by_key.setdefault(key, []), order)
        self._by_voice.setdefault(report.report.voice, set()).add(document_id)
        if report.day is not None:
            self._by_day.setdefault(report.day.toordinal(), set()).add(document_id)
        self._wait(order)

    def _take_out(self, document_id: int) -> None:
        if document_id not in self._facts:
            return
        report, order = self._facts[document_id], self.order[document_id]
        if document_id in self._home:
            self._disturb(self._home[document_id], order)
        self._leave(document_id)
        self._wake_copies(document_id, order)
        for key in self._keys.pop(document_id):
            del self._by_key[key][bisect_left(self._by_key[key], order)]
        self._by_voice[report.report.voice].discard(document_id)
        if report.day is not None:
            self._by_day[report.day.toordinal()].discard(document_id)
        del self._facts[document_id], self.order[document_id]
        self.placings.pop(document_id, None)

    def _wait(self, order: Order) -> None:
        if order[-1] not in self._seen:
            self._seen.add(order[-1])
            heappush(self._waiting, order)

    def _disturb(self, first: int, order: Order) -> None:
        """From here on the cluster may be another one: its later reports, and what could meet it, wait to be placed."""
        cluster = self.clusters[first]
        earlier = self._count_before(cluster, order)
        later = cluster.members[earlier:]
        if first not in self._disturbed or later:
            self._disturbed.add(first)
            for member in cluster.members:
                self._open(self._keys[member.report.document_id], order)
                self._wake_copies(member.report.document_id, order)
        if later:
            for member in later:
                document_id = member.report.document_id
                self._leave(document_id)
                if self.order[document_id] > order:
                    self._wait(self.order[document_id])
            self.clusters[first] = cluster_of(cluster.members[:earlier])

    def _open(self, keys: Iterable[Key], order: Order) -> None:
        """Whatever has one of these keys and comes later waits to be looked at."""
        for key in keys:
            opened = self._opened.get(key)
            if opened is None or order < opened:
                self._opened[key] = order
                orders = self._by_key[key]
                end = len(orders) if opened is None else bisect_right(orders, opened)
                for other in orders[bisect_right(orders, order) : end]:
                    self._wait(other)

    def _wake_copies(self, document_id: int, order: Order) -> None:
        for other in self._by_voice[self._facts[document_id].report.voice]:
            if self.order[other] > order:
                self._wait(self.order[other])

    def _leave(self, document_id: int) -> None:
        first = self._home.pop(document_id, None)
        if first is None:
            return
        for key in self._keys[document_id]:
            met = self._met[key]
            met[first] -= 1
            if not met[first]:
                del met[first]

    # --- placing ----------------------------------------------------------------------------------

    def _visit(self, order: Order) -> None:
        document_id = order[-1]
        if document_id not in self._facts or (
            document_id in self._home and self._stays(document_id)
        ):
            return
        report = self._facts[document_id]
        placing, target = self._best_place(report)
        home = self._home.get(document_id)
        if placing != self.placings.get(document_id):
            self.placings[document_id] = placing
            self._told.add(target)
        if home == target:
            return
        if home is not None:
            self._disturb(home, order)
        if target == document_id:
            self.clusters[target] = Cluster()
        self._disturb(target, order)
        self.clusters[target].add(report)
        self._home[document_id] = target
        for key in self._keys[document_id]:
            met = self._met.setdefault(key, {})
            met[target] = met.get(target, 0) + 1
        self._open(self._keys[document_id], order)
        self._wake_copies(document_id, order)

    def _stays(self, document_id: int) -> bool:
        """Whether none of the clusters that are others than before matters to a report."""
        report, placing = self._facts[document_id], self.placings[document_id]
        disturbed = self._disturbed
        if len(disturbed) > _FEW or document_id in self._apart:
            return False
        copied = self._copied(report)
        if copied is not None or placing.is_copy:
            return placing.is_copy and placing.best == copied
        is_clear = placing.score >= JOIN and not placing.doubtful
        if placing.best in disturbed or (placing.second in disturbed and not is_clear):
            return False
        enough = placing.score - DOUBT if is_clear else placing.rival
        met = [
            first
            for first in disturbed
            if any(first in self._met.get(key, ()) for key in self._keys[document_id])
        ]
        near, far = self._near_and_far(report, met)
        mattering = near if enough is not None and enough > MOST_FROM_AFAR else [*near, *far]
        scores = [score for score, _, _ in self._weighed(report, mattering)]
        return not scores or (enough is not None and max(scores) < enough)

    def _best_place(self, report: Facts) -> tuple[Placing, int]:
        """The placing, and the cluster: its own document where it begins one."""
        document_id = report.report.document_id
        copy = self._copied(report)
        if copy is not None:
            point = Point(JOIN + 2 * DOUBT, COPY)
            return Placing(document_id, (point,), point.value, None, copy), copy
        scored = self._scored(report)
        if not scored:
            return Placing(document_id, (), 0.0, None), document_id
        score, best, points = scored[0]
        rival, second = scored[1][:2] if len(scored) > 1 else (None, None)
        placing = Placing(document_id, tuple(points), score, rival, best, second)
        return placing, best if score >= JOIN else document_id

    def _copied(self, report: Facts) -> int | None:
        """The earliest cluster with a copy of the report, and with nothing on the same form about another event."""
        document_id = report.report.document_id
        order = self.order[document_id]
        if len(self._by_voice[report.report.voice]) < 2:
            return None
        alike: dict[int, bool] = {}
        for other in self._by_voice[report.report.voice]:
            if self.order[other] < order:
                first = self._home[other]
                alike[first] = alike.get(first, True) and tell_one_event(report, self._facts[other])
        homes = sorted(
            (first for first, is_copy in alike.items() if is_copy), key=self.order.__getitem__
        )
        if document_id not in self._apart:
            return next(iter(homes), None)
        return next(
            (first for first in homes if self._free(self._before(first, order), report)), None
        )

    def _scored(self, report: Facts) -> list[tuple[float, int, list[Point]]]:
        """Score, cluster, points: the best first; at a tie the one that began first.

        Where one fits well, those that were in the news long before and whose date is not recalled are left out: they
        reach neither its score nor the doubt around it.
        """
        near, far = self._near_and_far(report, self._met_by(report))
        scored = self._weighed(report, near)
        best = max((score for score, _, _ in scored), default=0.0)
        if best < JOIN or best - DOUBT <= MOST_FROM_AFAR:
            scored += self._weighed(report, far)
        return sorted(scored, key=lambda one: (-one[0], self.order[one[1]]))

    def _met_by(self, report: Facts) -> list[int]:
        """Clusters that share a key with it and began before."""
        document_id = report.report.document_id
        order = self.order[document_id]
        met = {first for key in self._keys[document_id] for first in self._met.get(key, ())}
        return [first for first in met if self.order[first] < order]

    def _near_and_far(self, report: Facts, firsts: Iterable[int]) -> tuple[list[int], list[int]]:
        """Recent clusters and those that it may recall; the others, without those that a deal is too late for."""
        if report.day is None:
            return list(firsts), []
        years = {one.parts[0] for one in report.recalled}
        recent = date.fromordinal(max(1, report.day.toordinal() - STEP_DAYS))
        months_ago = date.fromordinal(max(1, report.day.toordinal() - FEW_MONTHS))
        is_deal = report.status in DEAL
        near, far = [], []
        for first in firsts:
            cluster = self.clusters[first]
            if (
                cluster.last_day is None
                or cluster.last_day >= recent
                or not years.isdisjoint(cluster.birth_years)
            ):
                near.append(first)
            elif not (is_deal and cluster.was_signed and cluster.last_day < months_ago):
                far.append(first)
        return near, far

    def _weighed(
        self, report: Facts, firsts: Iterable[int]
    ) -> list[tuple[float, int, list[Point]]]:
        document_id = report.report.document_id
        order = self.order[document_id]
        scored = []
        for first in firsts:
            cluster = self._before(first, order)
            points = (
                weigh(report, cluster) if cluster.members and self._free(cluster, report) else []
            )
            if points:
                scored.append((round(sum(point.value for point in points), 3), first, points))
        return scored

    def _before(self, first: int, order: Order) -> Cluster:
        """The cluster as it was when the report of this place in the order came."""
        cluster = self.clusters[first]
        if not cluster.members or self.order[cluster.members[-1].report.document_id] < order:
            return cluster
        count = self._count_before(cluster, order)
        if (first, count) not in self._prefixes:
            self._prefixes[first, count] = cluster_of(cluster.members[:count])
        return self._prefixes[first, count]

    def _count_before(self, cluster: Cluster, order: Order) -> int:
        return bisect_left(
            cluster.members, order, key=lambda member: self.order[member.report.document_id]
        )

    def _free(self, cluster: Cluster, report: Facts) -> bool:
        """Whether the report may join: no curator keeps it apart from one of the cluster's, and none of these is a
        release on the same form about another event."""
        apart = self._apart.get(report.report.document_id)
        if apart and any(member.report.document_id in apart for member in cluster.members):
            return False
        voice = report.report.voice
        if len(self._by_voice[voice]) < 2:
            return True
        return not any(
            member.report.voice == voice and tell_two_events(report, member)
            for member in cluster.members
        )

    # --- second looks -----------------------------------------------------------------------------

    def second_looks(self) -> dict[int, tuple[int, Placing]]:
        """Reports that stood alone and belong elsewhere by what others tell of their days: to which cluster, and why.

        The first report of an event may have misread its parties, and stood in nobody's way.
        """
        alone = [
            cluster.members[0] for cluster in self.clusters.values() if len(cluster.members) == 1
        ]
        moved: dict[int, tuple[int, Placing]] = {}
        grown: dict[int, Cluster] = {}
        for report in sorted(alone, key=lambda one: self.order[one.report.document_id]):
            document_id = report.report.document_id
            if document_id in grown:
                continue  # another one joined it
            found = self._second_look(report, moved, grown)
            if found is not None:
                moved[document_id] = found
                first = found[0]
                grown[first] = cluster_of([*grown.get(first, self.clusters[first]).members, report])
        return moved

    def _second_look(
        self, report: Facts, moved: Mapping[int, tuple[int, Placing]], grown: Mapping[int, Cluster]
    ) -> tuple[int, Placing] | None:
        document_id = report.report.document_id
        scored = []
        for first in set(self._of_days(report, moved)) - {document_id}:
            cluster = grown.get(first, self.clusters[first])
            points = weigh(report, cluster) if self._free(cluster, report) else []
            score = round(sum(point.value for point in points), 3)
            if score >= JOIN and any(point.reason in SAME_EVENT for point in points):
                scored.append((-score, self.order[first], points))
        if not scored:
            return None
        below, order, points = min(scored)
        return order[-1], Placing(document_id, tuple(points), -below, None, order[-1])

    def _of_days(self, report: Facts, moved: Mapping[int, tuple[int, Placing]]) -> Iterator[int]:
        """Clusters with a report of the same days that share a key."""
        if report.day is None:
            return
        today = report.day.toordinal()
        document_id = report.report.document_id
        for day in range(today - SAME_DAYS, today + SAME_DAYS + 1):
            for other in self._by_day.get(day, ()):
                first = moved[other][0] if other in moved else self._home[other]
                if first != document_id and self._shares_key(document_id, first, moved):
                    yield first

    def _shares_key(
        self, document_id: int, first: int, moved: Mapping[int, tuple[int, Placing]]
    ) -> bool:
        keys = self._keys[document_id]
        if any(first in self._met.get(key, ()) for key in keys):
            return True
        late = (other for other, (home, _) in moved.items() if home == first)
        return any(not set(keys).isdisjoint(self._keys[other]) for other in late)

    def held(
        self, firsts: Set[int] | None, moved: Mapping[int, tuple[int, Placing]]
    ) -> list[list[Facts]]:
        """The reports of each of these clusters (of all) after the second looks, in canonical order."""
        late: dict[int, list[Facts]] = {}
        for document_id, (first, _) in moved.items():
            late.setdefault(first, []).append(self._facts[document_id])
        held = []
        for first in self.clusters if firsts is None else firsts & self.clusters.keys():
            own = [
                one for one in self.clusters[first].members if one.report.document_id not in moved
            ]
            members = [*own, *late.get(first, ())]
            if first in late:
                members.sort(key=lambda one: self.order[one.report.document_id])
            if members:
                held.append(members)
        return held
