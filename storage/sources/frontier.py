"""The frontier: document URLs that sources offered, and how far each one has come.

A row is `waiting`, `leased` to a run that fetches it, `done` or `given_up`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Executable, Select, bindparam, case, func, insert, select, union_all, update

from storage.addresses import key_of
from storage.database import sql
from storage.database.columns import json_of, record_of
from storage.database.session import Session
from storage.records import Candidate
from storage.sources.tables import Frontier

# A sitemap offers the same thousands of URLs at every look. Updating `last_offered_at` each time
# would rewrite all of these rows, so it is only accurate to this interval.
OFFER_NOTED_EVERY = timedelta(days=10)

OPEN = ("waiting", "leased")
_SETTLED = ("done", "given_up")


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """A document URL that was claimed for fetching. `attempts` includes the current one. An attempt
    counts once it has failed: what was claimed, and then given back or lost because the run was
    killed, was never answered.
    """

    id: int
    url: str
    source_id: str
    candidate: Candidate
    attempts: int


# --- offering -----------------------------------------------------------------------------------


def offer(
    s: Session,
    source_id: str,
    candidates: Iterable[Candidate],
    now: datetime,
    *,
    again: bool = False,
) -> int:
    """Put candidates on the frontier, and return how many of them were new. Of the URLs with one
    key (`storage.addresses`) the first stands on the frontier, as it was offered. URLs whose key is
    there already are left alone; with `again`, those that were settled are fetched once more (for a
    watched page).
    """
    by_hash: dict[str, Candidate] = {}
    for candidate in candidates:
        by_hash.setdefault(key_hash(candidate.url), candidate)
    new = 0
    for chunk in sql.chunks(by_hash):
        last_offers = sql.values_by(s, Frontier.url_hash, Frontier.last_offered_at, chunk)
        fresh = [
            _waiting(source_id, by_hash[url_hash], url_hash, now)
            for url_hash in chunk
            if url_hash not in last_offers
        ]
        if fresh:
            s.execute(insert(Frontier), fresh)
            new += len(fresh)
        if again and last_offers:
            settled = Frontier.state.in_(_SETTLED)
            known, begun = Frontier.url_hash.in_(last_offers), {"attempts": 0, "outcome": None}
            sql.change(s, Frontier, known, settled, state="waiting", not_before_at=now, **begun)
        _note_offers(s, last_offers, now)
    return new


def unseen(s: Session, urls: Iterable[str]) -> set[str]:
    """Return those of the URLs that are not on the frontier, under whatever address."""
    hash_by_url = {url: key_hash(url) for url in urls}
    hashes = set(hash_by_url.values())
    known = sql.values_among(s, Frontier.url_hash, Frontier.url_hash, hashes)
    return {url for url, hashed in hash_by_url.items() if hashed not in known}


def key_hash(url: str) -> str:
    """Return what a URL stands under on the frontier: the hash of its key."""
    return sql.hash_of(key_of(url))


def _waiting(source_id: str, candidate: Candidate, url_hash: str, now: datetime) -> dict[str, Any]:
    items = json_of(candidate).items()
    return {
        "url_hash": url_hash,
        "url": candidate.url,
        "source_id": source_id,
        "candidate": {key: value for key, value in items if key != "url" and value is not None},
        "state": "waiting",
        "not_before_at": now,
        "attempts": 0,
        "offered_at": now,
        "last_offered_at": now,
    }


def _note_offers(s: Session, last_offers: dict[str, datetime | None], now: datetime) -> None:
    noted_before = now - OFFER_NOTED_EVERY
    stale = [url_hash for url_hash, at in last_offers.items() if at is None or at < noted_before]
    if stale:
        sql.change(s, Frontier, Frontier.url_hash.in_(stale), last_offered_at=now)


# --- fetching -----------------------------------------------------------------------------------


def claim(
    s: Session, shares: Iterable[tuple[int, Collection[str]]], now: datetime, lease_s: float
) -> list[list[FrontierRow]]:
    """Lease due rows of groups of sources for `lease_s` seconds. Each share is the most rows and
    the sources of a group, which are taken in turn; no source may be in two of them. Of each
    source, the row that has been due for longest comes first. A row whose lease ran out is due
    again, so a killed run loses nothing.
    """
    due = [_first_due(s, limit, now, sources) for limit, sources in shares]
    ids = [row_id for group in due for row_id in group]
    rows = iter(_read_rows(s, _LEASE, ids, {"until_at": now + timedelta(seconds=lease_s)}))
    return [list(islice(rows, len(group))) for group in due]


def _first_due(s: Session, limit: int, now: datetime, sources: Collection[str]) -> list[int]:
    first = [row for source_id in sources for row in _longest_due(s, source_id, limit, now)]
    return [row_id for *_, row_id in sorted(first)[:limit]]


def _longest_due(
    s: Session, source_id: str, limit: int, now: datetime
) -> list[tuple[int, datetime, int]]:
    """Return (turn, since when it is due, id) of the next rows of a source."""
    values = {"source_id": source_id, "now": now, "most": limit}
    due = [(row.not_before_at, row.id) for row in s.execute(_NEXT, values)]
    return [(turn, *row) for turn, row in enumerate(sorted(due)[:limit])]


def _next_in(state: str) -> Select[tuple[datetime, int]]:
    first = (
        select(Frontier.not_before_at, Frontier.id)
        .where(
            Frontier.source_id == bindparam("source_id"),
            Frontier.state == state,
            Frontier.not_before_at <= bindparam("now"),
        )
        .order_by(Frontier.not_before_at, Frontier.id)
        .limit(bindparam("most"))
        .subquery()
    )
    return select(first.c.not_before_at, first.c.id)


# Each state has a SELECT of its own, so that the index gives the rows in their order.
_NEXT = union_all(*map(_next_in, OPEN))


_COLUMNS = (Frontier.id, Frontier.url, Frontier.source_id, Frontier.candidate, Frontier.attempts)
_LEASE = (
    update(Frontier)
    .where(Frontier.id.in_(sql.IDS))
    .values(state="leased", not_before_at=bindparam("until_at"))
    .returning(*_COLUMNS)
)
_OF_ROWS = select(*_COLUMNS).where(Frontier.id.in_(sql.IDS))


def _read_rows(
    s: Session, statement: Executable, ids: Sequence[int], values: Mapping[str, Any]
) -> list[FrontierRow]:
    rows = {}
    for chunk in sql.chunks(ids):
        for row in s.execute(statement, {"ids": chunk, **values}):
            candidate = record_of(Candidate, row.candidate | {"url": row.url})
            rows[row.id] = FrontierRow(row.id, row.url, row.source_id, candidate, row.attempts + 1)
    return [rows[row_id] for row_id in ids]


def done(s: Session, row_id: int, outcome: str, document_id: int | None = None) -> None:
    """Settle a row that was fetched; `outcome` is "stored", "duplicate", "not_modified" ..."""
    all_done(s, [(row_id, outcome, document_id)])


def all_done(s: Session, rows: Iterable[tuple[int, str, int | None]]) -> None:
    """Settle rows, given as (id, outcome, document), with one statement for any number of them."""
    names = ("row_id", "how", "stored_id")
    settled = [dict(zip(names, row, strict=True)) for row in rows]
    if settled:
        s.execute(_DONE, settled)


_DONE = (
    update(Frontier)
    .where(Frontier.id == bindparam("row_id"))
    .values(state="done", outcome=bindparam("how"), document_id=bindparam("stored_id"))
)


def retry(s: Session, row_id: int, not_before_at: datetime, reason: str) -> None:
    """Let a row whose attempt failed wait until `not_before_at`, when it is due again."""
    values = {"state": "waiting", "not_before_at": not_before_at, "outcome": reason}
    _set(s, row_id, **values, attempts=Frontier.attempts + 1)


def put_off(s: Session, row_id: int, not_before_at: datetime, reason: str) -> None:
    """Let a row wait that was claimed, but could not be requested. This is no attempt."""
    _set(s, row_id, state="waiting", not_before_at=not_before_at, outcome=reason)


def give_back(s: Session, row_id: int, now: datetime, reason: str) -> None:
    """Let a row be due that was claimed but not requested. This is no attempt either."""
    put_off(s, row_id, now, reason)
    sql.change(s, Frontier, Frontier.id == row_id, not_before_at=_in_place(now))


def give_up(s: Session, row_id: int, reason: str) -> None:
    """Settle a row that will not be fetched; run reports count the `reason`."""
    _set(s, row_id, state="given_up", outcome=reason)


def row_of(s: Session, url: str) -> FrontierRow | None:
    """Return the row of a URL, whatever its state; None if there is none (any more)."""
    row_id = s.scalar(select(Frontier.id).where(Frontier.url_hash == key_hash(url)))
    return None if row_id is None else _read_rows(s, _OF_ROWS, [row_id], {})[0]


def document_of(s: Session, row_id: int) -> int | None:
    return s.scalar(select(Frontier.document_id).where(Frontier.id == row_id))


def _in_place(now: datetime) -> Any:
    """The moment that makes a row due now and gives it its place before what was offered later."""
    return case((Frontier.offered_at < now, Frontier.offered_at), else_=now)


def _set(s: Session, row_id: int, **values: Any) -> None:
    sql.change(s, Frontier, Frontier.id == row_id, **values)


def release(s: Session, now: datetime, source_ids: Collection[str] | None = None) -> int:
    """End all leases (of these sources) and return how many there were. Only for the start of a run
    that is known to be the only one, or the only one at the hosts of these sources.
    """
    leased = Frontier.state == "leased"
    if source_ids is not None:
        leased &= Frontier.source_id.in_(source_ids)
    return sql.change(s, Frontier, leased, state="waiting", not_before_at=_in_place(now))


# --- looking ------------------------------------------------------------------------------------


def next_due_at(s: Session, source_ids: Collection[str]) -> datetime | None:
    """Return when the next open row of these sources is due; None if there is none."""
    return s.scalar(_NEXT_DUE, {"ids": list(source_ids)})


_NEXT_DUE: Select[datetime] = select(func.min(Frontier.not_before_at)).where(
    Frontier.state.in_(OPEN), Frontier.source_id.in_(sql.IDS)
)


def left_over(s: Session, now: datetime) -> dict[str, int]:
    """Count, for each source, the documents that are due now or leased to a run."""
    is_due = (Frontier.state == "waiting") & (Frontier.not_before_at <= now)
    counted = select(Frontier.source_id, func.count().label("waiting"))
    of_now = counted.where((Frontier.state == "leased") | is_due)
    rows = s.execute(of_now.group_by(Frontier.source_id))
    return {row.source_id: row.waiting for row in rows}


def oldest_offer_at(s: Session) -> datetime | None:
    oldest = select(func.min(Frontier.offered_at))
    return s.scalar(oldest.where(Frontier.state.in_(OPEN)))
