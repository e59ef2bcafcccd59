"""Importing a list of agreements that are known already: they enter the register, and are no news.

An import is one decision, which `curate undo` takes back as a whole. Importing a list again brings
it up to date: rows that it does not have any more leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from crawler.ingest.listing import KeptRow, ingest_rows, relist
from scheduler.lists.columns import HEADER_WITHIN, ListColumns, find_columns, is_header
from scheduler.lists.rows import ListedAgreement, RowFault, RowReading, read_row
from scheduler.lists.sheets import Sheet
from scheduler.lists.stored_rows import ListName, key_of, row_of_list
from scheduler.lists.twins import RowTwin, RowTwins
from scheduler.words.lines import clean
from storage import queries
from storage.database.session import Database, Session
from storage.documents.documents import reports_of_source
from storage.register.agreements import reported_among
from storage.register.decisions import add_decision, add_listed, drop_decision
from storage.register.records import Decision, DecisionKind, NamedRow

# As large as the batches of documents are: the register is read once for all of it.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ListWish:
    """How a list is to be read: columns that the person named, parties of all of its agreements,
    and whether months stand before days.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    parties: tuple[str, ...] = ()
    month_first: bool = False


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row. `agreement` is where it stands, `is_reported` whether published reports
    tell of that agreement too, `twin` the number of another row about the same agreement.
    """

    row: ListedAgreement
    agreement: str = ""
    is_reported: bool = False
    twin: int | None = None
    is_fresh: bool = True


@dataclass(slots=True)
class ImportedList:
    """What an import did. `decision` is the number that undoes it; None if nothing changed. `left`
    are the documents of rows that the list does not have any more, `stayed` those that may be such.
    """

    read: int = 0
    known: int = 0
    joined: int = 0
    twins: int = 0
    unchanged: int = 0
    left: int = 0
    stayed: int = 0
    decision: int | None = None
    faults: list[RowFault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Importing:
    """An import on its way. `seen` are the documents of the rows that were stored."""

    of: ListName
    now: datetime
    done: ImportedList
    tell: Callable[[RowOutcome], None]
    twins: RowTwins = field(default_factory=RowTwins)
    seen: set[int] = field(default_factory=set)


def read_list(
    sheet: Sheet, wish: ListWish, file: str, now: datetime
) -> tuple[ListColumns, Iterator[ListedAgreement | RowFault]]:
    """The columns of a list, and its rows as they are read. Raises AccordwatchError."""
    rows = ((number, [*map(_shown, cells)], cells) for number, cells in sheet.rows)
    first = list(islice(rows, HEADER_WITHIN))
    columns = find_columns([(number, shown) for number, shown, _ in first], wish.columns, file)
    reading = RowReading(
        columns=columns,
        today=now.date(),
        parties=wish.parties,
        month_first=wish.month_first,
        since_1904=sheet.since_1904,
    )
    return columns, _agreements(chain(first, rows), reading)


def _agreements(
    rows: Iterable[tuple[int, Sequence[str], Sequence[object]]], reading: RowReading
) -> Iterator[ListedAgreement | RowFault]:
    header = reading.columns.header
    for number, shown, cells in rows:
        is_data = number > header and any(cell.strip() for cell in shown)
        if is_data and not (number == header + 1 and is_header(shown, reading.columns)):
            yield read_row(number, cells, reading)


def _shown(cell: object) -> str:
    return "" if cell is None else clean(str(cell))


def import_list(
    database: Database,
    rows: Iterable[ListedAgreement | RowFault],
    of: ListName,
    who: str,
    now: datetime,
    tell: Callable[[RowOutcome], None] = lambda _: None,
    *,
    note: str = "",
) -> ImportedList:
    """Store the agreements of a list, in batches of one transaction each.

    A row with a fault is left out and named. `tell` hears what became of each other row. `note`
    is kept with the decision.
    """
    work = _Importing(of, now, ImportedList(), tell)
    with database.begin() as s:
        decision = add_decision(s, _decision(of, who, now, note))
    for batch in _batches(rows, work.done):
        with database.begin() as s:
            _store(s, batch, decision, work)
    with database.begin() as s:
        _finish(s, decision, work)
    return work.done


def try_list(
    database: Database,
    rows: Iterable[ListedAgreement | RowFault],
    of: ListName,
    now: datetime,
    tell: Callable[[RowOutcome], None],
) -> ImportedList:
    """Do what `import_list` does and take it back, so that it tells what would really happen."""
    work = _Importing(of, now, ImportedList(), tell)
    with database.begin() as s:
        _import_whole(s, rows, work, "nobody", "")
        s.rollback()
    return work.done


def import_short_list(
    database: Database,
    rows: Iterable[ListedAgreement | RowFault],
    of: ListName,
    who: str,
    now: datetime,
    *,
    note: str,
) -> ImportedList:
    """Do what `import_list` does in one transaction: if it is killed, nothing of it is stored."""
    work = _Importing(of, now, ImportedList(), lambda _: None)
    with database.begin() as s:
        _import_whole(s, rows, work, who, note)
    return work.done


def _import_whole(
    s: Session, rows: Iterable[ListedAgreement | RowFault], work: _Importing, who: str, note: str
) -> None:
    decision = add_decision(s, _decision(work.of, who, work.now, note))
    for batch in _batches(rows, work.done):
        _store(s, batch, decision, work)
    _finish(s, decision, work)


def _decision(of: ListName, who: str, now: datetime, note: str) -> Decision:
    why = f"{of.id}: {of.name}" + (f" ({note})" if note else "")
    return Decision(DecisionKind.LIST, (), who=who, why=why, at=now)


def _batches(
    rows: Iterable[ListedAgreement | RowFault], done: ImportedList
) -> Iterator[list[ListedAgreement]]:
    batch: list[ListedAgreement] = []
    for row in rows:
        done.read += 1
        if isinstance(row, RowFault):
            done.faults.append(row)
            continue
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _store(s: Session, batch: list[ListedAgreement], decision: int, work: _Importing) -> None:
    found = [(row, work.twins.of(row, key_of(row))) for row in batch]
    stored = [row_of_list(row, work.of, twin) for row, twin in found]
    kept = ingest_rows(s, stored, work.now)
    homes = queries.agreements_of(s, (one for row in kept for one in row.documents))
    reported = reported_among(s, set(homes.values()))
    pinned: dict[int, NamedRow] = {}
    for (row, twin), one in zip(found, kept, strict=True):
        if one.fault:
            work.done.faults.append(RowFault(row.number, one.fault))
            continue
        named = NamedRow(row.reference or f"row {row.number}", row.url)
        pinned |= dict.fromkeys(one.documents, named)
        work.tell(_counted(row, twin, one, homes, reported, work.done))
    work.seen.update(pinned)
    add_listed(s, decision, pinned)


def _counted(
    row: ListedAgreement,
    twin: RowTwin,
    kept: KeptRow,
    homes: Mapping[int, str],
    reported: set[str],
    done: ImportedList,
) -> RowOutcome:
    home = homes.get(kept.documents[0], "")
    is_reported, is_fresh = home in reported, bool(kept.fresh)
    is_twin = twin.nth > 1
    done.twins += is_twin
    done.joined += is_reported and not is_twin
    done.known += not is_twin
    done.unchanged += not is_fresh
    return RowOutcome(
        row=row,
        agreement=home,
        is_reported=is_reported,
        twin=twin.number if is_twin else None,
        is_fresh=is_fresh,
    )


def _finish(s: Session, decision: int, work: _Importing) -> None:
    """Let what is no row of the list any more leave, and forget a decision that changed nothing.

    Where a row could not be read, or none was there, nothing leaves: what is missing may be that
    row, and a wrong charset must not empty a list.
    """
    gone = [one for one in reports_of_source(s, work.of.source_id) if one not in work.seen]
    if work.done.faults or not work.seen:
        work.done.stayed, gone = len(gone), []
    relist(s, (), gone, work.now)
    add_listed(s, decision, {}, gone)
    work.done.left = len(gone)
    stored = work.done.known + work.done.twins
    if work.done.unchanged == stored and not gone:
        drop_decision(s, decision)
    else:
        work.done.decision = decision
