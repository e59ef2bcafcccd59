"""What speaks for and against a report belonging to an agreement, in points; each with its reason.

The points are few and coarse on purpose: they were set on labelled articles of two sets, then left alone. Zero is
"says nothing"; JOIN is what an ordinary next step with the same topics reaches without any date that is recalled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from crawler.register.linkage.facts import BEFORE_DEAL, DEAL, SPECIFIC, Facts, Recalled
from crawler.register.linkage.timing import (
    FEW_MONTHS,
    NEVER_AGAIN,
    SAME_DAYS,
    STEP_DAYS,
    Days,
    Moment,
    Point,
    is_long_after,
    moment,
    time_point,
)
from storage.records import Instrument, Topic, Zone

JOIN = 1.0
# The most that parties, topics, the kind of paper and time add up to where an agreement was last in the news more than
# STEP_DAYS ago and the report recalls none of its dates: 0.5 + 1.5 + 0.7 + 1.0.
MOST_FROM_AFAR = 3.7
DOUBT = 0.5  # nearer to JOIN, or to the second best, than this: a person should look

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


class Told(Days, Protocol):
    """What evidence reads of an agreement in the making."""

    parties: frozenset[str]  # as most voices say
    weights: dict[str, float]  # these 1, runners-up less
    topics: dict[Topic, float]  # topic -> share of its voices
    instrument: Instrument | None
    was_signed: bool
    births: tuple[Recalled, ...]  # when it came about, as far as known
    numbers: set[int]
    names: set[str]


def weigh(report: Facts, agreement: Told) -> list[Point]:
    """All points; empty where the report cannot belong to it."""
    if report.status in DEAL and is_long_after(report, agreement.last_day, agreement.was_signed):
        return []
    now = moment(report, agreement)
    parties = _parties(report, agreement, now)
    if parties is None:
        return []
    time = time_point(report, now)
    if time.value <= NEVER_AGAIN:
        return []
    points = [parties, time, *_topics(report, agreement), *_instrument(report, agreement)]
    points += _recalls(report, agreement, now)
    if now.near is None or now.near <= STEP_DAYS:
        points += _likeness(report, agreement)
    return points


# --- parties ------------------------------------------------------------------------------------

_LEAST_OVERLAP = 0.55  # one party, and the other somewhere in the text of at least one side
_LEAST_LIKENESS = 0.6  # a number, or two names


def _parties(report: Facts, agreement: Told, now: Moment) -> Point | None:
    theirs = agreement.parties
    if report.parties == theirs:
        return Point(0.5, "same parties")
    common = len(report.parties & theirs)
    if common >= 2:
        undated = 1.0 if report.day is None else 0.0
        return Point(
            -2.0 * (1 - common / len(report.parties | theirs)) - undated, "parties in common"
        )
    if now.near is None or now.near > SAME_DAYS or _overlap(report, agreement) < _LEAST_OVERLAP:
        return None
    alike = sum(point.value for point in _likeness(report, agreement))
    # Of several deals signed at one meeting, each report names the others' parties too.
    return Point(
        -1.0 if alike >= _LEAST_LIKENESS else -2.5, "a party in common, the other a runner-up"
    )


def _overlap(report: Facts, agreement: Told) -> float:
    """How far either side names the other's parties, runners-up in part; 0 to 1."""
    theirs = agreement.parties
    if not theirs or not report.parties:
        return 0.0
    there = sum(agreement.weights.get(code, 0.0) for code in report.parties) / len(report.parties)
    here = sum(report.weights.get(code, 0.0) for code in theirs) / len(theirs)
    return (here + there) / 2


# --- subject and paper --------------------------------------------------------------------------


def _topics(report: Facts, agreement: Told) -> Iterator[Point]:
    if report.topics and agreement.topics:
        both = sum(agreement.topics.get(topic, 0.0) for topic in report.topics)
        share = 2 * both / (len(report.topics) + sum(agreement.topics.values()))
        families = {_FAMILY[topic] for topic in report.topics}
        if share < 0.4 and families & {_FAMILY[topic] for topic in agreement.topics}:
            share = 0.4  # readmission for one reporter is border control for another
        yield Point(
            round(2.5 * (share - 0.4), 2), "topics alike" if share >= 0.4 else "other topics"
        )


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


def _recalls(report: Facts, agreement: Told, now: Moment) -> Iterator[Point]:
    """A new deal recalls another agreement, a later step its own."""
    if not report.recalled or not agreement.births:
        return
    if report.status in DEAL or report.status is None:
        yield from _earlier(report, agreement, now)
        return
    yield _revised(report, agreement) if report.status in BEFORE_DEAL else _own(report, agreement)


def _earlier(report: Facts, agreement: Told, now: Moment) -> Iterator[Point]:
    matching = [
        one
        for one in report.recalled
        if any(agrees(one.parts, birth.parts) for birth in agreement.births)
    ]
    if not matching:
        return
    other = any(one.other or _foreign(one, report) for one in matching)
    if not other and (
        (now.near is not None and now.near <= FEW_MONTHS) or not agreement.was_signed
    ):
        yield Point(
            -0.5, "recalls its days"
        )  # "agreed in March, signed today"; "signed in March, upheld in court today"
    else:
        yield Point(-2.0, "recalls it as an earlier one")


def _foreign(one: Recalled, report: Facts) -> bool:
    return (
        one.kind is not None and report.instrument in SPECIFIC and one.kind is not report.instrument
    )


def _revised(report: Facts, agreement: Told) -> Point:
    """Talks are about a standing agreement if the headline names it; in the body it is one that was there before."""
    matching = [
        one
        for one in report.recalled
        if any(agrees(one.parts, birth.parts) for birth in agreement.births)
    ]
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
    matching = [
        one
        for one in report.recalled
        if any(agrees(one.parts, birth.parts) for birth in agreement.births)
    ]
    own = [one for one in matching if not one.other]
    if own:
        best = max(own, key=lambda one: (one.prominent, _kind(one, agreement)))
        day = "-".join(f"{part:02}" for part in best.parts)
        return Point(
            (2.5 if best.prominent else 1.0) + _kind(best, agreement), f"recalls its date {day}"
        )
    if any(one.prominent for one in matching):
        return Point(
            0.5, "perhaps recalls its date"
        )  # a long lead names its own date beside "another"
    if matching:
        return Point(-3.0, "named as another one")
    if any(
        one.prominent and not one.other and not _is_step(one, report, agreement)
        for one in report.recalled
    ):
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
