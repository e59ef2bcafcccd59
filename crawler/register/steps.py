"""Reports of one agreement -> its steps in order: a status at a date, and who reports it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from storage.records import DateBasis, Report, Status, Step

T = TypeVar("T", bound=Hashable)

# Reports of one step appear within weeks of it; the next step of the same kind (a second renewal, another
# round of talks) comes months later.
STEP_WINDOW = timedelta(days=45)
# A report that names no status tells of the step that was news in these days.
COMPANY_WINDOW = timedelta(days=7)
_RANK = {status: rank for rank, status in enumerate(Status)}


def day_of(report: Report) -> date:
    """The day of what is reported, as far as known: the event, else the publication, else the first sight."""
    return report.card.event_date or report.published_on or report.seen_on


def canonical(report: Report) -> tuple[date, date, str, int]:
    """The order in which reports are looked at: it does not depend on the order of arrival."""
    return day_of(report), report.published_on or report.seen_on, report.text_hash, report.document_id


def steps_of(reports: Iterable[Report]) -> tuple[Step, ...]:
    """The steps, earliest first; each report tells exactly one. Reports that name no status join the step of
    their days, or stand as a step without status."""
    ordered = sorted(reports, key=canonical)
    groups: list[list[Report]] = []
    for report in ordered:
        if report.card.status is not None:
            _join(groups, report, STEP_WINDOW)
    with_status = list(groups)
    for report in ordered:
        if report.card.status is None:
            near = _nearest(with_status, report)
            if near is None:
                _join(groups, report, STEP_WINDOW)
            else:
                near.append(report)
    place = {report.document_id: index for index, report in enumerate(ordered)}
    return tuple(sorted(map(_step, groups), key=lambda step: _order(step, ordered, place)))


def vote(reports: Iterable[Report], value: Callable[[Report], T | None]) -> T | None:
    """The value that most voices give; copies of one text are one voice. At a tie, the one reported first."""
    by_voice: dict[str, T] = {}
    for report in sorted(reports, key=canonical):
        given = value(report)
        if given is not None:
            by_voice.setdefault(report.voice, given)
    counted = Counter(by_voice.values()).most_common(1)
    return counted[0][0] if counted else None


def _join(groups: list[list[Report]], report: Report, window: timedelta) -> None:
    """Append to the last group of the same status, if its last day is within the window; else begin one."""
    for group in reversed(groups):
        if group[0].card.status is report.card.status and day_of(report) - day_of(group[-1]) <= window:
            group.append(report)
            return
    groups.append([report])


def _nearest(groups: Sequence[list[Report]], report: Report) -> list[Report] | None:
    day = day_of(report)
    distances = [min(abs(day - day_of(other)) for other in group) for group in groups]
    best = min(range(len(groups)), key=distances.__getitem__, default=None)
    return groups[best] if best is not None and distances[best] <= COMPANY_WINDOW else None


def _step(group: Sequence[Report]) -> Step:
    ordered = sorted(group, key=canonical)
    status = next((report.card.status for report in ordered if report.card.status is not None), None)
    telling = [report for report in ordered if report.card.status is status]
    on = vote(telling, _stated_date) or vote(telling, lambda report: report.card.event_date)
    quote = next((report.quote for report in telling if report.quote), "")
    return Step(status, on, quote, tuple(report.document_id for report in ordered))


def _stated_date(report: Report) -> date | None:
    return report.card.event_date if report.card.event_date_basis is DateBasis.TEXT else None


def _order(step: Step, reports: Sequence[Report], place: Mapping[int, int]) -> tuple[date, int, int]:
    first = min(place[document_id] for document_id in step.document_ids)
    rank = -1 if step.status is None else _RANK[step.status]
    return step.on or day_of(reports[first]), rank, first
