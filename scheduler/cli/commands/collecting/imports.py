"""`import FILE`: documents as if they had been collected, or a list of known agreements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from crawler.located_yaml import shortened
from scheduler.cli.context import configuration, login_name, opened_database
from scheduler.cli.output import Who, counted, names, print_jsonl, print_table, say
from scheduler.exchange.list_import import (
    Extent,
    ImportedList,
    ImportOrder,
    ListName,
    RowOutcome,
    import_list,
)
from scheduler.exchange.list_rows import (
    ListedAgreement,
    RowFault,
    given_columns,
    opened_rows,
    parties_in,
    read_rows,
)
from scheduler.jobs.documents_file import key_meant, opened_lines
from storage.errors import AccordwatchError

if TYPE_CHECKING:
    Rows = Iterator[ListedAgreement | RowFault]

# A wrong column has a fault in each row, and the first ones show as much as all.
_MOST_FAULTS = 50
_MOST_REMARKS = 20
_MOST_SHOWN = 1_000  # rows of a table; nobody reads as many, and rich needs 3 ms for each
_PROGRESS_EVERY = 5_000  # rows; half a minute apart
_LISTS = (".csv", ".tsv", ".txt", ".xlsx")


File = Annotated[
    str,
    Parameter(
        help="Documents in JSON lines (.jsonl, .jsonl.gz, - for stdin), or a list of known "
        "agreements with the columns of the template (.csv, .tsv, .txt, .xlsx).",
        allow_leading_hyphen=True,
    ),
]
Alerts = Annotated[
    bool,
    Parameter(
        negative="--no-alerts",
        help="--no-alerts: notify nobody of these documents, as of an archive.",
    ),
]
Name = Annotated[
    str | None, Parameter(name="--list", help="What readers see as its name; else the file's.")
]
ColumnMap = Annotated[
    tuple[str, ...],
    Parameter(
        name="--map",
        negative="",
        help="A column that is called otherwise: Pays=parties; may be given again.",
    ),
]
Party = Annotated[
    tuple[str, ...], Parameter(negative="", help="Takes part in every agreement of the list: EU.")
]
Sheet = Annotated[str | None, Parameter(help="The sheet of a workbook.")]
DryRun = Annotated[bool, Parameter(negative="", help="Show what each row becomes; store nothing.")]
Outcomes = Annotated[
    Literal["table", "jsonl"], Parameter(help="Of --dry-run: table for people, or jsonl.")
]


def import_(
    file: File,
    /,
    *,
    alerts: Alerts = True,
    list_: Name = None,
    map_: ColumnMap = (),
    party: Party = (),
    sheet: Sheet = None,
    dry_run: DryRun = False,
    format: Outcomes = "table",
    who: Who = None,
) -> int:
    """Importing the same file again changes nothing, or brings a list up to date; `curate undo`
    takes a list back. Exit 1 if a document or row does not fit: it is named, and the others are
    stored.
    """
    if Path(file).suffix.lower() not in _LISTS:
        if list_ or map_ or party or sheet or dry_run or who:
            lists = ", ".join(_LISTS)
            raise AccordwatchError(f"{file}: of documents only --no-alerts; lists end in {lists}")
        return _import_documents(file, alerts=alerts)
    columns, parties = given_columns(map_), _parties(party)
    of, now = _name(list_ or Path(file).stem), datetime.now(UTC)
    with opened_rows(file, sheet) as found:
        unread, rows = read_rows(found, file, now.date(), columns=columns, parties=parties)
        if unread:
            say(f"{file}: columns that are not read: {', '.join(unread)}")
        rows = _with_progress(rows, file)
        outcomes, remarks = list[RowOutcome](), _Remarks(file)
        on_outcome = outcomes.append if dry_run else remarks.add
        by = "" if dry_run else login_name() if who is None else who
        with opened_database(configuration()) as database:
            extent = Extent.DRY_RUN if dry_run else Extent.BATCHES
            order = ImportOrder(of, by, now, extent=extent)
            done = import_list(database, rows, order, on_outcome)
        if dry_run:
            _show(file, outcomes, format)
        remarks.print_rest()
    for fault in done.faults[:_MOST_FAULTS]:
        say(f"{file}: row {fault.number}, {fault.message}; the row is not stored")
    others = len(done.faults) - _MOST_FAULTS
    if others > 0:
        say(f"{file}: {others} more rows are not stored; is each column what its header says?")
    say(_summary(done, dry_run=dry_run))
    return 1 if done.faults else 0


def _with_progress(rows: Rows, file: str) -> Rows:
    for number, row in enumerate(rows, 1):
        yield row
        if number % _PROGRESS_EVERY == 0:
            say(f"{file}: {number:,} rows read ...")


def _parties(written: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(code for one in written for code in parties_in(one))
    except ValueError as error:
        raise AccordwatchError(f"--party: {error}") from error


def _name(name: str) -> ListName:
    slug = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:60]
    if not slug:
        raise AccordwatchError(f"--list {name!r}: a name has letters or figures")
    return ListName(slug, name)


class _Remarks:
    """Prints the cells of stored rows that were left out: the first ones, and how many more."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0

    def add(self, outcome: RowOutcome) -> None:
        for remark in outcome.row.remarks:
            self._count += 1
            if self._count <= _MOST_REMARKS:
                say(f"{self._file}: row {outcome.row.number}, {remark}; left out")

    def print_rest(self) -> None:
        if self._count > _MOST_REMARKS:
            say(f"{self._file}: {self._count - _MOST_REMARKS} more cells were left out")


def _show(file: str, outcomes: Sequence[RowOutcome], format: str) -> None:
    if format == "jsonl":
        print_jsonl(map(_as_json, outcomes))
        return
    remarks = _Remarks(file)
    for outcome in outcomes:
        remarks.add(outcome)
    remarks.print_rest()
    rows = (
        (
            str(row_outcome.row.number),
            names(row_outcome.row.parties),
            row_outcome.row.title or str(row_outcome.row.kind or ""),
            ", ".join(f"{status} {day}" for status, day in row_outcome.row.days.items()),
            _fate(row_outcome),
        )
        for row_outcome in outcomes[:_MOST_SHOWN]
    )
    print_table("", ("row", "parties", "agreement", "steps", "becomes"), rows)
    if len(outcomes) > _MOST_SHOWN:
        say(f"{len(outcomes) - _MOST_SHOWN:,} more rows: --format jsonl prints all of them")


def _fate(row_outcome: RowOutcome) -> str:
    if row_outcome.twin is not None:
        return f"the same as row {row_outcome.twin}"
    if row_outcome.is_reported:
        return f"joins {row_outcome.agreement}"
    return "known" if row_outcome.is_fresh else f"stays {row_outcome.agreement}"


def _as_json(row_outcome: RowOutcome) -> dict[str, object]:
    row = row_outcome.row
    return {
        "row": row.number,
        "parties": list(row.parties),
        "title": row.title,
        "instrument": row.kind,
        "topics": list(row.topics),
        "steps": [{"status": status, "on": str(day)} for status, day in row.days.items()],
        "place": row.place,
        "url": row.url,
        "reference": row.reference,
        "joins": row_outcome.agreement if row_outcome.is_reported else None,
        "same_as_row": row_outcome.twin,
        "remarks": list(row.remarks),
    }


def _summary(done: ImportedList, *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    text = f"{counted(done.read, 'row')} read: {counted(done.known, 'agreement')} {would}known"
    parts = (
        (done.joined, "that published reports mention, too"),
        (done.twins, "about the same as another row"),
        (done.unchanged, "as before"),
        (done.left, "no longer in the list and taken out"),
        (done.stayed, "left from before, until every row can be read"),
        (len(done.faults), "not stored"),
    )
    text = ", ".join([text, *(f"{number} {what}" for number, what in parts if number)])
    if dry_run:
        return f"{text}. Nothing was stored."
    if done.decision is None:
        return f"{text}. Nothing changed."
    return f"{text}. Nobody is alerted. To take it back: accordwatch curate undo {done.decision}"


# --- documents -----------------------------------------------------------------------------------

_MOST_PROBLEMS = 20  # likewise
_MOST_KEYS = 8


def _import_documents(file: str, *, alerts: bool) -> int:
    from scheduler.jobs.importing import import_lines

    chosen, now = configuration(), datetime.now(UTC)
    name = "stdin" if file == "-" else file
    with opened_database(chosen) as database, opened_lines(file) as lines:
        done = import_lines(database, chosen, lines, name, now=now, alerts=alerts)
    if unread := [*map(_unread, done.unread.most_common(_MOST_KEYS))]:
        others = len(done.unread) - len(unread)
        more = f", and {others} more" if others else ""
        say(f"{name}: keys that are not read: {', '.join(unread)}{more}")
    if not done.read and len(done.problems) > 1:
        lines_read = f"none of its {len(done.problems)} lines is a document in JSON"
        say(f"accordwatch: nothing is stored: {name}: {lines_read}; the first: {done.problems[0]}")
        return 1
    for line in done.problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: not stored: {line}")
    others = len(done.problems) - _MOST_PROBLEMS
    if others > 0:
        say(f"accordwatch: not stored: {others} more; is this a file of JSON lines?")
    say(done.summary)
    return 1 if done.problems else 0


def _unread(counted_key: tuple[str, int]) -> str:
    """ "url in 25 lines (did you mean source_url?)"."""
    key, lines = counted_key
    meant = key_meant(key)
    hint = f" (did you mean {meant}?)" if meant else ""
    return f"{shortened(key)} in {counted(lines, 'line')}{hint}"
