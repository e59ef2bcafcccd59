"""What the robots.txt of each origin said, kept for the next runs (RFC 9309, section 2.4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database.session import Session
from storage.database.statements import upsert
from storage.sources.tables import RobotsFiles


@dataclass(frozen=True, slots=True)
class KeptRobots:
    """What is known of one robots.txt. All fields are empty if it was never asked for.

    `rules` are the lines that concern us. They are None if there was no file at `read_at`.
    """

    rules: str | None = None
    read_at: datetime | None = None
    fresh_until_at: datetime | None = None
    failing_since_at: datetime | None = None


def kept_robots(s: Session, origin: str) -> KeptRobots:
    """Return what is known of the robots.txt of an origin ("https://host:port")."""
    columns = (
        RobotsFiles.rules,
        RobotsFiles.read_at,
        RobotsFiles.fresh_until_at,
        RobotsFiles.failing_since_at,
    )
    row = s.execute(select(*columns).where(RobotsFiles.origin == origin)).one_or_none()
    return KeptRobots() if row is None else KeptRobots(*row)


def keep_robots(s: Session, origin: str, kept: KeptRobots) -> None:
    """Record what is known of the robots.txt of an origin."""
    values = asdict(kept)
    statement = upsert(s, RobotsFiles).values(origin=origin, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=values))
