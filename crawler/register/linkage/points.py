"""The evidence for and against a report belonging to an agreement, as points with reasons.

The points are few and coarse on purpose. They were set on two sets of labelled articles, and then
left alone. Zero means that something says nothing. JOIN is the score of an ordinary next step with
the same topics that recalls no date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from crawler.clues import PaperBeside, RecalledDate
from crawler.register.linkage.facts import BEFORE_DEAL, DEAL, LEAST_SHARE, SPECIFIC, Cluster, Facts
from crawler.register.linkage.timing import (
    LATE_DAYS,
    NEVER_AGAIN,
    ONE_OCCASION,
    SAME_DAYS,
    SECOND_SOON,
    STEP_DAYS,
    Moment,
    Point,
    is_long_after,
    moment,
    time_point,
)
from crawler.register.steps import recalls_one_of
from storage.records import Instrument, Topic, Zone

JOIN = 1.0
# The highest score against an agreement that was last in the news more than STEP_DAYS ago, if the
# report recalls none of its dates: parties 0.5, topics 1.5, kind of document 0.7, time 1.0.
MOST_FROM_AFAR = 3.7
DOUBT = 0.5  # a person should look at scores that are nearer than this to JOIN or to the next best

RECALLS_ITS_DATE = "recalls its date"
SAME_PAPER = "same kind of paper"
NAMED_ALIKE = "named as the same one"
PROMINENT = 2.0  # the least that a headline or lead is worth which recalls it

_ONE_YEAR = 365  # days
_CLEARLY = 0.6  # by how much a paper must fit one side better than the other
_DAY = 3  # parts of a date: year, month and day

_FAMILY = {
    Topic.READMISSION: "control",
    Topic.BORDER: "control",
    Topic.TRAFFICKING: "control",
    Topic.LABOUR: "mobility",
    Topic.VISA: "mobility",
    Topic.ASYLUM: "protection",
    Topic.DEVELOPMENT: "development",
}
# Of two days: who had a memorandum and signs a treaty has two papers.
_TREATY_AND_LESS = (
    {Instrument.TREATY, Instrument.ARRANGEMENT},
    {Instrument.TREATY, Instrument.MEMORANDUM},
    {Instrument.TREATY, Instrument.DECLARATION},
)
# Kinds of document that reporters do not distinguish.
_ALIKE = (
    {Instrument.MEMORANDUM, Instrument.PARTNERSHIP},
    {Instrument.MEMORANDUM, Instrument.ARRANGEMENT},
    {Instrument.MEMORANDUM, Instrument.PROTOCOL},
    {Instrument.DECLARATION, Instrument.PARTNERSHIP},
)
_NEVER_ONE = {Instrument.DECLARATION, Instrument.AGREEMENT}
_DECLARED_ONLY = (_NEVER_ONE, {Instrument.DECLARATION, Instrument.TREATY})


def weigh(report: Facts, agreement: Cluster) -> list[Point]:
    """Return all points, or none if the report cannot belong to the agreement."""
    if report.parties == agreement.parties and recalls_one_of(report.report, agreement.known_on):
        return [Point(MOST_FROM_AFAR + 1, "recalls what a list has")]
    looks_back = report.looks_back and bool(_matching(report, agreement))
    is_late = is_long_after(report, agreement.last_day, agreement.was_signed)
    if report.status in DEAL and is_late and not looks_back:
        return []
    now = moment(report, agreement)
    parties = _parties(report, agreement, now)
    if parties is None:
        return []
    recalled = report.day is None and bool(_matching(report, agreement))
    time = time_point(report, now, is_recalled=recalled, looks_back=looks_back)
    if time.value <= NEVER_AGAIN:
        return []
    points = [parties, time, *_topics(report, agreement, time)]
    points += _instrument(report, agreement, now)
    points += _recalls(report, agreement)
    points += _named(report, agreement, now)
    if time.reason in ONE_OCCASION:
        points += _beside(report, agreement)
    elif _is_kind_beside(report, agreement):
        points.append(Point(-2.0, "of a kind that is named beside it"))
    is_near = now.near is None or now.near <= STEP_DAYS
    if is_near and time.reason != SECOND_SOON:
        points += _likeness(report, agreement)
    return points


# --- parties ------------------------------------------------------------------------------------

_PAIR = 2
_LEAST_OVERLAP = 0.55  # one common party, and the other as a runner-up on at least one side
_LEAST_LIKENESS = 0.6  # a number, or two names


def _parties(report: Facts, agreement: Cluster, now: Moment) -> Point | None:
    theirs = agreement.parties
    if report.parties == theirs:
        return Point(0.5, "same parties")
    common = len(report.parties & theirs)
    if common >= 2:
        if len(report.parties) == _PAIR and any(
            len(vote) == _PAIR and vote != report.parties for vote in agreement.party_votes
        ):
            return None
        undated = 1.0 if report.day is None else 0.0
        differing = 1 - common / len(report.parties | theirs)
        is_same_event = now.event <= SAME_DAYS
        weight = 2.0 if is_same_event else 3.3  # a misread party is likelier than a chance day
        return Point(-weight * differing - undated, "parties in common")
    if now.near is None or now.near > SAME_DAYS or _overlap(report, agreement) < _LEAST_OVERLAP:
        return None
    alike = sum(point.value for point in _likeness(report, agreement))
    # If several deals are signed at one meeting, each report also names the parties of the others.
    value = -1.0 if alike >= _LEAST_LIKENESS else -3.5
    return Point(value, "a party in common, the other a runner-up")


def _overlap(report: Facts, agreement: Cluster) -> float:
    """Return how far each side names the parties of the other, from 0 to 1."""
    theirs = agreement.parties
    if not theirs or not report.parties:
        return 0.0
    there = sum(agreement.weights.get(code, 0.0) for code in report.parties) / len(report.parties)
    here = sum(report.weights.get(code, 0.0) for code in theirs) / len(theirs)
    return (here + there) / 2


def _named(report: Facts, agreement: Cluster, now: Moment) -> Iterator[Point]:
    """Yield a point if second readers name both: another year is another agreement, but one of
    December may be signed in January. A declaration is not the agreement that is planned beside it.
    A name without a year joins only what is of one year: the next deal is called the same.
    """
    name, others = report.named, agreement.named
    if name is None or not others:
        return
    kinds = {report.instrument, agreement.instrument}
    if (name.planned or agreement.planned) and kinds in _DECLARED_ONLY:
        yield Point(-6.0, "a declaration, and what is planned")
        return
    years = [year for year in others if year is not None]
    apart = min((abs(name.year - year) for year in years), default=0) if name.year else 0
    if apart:
        yield Point(-2.0 if apart == 1 else -6.0, "named as another one")
        return
    if not years and name.year is None and (now.near is None or now.near > _ONE_YEAR):
        return
    here = set(name.words)
    there = others[name.year] if name.year in others else set().union(*others.values())
    if here & there:
        yield Point(1.5, NAMED_ALIKE)
    elif not here and not there and len(kinds) == 1 and report.parties in agreement.party_votes:
        yield Point(1.0, NAMED_ALIKE)
    elif _are_two(here, there, (*report.beside, *agreement.beside)):
        yield Point(-4.5, "named by the subject of a paper beside it")
    elif here and there:
        yield Point(-1.0, "named otherwise")


def _are_two(here: set[str], there: set[str], beside: Iterable[PaperBeside]) -> bool:
    """Whether only one of two names has a subject, and one of the papers beside has the same."""
    subjects = {subject for paper in beside for subject in paper.subjects}
    topics = {part for subject in subjects for part in subject.value.split("_")}
    return bool(here) is not bool(there) and not topics.isdisjoint(here | there)


# --- subject and paper --------------------------------------------------------------------------


def _topics(report: Facts, agreement: Cluster, time: Point) -> Iterator[Point]:
    if report.subject and agreement.subject and report.subject is not agreement.subject:
        # Ministers who meet often sign one agreement on returns and one on visas. Of ten pairs of
        # labelled reports of the same days, nine are of two agreements.
        yield Point(-5.0 if time.reason in ONE_OCCASION else -2.0, "another subject")
    elif report.topics and agreement.topics:
        both = sum(agreement.topics.get(topic, 0.0) for topic in report.topics)
        share = 2 * both / (len(report.topics) + sum(agreement.topics.values()))
        families = {_FAMILY[topic] for topic in report.topics}
        if share < 0.4 and families & {_FAMILY[topic] for topic in agreement.topics}:
            share = 0.4  # what one reporter calls readmission is border control for another
        reason = "topics alike" if share >= 0.4 else "other topics"
        yield Point(round(2.5 * (share - 0.4), 2), reason)


def _instrument(report: Facts, agreement: Cluster, now: Moment) -> Iterator[Point]:
    here, there = report.instrument, agreement.instrument
    is_of_another_day = report.is_dated and 0 < now.event <= LATE_DAYS
    if {here, there} == _NEVER_ONE and is_of_another_day and (report.beside or agreement.beside):
        # Ministers sign an agreement, and their agencies a declaration of intent the day after.
        yield Point(-4.5, "a declaration of another day than the agreement")
    is_new = report.status in DEAL or report.status in BEFORE_DEAL
    if is_new and now.event > SAME_DAYS and {here, there} in _TREATY_AND_LESS:
        yield Point(-4.5, "a treaty, and what came before it")
    elif here in SPECIFIC and there in SPECIFIC:
        if here is there:
            yield Point(0.7, SAME_PAPER)
        elif _are_alike(here, there):
            yield Point(0.35, "a like kind of paper")
        else:
            # What is still talked about is called now a plan, now a declaration.
            in_talks = report.status in BEFORE_DEAL or agreement.latest.keys() <= BEFORE_DEAL
            yield Point(-0.5 if in_talks else -1.0, "another kind of paper")


def _beside(report: Facts, agreement: Cluster) -> Iterator[Point]:
    """Yield a point if one side names a paper beside its own that is rather the other side's."""
    if report.beside or agreement.beside:
        # What a report says about a paper beside its own is not the subject of its own.
        own = report.topics.difference(*(paper.subjects for paper in report.beside))
        mine = report.instrument, own or report.topics
        shared = {topic for topic, share in agreement.topics.items() if share >= LEAST_SHARE}
        theirs = agreement.instrument, shared
        there = any(
            _fit(beside, theirs) > _fit(beside, mine) + _CLEARLY for beside in report.beside
        )
        here = any(
            _fit(beside, mine) > _fit(beside, theirs) + _CLEARLY for beside in agreement.beside
        )
        if there or here:
            yield Point(-4.5, "named beside it")


def _is_kind_beside(report: Facts, agreement: Cluster) -> bool:
    """Whether the agreement names beside its own a paper of the kind of a later report's: "and a
    memorandum on a migration partnership", of which only the renewal is reported.
    """
    here, there = report.instrument, agreement.instrument
    return (
        here in SPECIFIC
        and not _are_alike(here, there)
        and any(_are_alike(here, kind) for paper in agreement.beside for kind in paper.instruments)
    )


def _fit(paper: PaperBeside, described: tuple[Instrument | None, Set[Topic]]) -> float:
    """Return how well a paper fits a description, from 0 to 2."""
    kind, topics = described
    subjects = paper.subjects
    common = len(subjects & topics) / max(len(subjects), 1)
    kinds = paper.instruments & SPECIFIC
    if not kinds or kind not in SPECIFIC:
        return common
    return common + 1 if any(_are_alike(kind, instrument) for instrument in kinds) else 0.0


def _are_alike(one: Instrument | None, other: Instrument | None) -> bool:
    return one is other or {one, other} in _ALIKE


def _likeness(report: Facts, agreement: Cluster) -> Iterator[Point]:
    numbers, names = report.numbers & agreement.numbers, report.names & agreement.names
    if numbers or names:
        yield Point(min(1.5, 0.7 * len(numbers) + 0.3 * len(names)), "same numbers and names")


# --- what the text recalls ----------------------------------------------------------------------


def agrees(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two dates agree in the parts (year, month, day) that both have."""
    known = min(len(a), len(b))
    return a[:known] == b[:known]


def _recalls(report: Facts, agreement: Cluster) -> Iterator[Point]:
    """Compare recalled dates. A new deal recalls another agreement, a later step its own."""
    if not report.recalled or not agreement.births:
        return
    looks_back = report.looks_back and bool(_matching(report, agreement))
    if (report.status in DEAL or report.status is None) and not looks_back:
        return
    yield _revised(report, agreement) if report.status in BEFORE_DEAL else _own(report, agreement)


def _matching(report: Facts, agreement: Cluster) -> list[RecalledDate]:
    """Return the recalled dates on which the agreement was concluded."""
    births = agreement.births
    return [date for date in report.recalled if any(agrees(date.parts, birth) for birth in births)]


def _revised(report: Facts, agreement: Cluster) -> Point:
    """Talks are about a standing agreement if the headline recalls its date."""
    matching = _matching(report, agreement)
    if any(date.zone is Zone.TITLE for date in matching):
        return Point(2.5, "talks about it")
    if any(date.prominent and not date.other for date in matching):
        return Point(0.5, "perhaps talks about it")
    if matching:
        return Point(-1.5, "recalls it as an earlier one")
    if any(date.zone is Zone.TITLE for date in report.recalled):
        return Point(-1.5, "talks about another one")
    return Point(0.0, "recalls other dates only")


def _own(report: Facts, agreement: Cluster) -> Point:
    matching = _matching(report, agreement)
    own = [date for date in matching if not date.other]
    others = [
        date for date in report.recalled if not date.other and not _is_step(date, report, agreement)
    ]
    headline = {other.zone for other in others if other not in own} & {Zone.TITLE}
    if headline and all(date.zone is not Zone.TITLE for date in own):
        return Point(-2.5, "its headline recalls another date")
    if own:
        best = max(own, key=lambda date: (date.prominent, _kind(date, agreement)))
        kind = best.instrument
        is_foreign = kind in SPECIFIC and not _are_alike(kind, report.instrument)
        if is_foreign and not best.prominent:
            return Point(-0.5, "recalls another kind of paper")
        day = "-".join(f"{part:02}" for part in best.parts)
        value = 2.5 if best.prominent else 1.0
        return Point(value + _kind(best, agreement), RECALLS_ITS_DATE, day)
    if any(date.prominent for date in matching):
        # A long lead may give the agreement's own date next to the word "another".
        return Point(-1.5, "perhaps named as another one")
    if matching:
        return Point(-3.0, "named as another one")
    prominent = [other for other in others if other.prominent]
    kinds = {date.instrument for date in prominent if len(date.parts) == _DAY}
    if not kinds.isdisjoint((None, report.instrument)):
        return Point(-3.0, "recalls another day")
    if prominent:
        return Point(-1.5, "recalls another date")
    return Point(-0.4, "recalls other dates only")


def _is_step(recalled_date: RecalledDate, report: Facts, agreement: Cluster) -> bool:
    """Whether a date may be that of another step: after the deal, and in the last twelve months."""
    year, month = (
        recalled_date.parts[0],
        recalled_date.parts[1] if len(recalled_date.parts) > 1 else 12,
    )
    months_ago = (report.day.year - year) * 12 + report.day.month - month if report.day else 0
    return months_ago <= 12 and all(recalled_date.parts > birth for birth in agreement.births)


def _kind(recalled_date: RecalledDate, agreement: Cluster) -> float:
    if recalled_date.instrument is None or agreement.instrument not in SPECIFIC:
        return 0.0
    if recalled_date.instrument is agreement.instrument:
        return 0.5
    return 0.25 if _are_alike(recalled_date.instrument, agreement.instrument) else -0.5
