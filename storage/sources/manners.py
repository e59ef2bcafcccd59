"""What servers require of us, stored for the next runs: the robots.txt of each origin (RFC 9309,
section 2.4), the cookies with which hosts let us pass their consent page, and the pauses of hosts
that asked us to wait (with status 429 or 503).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from storage.database import sql
from storage.database.session import Session
from storage.sources.tables import CachedRobots, CookieJars, Pauses, ValidatorRows


def cached_robots(s: Session, origin: str) -> CachedRobots:
    """Return what is known of the robots.txt of an origin ("https://host:port")."""
    row = s.execute(
        select(sql.plain(CachedRobots)).where(CachedRobots.origin == origin)
    ).one_or_none()
    return CachedRobots(origin) if row is None else CachedRobots(*row)


def save_robots(s: Session, robots: CachedRobots) -> None:
    sql.put(s, CachedRobots, **asdict(robots))


_COOKIES_LAST = timedelta(days=7)  # then we pass the page again, so that a bad jar does not last


def save_cookies(s: Session, host: str, cookies: Sequence[dict[str, Any]], now: datetime) -> None:
    sql.put(s, CookieJars, host=host, cookies=list(cookies), kept_until_at=now + _COOKIES_LAST)


def cached_cookies(s: Session, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return the cookies of each host, and delete those that are too old."""
    sql.remove(s, CookieJars, CookieJars.kept_until_at <= now)
    return {row.host: row.cookies for row in s.execute(select(CookieJars.host, CookieJars.cookies))}


def pause(s: Session, host: str, until_at: datetime) -> None:
    sql.put(s, Pauses, host=host, until_at=until_at)


def paused_hosts(s: Session, now: datetime) -> set[str]:
    """Return the hosts that must not get a request now. Writes nothing."""
    return set(s.scalars(select(Pauses.host).where(Pauses.until_at > now)))


def pauses(s: Session, now: datetime) -> dict[str, datetime]:
    """Return the end of the pause of each host, and delete the pauses that are over."""
    sql.remove(s, Pauses, Pauses.until_at <= now)
    return {row.host: row.until_at for row in s.execute(select(Pauses.host, Pauses.until_at))}


# --- validators for conditional requests (RFC 9110, section 13) -----------------------------------


@dataclass(frozen=True, slots=True)
class Validators:
    """The values to send as If-None-Match and If-Modified-Since. `body_hash` shows whether the body
    is the same as last time, for servers that send neither. `saved_at` is the time of the last full
    answer. At `distrusted_at`, if ever, the validators were the same although the source had
    something new.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    saved_at: datetime | None = None
    distrusted_at: datetime | None = None


# When a full answer came, and the date that a sitemap index gave its address then.
LastAnswer = tuple[datetime, datetime | None]


def validators(s: Session, url: str) -> Validators:
    """Return what was saved for this URL; empty validators if nothing was."""
    saved = select(*sql.columns_of(Validators, ValidatorRows))
    row = s.execute(saved.where(ValidatorRows.url_hash == sql.hash_of(url))).one_or_none()
    return Validators() if row is None else Validators(*row)


def save_validators(
    s: Session, url: str, current: Validators, *, listed_at: datetime | None = None
) -> None:
    """Save the validators that came with the last full answer from this URL. They are distrusted
    from now on if those before would have called it unchanged, and there was something new.
    `listed_at` is the date that a sitemap index gave it.
    """
    values = asdict(current) | {"listed_at": listed_at}
    if current.distrusted_at is None:  # what was known of that stays
        del values["distrusted_at"]
    sql.add_or_change(
        s, ValidatorRows, {"url_hash": sql.hash_of(url)}, values | {"url": url}, values
    )


def note_listed(s: Session, url: str, listed_at: datetime) -> None:
    """Record the date that a sitemap index gave to what is still as it was."""
    same = ValidatorRows.url_hash == sql.hash_of(url)
    sql.change(s, ValidatorRows, same, listed_at=listed_at)


def answers(s: Session, urls: Iterable[str]) -> dict[str, LastAnswer]:
    """Return the last full answer of each of these URLs that has one."""
    columns = (ValidatorRows.url, ValidatorRows.saved_at, ValidatorRows.listed_at)
    of_urls = select(*columns).where(ValidatorRows.url_hash.in_(sql.IDS))
    rows = sql.rows_of(s, of_urls, map(sql.hash_of, urls))
    return {row.url: (row.saved_at, row.listed_at) for row in rows if row.saved_at is not None}
