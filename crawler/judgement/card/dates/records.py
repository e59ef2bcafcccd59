"""A date that a text names, as the readers of dates pass it on."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from crawler.judgement.text.reading import Hit


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
