"""Reports of one agreement -> its steps in order: a status at a date, and who reports it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from storage.records import DateBasis, Status
from storage.register.records import Report, Step

T = TypeVar("T", bound=Hashable)

# Reports of one step appear within weeks of it; the next step of the same kind (a second renewal, another
# parliament's vote) comes months later.
STEP_WINDOW = timedelta(days=45)
# Two statuses that reporters give to one event are one step on the same day, or the day after; "to be signed on Friday"
# and the signature are often two or three days apart.
ONE_EVENT_WINDOW = timedelta(days=1)
# A report that names no status tells of the step that was news in these days.
COMPANY_WINDOW = timedelta(days=7)
# What is dated this long before its publication recalls a step; it stands in the history only if nothing else tells it.
MENTION_AFTER = timedelta(days=180)
_ONE_EVENT = (
    {Status.CONCLUDED, Status.SIGNED},
    {Status.PROPOSED, Status.NEGOTIATING},
    {Status.NEGOTIATING, Status.CONCLUDED},
    {Status.SUSPENDED, Status.TERMINATED},
    {Status.RATIFIED, Status.IN_FORCE},
)
_RANK = {status: rank for rank, status in enumerate(Status)}


def day_of(report: Report) -> date:
    """The day of what is reported, as far as known: the event, else the publication, else the first sight."""
    return report.card.event_date or report.published_on or report.seen_on


def canonical(report: Report) -> tuple[date, date, str, int]:
    """The order in which reports are looked at: it does not depend on the order of arrival."""
    return (
        day_of(report),
        report.published_on or report.seen_on,
        report.text_hash,
        report.document_id,
    )


def is_undated(report: Report) -> bool:
    """Whether neither text nor outlet gives a date: `day_of` is then only when it was first seen."""
    return report.card.event_date is None and report.published_on is None


def history_of(reports: Iterable[Report]) -> tuple[tuple[Step, ...], tuple[int, ...]]:
    """The steps, earliest first, and the documents that only recall one. Each report is in exactly one of them.

    Reports that name no status join the step of their days, or stand as a step without status; undated ones join
    the last step of their status. Steps that only undated reports tell come before all others: nobody knows when they
    were, and the last step is what stands today.
    """
    ordered = sorted(reports, key=canonical)
    groups: list[list[Report]] = []
    for report in ordered:
        if report.card.status is not None and not is_undated(report):
            _join(groups, report)
    dated = list(groups)
    for report in ordered:
        if report.card.status is None or is_undated(report):
            near = _last_like(dated, report) if is_undated(report) else _nearest(dated, report)
            if near is None:
                _join(groups, report)
            else:
                near.append(report)
    mentions = _mentions(groups)
    told = [[report for report in group if report.document_id not in mentions] for group in groups]
    place = {report.document_id: index for index, report in enumerate(ordered)}
    steps = sorted(
        (_step(group) for group in told if group), key=lambda step: _order(step, ordered, place)
    )
    return tuple(steps), tuple(sorted(mentions, key=lambda document_id: place[document_id]))


def dated_first(reports: Iterable[Report]) -> list[Report]:
    """In canonical order, but those without any date last: the day they were seen says nothing of the event."""
    return sorted(reports, key=lambda report: (is_undated(report), canonical(report)))


def says(status: Status | None, step: Step) -> bool:
    """Whether a report of this status says what the step is: others of its days only tell of the same agreement."""
    return step.status is None or status is step.status or {status, step.status} in _ONE_EVENT


def vote(reports: Iterable[Report], value: Callable[[Report], T | None]) -> T | None:
    """The value that most voices give; copies of one text are one voice. At a tie, the one reported first."""
    by_voice: dict[str, T] = {}
    for report in sorted(reports, key=canonical):
        given = value(report)
        if given is not None:
            by_voice.setdefault(report.voice, given)
    counted = Counter(by_voice.values()).most_common(1)
    return counted[0][0] if counted else None


def _join(groups: list[list[Report]], report: Report) -> None:
    """Append to the nearest group in time that may tell of the same step; else begin one."""
    fitting = [group for group in groups if _same_step(group, report)]
    if not fitting:
        groups.append([report])
        return
    day, status = day_of(report), report.card.status
    min(
        fitting, key=lambda group: (day - day_of(group[-1]), group[0].card.status is not status)
    ).append(report)


def _same_step(group: Sequence[Report], report: Report) -> bool:
    if is_undated(group[0]) is not is_undated(report):
        return False
    gap = day_of(report) - day_of(group[-1])
    if gap == timedelta():
        return True  # what is told of one day is one event, whatever each reporter calls it
    statuses = {member.card.status for member in group}
    if report.card.status in statuses:
        return gap <= STEP_WINDOW
    return gap <= ONE_EVENT_WINDOW and any(
        {report.card.status, status} in _ONE_EVENT for status in statuses
    )


def _nearest(groups: Sequence[list[Report]], report: Report) -> list[Report] | None:
    day = day_of(report)
    distances = [min(abs(day - day_of(other)) for other in group) for group in groups]
    best = min(range(len(groups)), key=distances.__getitem__, default=None)
    return groups[best] if best is not None and distances[best] <= COMPANY_WINDOW else None


def _last_like(groups: Sequence[list[Report]], report: Report) -> list[Report] | None:
    status = report.card.status
    alike = [
        group
        for group in groups
        if status is None
        or any(
            one.card.status is status or {one.card.status, status} in _ONE_EVENT for one in group
        )
    ]
    return alike[-1] if alike else None


def _mentions(groups: Iterable[Sequence[Report]]) -> set[int]:
    """Documents that recall a step long after; others told it in its days."""
    found: set[int] = set()
    for group in groups:
        late = {report.document_id for report in group if _recalls(report)}
        if len(late) < len(group):
            found |= late
    return found


def _recalls(report: Report) -> bool:
    event, published = report.card.event_date, report.published_on
    return event is not None and published is not None and published - event > MENTION_AFTER


def _step(group: Sequence[Report]) -> Step:
    ordered = sorted(group, key=canonical)
    by_date = dated_first(ordered)
    dated = [report for report in by_date if not is_undated(report)]
    status = vote(dated or by_date, lambda report: report.card.status)
    telling = [report for report in by_date if report.card.status is status]
    on = vote(telling, _stated_date) or vote(telling, lambda report: report.card.event_date)
    quote = next((report.quote for report in telling if report.quote), "")
    return Step(status, on, quote, tuple(report.document_id for report in ordered))


def _stated_date(report: Report) -> date | None:
    return report.card.event_date if report.card.event_date_basis is DateBasis.TEXT else None


def _order(
    step: Step, reports: Sequence[Report], place: Mapping[int, int]
) -> tuple[bool, date, int, int]:
    own = dated_first(reports[place[document_id]] for document_id in step.document_ids)
    rank = -1 if step.status is None else _RANK[step.status]
    return not is_undated(own[0]), step.on or day_of(own[0]), rank, place[own[0].document_id]
