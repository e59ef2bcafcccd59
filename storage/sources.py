"""State of sources, runs, conditional-request validators, and the frontier of document URLs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage.database.columns import clean_json
from storage.database.statements import chunks, hash_of, upsert
from storage.database.tables import Frontier, Polls, Runs, SourceStates, ValidatorRows
from storage.records import Candidate

# --- runs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over due sources; `finished_at` is None while it works, or where it was killed."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    report: dict[str, Any]


def start_run(s: Session, now: datetime) -> int:
    """Note that a run begins; its id."""
    return s.execute(insert(Runs).values(started_at=now, report={}).returning(Runs.id)).scalar_one()


def finish_run(s: Session, run_id: int, now: datetime, report: dict[str, Any]) -> None:
    """Note that a run ended, with its counts as a JSON object."""
    s.execute(
        update(Runs).where(Runs.id == run_id).values(finished_at=now, report=clean_json(report))
    )


def last_runs(s: Session, n: int) -> list[Run]:
    """The last `n` runs, newest first."""
    rows = s.execute(
        select(Runs.id, Runs.started_at, Runs.finished_at, Runs.report)
        .order_by(Runs.id.desc())
        .limit(n)
    )
    return [Run(*row) for row in rows]


# --- polls ------------------------------------------------------------------------------------


# Three weeks of an hourly source, so that weekends are part of what is known of its habits.
POLLS_KEPT = 500


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source; all empty before its first poll. `failures` counts those in a row.

    `due_at` was planned by `schedule`; None where nobody has planned since the last poll.
    """

    source_id: str
    due_at: datetime | None = None
    schedule: str | None = None
    not_before_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None
    failures: int = 0
    last_offered: int = 0
    last_new: int = 0


@dataclass(frozen=True, slots=True)
class Poll:
    """One look at a source: how many candidates it offered, and how many were new."""

    at: datetime
    ok: bool
    offered: int
    new: int
    error: str | None


_STATE = (
    SourceStates.source_id,
    SourceStates.due_at,
    SourceStates.schedule,
    SourceStates.not_before_at,
    SourceStates.last_poll_at,
    SourceStates.last_success_at,
    SourceStates.last_error,
    SourceStates.failures,
    SourceStates.last_offered,
    SourceStates.last_new,
)


def source_state(s: Session, source_id: str) -> SourceState:
    """The state of one source."""
    row = s.execute(select(*_STATE).where(SourceStates.source_id == source_id)).one_or_none()
    return SourceState(source_id) if row is None else SourceState(**row._asdict())


def source_states(s: Session) -> dict[str, SourceState]:
    """The states of all sources that were ever polled or planned, by id."""
    return {row.source_id: SourceState(**row._asdict()) for row in s.execute(select(*_STATE))}


def plan_poll(s: Session, source_id: str, due_at: datetime, schedule: str) -> None:
    """Note when a source is due, and by which schedule."""
    values: dict[str, Any] = {"due_at": due_at, "schedule": schedule}
    first: dict[str, Any] = {"failures": 0, "last_offered": 0, "last_new": 0}
    statement = upsert(s, SourceStates).values(source_id=source_id, **values, **first)
    s.execute(statement.on_conflict_do_update(index_elements=["source_id"], set_=values))


def record_poll(
    s: Session,
    source_id: str,
    *,
    now: datetime,
    ok: bool,
    error: str | None,
    offered: int,
    new: int,
    not_before_at: datetime | None = None,
) -> None:
    """Note how a poll went; when the next is due is to be planned again. A failure keeps the time of the last success;
    `not_before_at` is what the server asked for. Of the polls of a source the last POLLS_KEPT are kept.
    """
    values: dict[str, Any] = {
        "due_at": None,
        "not_before_at": not_before_at,
        "last_poll_at": now,
        "last_error": error,
    }
    values |= {"last_offered": offered, "last_new": new, "failures": 0 if ok else 1}
    if ok:
        values["last_success_at"] = now
    changes = values if ok else values | {"failures": SourceStates.failures + 1}
    statement = upsert(s, SourceStates).values(source_id=source_id, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["source_id"], set_=changes))
    s.execute(
        insert(Polls).values(
            source_id=source_id, at=now, ok=ok, offered=offered, new=new, error=error
        )
    )
    oldest_kept = (
        select(Polls.at)
        .where(Polls.source_id == source_id)
        .order_by(Polls.at.desc(), Polls.id.desc())
    )
    nth_at = oldest_kept.limit(1).offset(POLLS_KEPT - 1).scalar_subquery()
    s.execute(delete(Polls).where(Polls.source_id == source_id, Polls.at < nth_at))


def last_polls(s: Session, source_id: str, n: int) -> list[Poll]:
    """The last `n` polls of a source, newest first."""
    columns = (Polls.at, Polls.ok, Polls.offered, Polls.new, Polls.error)
    newest = (
        select(*columns)
        .where(Polls.source_id == source_id)
        .order_by(Polls.at.desc(), Polls.id.desc())
        .limit(n)
    )
    return [Poll(*row) for row in s.execute(newest)]


# --- conditional requests -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validators:
    """What to send as If-None-Match and If-Modified-Since; `body_hash` tells a repeated body apart."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


def validators(s: Session, url: str) -> Validators:
    """What was kept for this URL; empty if nothing."""
    columns = (ValidatorRows.etag, ValidatorRows.last_modified, ValidatorRows.body_hash)
    row = s.execute(select(*columns).where(ValidatorRows.url_hash == hash_of(url))).one_or_none()
    return Validators() if row is None else Validators(*row)


def save_validators(
    s: Session,
    url: str,
    etag: str | None,
    last_modified: str | None,
    body_hash: str | None = None,
    *,
    now: datetime,
) -> None:
    """Keep what the last full answer from this URL gave."""
    values = {"etag": etag, "last_modified": last_modified, "body_hash": body_hash, "saved_at": now}
    statement = upsert(s, ValidatorRows).values(url_hash=hash_of(url), url=url, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["url_hash"], set_=values))


# --- the frontier -------------------------------------------------------------------------------


# A sitemap offers the same thousands of addresses at every look: noting each time that it does would write them all.
OFFER_NOTED_EVERY = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """A document URL that was claimed for fetching; `attempts` counts this one."""

    id: int
    url: str
    source_id: str
    candidate: Candidate
    attempts: int


def offer(
    s: Session,
    source_id: str,
    candidates: Iterable[Candidate],
    now: datetime,
    *,
    again: bool = False,
) -> int:
    """Put candidates on the frontier, unique by URL (canonical, as given); how many were new.

    URLs seen before are left alone, unless `again`: then those already done are fetched once more (a
    watched page). That they are still offered is noted once in ten days.
    """
    by_hash = {hash_of(candidate.url): candidate for candidate in candidates}
    new = 0
    for chunk in chunks(by_hash):
        offers = select(Frontier.url_hash, Frontier.last_offered_at).where(
            Frontier.url_hash.in_(chunk)
        )
        seen = {row.url_hash: row.last_offered_at for row in s.execute(offers)}
        rows = [
            _waiting(url_hash, source_id, by_hash[url_hash], now)
            for url_hash in chunk
            if url_hash not in seen
        ]
        if rows:
            s.execute(insert(Frontier), rows)
            new += len(rows)
        if again and seen:
            _wait_again(s, seen, now)
        stale = [
            url_hash for url_hash, at in seen.items() if at is None or at < now - OFFER_NOTED_EVERY
        ]
        if stale:
            s.execute(
                update(Frontier).where(Frontier.url_hash.in_(stale)).values(last_offered_at=now)
            )
    return new


def _waiting(url_hash: str, source_id: str, candidate: Candidate, now: datetime) -> dict[str, Any]:
    published = candidate.published_on.isoformat() if candidate.published_on else None
    kept = {"title": candidate.title, "published_on": published, "language": candidate.language}
    return {
        "url_hash": url_hash,
        "url": candidate.url,
        "source_id": source_id,
        "candidate": clean_json(kept),
        "state": "waiting",
        "not_before_at": now,
        "attempts": 0,
        "offered_at": now,
        "last_offered_at": now,
    }


def _wait_again(s: Session, url_hashes: Collection[str], now: datetime) -> None:
    settled = Frontier.state.in_(("done", "given_up"))
    values = {"state": "waiting", "not_before_at": now, "attempts": 0, "outcome": None}
    s.execute(update(Frontier).where(Frontier.url_hash.in_(url_hashes), settled).values(values))


def claim(
    s: Session, limit: int, now: datetime, lease_s: float, source_ids: Collection[str] | None = None
) -> list[FrontierRow]:
    """Lease up to `limit` due rows for `lease_s` seconds, sources taking turns.

    A lease that ran out is due again, so a killed run loses nothing. `source_ids` narrows the choice.
    """
    turn = func.row_number().over(partition_by=Frontier.source_id, order_by=Frontier.id)
    due = (
        select(Frontier.id).where(_is_due(now, source_ids)).order_by(turn, Frontier.id).limit(limit)
    )
    ids = s.scalars(due).all()
    lease = {
        "state": "leased",
        "not_before_at": now + timedelta(seconds=lease_s),
        "attempts": Frontier.attempts + 1,
    }
    for chunk in chunks(ids):
        s.execute(update(Frontier).where(Frontier.id.in_(chunk)).values(lease))
    return _claimed(s, ids)


def _is_due(now: datetime, source_ids: Collection[str] | None) -> Any:
    due = Frontier.state.in_(("waiting", "leased")) & (Frontier.not_before_at <= now)
    return due if source_ids is None else due & Frontier.source_id.in_(source_ids)


def _claimed(s: Session, ids: Sequence[int]) -> list[FrontierRow]:
    columns = (Frontier.id, Frontier.url, Frontier.source_id, Frontier.candidate, Frontier.attempts)
    found = {}
    for chunk in chunks(ids):
        for row in s.execute(select(*columns).where(Frontier.id.in_(chunk))):
            candidate = _candidate(row.url, row.candidate)
            found[row.id] = FrontierRow(row.id, row.url, row.source_id, candidate, row.attempts)
    return [found[row_id] for row_id in ids]


def _candidate(url: str, kept: dict[str, Any]) -> Candidate:
    published = kept["published_on"]
    return Candidate(
        url, kept["title"], date.fromisoformat(published) if published else None, kept["language"]
    )


def done(s: Session, row_id: int, outcome: str, document_id: int | None = None) -> None:
    """Settle a row: it was fetched, with this outcome ("stored", "duplicate", "not_modified", ...)."""
    values = {"state": "done", "outcome": outcome, "document_id": document_id}
    s.execute(update(Frontier).where(Frontier.id == row_id).values(values))


def retry(s: Session, row_id: int, not_before_at: datetime, reason: str) -> None:
    """Let a row wait until `not_before_at`."""
    values = {"state": "waiting", "not_before_at": not_before_at, "outcome": reason}
    s.execute(update(Frontier).where(Frontier.id == row_id).values(values))


def give_up(s: Session, row_id: int, reason: str) -> None:
    """Settle a row that will not be fetched; `reason` is counted in run reports."""
    s.execute(
        update(Frontier).where(Frontier.id == row_id).values(state="given_up", outcome=reason)
    )


def in_flight(s: Session, now: datetime | None = None) -> int:
    """How many rows are leased; with `now`, only those whose lease still holds."""
    leased = select(func.count()).select_from(Frontier).where(Frontier.state == "leased")
    return s.execute(
        leased if now is None else leased.where(Frontier.not_before_at > now)
    ).scalar_one()


def next_due_at(s: Session, source_ids: Collection[str] | None = None) -> datetime | None:
    """When the next waiting or leased row is due; None where the frontier is empty."""
    earliest = select(func.min(Frontier.not_before_at)).where(
        Frontier.state.in_(("waiting", "leased"))
    )
    return s.scalar(
        earliest if source_ids is None else earliest.where(Frontier.source_id.in_(source_ids))
    )


def left_over(s: Session, now: datetime) -> dict[str, int]:
    """How many documents of each source could be fetched now, those among them that a run has leased."""
    open_now = (Frontier.state == "leased") | (
        (Frontier.state == "waiting") & (Frontier.not_before_at <= now)
    )
    counted = select(Frontier.source_id, func.count().label("waiting"))
    rows = s.execute(counted.where(open_now).group_by(Frontier.source_id))
    return {row.source_id: row.waiting for row in rows}


def oldest_offer_at(s: Session) -> datetime | None:
    """Since when the oldest document waits that was offered and neither fetched nor given up; None where none does."""
    return s.scalar(
        select(func.min(Frontier.offered_at)).where(Frontier.state.in_(("waiting", "leased")))
    )


def release(s: Session, now: datetime) -> int:
    """End all leases: for the start of a run that is known to be the only one. How many there were."""
    values = {"state": "waiting", "not_before_at": now}
    result = s.execute(update(Frontier).where(Frontier.state == "leased").values(values))
    return result.rowcount if isinstance(result, CursorResult) else 0
