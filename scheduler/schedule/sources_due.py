"""When sources are due, computed from their last poll and their schedule, and stored in our tables.

A due time is planned after each poll, and again when the schedule has changed since. `run` and the
daemon share it. Turns that were missed meanwhile count as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.schedule.triggers import later_by_chance, longest_jitter, turn_after, wait_for
from spiders.catalog.intervals import AUTO, UNIT_S
from storage.database.session import Database, Session
from storage.source import Source
from storage.sources.states import MOST_POLLS, last_polls, plan_poll, source_state, source_states
from storage.sources.tables import Poll, SourceState

FIRST_BACK_OFF_S = 60.0  # most outages are short, and nothing should be missed by them
LONGEST_BACK_OFF_S = 24 * 3600.0  # a dead source is looked at once a day
_MOST_DOUBLINGS = 20  # beyond the longest back-off, whatever the interval

# A poll that lies further in the future was recorded by a clock that was wrong. Two machines may
# differ by less.
_CLOCK_SLACK = timedelta(minutes=5)


# A crawl is a process of its own, which costs 3 to 6 s of a core however little it does: one for
# each of 154 hourly sources would keep a quarter of a core busy. So a due source waits for others,
# but no longer than a twentieth of its interval.
_LONGEST_GATHERING = timedelta(minutes=2)
_GATHERING_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Turn:
    """When a source is due next. `is_new`: this does not stand in the tables yet."""

    source: Source
    due_at: datetime
    polled_at: datetime | None = None
    is_new: bool = False

    def presses(self, now: datetime) -> bool:
        """Whether it has waited for others long enough; without jitter it does not wait."""
        if self.polled_at is None or self.source.jitter_s == 0:
            return now >= self.due_at
        interval = self.due_at - self.polled_at
        return now - self.due_at >= min(_LONGEST_GATHERING, interval * _GATHERING_SHARE)


class GivenTurns:
    """The turns that a crawl was given: none is given twice, though it records them only later."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self._due_at = {turn.source.id: turn.due_at for turn in turns}

    def fresh(self, turns: Iterable[Turn]) -> list[Source]:
        """The sources of the turns not given before, which now count as given."""
        fresh = [turn for turn in turns if self._due_at.get(turn.source.id) != turn.due_at]
        self._due_at |= {turn.source.id: turn.due_at for turn in fresh}
        return [turn.source for turn in fresh]


def due_sources(database: Database, enabled: Iterable[Source], now: datetime) -> tuple[Source, ...]:
    return tuple(turn.source for turn in due_turns(database, enabled, now))


def due_turns(database: Database, enabled: Iterable[Source], now: datetime) -> list[Turn]:
    return [turn for turn in plan(database, enabled, now) if turn.due_at <= now]


def plan(database: Database, enabled: Iterable[Source], now: datetime) -> list[Turn]:
    """The next turn of each source. Turns that were planned anew are stored."""
    with database.read() as s:
        turns = turns_of(s, enabled, now)
    fresh = [turn for turn in turns if turn.is_new]
    if fresh:
        with database.begin() as s:
            for turn in fresh:
                plan_poll(s, turn.source.id, turn.due_at, schedule_of(turn.source))
    return turns


def look_soon(s: Session, source: Source, now: datetime) -> datetime:
    """Make a source due at once, or when its server allows it; returns when that is."""
    state = source_state(s, source.id)
    soon = now if state.not_before_at is None else max(now, state.not_before_at)
    plan_poll(s, source.id, soon, schedule_of(source))
    return soon


def turns_of(s: Session, enabled: Iterable[Source], now: datetime) -> list[Turn]:
    """The next turn of each source; stores nothing."""
    states: Mapping[str, SourceState] = source_states(s)
    turns = []
    for source in enabled:
        state = states.get(source.id) or SourceState(source.id)
        planned_at, has_changed = state.due_at, state.schedule != schedule_of(source)
        is_new = planned_at is None or has_changed or _was_ahead(source, state, now)
        if planned_at is None or is_new:
            planned_at = due_at(source, state, now, polls_of(s, source))
        turns.append(Turn(source, planned_at, state.last_poll_at, is_new))
    return turns


def polls_of(s: Session, source: Source) -> list[Poll]:
    """The past polls by which the interval of a source is chosen; none if its schedule sets it."""
    return last_polls(s, source.id, MOST_POLLS) if is_adaptive(source) else []


def is_adaptive(source: Source) -> bool:
    """Whether the interval of a source is chosen by what it has to offer."""
    return source.cron is None and source.every == AUTO


def schedule_of(source: Source) -> str:
    """A source's schedule as a line. Schedules with the same line give the same due times."""
    when = f"every {source.every}" if source.cron is None else f"{source.cron} ({source.timezone})"
    if is_adaptive(source):
        when = AUTO
    if source.jitter_s is None:
        return when
    if not source.jitter_s:
        return f"{when}, without jitter"
    unit = next(unit for unit in ("d", "h", "m", "s") if source.jitter_s % UNIT_S[unit] == 0)
    return f"{when}, up to {source.jitter_s // UNIT_S[unit]}{unit} later"


def due_at(
    source: Source, state: SourceState, now: datetime, polls: Sequence[Poll] = ()
) -> datetime:
    """When a source is due: at its next turn after its last poll, and never before the time that
    its server asked for.

    `polls` are its past ones, for a source that is looked at as often as it has something new. A
    source that fails is polled again after a minute, then after twice as long each time, up to a
    day, or up to its interval if that is longer; with a cron line only at its turns. A source that
    was never polled is due at once, or with a cron line at its first turn.
    """
    polled_at = state.last_poll_at
    if polled_at is None or polled_at > now + _CLOCK_SLACK:
        return now if source.cron is None else later_by_chance(source, turn_after(source, now), now)
    turn = turn_after(source, polled_at)
    if state.failures:
        turn = turn_after(source, polled_at, wait_s=back_off_s(source, state, turn - polled_at))
    elif is_adaptive(source):
        length, _ = wait_for(source, polls, polled_at)
        turn = turn_after(source, polled_at, wait_s=length.total_seconds())
    planned = later_by_chance(source, turn, polled_at)
    return planned if state.not_before_at is None else max(planned, state.not_before_at)


def back_off_s(source: Source, state: SourceState, usual: timedelta) -> float:
    """How long to wait after a failure. Failures before a short recovery count, too."""
    strikes = max(state.strikes or 0, state.failures)
    first_s = FIRST_BACK_OFF_S if source.cron is None else usual.total_seconds()
    doubled_s = first_s * (1 << min(strikes - 1, _MOST_DOUBLINGS))
    return min(doubled_s, max(usual.total_seconds(), LONGEST_BACK_OFF_S))


def why_then(source: Source, state: SourceState, polls: Sequence[Poll]) -> str:
    """Why a source is looked at next when it is, as a short line for people."""
    if not source.enabled:
        return "switched off"
    if state.last_poll_at is None:
        return "never looked at"
    if state.not_before_at is not None and state.not_before_at == state.due_at:
        return "its server asked to wait"
    if state.failures:
        return f"failed {max(state.strikes or 0, state.failures)}x, waits longer each time"
    if is_adaptive(source):
        _, why = wait_for(source, polls, state.last_poll_at)
        return why
    return "as configured"


def _was_ahead(source: Source, state: SourceState, now: datetime) -> bool:
    """Whether a clock that was ahead planned it later than it would be planned now."""
    if state.last_poll_at is None or state.due_at is None:
        return False
    if state.last_poll_at <= now + _CLOCK_SLACK:
        return False
    turn = turn_after(source, now)
    return state.due_at > turn + longest_jitter(source, turn, now)


def turns_later(source: Source, at: datetime, count: int) -> datetime:
    for _ in range(count):
        at = turn_after(source, at)
    return at


# --- which sources are alive: they answered within their last few turns ---------------------------

SHORTEST_SILENCE = timedelta(days=1)


# A source that is not alive: its name, the day of its last answer if it ever answered, and one word
# for what was wrong at the last look ("dns"; "" if nothing was).
NotAlive = tuple[str, date | None, str]


@dataclass(frozen=True, slots=True)
class Watched:
    """How many sources are alive, which are not, and how many `documents` came, if counted."""

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
) -> Watched:
    """Count the enabled sources and those that are alive."""
    states = source_states(s)
    enabled = [source for source in configured if source.enabled]
    silent: list[NotAlive] = []
    for source in enabled:
        state = states.get(source.id)
        if not is_alive(source, state, now, failing_polls):
            since_at = state.last_success_at if state else None
            reason = (state.last_error or "").partition(":")[0] if state and state.failures else ""
            last_on = since_at.date() if since_at else None
            silent.append((source.name or source.id, last_on, reason))
    return Watched(len(enabled) - len(silent), len(enabled), silent=tuple(silent))
