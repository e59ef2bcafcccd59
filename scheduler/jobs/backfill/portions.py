"""The portions in which an archive is read, whatever it is."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.process.task import Task
from scheduler.jobs.documents_file import document_of_row, numbered_documents, opened_lines
from spiders.local import warc
from spiders.local.files import HeldFile, Portion, Room, files_of
from storage.errors import AccordwatchError, ConfigurationError, UnreadableError
from storage.records import Document
from storage.source import Source, SourceKind

LISTS = (".paths", ".paths.gz", ".txt")  # a file a line, as Common Crawl lists its archives
_WEB = (".warc", ".warc.gz", ".wacz")
_ROWS = (".jsonl", ".jsonl.gz", ".parquet")
_MOST_LISTED = 1_000_000  # lines of a list
_LISTED_BYTES = 200_000_000  # of a list, unpacked


def find_archives(named: Iterable[str]) -> tuple[list[HeldFile], list[str]]:
    """Return the archives at these paths, each once, by name, and a line for each thing that is
    wrong. Raises AccordwatchError if there is none at all.
    """
    files: dict[str, HeldFile] = {}
    problems: list[str] = []
    for path in map(Path, named):
        is_list = path.is_file() and path.name.lower().endswith(LISTS)
        for place in _listed(path, problems) if is_list else (path,):
            for file in _files_at(place, problems):
                files.setdefault(file.name, file)
    if not files:
        wanted = ", ".join((*_WEB, *_ROWS))
        problems = problems or [f"no archive there; their names end with {wanted}"]
        raise AccordwatchError("; ".join(problems[:5]))
    return [files[name] for name in sorted(files)], problems


def _listed(path: Path, problems: list[str]) -> Iterator[Path]:
    """The files that a list names, as seen from its folder."""
    try:
        with path.open("rb") as packed, ExitStack() as opened:
            is_packed = path.suffix == ".gz"
            stream = opened.enter_context(gzip.GzipFile(fileobj=packed)) if is_packed else packed
            lines = stream.read(_LISTED_BYTES).decode("utf-8", "replace").splitlines()
    except (OSError, EOFError, zlib.error) as error:
        problems.append(f"{path}: the list cannot be read: {error}")
        return
    for number, line in enumerate(lines[:_MOST_LISTED], 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        if "://" in entry:
            place = f"{path}:{number}: {entry[:100]}"
            problems.append(f"{place} is not on this machine; fetch it first")
        else:
            yield path.parent / entry


def _files_at(path: Path, problems: list[str]) -> Iterator[HeldFile]:
    if not path.exists():
        problems.append(f"{path}: there is no such file or folder")
        return
    web = Source(id="", kind=SourceKind.WARC, url=path.resolve().as_uri())
    for held_files, problem in (warc.files(web), files_of(web, lambda name: name.endswith(_ROWS))):
        if problem is not None:
            problems.append(problem)
        yield from held_files
    if path.is_file() and not path.name.lower().endswith((*_WEB, *_ROWS)):
        problems.append(f"{path}: no archive by its name")


PAGES = 20  # documents of a web archive that are cut out at a time: a second of work
ROWS = 200  # of a file of texts, which are small and quickly judged
# A film of some gigabytes among the pages is passed; its time is limited as that of all else.
_IN_VAIN = 500
_CLOSED = "closed"


# `problem` says what is wrong with the archive from `next_at` on.
ArchivePortion = Portion[Task | Document]
# Cuts a portion out of an archive at a place, maybe in another process, which may have to be
# stopped. Raises UnreadableError if nothing can be read there.
Cutter = Callable[[HeldFile, int, Room], Portion[Task | Document]]


def portions_of(
    file: HeldFile, at: int, cut: Cutter, columns: Mapping[str, str], max_bytes: int
) -> Iterator[ArchivePortion]:
    """Yield the portions of an archive from the place `at` on; the last one has `ended`."""
    if file.member or file.path.lower().endswith(_WEB):
        yield from _of_web(file, at, cut, max_bytes)
        return
    rows = read_rows(file, at, columns)
    try:
        while batch := list(islice(rows, ROWS)):
            at, _, _ = batch[-1]
            documents = tuple(document for _, document, _ in batch if document is not None)
            skipped = tuple((file.url, "no_document", fault) for _, _, fault in batch if fault)
            yield Portion(documents, at, ended=False, skipped=skipped)
    except AccordwatchError as error:
        yield Portion((), at, ended=True, problem=f"broken: {error}")
        return
    yield Portion((), at, ended=True)


# --- web archives -------------------------------------------------------------------------------


def cut_here(file: HeldFile, at: int, room: Room) -> Portion[Task | Document]:
    """Cut a portion out of a web archive. Run in a worker; raises UnreadableError."""
    return warc.read(Source(id="", kind=SourceKind.WARC, url=file.url), file, at, room)


def _of_web(file: HeldFile, at: int, cut: Cutter, max_bytes: int) -> Iterator[ArchivePortion]:
    """If a portion cannot be read, each record is read alone: the one at fault costs itself."""
    alone = 0
    whole = Room(PAGES, max_bytes, times_in_vain=_IN_VAIN)
    while True:
        room = replace(whole, documents=1, scanned_bytes=1) if alone else whole
        try:
            portion = cut(file, at, room)
        except UnreadableError as error:
            if error.reason != _CLOSED and not alone:
                alone = PAGES
                continue
            yield (last := _past(file, at, room, error))
            if last.ended:
                return
            at, alone = last.next_at, alone - 1
            continue
        alone = max(0, alone - 1)
        yield portion
        if portion.ended:
            return
        at = portion.next_at


def _past(file: HeldFile, at: int, room: Room, error: UnreadableError) -> ArchivePortion:
    """A portion of the record that cannot be read alone; the file's end if no next one is found."""
    try:
        behind = at if error.reason == _CLOSED else warc.past(file, at, room)
    except UnreadableError:
        behind = at
    line = f"{file.name}: the record at byte {at:,}: {error}"
    if behind == at:
        return Portion((), at, ended=True, problem=f"{error.reason}: {line}")
    return Portion((), behind, ended=False, skipped=((file.url, error.reason, line),))


# --- archives of texts ----------------------------------------------------------------------------

FIELDS = ("id", "lang", "title", "text", "published", "outlet", "source_url")
_BATCH = 500  # rows of a Parquet file that are in memory at once


# (the number of the row after it, the document that a row is, why it is none)
Row = tuple[int, Document | None, str]


def read_rows(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[Row]:
    """Yield the rows of a file from number `at` on; `columns` names the column of a field. Raises
    AccordwatchError if the file cannot be read, or has none of the columns.
    """
    if not file.path.lower().endswith(".parquet"):
        yield from _of_lines(file, at, columns)
        return
    for number, row in enumerate(_parquet_rows(file, at, columns), at + 1):
        place = f"{file.name}: row {number:,}"
        try:
            document = document_of_row(row, place)
        except ConfigurationError as error:
            yield number, None, str(error)
        else:
            yield number, document, ""


def _of_lines(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[Row]:
    faults: list[Row] = []

    def note(number: int, fault: str) -> None:
        faults.append((number, None, fault))

    def read(given: dict[str, Any], place: str) -> Document:
        named = {field: given.get(key) for field, key in columns.items()}
        return document_of_row(given | named, place)

    with opened_lines(file.path) as lines:
        for number, document in numbered_documents(lines, file.name, note, read, at):
            yield from faults
            faults.clear()
            yield number, document, ""
        yield from faults


def _parquet_rows(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if find_spec("pyarrow") is None:
        raise AccordwatchError(
            f"{file.name}: Parquet files need pyarrow: pip install 'accordwatch[parquet]'"
        )
    from pyarrow import ArrowException, parquet

    try:
        with closing(parquet.ParquetFile(file.path)) as opened:
            there = _columns_of(file, opened.schema_arrow.names, columns)
            groups, skip = _groups_from(opened, at)
            for batch in opened.iter_batches(_BATCH, groups, list(there)):
                for row in batch.to_pylist()[skip:]:
                    yield {there[name]: _as_text(value) for name, value in row.items()}
                skip = max(0, skip - batch.num_rows)
    except (ArrowException, OSError) as error:
        raise AccordwatchError(f"{file.name}: no readable Parquet file: {error}") from error


def _groups_from(opened: Any, at: int) -> tuple[list[int], int]:
    """The row groups with rows from `at` on, and how many rows of the first come before it."""
    begins = 0
    for group in range(opened.num_row_groups):
        rows = opened.metadata.row_group(group).num_rows
        if at < begins + rows:
            return list(range(group, opened.num_row_groups)), at - begins
        begins += rows
    return [], 0


def _columns_of(file: HeldFile, there: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    """The field of each column that is read. Raises AccordwatchError without title and text."""
    found = {columns.get(field, field): field for field in FIELDS}
    read = {name: field for name, field in found.items() if name in there}
    missing = [name for name in columns.values() if name not in there]
    if missing or not {"title", "text"} & set(read.values()):
        wanted = f"no column {missing[0]}" if missing else "no column title or text"
        names = ", ".join(there[:20])
        raise AccordwatchError(
            f"{file.name}: {wanted}; it has {names}. Name them: --column text=body"
        )
    return read


def _as_text(value: object) -> object:
    if isinstance(value, bytes):
        with suppress(UnicodeDecodeError):
            return value.decode()
    # what has parts of its own is no text, and is refused as such
    return value if value is None or isinstance(value, str | dict | list) else str(value)


def field_columns(written: Iterable[str]) -> dict[str, str]:
    """The column of each field from words like "text=body". Raises ConfigurationError."""
    columns = {}
    for pair in written:
        field, _, name = pair.partition("=")
        if field not in FIELDS or not name:
            fields = ", ".join(FIELDS)
            raise ConfigurationError(f"--column {pair}: should be FIELD=COLUMN; fields: {fields}")
        columns[field] = name
    return columns
