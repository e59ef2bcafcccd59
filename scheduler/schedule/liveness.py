"""Which sources are alive: they answered within their last few turns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.schedule.sources_due import turns_later
from storage.database.session import Session
from storage.records import Source
from storage.sources.ledger import came_since
from storage.sources.states import SourceState, source_states

SHORTEST_SILENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NotAlive:
    """A source that is not alive: its name, the day of its last answer if it ever answered, and one
    word for what was wrong at the last look ("dns"; "" if nothing was).
    """

    name: str
    since: date | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Watched:
    """How many of the configured sources are alive, and which are not. `documents` are those that
    came meanwhile, None where that was not asked.
    """

    alive: int
    sources: int
    documents: int | None = None
    silent: tuple[NotAlive, ...] = ()


def is_alive(source: Source, state: SourceState | None, now: datetime, failing_polls: int) -> bool:
    """Whether the source answered within so many turns, and failed less often since."""
    if state is None or state.last_success_at is None or state.failures >= failing_polls:
        return False
    last_at = state.last_success_at
    last_turn_at = turns_later(source, last_at, failing_polls)
    return now <= max(last_at + SHORTEST_SILENCE, last_turn_at)


def count_alive(
    s: Session,
    configured: Iterable[Source],
    now: datetime,
    failing_polls: int,
    since: datetime | None = None,
    reports: Collection[int] = (),
) -> Watched:
    """Count the enabled sources, and those of them that are alive; with `since`, the documents
    that came since then, too, and those `reports` of the digest that came earlier. `failing_polls`
    is the setting of `monitor`.
    """
    states = source_states(s)
    enabled = [source for source in configured if source.enabled]
    silent = tuple(
        _not_alive(source, states.get(source.id))
        for source in enabled
        if not is_alive(source, states.get(source.id), now, failing_polls)
    )
    documents = None if since is None else came_since(s, since, reports)
    return Watched(len(enabled) - len(silent), len(enabled), documents, silent)


def _not_alive(source: Source, state: SourceState | None) -> NotAlive:
    name = source.name or source.id
    if state is None:
        return NotAlive(name, None)
    since = state.last_success_at.date() if state.last_success_at else None
    reason = (state.last_error or "").partition(":")[0] if state.failures else ""
    return NotAlive(name, since, reason)
