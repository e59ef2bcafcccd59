"""What is known of each source, when it is due next, and its polls."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from storage.database import sql
from storage.database.columns import Base
from storage.database.session import Session
from storage.sources.tables import (
    CachedRobots,
    Frontier,
    Poll,
    Polls,
    Run,
    SourceCheck,
    SourceChecks,
    SourceDecision,
    SourceState,
    ValidatorRows,
)


def source_state(s: Session, source_id: str) -> SourceState:
    """Return the state of one source; an empty one for a source that was never polled."""
    states = select(sql.plain(SourceState)).where(SourceState.source_id == source_id)
    row = s.execute(states).one_or_none()
    return SourceState(source_id) if row is None else SourceState(*row)


def source_states(s: Session) -> dict[str, SourceState]:
    """Return, by id, the state of every source that was ever polled or planned."""
    return {row.source_id: SourceState(*row) for row in s.execute(select(sql.plain(SourceState)))}


def note_address(s: Session, source_id: str, url: str, moved_to: str | None, now: datetime) -> None:
    """Record where a source answered that was polled: at `url`, or for good at another address."""
    values: dict[str, Any] = {"moved_from": None, "moved_to": None, "moved_at": None}
    if moved_to is not None:
        values = {"moved_from": url, "moved_to": moved_to, "moved_at": now}
    sql.change(s, SourceState, SourceState.source_id == source_id, **values)


def plan_poll(s: Session, source_id: str, due_at: datetime, schedule: str) -> None:
    """Record when a source is due, and the schedule from which that time was computed."""
    values: dict[str, Any] = {"due_at": due_at, "schedule": schedule}
    initial: dict[str, Any] = {"failures": 0, "last_offered": 0, "last_new": 0}
    sql.add_or_change(s, SourceState, {"source_id": source_id}, values | initial, values)


# Polls stored of each source: three weeks of an hourly one, so that weekends are among them.
MOST_POLLS = 500
FORGIVEN_AFTER = timedelta(minutes=30)


def record_poll(
    s: Session,
    source_id: str,
    poll: Poll,
    error: str | None = None,
    *,
    not_before_at: datetime | None = None,
) -> None:
    """Record how a poll went, in the source's state and in its history. The next poll has to be
    planned afterwards (`plan_poll`). A failure leaves the time of the last success. `not_before_at`
    is the time until which the server asked us to wait. Only the last MOST_POLLS polls of a source
    stay.
    """
    now, ok, offered, new = poll
    values: dict[str, Any] = {
        "due_at": None,
        "not_before_at": not_before_at,
        "last_poll_at": now,
        "last_error": error,
        "last_offered": offered,
        "last_new": new,
        "failures": 0 if ok else 1,
    }
    if ok:
        values["last_success_at"] = now
    values |= _strikes(s, source_id, now, ok=ok)
    changes = values if ok else values | {"failures": SourceState.failures + 1}
    sql.add_or_change(s, SourceState, {"source_id": source_id}, values, changes)
    sql.add(s, Polls, source_id=source_id, at=now, ok=ok, offered=offered, new=new, error=error)
    _forget_old_polls(s, source_id)


def _strikes(s: Session, source_id: str, now: datetime, *, ok: bool) -> dict[str, Any]:
    """Count a failure, or note since when the source answers again. A server that comes and goes
    is not polled again every minute: its failures count until it has been well for FORGIVEN_AFTER.
    """
    columns = select(SourceState.strikes, SourceState.recovered_at)
    row = s.execute(columns.where(SourceState.source_id == source_id)).one_or_none()
    strikes, recovered_at = (0, None) if row is None else (row.strikes or 0, row.recovered_at)
    if recovered_at is not None and now - recovered_at >= FORGIVEN_AFTER:
        strikes, recovered_at = 0, None
    if not ok:
        return {"strikes": strikes + 1, "recovered_at": None}
    return {"strikes": strikes, "recovered_at": (recovered_at or now) if strikes else None}


def _forget_old_polls(s: Session, source_id: str) -> None:
    oldest_at = _newest_polls(source_id, Polls.at).limit(1).offset(MOST_POLLS - 1)
    of_source = Polls.source_id == source_id
    sql.remove(s, Polls, of_source, Polls.at < oldest_at.scalar_subquery())


def last_polls(s: Session, source_id: str, n: int) -> list[Poll]:
    columns = (Polls.at, Polls.ok, Polls.offered, Polls.new)
    return [Poll(*row) for row in s.execute(_newest_polls(source_id, *columns).limit(n))]


def _newest_polls(source_id: str, *columns: Any) -> Select[*tuple[Any, ...]]:
    of_source = select(*columns).where(Polls.source_id == source_id)
    return of_source.order_by(Polls.at.desc(), Polls.id.desc())


# --- runs: passes over the sources that were due --------------------------------------------------


def start_run(s: Session, now: datetime) -> int:
    return sql.add(s, Run, started_at=now, report={})


def finish_run(s: Session, run_id: int, now: datetime, report: dict[str, Any]) -> None:
    sql.change(s, Run, Run.id == run_id, finished_at=now, report=report)


def last_runs(s: Session, n: int, before: int | None = None) -> list[Run]:
    """Return the last `n` runs (before a run, if it is given), the newest first."""
    newest = _RUNS.order_by(Run.id.desc()).limit(n)
    if before is not None:
        newest = newest.where(Run.id < before)
    return [Run(*row) for row in s.execute(newest)]


def find_run(s: Session, run_id: int) -> Run | None:
    row = s.execute(_RUNS.where(Run.id == run_id)).one_or_none()
    return None if row is None else Run(*row)


_RUNS = select(sql.plain(Run))


# --- tries of a source, and what persons did to it ------------------------------------------------


def save_check(s: Session, check: SourceCheck) -> None:
    sql.put(s, SourceChecks, **asdict(check))


def source_checks(s: Session) -> dict[str, SourceCheck]:
    rows = s.execute(select(*sql.columns_of(SourceCheck, SourceChecks)))
    return {row.source_id: SourceCheck(*row) for row in rows}


def add_source_decision(s: Session, decision: SourceDecision) -> None:
    sql.add(s, SourceDecision, **asdict(decision))


def last_source_decisions(s: Session) -> dict[str, SourceDecision]:
    """The newest decision about each source of which there is one, by its id."""
    newest = select(func.max(SourceDecision.id)).group_by(SourceDecision.source_id)
    rows = s.execute(select(sql.plain(SourceDecision)).where(SourceDecision.id.in_(newest)))
    return {row.source_id: SourceDecision(*row) for row in rows}


# --- deleting old records of collecting -----------------------------------------------------------
#
# Documents, the register, decisions and what was notified are never deleted here. Old polls of a
# source are deleted when a new one is recorded (`storage.sources.states.record_poll`).

# The most rows of a table to delete at once. Other writers wait for this, some tens of
# milliseconds. The remaining rows are deleted the next time.
MOST = 5000

# Runs that are never deleted, however old: two days of an hourly cron. The health checks compare
# them, and the last one shows since when nothing has run.
LEAST_RUNS = 50


def forget_history(s: Session, before: datetime) -> int:
    """Delete records that have not been used since `before`, and return how many. These are settled
    URLs that no source has offered since (one that is offered again is fetched again, and found to
    be stored), validators (the next request is a full one), files of robots.txt, and runs.
    """
    settled = Frontier.state.in_(("done", "given_up"))
    old_url = (Frontier.last_offered_at < before) & settled
    newest_run = select(func.max(Run.id)).scalar_subquery()
    old_run = (Run.started_at < before) & (Run.id <= newest_run - LEAST_RUNS)
    return (
        _forget(s, Frontier, Frontier.id, old_url)
        + _forget(s, ValidatorRows, ValidatorRows.url_hash, ValidatorRows.saved_at < before)
        + _forget(s, CachedRobots, CachedRobots.origin, CachedRobots.read_at < before)
        + _forget(s, Run, Run.id, old_run)
    )


def _forget(
    s: Session, table: type[Base], key: InstrumentedAttribute[Any], condition: ColumnElement[bool]
) -> int:
    return sql.remove(s, table, key.in_(select(key).where(condition).limit(MOST)))
