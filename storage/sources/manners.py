"""What servers ask of us, kept for the next runs: the robots.txt of each origin (RFC 9309, section
2.4), the cookies with which hosts let us pass their consent page, and the pauses of hosts that
asked us to wait (with status 429 or 503).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from storage.database.session import Session
from storage.database.statements import columns_of, put
from storage.sources.tables import CookieJars, Pauses, RobotsFiles


@dataclass(frozen=True, slots=True)
class CachedRobots:
    """What is known of one robots.txt. All fields are empty if it was never asked for.

    `rules` are the lines that concern us. They are None if there was no file at `read_at`.
    """

    rules: str | None = None
    read_at: datetime | None = None
    fresh_until_at: datetime | None = None
    failing_since_at: datetime | None = None


def cached_robots(s: Session, origin: str) -> CachedRobots:
    """Return what is known of the robots.txt of an origin ("https://host:port")."""
    known = select(*columns_of(CachedRobots, RobotsFiles))
    row = s.execute(known.where(RobotsFiles.origin == origin)).one_or_none()
    return CachedRobots() if row is None else CachedRobots(*row)


def keep_robots(s: Session, origin: str, kept: CachedRobots) -> None:
    """Record what is known of the robots.txt of an origin."""
    put(s, RobotsFiles, "origin", {"origin": origin, **asdict(kept)})


_KEPT_FOR = timedelta(days=7)  # then the page is asked anew; so a jar that went bad is forgotten


def keep_cookies(s: Session, host: str, cookies: Sequence[dict[str, Any]], now: datetime) -> None:
    """Record the cookies of a host ("host:port")."""
    row = {"host": host, "cookies": list(cookies), "kept_until_at": now + _KEPT_FOR}
    put(s, CookieJars, "host", row)


def cached_cookies(s: Session, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return the cookies of each host, and delete those that are kept no longer."""
    s.execute(delete(CookieJars).where(CookieJars.kept_until_at <= now))
    return {row.host: row.cookies for row in s.execute(select(CookieJars.host, CookieJars.cookies))}


def pause(s: Session, host: str, until_at: datetime) -> None:
    """Record that `host` ("host:port") must not be asked before `until_at`."""
    put(s, Pauses, "host", {"host": host, "until_at": until_at})


def paused_hosts(s: Session, now: datetime) -> set[str]:
    """Return the hosts that must not be asked now. Writes nothing."""
    return set(s.scalars(select(Pauses.host).where(Pauses.until_at > now)))


def pauses(s: Session, now: datetime) -> dict[str, datetime]:
    """Return the end of the pause of each host, and delete the pauses that are over."""
    s.execute(delete(Pauses).where(Pauses.until_at <= now))
    return {row.host: row.until_at for row in s.execute(select(Pauses.host, Pauses.until_at))}
