"""What was seen while the month was played, kept so that a play that was broken off goes on."""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import text

from benchmarks.month.sites import Site
from storage.database.columns import UtcDateTime
from storage.database.session import Database
from storage.database.tables import METADATA

CRAWL_DELAY_S, RETRY_AFTER_S = 1.0, 2.0
_CLOCK_S = 0.15  # by which a busy server may hear a request later than the next one
# What sites say of themselves is no time of ours.
_CLAIMS = frozenset({"listed_at"})

# (began, ended, site, path, status, whether it was conditional); seconds of a monotonic clock
Request = tuple[float, float, str, str, int, bool]


@dataclass
class Played:
    """`minutes` of the month are over; `shifted` are those by which the database was moved.

    `overlaps` counts requests that came while another one to the site was open, `early` those that
    came before its Crawl-delay or Retry-After was over.
    """

    minutes: int = 0
    shifted: int = 0
    requests: list[Request] = field(default_factory=list)
    overlaps: Counter[str] = field(default_factory=Counter)
    early: Counter[str] = field(default_factory=Counter)
    stored_at: dict[int, datetime] = field(default_factory=dict)  # by document
    looks: Counter[str] = field(default_factory=Counter)
    last_look: dict[str, datetime] = field(default_factory=dict)

    def keep(self, folder: Path) -> None:
        """Write it down."""
        new = folder / "played.new"
        new.write_bytes(pickle.dumps(self))
        new.replace(folder / "played.pickle")


def resumed(folder: Path) -> Played:
    """What an earlier play in this folder saw."""
    kept = folder / "played.pickle"
    return pickle.loads(kept.read_bytes()) if kept.exists() else Played()


def note(
    played: Played, sites: Mapping[str, Site], rows: Iterable[Sequence[object]], now: datetime
) -> None:
    """Note the requests of a pass."""
    by_site: dict[str, list[Request]] = defaultdict(list)
    for row in rows:
        request: Request = tuple(row)  # type: ignore[assignment]
        by_site[request[2]].append(request)
        played.requests.append(request)
    for name, requests in by_site.items():
        for earlier, later in pairwise(sorted(requests)):
            played.overlaps[name] += later[0] < earlier[1]
            played.early[name] += is_early(sites[name], earlier, later)
        if any(one[3] == "/start" for one in requests):
            played.looks[name] += 1
            played.last_look[name] = now


def is_early(site: Site, earlier: Request, later: Request) -> bool:
    """Whether a request came sooner after the one before than the site asks for."""
    since_begin, since_end = later[0] - earlier[0], later[0] - earlier[1]
    after_robots = earlier[3] == "/robots.txt"  # only then it is known what the site asks for
    asked_for_delay = "delay" in site.odd and not after_robots
    is_hasty = asked_for_delay and since_begin < CRAWL_DELAY_S - _CLOCK_S
    return is_hasty or (earlier[4] == 429 and since_end < RETRY_AFTER_S - _CLOCK_S)


def note_stored(played: Played, database: Database, now: datetime) -> None:
    """Note which documents are new in the database."""
    with database.read() as s:
        for (number,) in s.execute(text("SELECT id FROM documents")):
            played.stored_at.setdefault(number, now)


def let_pass(database: Database, step: timedelta) -> None:
    """Move every time of ours in the database into the past."""
    by = f"-{int(step.total_seconds())} seconds"
    with database.begin() as s:
        for table in METADATA.sorted_tables:
            names = [
                column.name
                for column in table.columns
                if isinstance(column.type, UtcDateTime) and column.name not in _CLAIMS
            ]
            # A time that is not known stays so: strftime of NULL is NULL.
            moved = [
                f"{name} = strftime('%Y-%m-%d %H:%M:%f', {name}, :by) || '000'" for name in names
            ]
            if moved:
                s.execute(text(f"UPDATE {table.name} SET {', '.join(moved)}"), {"by": by})
