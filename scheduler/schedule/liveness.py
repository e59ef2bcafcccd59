"""Which sources are alive: they answered within their last few turns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.schedule.sources_due import turns_later
from storage.database.session import Session
from storage.records import Source
from storage.sources.states import SourceState, source_states

# A single failure is no sign of death: servers are restarted, connections drop.
FAILURES_TO_DEATH = 3
SHORTEST_SILENCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """How many of the configured sources are alive."""

    alive: int
    sources: int


def is_alive(source: Source, state: SourceState | None, now: datetime) -> bool:
    """Whether the source answered within its last few turns, and failed less than three times
    since.
    """
    if state is None or state.last_success_at is None or state.failures >= FAILURES_TO_DEATH:
        return False
    last_at = state.last_success_at
    last_turn_at = turns_later(source, last_at, FAILURES_TO_DEATH)
    return now <= max(last_at + SHORTEST_SILENCE, last_turn_at)


def count_alive(s: Session, configured: Iterable[Source], now: datetime) -> Watched:
    """Counts the enabled sources, and those of them that are alive."""
    states = source_states(s)
    enabled = [source for source in configured if source.enabled]
    alive = sum(is_alive(source, states.get(source.id), now) for source in enabled)
    return Watched(alive, len(enabled))
