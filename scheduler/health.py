"""How the system itself is doing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from scheduler.digest.build import Watched
from scheduler.plan import parse_interval
from storage import sources
from storage.records import Source
from storage.session import Session
from storage.sources import SourceState

# A single failure is no sign of death: servers are restarted, lines drop.
FAILURES_TO_DEATH = 3
_SHORTEST_SILENCE = timedelta(days=1)


def watched(s: Session, configured: Iterable[Source], now: datetime) -> Watched:
    """How many enabled sources are alive."""
    states = sources.source_states(s)
    enabled = [source for source in configured if source.enabled]
    alive = [source for source in enabled if is_alive(source, states.get(source.id), now)]
    return Watched(len(alive), len(enabled))


def is_alive(source: Source, state: SourceState | None, now: datetime) -> bool:
    """It answered within its last few turns, and less than three failures ago."""
    if state is None or state.last_success_at is None or state.failures >= FAILURES_TO_DEATH:
        return False
    patience = max(_SHORTEST_SILENCE, FAILURES_TO_DEATH * parse_interval(source.every))
    return now - state.last_success_at <= patience
