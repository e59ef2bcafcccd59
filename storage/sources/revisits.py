"""Reports are looked at again, ever less often, since texts are corrected and taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from storage.database import sql
from storage.database.session import Session
from storage.documents.tables import Documents
from storage.records import Candidate
from storage.sources.frontier import OPEN, key_hash, offer
from storage.sources.ledger import Tally, write
from storage.sources.tables import Frontier, Revisits

# From one look to the next: most corrections come on the day itself. A text that changed is looked
# at from the beginning again.
WAITS = tuple(timedelta(hours=hours) for hours in (6, 24, 72, 168, 720, 2160))
# A page that is not there is believed to be withdrawn when it was not there so often, for so long:
# sites break for a day.
GONE_LOOKS, GONE_FOR = 3, timedelta(days=2)
_GONE_WAIT = timedelta(days=1)
_MOST = 500  # a run; the rest follows in the next one


def plan_revisits(s: Session, reports: Iterable[tuple[int, str]], now: datetime) -> None:
    """Plan the first look of reports, given as (document, source), unless it is planned."""
    first = {"due_at": now + WAITS[0], "looks": 0, "gone_looks": 0}
    rows = [{"document_id": number, "source_id": source, **first} for number, source in reports]
    sql.add_missing(s, Revisits, rows)


def planned_among(s: Session, document_ids: Iterable[int]) -> set[int]:
    """Return those of these documents that will be looked at again, or were."""
    return sql.values_among(s, Revisits.document_id, Revisits.document_id, document_ids)


def note_seen(s: Session, document_id: int, now: datetime, *, changed: bool) -> bool:
    """Note that a document was fetched again, plan the next look; whether one had been planned."""
    looks = s.scalar(select(Revisits.looks).where(Revisits.document_id == document_id))
    if looks is None:
        return False
    done = 0 if changed else looks + 1
    due_at = now + WAITS[done] if done < len(WAITS) else None
    values = {"looks": done, "due_at": due_at} | _IS_THERE
    sql.change(s, Revisits, Revisits.document_id == document_id, **values)
    return True


_IS_THERE = {"gone_looks": 0, "gone_since_at": None, "withdrawn_at": None}


def note_gone(s: Session, document_id: int, now: datetime) -> bool:
    """Note that a document's page is not there; whether that makes it withdrawn."""
    columns = (Revisits.gone_looks, Revisits.gone_since_at, Revisits.withdrawn_at)
    row = s.execute(select(*columns).where(Revisits.document_id == document_id)).one_or_none()
    if row is None or row.withdrawn_at is not None:
        return False
    since_at = row.gone_since_at or now
    is_withdrawn = row.gone_looks + 1 >= GONE_LOOKS and now - since_at >= GONE_FOR
    values = {
        "gone_looks": row.gone_looks + 1,
        "gone_since_at": since_at,
        "withdrawn_at": now if is_withdrawn else None,
        "due_at": now + (WAITS[-1] if is_withdrawn else _GONE_WAIT),
    }
    sql.change(s, Revisits, Revisits.document_id == document_id, **values)
    return is_withdrawn


def offer_due(s: Session, source_ids: Collection[str], now: datetime) -> int:
    """Put the reports of these sources that are to be looked at now on the frontier, and return how
    many they are. One that cannot be fetched is due again in a day.
    """
    columns = (Documents.id, Documents.url, Documents.title, Revisits.source_id)
    dated = (*columns, Documents.published_on, Documents.language)
    due = select(*dated).join(Documents, Documents.id == Revisits.document_id)
    due = due.where(Revisits.due_at <= now, Revisits.source_id.in_(source_ids))
    due = due.where(Documents.url.is_not(None)).order_by(Revisits.due_at).limit(_MOST)
    rows = s.execute(due).all()
    overdue = (Revisits.due_at < now - WAITS[-1]) & Revisits.source_id.not_in(source_ids)
    sql.change(s, Revisits, overdue, due_at=None)
    again: Counter[str] = Counter()
    left: Counter[str] = Counter()  # open rows of sources that are gone
    for row in rows:
        candidate = Candidate(row.url, row.title, row.published_on, row.language)
        same = Frontier.url_hash == key_hash(row.url)
        queued = s.execute(select(Frontier.source_id, Frontier.state).where(same)).one_or_none()
        offer(s, row.source_id, [candidate], now, again=True)
        is_open = queued is not None and queued.state in OPEN
        owner = queued.source_id if queued is not None else row.source_id
        if owner not in source_ids:  # nobody looks at that source: the row would never be claimed
            left[owner] += is_open
            owner, is_open = row.source_id, False
        again[owner] += not is_open
        # its row may have been forgotten, and be a new one now
        sql.change(s, Frontier, same, document_id=row.id, source_id=owner)
        sql.change(s, Revisits, Revisits.document_id == row.id, due_at=now + _GONE_WAIT)
    counted = [(source_id, Tally(again=n)) for source_id, n in again.items() if n]
    gone = ((source_id, {"source_removed": n}) for source_id, n in left.items() if n)
    write(s, now, [*counted, *((source_id, Tally(outcomes=names)) for source_id, names in gone)])
    return len(rows)


def withdrawn_at(s: Session, document_id: int) -> datetime | None:
    statement = select(Revisits.withdrawn_at).where(Revisits.document_id == document_id)
    return s.scalar(statement)
