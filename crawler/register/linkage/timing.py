"""What dates and statuses say about whether a report belongs to an agreement."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from typing import NamedTuple

from crawler.register.linkage.facts import BEFORE_DEAL, DEAL, Cluster, Facts
from storage.records import Status

SAME_DAYS = 3  # reports of one event may be dated a weekend apart
LATE_DAYS = 10
STEP_DAYS = 45  # a gazette prints it, or an outlet reports it, weeks later
FEW_MONTHS = 120  # from initialling to signature, or from signature to a court's decision
_YEAR = 366
_NEVER = 1_000_000
_ACCEPTED = frozenset({Status.RATIFIED, Status.IN_FORCE})
_RATIFYING = 3 * _YEAR  # ratification rarely takes longer
# A deal is not that of talks last reported before: of labelled agreements none was silent for more
# than 17 months between talks and deal, and a parliament lasts five years at most.
_FORGOTTEN = 5 * _YEAR

# Pairs of statuses that reports give to the same event.
_ONE_EVENT = (
    {Status.CONCLUDED, Status.SIGNED},
    {Status.PROPOSED, Status.NEGOTIATING},
    {Status.SUSPENDED, Status.TERMINATED},
    {Status.RATIFIED, Status.IN_FORCE},
    {Status.SUSPENDED, Status.REJECTED},
)
_ALIKE: dict[tuple[Status | None, Status | None], bool] = {
    (a, b): a is None or b is None or a is b or {a, b} in _ONE_EVENT
    for a in (*Status, None)
    for b in (*Status, None)
}
# So low that no other points can outweigh it.
NEVER_AGAIN = -2.5
# The reasons for the same event, which are valid whichever report comes first.
SAME_EVENT = ("same stage, same days", "same day, another status")
# Who signs two papers within weeks is named in the reports of both.
SECOND_SOON = "a second signature within weeks"
ONE_OCCASION = (*SAME_EVENT, "same stage, some days later")


class Point(NamedTuple):
    """Evidence for (or, below zero, against) belonging together, with its reason."""

    value: float
    reason: str
    day: str = ""  # the date, or the part of one, that it is about


_LOOKS_BACK = Point(0.0, "looks back at it")


class Moment(NamedTuple):
    """How the day of a report relates to the reports of an agreement; distances are in days."""

    near: int | None  # to the nearest of its reports
    event: int  # to the nearest that may be of the same event
    same: bool  # whether that one has the same status
    dealt: int | None  # since its last deal
    statuses: Set[Status | None]  # of all its reports
    ended: bool  # whether it was terminated before


def is_long_after(report: Facts, last_day: date | None, was_signed: bool) -> bool:
    """Whether a report is surely of a later deal: as `time_point`, 100 times as fast."""
    if not was_signed or report.day is None or last_day is None:
        return False
    return (report.day - last_day).days > FEW_MONTHS


def moment(report: Facts, agreement: Cluster) -> Moment:
    """Compare a day with the last of each status, since reports are placed in order."""
    latest = agreement.latest
    if report.day is None:
        statuses = latest.keys() | agreement.undated
        return Moment(None, _NEVER, same=False, dealt=None, statuses=statuses, ended=False)
    own, today = report.status, report.day.toordinal()
    last = max(latest.values(), default=None)
    alike = max((day for status, day in latest.items() if _ALIKE[status, own]), default=None)
    dealt = max((day for status, day in latest.items() if status in DEAL), default=None)
    return Moment(
        near=None if last is None else today - last,
        event=_NEVER if alike is None else today - alike,
        same=alike is not None and latest.get(own) == alike,
        dealt=None if dealt is None else today - dealt,
        statuses=latest.keys(),
        ended=agreement.ended_on is not None and agreement.ended_on < today,
    )


def time_point(
    report: Facts, now: Moment, *, is_recalled: bool = False, looks_back: bool = False
) -> Point:
    """Return the better of two readings: a report of a known step, or of the next one.
    `is_recalled`: it gives a date of the agreement; `looks_back`: it does no more than that.
    """
    if report.day is None and is_recalled and report.status in BEFORE_DEAL:
        return Point(-2.0, "talks after the deal that they recall")
    same = _same_step(report, now)
    following = _next_step(report, now) if not looks_back else _LOOKS_BACK
    return same if same is not None and same.value >= following.value else following


def _same_step(report: Facts, now: Moment) -> Point | None:
    if report.day is None:
        is_same = report.status in now.statuses
        return Point(1.5 if is_same else 1.0, "undated, same status" if is_same else "undated")
    if now.event <= SAME_DAYS:
        return Point(3.0, SAME_EVENT[0])
    if now.near is not None and now.near <= 1:
        return Point(2.0, SAME_EVENT[1])
    # If the text dates a signature, it is not a late report of a signature of another day: of seven
    # pairs of labelled reports none was of one agreement.
    if now.event <= LATE_DAYS and not (
        now.same and report.dates_signature and report.status is Status.SIGNED
    ):
        return Point(1.2, "same stage, some days later")
    if now.event <= STEP_DAYS and now.same and not (report.is_dated and report.status in DEAL):
        return Point(0.5, "same status, some weeks later")
    return None


def _next_step(report: Facts, now: Moment) -> Point:
    if report.day is None or now.near is None:
        return Point(0.0, "without a date")
    if report.status is None:
        return Point(0.5 if now.near <= STEP_DAYS else -0.5, "no status told")
    if report.status in BEFORE_DEAL:
        if now.statuses <= BEFORE_DEAL | {None}:
            return Point(1.0 if now.near <= _YEAR else 0.0, "talks go on")
        if now.near <= SAME_DAYS:
            return Point(1.0, "talks on the eve")
        if now.near <= LATE_DAYS:
            return Point(0.0, "talks of what was signed")
        return Point(-1.5, "new talks after a deal")
    if report.status in DEAL:
        return _dealt(report, now, now.near)
    return _lived_on(report.status, now, now.near)


def _dealt(report: Facts, now: Moment, gap: int) -> Point:
    status = report.status
    if now.statuses <= BEFORE_DEAL | {None}:
        if gap > _FORGOTTEN:
            return Point(NEVER_AGAIN, "a deal after talks")
        within_a_year = 1.0 if gap <= _YEAR else 0.3
        return Point(within_a_year if gap <= 2 * _YEAR else -1.0, "a deal after talks")
    if now.statuses <= BEFORE_DEAL | {None, Status.CONCLUDED}:
        if status is Status.SIGNED:
            within_months = 1.0 if gap <= FEW_MONTHS else -1.5
            return Point(within_months if gap <= _YEAR else -1.0, "signed after it was agreed")
        return Point(-0.5 if gap <= _YEAR else NEVER_AGAIN, "agreed a second time")
    soon = (gap if now.dealt is None else now.dealt) <= FEW_MONTHS
    if status is Status.CONCLUDED and gap <= STEP_DAYS:
        return Point(0.0, "a looser word for the signature")
    if status is Status.CONCLUDED:
        return Point(-1.5 if soon else NEVER_AGAIN, "agreed after a signature")
    if gap <= STEP_DAYS and report.dates_signature:
        return Point(-1.5, SECOND_SOON)
    return Point(0.0 if soon else NEVER_AGAIN, "a second signature")


def _lived_on(status: Status, now: Moment, gap: int) -> Point:
    if now.ended:
        return Point(-1.5, "after its end")
    if status in _ACCEPTED and not now.statuses.isdisjoint(_ACCEPTED) and gap > _RATIFYING:
        return Point(-1.5, "ratified a second time")
    if now.dealt is None:
        return Point(0.5, "a later stage")
    if status is Status.REJECTED and now.dealt > LATE_DAYS:
        # Who says that there is no deal, or refuses one, speaks of another one than was made.
        return Point(-2.4, "refused after a deal")
    if status in _ACCEPTED:
        return Point(1.0 if now.dealt <= _RATIFYING else -0.5, "a stage after signature")
    years = now.dealt / _YEAR  # if two agreements may be meant, it is rather the newer one
    return Point(round(1.0 - min(0.5, 0.1 * max(0.0, years)), 2), "a later stage")
