"""Grouping the reports of one agreement into its steps: a status at a date, and who reports it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from crawler.clues import PAPER, VAGUE, read_clues
from crawler.register.grade import LEAST_SURE
from storage.records import DateBasis, Status, Zone
from storage.register.entry import Report, Step
from storage.register.list_rows import row_of

T = TypeVar("T", bound=Hashable)

# Reports of a step appear within weeks of it. The next step with the same status (a second renewal,
# another parliament's vote) comes months later.
STEP_WINDOW = timedelta(days=45)
# Two statuses that reporters give to the same event are one step if they are at most a day apart:
# "to be signed on Friday" and the signature itself are often two or three days apart.
ONE_EVENT_WINDOW = timedelta(days=1)
# A report without a status belongs to the step that was in the news within this time.
COMPANY_WINDOW = timedelta(days=7)
# A text is printed, and dated, within days of what it reports.
_DATELINE = timedelta(days=3)
# A report of an event this long before its publication only recalls a step. It is in the history
# only if nothing else reports this step.
MENTION_AFTER = timedelta(days=180)
_ONE_EVENT = (
    {Status.CONCLUDED, Status.SIGNED},
    {Status.PROPOSED, Status.NEGOTIATING},
    {Status.NEGOTIATING, Status.CONCLUDED},
    {Status.SUSPENDED, Status.TERMINATED},
    {Status.RATIFIED, Status.IN_FORCE},
)
_DEALT = frozenset({Status.CONCLUDED, Status.SIGNED, Status.RATIFIED, Status.IN_FORCE})
_SIGNED = frozenset(
    {Status.SIGNED, Status.RATIFIED, Status.IN_FORCE, Status.RENEWED, Status.SUSPENDED}
)
_DEALS = frozenset({Status.CONCLUDED, Status.SIGNED})
_STOPS = frozenset({Status.SUSPENDED, Status.TERMINATED, Status.REJECTED})
_EARLY = _DEALT | {Status.PROPOSED, Status.NEGOTIATING}
_RANK = {status: rank for rank, status in enumerate(Status)}


def day_of(report: Report) -> date:
    """Return the day of the event, or else of publication, or else the day it was first seen."""
    return report.card.event_date or report.published_on or report.seen_on


def canonical(report: Report) -> tuple[date, date, str, int]:
    """Return the sort key of the canonical order, which does not depend on the order of arrival."""
    return (
        day_of(report),
        report.published_on or report.seen_on,
        report.text_hash,
        report.document_id,
    )


def is_undated(report: Report) -> bool:
    """Whether neither text nor outlet gives a date, so that `day_of` is when it was first seen."""
    return report.card.event_date is None and report.published_on is None


def history_of(reports: Iterable[Report]) -> tuple[tuple[Step, ...], tuple[int, ...]]:
    """Return the steps, earliest first, and the mentions, which only recall a step or what a list
    has.

    A report that makes no steps (see `_makers`) joins the step of its days, or forms one of its
    own. An undated report joins the last step of its status if it states one explicitly, else it is
    a mention. Steps of undated reports alone come before all others: nobody knows their date, and
    the last step is the present state.
    """
    reports = sorted(reports, key=canonical)
    known = {one.card.event_date for one in reports if row_of(one.clues) is not None}
    recalling = [one for one in reports if recalls_one_of(one, known)]
    ordered = [one for one in reports if one not in recalling]
    making = _makers(ordered)
    groups: list[list[Report]] = []
    for report in making:
        _join(groups, report)
    dated = list(groups)
    makers = {report.document_id for report in making}
    for report in ordered:
        if report.document_id not in makers:
            near = _last_like(dated, report) if is_undated(report) else _nearest(dated, report)
            if near is None and _only_recalls(report, dated):
                recalling.append(report)
            elif near is None:
                _join(groups, report)
            else:
                near.append(report)
    mentions = _mentions(groups)
    place = {report.document_id: index for index, report in enumerate(ordered)}
    timely = [[one for one in group if one.document_id not in mentions] for group in groups]
    steps = [_step(group, makers) for group in timely if group]
    steps = _in_talks(sorted(steps, key=lambda step: _order(step, ordered, place)))
    mentioned = [one.document_id for one in recalling]
    return tuple(steps), (*sorted(mentions, key=place.__getitem__), *mentioned)


def _in_talks(steps: Sequence[Step]) -> list[Step]:
    """Return the steps, where a proposal that is made during talks is part of these."""
    revised: list[Step] = []
    for step in steps:
        if revised and _goes_on(revised[-1], step):
            step = replace(step, status=Status.NEGOTIATING)
        revised.append(step)
    return revised


def _goes_on(talks: Step, proposal: Step) -> bool:
    if (talks.status, proposal.status) != (Status.NEGOTIATING, Status.PROPOSED):
        return False
    return (
        talks.on is not None and proposal.on is not None and proposal.on - talks.on <= STEP_WINDOW
    )


def recalls_one_of(report: Report, known: Collection[date | None]) -> bool:
    """Whether a report only recalls a signature that a list has: it gives the very day in headline
    or lead, calls it no other agreement, and has no day of its own: "the agreement signed on 13
    February 1992".
    """
    has_own_day = report.card.event_date_basis is DateBasis.TEXT
    if not known or has_own_day or report.card.status not in _DEALT or row_of(report.clues):
        return False
    days = {day.timetuple()[:3] for day in known if day is not None}
    return any(
        day.parts in days and day.zone is not Zone.BODY and not day.other
        for day in read_clues(report.clues).dates
    )


def _makers(ordered: Sequence[Report]) -> list[Report]:
    """Return the reports that make steps: dated ones that state a status explicitly, or all dated
    ones. "A deal" or "talks" in the weeks after a signature are looser words for it, and no
    new step.
    """
    dated = [
        report for report in ordered if report.card.status is not None and not is_undated(report)
    ]
    clear = [report for report in dated if not is_vague(report)] or dated
    signed = [day_of(report) for report in clear if report.card.status in _SIGNED]
    return [
        report
        for report in clear
        if not _falls_back(report, signed) and not _recalls_a_stop(report, clear)
    ]


def _recalls_a_stop(report: Report, reports: Sequence[Report]) -> bool:
    """Whether more texts report a deal than a stop: who signs is asked about the old one."""
    if report.card.status not in _STOPS:
        return False
    near = [one for one in reports if abs(day_of(report) - day_of(one)) <= ONE_EVENT_WINDOW]
    deals = {one.copy_group for one in near if one.card.status in _DEALS}
    return len(deals) > len({one.copy_group for one in near if one.card.status in _STOPS})


def _falls_back(report: Report, signed: Iterable[date]) -> bool:
    status, day = report.card.status, day_of(report)
    if status is Status.CONCLUDED:
        return any(timedelta() < day - other <= STEP_WINDOW for other in signed)
    if status in (Status.PROPOSED, Status.NEGOTIATING):
        return any(timedelta() < day - other <= COMPANY_WINDOW for other in signed)
    return False


def is_vague(report: Report) -> bool:
    """Whether the text only implies the status of its card."""
    return VAGUE in report.clues


def is_sure(report: Report) -> bool:
    """Whether a report is as sure as an entry must be that rests on it alone."""
    return report.probability is None or report.probability >= LEAST_SURE


def sure_ones(reports: Sequence[Report]) -> Sequence[Report]:
    return [report for report in reports if is_sure(report)] or reports


def last_sure(steps: Sequence[Step], reports: Sequence[Report], naming: Set[int]) -> Step | None:
    """Return the last step that a sure report or two texts report, else the last one. A step that
    one outlet reports and the judge doubts is not the present state: fewer than one in three is
    true (see LEAST_SURE), unless its report is among those `naming` this very agreement by date or
    paper. One text that only implies it, as an opinion does, ends no agreement, and talks about
    what is signed undo nothing.
    """
    by_number = {report.document_id: report for report in reports}

    def is_doubtful(step: Step) -> bool:
        own = [by_number[number] for number in step.document_ids]
        is_named = not naming.isdisjoint(step.document_ids)
        is_one_text = len({report.copy_group for report in own}) == 1
        if step.status in _STOPS:
            own = [report for report in own if not is_vague(report)]
        return is_one_text and not is_named and not any(map(is_sure, own))

    sure = [step for step in steps if not is_doubtful(step)] or steps
    lasting = [step for step in sure if step.status is not Status.NEGOTIATING]
    is_signed = any(step.status in _SIGNED for step in lasting)
    return next(reversed(lasting if is_signed else sure), None)


def dated_first(reports: Iterable[Report]) -> list[Report]:
    """Return the reports in canonical order, but undated ones last."""
    return sorted(reports, key=lambda report: (is_undated(report), canonical(report)))


def fits_step(status: Status | None, step: Step) -> bool:
    """Whether a report with this status reports the step, and not another of the same days."""
    return step.status is None or status is step.status or {status, step.status} in _ONE_EVENT


def vote(reports: Iterable[Report], value: Callable[[Report], T | None]) -> T | None:
    """Return the value that most texts give, each as much as it is probable, or of several the one
    that was reported first.
    """
    by_copy_group: dict[str, tuple[T, float]] = {}
    for report in sorted(reports, key=canonical):
        stated = value(report)
        if stated is not None:
            weight = 1.0 if report.probability is None else report.probability
            # Smaller differences of the probability say nothing about who is right.
            by_copy_group.setdefault(report.copy_group, (stated, round(weight, 1)))
    weights: dict[T, float] = {}
    for stated, weight in by_copy_group.values():
        weights[stated] = weights.get(stated, 0.0) + weight
    return max(weights, key=lambda one: weights[one], default=None)


def _join(groups: list[list[Report]], report: Report) -> None:
    """Append a report to the nearest group that may be of the same step, or begin a new group."""
    fitting = [group for group in groups if _same_step(group, report)]
    if not fitting:
        groups.append([report])
        return
    day, status = day_of(report), report.card.status

    def distance(group: list[Report]) -> tuple[timedelta, bool]:
        return abs(day - day_of(group[-1])), group[0].card.status is not status

    min(fitting, key=distance).append(report)


def _same_step(group: Sequence[Report], report: Report) -> bool:
    if is_undated(group[0]) is not is_undated(report):
        return False
    gap = abs(day_of(report) - day_of(group[-1]))
    if gap == timedelta():
        return True  # reports of one day report one event, whatever each reporter calls it
    if any(_are_apart(member, report) for member in group):
        return False
    statuses = {member.card.status for member in group}
    if report.card.status in statuses:
        has_own_day = _dates_its_step(report) and any(map(_dates_its_step, group))
        return gap <= (COMPANY_WINDOW if has_own_day else STEP_WINDOW)
    is_alike = any({report.card.status, status} in _ONE_EVENT for status in statuses)
    return gap <= ONE_EVENT_WINDOW and is_alike


def _dates_its_step(report: Report) -> bool:
    """Whether a second reader, who has read the whole text, gives the day of what it reports."""
    is_stated = report.card.event_date_basis is DateBasis.TEXT
    return is_stated and read_clues(report.clues).named is not None


def _are_apart(report: Report, other: Report) -> bool:
    """Whether one announces what the other, on a later day, reports as done: two steps."""
    return any(
        announcing.card.expected_on is not None
        and announcing.card.status not in _SIGNED
        and done.card.status in _SIGNED
        and day_of(announcing) < day_of(done)
        for announcing, done in ((report, other), (other, report))
    )


def _nearest(groups: Sequence[list[Report]], report: Report) -> list[Report] | None:
    """Return the group that was in the news with a report which makes no step of its own."""
    day = day_of(report)
    window = COMPANY_WINDOW if _says_little(report) else STEP_WINDOW
    distances = [min(abs(day - day_of(other)) for other in group) for group in groups]
    best = min(range(len(groups)), key=distances.__getitem__, default=None)
    return groups[best] if best is not None and distances[best] <= window else None


def _only_recalls(report: Report, groups: Sequence[Sequence[Report]]) -> bool:
    """Whether a report that states no status explicitly came after a step that went as far, or
    nobody knows when: who names what was signed a year ago does not report that it was signed.
    """
    status = report.card.status
    if not _says_little(report):
        return False
    if is_undated(report):
        return bool(groups)
    earlier = [group[0].card.status for group in groups if day_of(group[0]) < day_of(report)]
    if status is None:
        return bool(earlier)
    if status not in _EARLY:
        return False
    least = _RANK[status] + (status not in _DEALT)  # talks go on, signatures do not
    return any(one is not None and _RANK[one] >= least for one in earlier)


def _says_little(report: Report) -> bool:
    return report.card.status is None or is_vague(report)


def _last_like(groups: Sequence[list[Report]], report: Report) -> list[Report] | None:
    """Return the last group of the status that a report states explicitly."""
    status = report.card.status
    for group in reversed(() if _says_little(report) else groups):
        statuses = {one.card.status for one in group}
        if status in statuses or any({one, status} in _ONE_EVENT for one in statuses):
            return group
    return None


def _mentions(groups: Iterable[Sequence[Report]]) -> set[int]:
    """Return the documents that recall a step long after it, if others reported it in time."""
    mentions: set[int] = set()
    for group in groups:
        late = {report.document_id for report in group if _is_late(report)}
        if len(late) < len(group):
            mentions |= late
    return mentions


def _is_late(report: Report) -> bool:
    """Whether a report came long after its event; a text is printed months later, too."""
    if PAPER in report.clues:
        return False
    event, published = report.card.event_date, report.published_on
    return event is not None and published is not None and published - event > MENTION_AFTER


def _step(group: Sequence[Report], makers: Set[int]) -> Step:
    """Return the step of a group of reports; `makers` are the documents that make steps."""
    ordered = sorted(group, key=canonical)
    by_date = dated_first(ordered)
    dated = [report for report in by_date if not is_undated(report)]
    clear = [report for report in dated if not is_vague(report)]
    making = [report for report in clear if report.document_id in makers]
    alike = [one for one in clear if one in making or any(_same_event(one, it) for it in making)]
    deciding = sure_ones(alike or clear or dated or by_date)
    # Without what only announces what others report as done.
    done = [day_of(one) for one in deciding if one.card.status in _SIGNED]
    reported = [one for one in deciding if not any(_announces(one, day) for day in done)]
    status = vote(reported or deciding, lambda report: report.card.status)
    with_status = [report for report in by_date if report.card.status is status]
    on = _day_of_step(with_status)

    def shows_less(report: Report) -> tuple[bool, bool]:
        is_of_another_day = on is not None and abs(day_of(report) - on) > ONE_EVENT_WINDOW
        return is_vague(report), is_of_another_day

    quoted = sorted(with_status, key=shows_less)
    quote = next((report.quote for report in quoted if report.quote), "")
    expected_on = vote(with_status, lambda report: report.card.expected_on)
    return Step(status, on, quote, tuple(report.document_id for report in ordered), expected_on)


def _same_event(report: Report, other: Report) -> bool:
    """Whether reporters may give these two statuses to one event, which they report within days."""
    is_near = abs(day_of(report) - day_of(other)) <= _DATELINE
    return is_near and {report.card.status, other.card.status} in _ONE_EVENT


def _announces(report: Report, day: date) -> bool:
    """Whether a report announces what happened on a day: "will be signed on Thursday"."""
    expected_on = report.card.expected_on
    return expected_on is not None and report.card.status not in _SIGNED and expected_on <= day


def _day_of_step(with_status: Sequence[Report]) -> date | None:
    """Return the day that most reports state, or else of publication. Nobody reports what has not
    happened yet: the day after the first report is that of a dateline.
    """
    printed = [one.published_on for one in with_status if one.published_on is not None]
    first = min(printed, default=date.max)

    def stated(report: Report) -> date | None:
        day = report.card.event_date if report.card.event_date_basis is DateBasis.TEXT else None
        is_dateline = day is not None and timedelta() < day - first <= _DATELINE
        return None if is_dateline else day

    clear = [report for report in with_status if not is_vague(report)]
    on = vote(clear, stated)
    if on is None and len(clear) < len(with_status):
        on = vote(with_status, stated)
    return on or vote(with_status, lambda report: report.card.event_date)


def _order(
    step: Step, reports: Sequence[Report], place: Mapping[int, int]
) -> tuple[bool, date, int, int]:
    own = dated_first(reports[place[document_id]] for document_id in step.document_ids)
    rank = -1 if step.status is None else _RANK[step.status]
    return not is_undated(own[0]), step.on or day_of(own[0]), rank, place[own[0].document_id]
