"""A subscription that somebody made on the page, as a value: the configuration, which knows no
database, puts it among its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

PREFIX = "person-"  # of their ids beside those of the configuration


class ToldBy(StrEnum):
    """How a person is told."""

    MAIL = "mail"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class PersonsSubscription:
    """A subscription that somebody made on the page.

    `filter` is written as in the configuration. `address` is a mail address, "" of a feed.
    `link_key` signs the links in mails; of a feed's secret only the hash is kept. `page` is the
    address of the page on which it was made. `user_id` is None if the page had no users.
    """

    kind: ToldBy
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
