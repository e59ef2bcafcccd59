"""Second looks: reports that stand alone may belong to a cluster after all.

The first report of an event may be the one whose parties were misread. It then begins a cluster of
its own, and stays alone while the other reports of the event gather elsewhere. So once all reports
have their place, those that are alone are compared again, with all reports of the same days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from crawler.register.linkage.board import Board
from crawler.register.linkage.clusters import Cluster, Placing, cluster_of
from crawler.register.linkage.facts import Facts
from crawler.register.linkage.points import JOIN, weigh
from crawler.register.linkage.timing import SAME_DAYS, SAME_EVENT

Moves = dict[int, tuple[int, Placing]]  # document -> the cluster that it moves to, and why


def second_looks(board: Board) -> Moves:
    """Return the reports that stand alone on the board and belong to another cluster."""
    clusters = board.clusters.values()
    alone = [cluster.members[0] for cluster in clusters if len(cluster.members) == 1]
    moved: Moves = {}
    grown: dict[int, Cluster] = {}
    for report in sorted(alone, key=lambda one: board.order[one.report.document_id]):
        document_id = report.report.document_id
        if document_id in grown:
            continue  # another report has joined it
        found = _second_look(board, report, moved, grown)
        if found is not None:
            moved[document_id] = found
            first = found[0]
            members = grown.get(first, board.clusters[first]).members
            grown[first] = cluster_of([*members, report])
    return moved


def held(board: Board, firsts: Set[int] | None, moved: Moves) -> list[list[Facts]]:
    """Return the reports of each of these clusters after the second looks, in canonical order.

    None asks for all clusters. Clusters without a report are left out.
    """
    late: dict[int, list[Facts]] = {}
    for document_id, (first, _) in moved.items():
        late.setdefault(first, []).append(board.reports.facts[document_id])
    found = []
    for first in board.clusters if firsts is None else firsts & board.clusters.keys():
        own = board.clusters[first].members
        members = [one for one in own if one.report.document_id not in moved]
        members += late.get(first, ())
        if first in late:
            members.sort(key=lambda one: board.order[one.report.document_id])
        if members:
            found.append(members)
    return found


def _second_look(
    board: Board, report: Facts, moved: Moves, grown: Mapping[int, Cluster]
) -> tuple[int, Placing] | None:
    document_id = report.report.document_id
    scored = []
    for first in set(_of_days(board, report, moved)) - {document_id}:
        cluster = grown.get(first, board.clusters[first])
        points = weigh(report, cluster) if board.may_join(cluster, report) else []
        score = round(sum(point.value for point in points), 3)
        if score >= JOIN and any(point.reason in SAME_EVENT for point in points):
            scored.append((-score, board.order[first], points))
    if not scored:
        return None
    below, order, points = min(scored)
    return order[-1], Placing(document_id, tuple(points), -below, None, order[-1])


def _of_days(board: Board, report: Facts, moved: Moves) -> Iterator[int]:
    """Yield the clusters with a report of the same days that share a key with this one."""
    if report.day is None:
        return
    today = report.day.toordinal()
    document_id = report.report.document_id
    for day in range(today - SAME_DAYS, today + SAME_DAYS + 1):
        for other in board.reports.by_day.get(day, ()):
            first = moved[other][0] if other in moved else board.home[other]
            if first != document_id and _shares_key(board, document_id, first, moved):
                yield first


def _shares_key(board: Board, document_id: int, first: int, moved: Moves) -> bool:
    keys = board.reports.keys[document_id]
    if any(first in board.met.get(key, ()) for key in keys):
        return True
    late = (other for other, (home, _) in moved.items() if home == first)
    return any(not set(keys).isdisjoint(board.reports.keys[other]) for other in late)
