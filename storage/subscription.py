"""Who is notified of what, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.filter import Filter
from storage.records import NewsKind


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
    to: tuple[str, ...] = ()
    manage: str = ""
    page: str = ""


PREFIX = "person-"  # of their ids beside those of the configuration


class SubscriptionKind(StrEnum):
    """How a person is notified."""

    MAIL = "mail"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class UserSubscription:
    """A subscription that somebody made on the page. `filter` is written as in the configuration.
    `address` is a mail address, "" of a feed. `link_key` signs the links in mails; of a feed's
    secret only the hash is stored. `page` is the address of the page on which it was made.
    `user_id` is None if the page had no users.
    """

    kind: SubscriptionKind
    filter: Mapping[str, Any]
    name: str
    rate: str
    timezone: str
    language: str
    made_by: str
    made_at: datetime
    page: str = ""
    address: str = ""
    link_key: str = field(default="", repr=False)
    feed_hash: str | None = field(default=None, repr=False)
    user_id: int | None = None
    confirmed_at: datetime | None = None
    paused_at: datetime | None = None
    id: int = 0

    @property
    def code(self) -> str:
        """Its id among all subscriptions: "person-17"."""
        return f"{PREFIX}{self.id}"
