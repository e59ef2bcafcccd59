"""Storing rows of lists of known agreements: clustered like reports, but no news."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.ingest.clustering import cluster
from crawler.ingest.ingest import replace_judgement
from storage.database.session import Session, savepoint
from storage.documents.copies import copy_groups, join_copies, stored_verdict
from storage.documents.documents import Origin, relevant_among, store, stored_under
from storage.documents.verdicts import replace_verdict, silence
from storage.errors import UnstorableError
from storage.notifications.outbox import NEVER_NEWS, queue_changes
from storage.records import Fingerprint, Judged
from storage.register.decisions import listed_by, still_listed


@dataclass(frozen=True, slots=True)
class RowOfList:
    """A document for each step of a row; `same_as`: ids of another row about the same agreement."""

    steps: tuple[Judged, ...]
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredRow:
    """The documents of a row, those new or changed, and why the database did not take it."""

    documents: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    fault: str = ""


def ingest_rows(s: Session, rows: Sequence[RowOfList], now: datetime) -> list[StoredRow]:
    """Store rows, which are never news, and bring the register up to date. Idempotent."""
    names = [step.document.external_id or "" for row in rows for step in row.steps]
    silent = {found for found, relevant in stored_under(s, names).values() if not relevant}
    stored_rows = [_stored_row(s, row, silent, now) for row in rows]
    _cluster(s, {one for row in stored_rows for one in row.changed}, now)
    return stored_rows


def relist(s: Session, listed: Collection[int], unlisted: Collection[int], now: datetime) -> None:
    """Let stored rows be reports of the register, or be none."""
    for document_id in listed:
        stood = stored_verdict(s, document_id)
        again = replace(stood.verdict, relevant=True, registers=True)
        marks = Fingerprint(copy_groups(s, [document_id])[document_id])
        replace_verdict(s, document_id, stood._replace(verdict=again), marks, now)
    silence(s, sorted(unlisted))
    _cluster(s, {*listed, *unlisted}, now)


def take_back(s: Session, decision_id: int, now: datetime) -> None:
    """Take an undone import of a list out of the register, but for what an earlier one has."""
    named = listed_by(s, decision_id)
    staying = still_listed(s, named)
    reported = relevant_among(s, named)
    relist(s, staying - reported, reported - staying, now)


def _cluster(s: Session, document_ids: Collection[int], now: datetime) -> None:
    changes = cluster(s, document_ids, now)
    queue_changes(s, (), changes, now=now, oldest=NEVER_NEWS)


def _stored_row(s: Session, row: RowOfList, silent: set[int], now: datetime) -> StoredRow:
    try:
        with savepoint(s):
            return _store(s, row, silent, now)
    except UnstorableError as error:
        return StoredRow(fault=str(error))


def _store(s: Session, row: RowOfList, silent: set[int], now: datetime) -> StoredRow:
    documents, changed = [], []
    for judged in row.steps:
        stored = store(s, judged, Origin(now))
        number = stored.document_id
        if number in silent and not stored.changed:
            replace_judgement(s, number, judged, now)  # it was in the list before, and is again
        documents.append(number)
        if stored.created or stored.changed or number in silent:
            changed.append(number)
    if changed:
        twins = (number for number, _ in stored_under(s, row.same_as).values())
        join_copies(s, [*documents, *twins])  # the register keeps together what is one text
    return StoredRow(tuple(documents), tuple(changed))
