"""Who is notified of what, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from storage.filter import Filter
from storage.records import NewsKind

# How a digest shows what is unconfirmed: a line each, in full as all else, or how many.
Unconfirmed = Literal["lines", "full", "count"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is notified of what, and how often.

    `rate` is one of "immediately", "hourly", "daily at 07:00", "weekly on monday at 07:00" or
    "monthly on 1 at 07:00", in `timezone`. `to` has the addresses that a mail channel sends this
    one to, instead of its own; `manage` is the page on which who receives it pauses or ends it, and
    `page` where the register stands, for readers without a command line; "" where it is unknown.
    """

    id: str
    channels: tuple[str, ...]
    name: str = ""
    filter: Filter = field(default_factory=Filter)
    rate: str = "daily at 07:00"
    timezone: str = "UTC"
    language: str = "en"
    max_items: int = 50
    news: tuple[NewsKind, ...] = (NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP)
    say_empty: bool = False
    unconfirmed: Unconfirmed = "lines"
    to: tuple[str, ...] = ()
    manage: str = ""
    page: str = ""

    @property
    def is_all_in_full(self) -> bool:
        """Who asks for certain agreements or grades wants to read what they are."""
        return self.unconfirmed == "full" or bool(self.filter.agreements or self.filter.grades)


PREFIX = "person-"  # of their ids beside those of the configuration


class SubscriptionKind(StrEnum):
    MAIL = "mail"
    FEED = "feed"
