"""Archives of texts: JSON lines, and Parquet files with columns of any names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from crawler.process.several import ToRead
from scheduler.documents_file import document_of_row, numbered_documents, opened_lines
from spiders.local.files import HeldFile
from storage.errors import AccordwatchError, ConfigurationError

FIELDS = ("id", "lang", "title", "text", "published", "outlet", "source_url")
_BATCH = 500  # rows of a Parquet file that are in memory at once


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is a document, or why it is none. `next_at` is the number of the row after it."""

    next_at: int
    document: ToRead | None
    fault: str = ""


def read_rows(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[Row]:
    """Yield the rows of a file from number `at` on. `columns` names the column of a field, where
    that has another name than the field.

    Raises AccordwatchError if the file cannot be read, or has none of the columns.
    """
    if file.path.lower().endswith(".parquet"):
        yield from _of_parquet(file, at, columns)
    else:
        yield from _of_lines(file, at, columns)


def _of_lines(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[Row]:
    faults: list[Row] = []
    with opened_lines(file.path) as lines:
        for number, document in numbered_documents(
            lines,
            file.name,
            lambda number, fault: faults.append(Row(number, None, fault)),
            after=at,
            columns=columns,
        ):
            yield from faults
            faults.clear()
            yield Row(number, ToRead(document))
        yield from faults


def _of_parquet(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[Row]:
    for number, given in enumerate(_parquet_rows(file, at, columns), at + 1):
        place = f"{file.name}: row {number:,}"
        try:
            document = document_of_row(given, place)
        except ConfigurationError as error:
            yield Row(number, None, str(error))
        else:
            yield Row(number, ToRead(document))


def _parquet_rows(file: HeldFile, at: int, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if find_spec("pyarrow") is None:
        raise AccordwatchError(
            f"{file.name}: Parquet files need pyarrow: pip install 'accordwatch[parquet]'"
        )
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with closing(ParquetFile(file.path)) as opened:
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
    """The field of each column that is read. Raises AccordwatchError if neither title nor text is
    among them.
    """
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
    for one in written:
        field, _, name = one.partition("=")
        if field not in FIELDS or not name:
            fields = ", ".join(FIELDS)
            raise ConfigurationError(f"--column {one}: should be FIELD=COLUMN; fields: {fields}")
        columns[field] = name
    return columns
