"""The placing of reports straight from its definition in docs/register.md, without a shortcut, to
compare `board` with.

What evidence weighs, and what a cluster knows of its members, is taken from the register itself;
who meets whom, in which order, who wins, copies and decisions are written anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from crawler.register.linkage.board import keys_of
from crawler.register.linkage.facts import (
    Facts,
    are_one_event,
    are_two_events,
    cluster_of,
    facts_of,
)
from crawler.register.linkage.points import JOIN, weigh
from crawler.register.steps import canonical
from storage.register.entry import Report

Group = list[Facts]
Apart = Mapping[int, Collection[int]]


def placed(reports: Sequence[Report], apart: Apart | None = None) -> list[list[int]]:
    """The documents of each agreement."""
    apart = apart or {}
    groups: list[Group] = []
    for report in sorted(map(facts_of, reports), key=_order):
        home = _copied(report, groups, apart) or _likeliest(report, groups, apart)
        if home is None:
            groups.append([report])
        else:
            home.append(report)
    return sorted(sorted(_number(facts) for facts in group) for group in groups if group)


def _copied(report: Facts, groups: Sequence[Group], apart: Apart) -> Group | None:
    for group in groups:
        alike = [facts for facts in group if facts.report.copy_group == report.report.copy_group]
        if (
            alike
            and all(are_one_event(report, facts) for facts in alike)
            and not _is_kept_apart(report, group, apart)
        ):
            return group
    return None


def _likeliest(report: Facts, groups: Sequence[Group], apart: Apart) -> Group | None:
    best, home = 0.0, None
    for group in groups:  # at a tie the one that began first
        score = (
            round(sum(point.value for point in weigh(report, cluster_of(group))), 3)
            if _meet(report, group) and _free(report, group, apart)
            else 0.0
        )
        if score >= JOIN and score > best:
            best, home = score, group
    return home


def _meet(report: Facts, group: Group) -> bool:
    """Whether it names two parties (or runners-up) of a report there; or the same one, where it
    names no more.
    """
    return any(not set(keys_of(report)).isdisjoint(keys_of(facts)) for facts in group)


def _free(report: Facts, group: Group, apart: Apart) -> bool:
    return not _is_kept_apart(report, group, apart) and not any(
        (facts.report.copy_group == report.report.copy_group and are_two_events(report, facts))
        or _are_two_rows(report, facts)
        for facts in group
    )


def _is_kept_apart(report: Facts, group: Group, apart: Apart) -> bool:
    return any(_number(facts) in apart.get(_number(report), ()) for facts in group)


def _are_two_rows(one: Facts, other: Facts) -> bool:
    """Whether two reports are different rows of one list."""
    if one.row is None or other.row is None:
        return False
    return one.row.list_id == other.row.list_id and one.row.key != other.row.key


def _order(facts: Facts) -> tuple[object, ...]:
    return canonical(facts.report)


def _number(facts: Facts) -> int:
    return facts.report.document_id
