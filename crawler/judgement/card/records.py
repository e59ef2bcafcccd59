"""The dates and acts that a text names, and the fields of a card, as their readers pass them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from crawler.judgement.text.reading import Hit
from storage.records import Evidence


class Precision(StrEnum):
    DAY = "day"  # written with day and month
    WEEKDAY = "weekday"
    RELATIVE = "relative"  # today, yesterday
    MONTH = "month"
    YEAR = "year"


class DateMention(NamedTuple):
    """A date in the text.

    `day` is None where the text says no more than a month or year, or where the day of publication
    would be needed and is unknown. `old` dates lie more than two months before publication, `ahead`
    dates after it. A `period` date opens or ends a span of time; `opens` says that it opens it.
    `act` is the token of the act that is announced for it.
    """

    token: int
    last_token: int
    sentence: int
    precision: Precision
    day: date | None
    old: bool = False
    ahead: bool = False
    period: bool = False
    opens: bool = False
    hit: Hit | None = None
    act: int | None = None


class Modality(StrEnum):
    DONE = "done"
    AHEAD = "ahead"
    DENIED = "denied"
    OLD = "old"


class Act(NamedTuple):
    """Something that was, was not or will be done with an agreement.

    `deed` is signed, sealed, agreed, unsigned, approved, or the name of a status. `weight` says how
    strongly the act speaks for being the news. `actors` are filled in for approvals and
    ratifications only, since it matters there whether a parliament, a cabinet or a court approved.
    """

    deed: str
    modality: Modality
    weight: float
    hit: Hit
    actors: frozenset[str]


REPORTED_WEIGHT = 1.0  # the least weight of an act that a text reports, and does not only imply


@dataclass(frozen=True, slots=True)
class Clauses:
    """The acts and dates of a text, in text order.

    `objects` are the words for agreements and documents. `past` holds the tokens of those objects
    that are named as other or earlier ones ("the memorandum of 2012", "a previous accord").
    """

    acts: tuple[Act, ...]
    dates: tuple[DateMention, ...]
    objects: tuple[Hit, ...]
    past: frozenset[int]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CardField(Generic[T]):
    """A value and its evidence, strongest first; `value` is None where the text does not say."""

    value: T | None
    evidence: tuple[Evidence, ...] = ()
