"""The tables of the package as Parquet files, with the types of the schema, and lists of the page.

The only module that imports pyarrow, which is an extra.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import IO, Any

from scheduler.exchange.rows import Row
from scheduler.exchange.schema import TABLES, Table
from storage.errors import ExportError
from storage.export import cell_text

PARQUET_FILES = tuple(f"{table.name}.parquet" for table in TABLES)
# Rows that are held before they are written: they are what readers skip at once, and what memory
# holds. At 10,000 the files are within a few per cent of the size that 100,000 give.
_GROUP = 10_000


class ParquetFiles:
    """Writes a file for each table into a folder, as rows come. Raises ExportError if the extra
    is not there.
    """

    def __init__(self, folder: Path) -> None:
        _require_pyarrow()
        self._folder, self._files = folder, ExitStack()
        self._writers: dict[str, Any] = {}
        self._waiting: dict[str, list[Row]] = {table.name: [] for table in TABLES}

    def __enter__(self) -> ParquetFiles:
        from pyarrow.parquet import ParquetWriter

        for table in TABLES:
            path = self._folder / f"{table.name}.parquet"
            writer = ParquetWriter(path, _schema(table), compression="zstd")
            self._writers[table.name] = self._files.enter_context(writer)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._files:
            for table in TABLES:
                if kind is None:
                    self._write(table)

    def add(self, rows: dict[str, list[Row]]) -> None:
        """The rows of an agreement, by the name of the table."""
        for table in TABLES:
            waiting = self._waiting[table.name]
            waiting += rows[table.name]
            if len(waiting) >= _GROUP:
                self._write(table)

    def _write(self, table: Table) -> None:
        import pyarrow

        rows, writer = self._waiting[table.name], self._writers[table.name]
        days = [column.name for column in table.columns if column.type == "date"]
        typed = [row | {name: _day(row[name]) for name in days} for row in rows]
        writer.write_table(pyarrow.Table.from_pylist(typed, schema=_schema(table)))
        rows.clear()


# The columns of lists that are more than text, as Parquet types them.
_OF_LISTS = {
    "date": ("event_date", "on", "text_on", "text_due_on", "pending_since", "published"),
    "integer": ("document_id", "days", "agreements"),
    "double": ("score",),
    "boolean": ("relevant",),
}


def has_pyarrow() -> bool:
    """Whether Parquet can be written here."""
    return find_spec("pyarrow") is not None


def write_list(
    file: IO[bytes],
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    about: Iterable[tuple[str, str]],
) -> None:
    """Write the rows of a list as one Parquet file, whose metadata say what it is about. Lists and
    objects are text, as in CSV.
    """
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    kinds = {name: kind for kind, names in _OF_LISTS.items() for name in names}
    types = {**_types(), "double": pyarrow.float64()}
    said = {f"accordwatch.{name}": value for name, value in about}
    fields = [pyarrow.field(name, types[kinds.get(name, "string")]) for name in columns]
    schema, waiting = pyarrow.schema(fields, metadata=said), iter(rows)
    with ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(waiting, _GROUP)):
            typed = [
                {one: _typed(row.get(one), kinds.get(one)) for one in columns} for row in group
            ]
            writer.write_table(pyarrow.Table.from_pylist(typed, schema=schema))


def _typed(value: Any, kind: str | None) -> Any:
    if kind == "date":
        return _day(value)
    return value if value is None or kind is not None else cell_text(value)


def _require_pyarrow() -> None:
    """Raises ExportError, which says how to install it, if pyarrow is not there."""
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError as error:
        install = f"{sys.executable} -m pip install 'pyarrow>=21'"
        raise ExportError(f"--parquet needs pyarrow: {install}") from error


def _types() -> dict[str, Any]:
    import pyarrow

    return {
        "string": pyarrow.string(),
        "integer": pyarrow.int64(),
        "date": pyarrow.date32(),
        "boolean": pyarrow.bool_(),
    }


def _schema(table: Table) -> Any:
    import pyarrow

    types = _types()
    fields = [
        pyarrow.field(
            column.name,
            types[column.type],
            nullable=not column.required,
            metadata={"description": column.description},
        )
        for column in table.columns
    ]
    return pyarrow.schema(fields, metadata={"description": table.description})


def _day(written: object) -> date | None:
    return date.fromisoformat(written) if isinstance(written, str) else None
