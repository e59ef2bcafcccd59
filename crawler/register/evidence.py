"""What speaks for and against a report belonging to an agreement, in points; each with its reason.

The points are few and coarse on purpose: they were set on labelled articles of two sets, then left alone. Zero is
"says nothing"; JOIN is what an ordinary next step with the same topics reaches without any date that is recalled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple, Protocol

from crawler.register.facts import BEFORE_DEAL, DEAL, SPECIFIC, Facts, Recalled
from storage.records import Instrument, Status, Topic, Zone

JOIN = 1.0
DOUBT = 0.5  # nearer to JOIN, or to the second best, than this: a person should look

SAME_DAYS = 3  # reports date one event up to a weekend apart
LATE_DAYS = 10
STEP_DAYS = 45  # a gazette prints, or an outlet tells, weeks later
_FEW_MONTHS = 120  # from initials to signature; a court's word on a fresh signature
_YEAR = 366
_NEVER = 1_000_000
_RATIFYING = 3 * _YEAR  # parliaments rarely take longer

_FAMILY = {
    Topic.READMISSION: "control",
    Topic.BORDER: "control",
    Topic.TRAFFICKING: "control",
    Topic.LABOUR: "mobility",
    Topic.VISA: "mobility",
    Topic.ASYLUM: "protection",
    Topic.DEVELOPMENT: "development",
}
# Papers that reporters call by either name.
_ALIKE = (
    {Instrument.MEMORANDUM, Instrument.PARTNERSHIP},
    {Instrument.MEMORANDUM, Instrument.ARRANGEMENT},
    {Instrument.MEMORANDUM, Instrument.PROTOCOL},
    {Instrument.DECLARATION, Instrument.PARTNERSHIP},
)
# Statuses that reports give to one event.
_ONE_EVENT = (
    {Status.CONCLUDED, Status.SIGNED},
    {Status.PROPOSED, Status.NEGOTIATING},
    {Status.SUSPENDED, Status.TERMINATED},
    {Status.RATIFIED, Status.IN_FORCE},
    {Status.SUSPENDED, Status.REJECTED},
)


# Reasons that say "the same event": they hold whichever report came first.
SAME_EVENT = ("same step, same days", "same day, another status")


class Point(NamedTuple):
    """`value` points for (or, below zero, against), and why."""

    value: float
    reason: str


class Told(Protocol):
    """What evidence reads of an agreement in the making."""

    weights: dict[str, float]  # party -> share of its voices
    topics: dict[Topic, float]  # topic -> share of its voices
    instrument: Instrument | None
    days: dict[tuple[date | None, Status | None], None]  # day and status of each report
    births: tuple[Recalled, ...]  # when it came about, as far as known
    numbers: set[str]
    names: set[str]


def weigh(report: Facts, agreement: Told) -> list[Point]:
    """All points; empty where the report cannot belong to it."""
    parties = _parties(report, agreement)
    if parties is None:
        return []
    near = _nearest(report, agreement)
    points = [parties, *_time(report, agreement), *_topics(report, agreement), *_instrument(report, agreement)]
    points += _recalls(report, agreement)
    if near is None or near <= STEP_DAYS:
        points += _likeness(report, agreement)
    return points


# --- parties ------------------------------------------------------------------------------------

_LEAST_OVERLAP = 0.55  # one party, and the other somewhere in the text of at least one side
_LEAST_LIKENESS = 0.6  # a number, or two names


def _parties(report: Facts, agreement: Told) -> Point | None:
    theirs = frozenset(code for code, share in agreement.weights.items() if share >= 1.0)
    if report.parties == theirs:
        return Point(0.5, "same parties")
    common = len(report.parties & theirs)
    if common >= 2:
        undated = 1.0 if report.day is None else 0.0
        return Point(-2.0 * (1 - common / len(report.parties | theirs)) - undated, "parties in common")
    near = _nearest(report, agreement)
    if near is None or near > SAME_DAYS or _overlap(report, agreement) < _LEAST_OVERLAP:
        return None
    alike = sum(point.value for point in _likeness(report, agreement))
    # Of several deals signed at one meeting, each report names the others' parties too.
    return Point(-1.0 if alike >= _LEAST_LIKENESS else -2.5, "a party in common, the other a runner-up")


def _overlap(report: Facts, agreement: Told) -> float:
    """How far either side names the other's parties, runners-up in part; 0 to 1."""
    theirs = [code for code, share in agreement.weights.items() if share >= 1.0]
    if not theirs or not report.parties:
        return 0.0
    there = sum(agreement.weights.get(code, 0.0) for code in report.parties) / len(report.parties)
    here = sum(report.weights.get(code, 0.0) for code in theirs) / len(theirs)
    return (here + there) / 2


# --- time and status ----------------------------------------------------------------------------


def one_event(a: Status | None, b: Status | None) -> bool:
    """Whether two reports of one event may name these statuses."""
    return a is None or b is None or a is b or {a, b} in _ONE_EVENT


def _nearest(report: Facts, agreement: Told) -> int | None:
    day = report.day
    if day is None:
        return None
    return min((abs((day - other).days) for other, _ in agreement.days if other), default=None)


def _time(report: Facts, agreement: Told) -> Iterator[Point]:
    same = _same_step(report, agreement)
    following = _next_step(report, agreement)
    yield same if same is not None and same.value >= following.value else following


def _same_step(report: Facts, agreement: Told) -> Point | None:
    if report.day is None:
        told = any(status is report.status for _, status in agreement.days)
        return Point(1.5 if told else 1.0, "undated, same status" if told else "undated")
    near = _nearest(report, agreement)
    gaps = [
        (abs((report.day - day).days), status is report.status)
        for day, status in agreement.days
        if day is not None and one_event(status, report.status)
    ]
    gap, same = min(gaps, default=(_NEVER, False))
    if gap <= SAME_DAYS:
        return Point(3.0, SAME_EVENT[0])
    if near is not None and near <= 1:
        return Point(2.0, SAME_EVENT[1])
    if gap <= LATE_DAYS:
        return Point(1.2, "same step, some days later")
    if gap <= STEP_DAYS and same and not (report.is_dated and report.status in DEAL):  # a deal is dated by its day
        return Point(0.5, "same status, some weeks later")
    return None


def _next_step(report: Facts, agreement: Told) -> Point:
    before = [(day, status) for day, status in agreement.days if day is not None]
    if report.day is None or not before:
        return Point(0.0, "without a date")
    gap = (report.day - max(day for day, _ in before)).days
    statuses = {status for _, status in before}
    if report.status is None:
        return Point(0.5 if gap <= STEP_DAYS else -0.5, "no status told")
    if report.status in BEFORE_DEAL:
        return _negotiated(gap, statuses)
    if report.status in DEAL:
        return _dealt(report.status, gap, statuses)
    return _lived_on(report.status, report.day, before)


def _negotiated(gap: int, statuses: set[Status | None]) -> Point:
    if statuses <= BEFORE_DEAL | {None}:
        return Point(1.0 if gap <= _YEAR else 0.0, "talks go on")
    if gap <= SAME_DAYS:
        return Point(1.0, "talks on the eve")
    return Point(-1.5, "new talks after a deal")


def _dealt(status: Status, gap: int, statuses: set[Status | None]) -> Point:
    if statuses <= BEFORE_DEAL | {None}:
        return Point(1.0 if gap <= _YEAR else 0.3 if gap <= 2 * _YEAR else -1.0, "a deal after talks")
    if statuses <= BEFORE_DEAL | {None, Status.CONCLUDED}:
        if status is Status.SIGNED:
            return Point(1.0 if gap <= _YEAR else -1.0, "signed after it was agreed")
        return Point(-0.5 if gap <= _YEAR else -2.5, "agreed a second time")
    if status is Status.CONCLUDED:
        return Point(-1.5 if gap <= _FEW_MONTHS else -2.5, "agreed after a signature")
    return Point(-0.3 if gap <= _FEW_MONTHS else -2.5, "a second signature")


def _lived_on(status: Status, on: date, before: list[tuple[date, Status | None]]) -> Point:
    if any(earlier is Status.TERMINATED and day < on for day, earlier in before):
        return Point(-1.5, "after its end")
    dealt = [day for day, earlier in before if earlier in DEAL]
    if not dealt:
        return Point(0.5, "a later step")
    if status in (Status.RATIFIED, Status.IN_FORCE):
        gap = (on - max(dealt)).days
        return Point(1.0 if gap <= _RATIFYING else -0.5, "a step after signature")
    years = (on - max(dealt)).days / _YEAR  # of two that could be meant, the newer replaced the older
    return Point(round(1.0 - min(0.5, 0.1 * max(0.0, years)), 2), "a later step")


# --- subject and paper --------------------------------------------------------------------------


def _topics(report: Facts, agreement: Told) -> Iterator[Point]:
    if report.topics and agreement.topics:
        both = sum(agreement.topics.get(topic, 0.0) for topic in report.topics)
        share = 2 * both / (len(report.topics) + sum(agreement.topics.values()))
        families = {_FAMILY[topic] for topic in report.topics}
        if share < 0.4 and families & {_FAMILY[topic] for topic in agreement.topics}:
            share = 0.4  # readmission for one reporter is border control for another
        yield Point(round(2.5 * (share - 0.4), 2), "topics alike" if share >= 0.4 else "other topics")


def _instrument(report: Facts, agreement: Told) -> Iterator[Point]:
    here, there = report.instrument, agreement.instrument
    if here in SPECIFIC and there in SPECIFIC:
        if here is there:
            yield Point(0.7, "same kind of paper")
        elif {here, there} not in _ALIKE:
            yield Point(-1.0, "another kind of paper")


def _likeness(report: Facts, agreement: Told) -> Iterator[Point]:
    numbers, names = report.numbers & agreement.numbers, report.names & agreement.names
    if numbers or names:
        yield Point(min(1.5, 0.7 * len(numbers) + 0.3 * len(names)), "same numbers and names")


# --- what the text recalls ----------------------------------------------------------------------


def agrees(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two dates are the same as far as both say."""
    known = min(len(a), len(b))
    return a[:known] == b[:known]


def _recalls(report: Facts, agreement: Told) -> Iterator[Point]:
    """A new deal recalls another agreement, a later step its own."""
    if not report.recalled or not agreement.births:
        return
    if report.status in DEAL or report.status is None:
        yield from _earlier(report, agreement)
        return
    yield _revised(report, agreement) if report.status in BEFORE_DEAL else _own(report, agreement)


def _earlier(report: Facts, agreement: Told) -> Iterator[Point]:
    matching = [one for one in report.recalled if any(agrees(one.parts, birth.parts) for birth in agreement.births)]
    if not matching:
        return
    other = any(one.other or _foreign(one, report) for one in matching)
    if not other and (_is_fresh(report, agreement) or not _was_signed(agreement)):
        yield Point(
            -0.5, "recalls its days"
        )  # "agreed in March, signed today"; "signed in March, upheld in court today"
    else:
        yield Point(-2.0, "recalls it as an earlier one")


def _was_signed(agreement: Told) -> bool:
    return any(status not in BEFORE_DEAL | {None, Status.CONCLUDED} for _, status in agreement.days)


def _is_fresh(report: Facts, agreement: Told) -> bool:
    near = _nearest(report, agreement)
    return near is not None and near <= _FEW_MONTHS


def _foreign(one: Recalled, report: Facts) -> bool:
    return one.kind is not None and report.instrument in SPECIFIC and one.kind is not report.instrument


def _revised(report: Facts, agreement: Told) -> Point:
    """Talks are about a standing agreement if the headline names it; in the body it is one that was there before."""
    matching = [one for one in report.recalled if any(agrees(one.parts, birth.parts) for birth in agreement.births)]
    if any(one.zone is Zone.TITLE for one in matching):
        return Point(2.5, "talks about it")
    if any(one.prominent and not one.other for one in matching):
        return Point(0.5, "perhaps talks about it")
    if matching:
        return Point(-1.5, "recalls it as an earlier one")
    if any(one.zone is Zone.TITLE for one in report.recalled):
        return Point(-1.5, "talks about another one")
    return Point(0.0, "recalls other dates only")


def _own(report: Facts, agreement: Told) -> Point:
    matching = [one for one in report.recalled if any(agrees(one.parts, birth.parts) for birth in agreement.births)]
    own = [one for one in matching if not one.other]
    if own:
        best = max(own, key=lambda one: (one.prominent, _kind(one, agreement)))
        day = "-".join(f"{part:02}" for part in best.parts)
        return Point((2.5 if best.prominent else 1.0) + _kind(best, agreement), f"recalls its date {day}")
    if any(one.prominent for one in matching):
        return Point(0.5, "perhaps recalls its date")  # a long lead names its own date beside "another"
    if matching:
        return Point(-3.0, "named as another one")
    if any(one.prominent and not one.other and not _is_step(one, report, agreement) for one in report.recalled):
        return Point(-1.5, "recalls another date")
    return Point(-0.4, "recalls other dates only")


def _is_step(one: Recalled, report: Facts, agreement: Told) -> bool:
    """Whether a date may be another step of it: of the last months, and after it came about."""
    year, month = one.parts[0], one.parts[1] if len(one.parts) > 1 else 12
    months_ago = (report.day.year - year) * 12 + report.day.month - month if report.day else 0
    return months_ago <= 12 and all(one.parts > birth.parts for birth in agreement.births)


def _kind(one: Recalled, agreement: Told) -> float:
    if one.kind is None or agreement.instrument not in SPECIFIC:
        return 0.0
    return 0.5 if one.kind is agreement.instrument else -0.5
