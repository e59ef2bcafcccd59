"""How long a robots.txt is good for, and what holds while it cannot be read.

RFC 9309, sections 2.3.1.4 and 2.4: a copy is used for a day at most; without any the host is left
alone; after "a reasonably long period" of failures the last copy may be used again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from storage.sources.manners import CachedRobots

LONGEST = timedelta(days=1)
# Many sites forbid all caching. To ask at each look would make a quarter of all requests.
SHORTEST = timedelta(hours=1)
# As large search engines do it: an outage of a night stops us, a file that fails for days does not.
LEFT_ALONE = timedelta(hours=12)
OLDEST_COPY = timedelta(days=30)

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_UNCACHED = re.compile(r"no-cache|no-store", re.IGNORECASE)


class RobotsMemory(Protocol):
    """Where the files of earlier runs are kept."""

    def recall(self, origin: str) -> Awaitable[CachedRobots]:
        """Return what is known of an origin ("https://host:port")."""

    def keep(self, origin: str, kept: CachedRobots) -> None:
        """Keep what was learned of an origin."""


def lifetime(cache_control: str) -> timedelta:
    """Return for how long an answer may be used that came with this Cache-Control."""
    if _UNCACHED.search(cache_control):
        return SHORTEST
    named = _MAX_AGE.search(cache_control)
    if named is None:
        return LONGEST
    return min(max(timedelta(seconds=int(named[1])), SHORTEST), LONGEST)


def is_fresh(kept: CachedRobots, now: datetime) -> bool:
    """Whether a kept file may be used without asking. One from the future was kept by a clock that
    was wrong.
    """
    if kept.read_at is None or kept.fresh_until_at is None:
        return False
    return kept.failing_since_at is None and kept.read_at <= now < kept.fresh_until_at


def read(rules: str | None, now: datetime, cache_control: str) -> CachedRobots:
    """Return what to keep of a file that was read, or found to be missing."""
    return CachedRobots(rules, now, now + lifetime(cache_control))


def failing(before: CachedRobots, now: datetime) -> CachedRobots:
    """Return what to keep when the file cannot be read."""
    return replace(before, failing_since_at=before.failing_since_at or now)


def holds_while_failing(kept: CachedRobots, now: datetime) -> bool:
    """Whether the last copy holds again, as the file has failed for long."""
    if kept.read_at is None or kept.failing_since_at is None:
        return False
    has_failed_long = now - kept.failing_since_at >= LEFT_ALONE
    return has_failed_long and now - kept.read_at <= OLDEST_COPY
