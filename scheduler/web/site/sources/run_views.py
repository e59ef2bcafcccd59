"""Runs as the page shows them: pure functions over stored runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.crawl_process import QUIET_S
from scheduler.web.site.moments import ago, length, moment
from scheduler.words.labels import Labels
from scheduler.words.lines import line
from storage.sources.runs import Run

# A crawl that says nothing for QUIET_S is ended; some more for a slow disk.
_LIFELESS = timedelta(seconds=1.5 * QUIET_S)
_LONGEST_PROBLEM = 400


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a list shows it. `state` is running, ended, stopped or interrupted."""

    id: int
    started: str
    started_at: datetime
    ago: str
    state: str
    lasted: str
    sources: int
    failed: int
    new: int
    stored: int
    matched: int


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What a run did with one source."""

    id: str
    name: str
    failed: bool
    offered: int
    new: int
    fetched: int
    matched: int
    skipped: Sequence[str]
    problems: Sequence[str]


def run_line(run: Run, state: str, now: datetime, words: Labels) -> RunLine:
    totals: Mapping[str, Any] = run.report.get("totals", {})
    return RunLine(
        id=run.id,
        started=moment(run.started_at, words),
        started_at=run.started_at,
        ago=ago(run.started_at, now, words),
        state=state,
        lasted=length(run.finished_at - run.started_at, words) if run.finished_at else "",
        sources=len(run.report.get("sources", {})),
        failed=len(run.report.get("failed_sources", ())),
        new=totals.get("new", 0),
        stored=totals.get("stored", 0),
        matched=totals.get("relevant", 0),
    )


def state_of(
    run: Run,
    newest: int,
    alive_at: datetime | None,
    now: datetime,
    at_hosts: Collection[int] = (),
) -> str:
    """What became of a run.

    A run that did not end was killed, unless it is the newest one and something was still stored
    (`alive_at`) a short while ago, or it is one of those that stand at hosts. One that crashed, or
    whose crawl alone was killed, was closed.
    """
    if run.fault is not None:
        return "interrupted"
    if run.finished_at is not None:
        return "stopped" if run.report.get("stopped") else "ended"
    if run.id in at_hosts:
        return "running"
    last = max(run.started_at, alive_at or run.started_at)
    return "running" if run.id == newest and now - last < _LIFELESS else "interrupted"


def source_lines(
    run: Run, names: Mapping[str, str], words: Labels, told: Callable[[str, str], str]
) -> list[SourceLine]:
    """What the run did with each source: first those that failed, then those with most news.

    `told` makes of the id of a source and one of its problems what the reader may see of that.
    """
    reports: Mapping[str, Mapping[str, Any]] = run.report.get("sources", {})
    lines = [_source_line(name, reports[name], names, words, told) for name in reports]
    return sorted(lines, key=lambda one: (not one.failed, -one.matched, -one.new, one.id))


def _source_line(
    name: str,
    report: Mapping[str, Any],
    names: Mapping[str, str],
    words: Labels,
    told: Callable[[str, str], str],
) -> SourceLine:
    skipped: Mapping[str, int] = report.get("skipped", {})
    return SourceLine(
        id=name,
        name=names.get(name) or name,
        failed=bool(report.get("failed")),
        offered=report.get("offered", 0),
        new=report.get("new", 0),
        fetched=report.get("fetched", 0),
        matched=report.get("relevant", 0),
        skipped=[f"{why.replace('_', ' ')}: {words.number(n)}" for why, n in skipped.items()],
        problems=[
            line(told(name, str(one)), _LONGEST_PROBLEM) for one in report.get("problems", ())
        ],
    )
