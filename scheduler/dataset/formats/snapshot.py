"""The register as a SQLite file that is only read: for Datasette, DB Browser or one's own queries.

Its tables are those of the package, with foreign keys, and FTS5 tables over names and titles that
Datasette finds by itself. `about` and `codebook` say what it is.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from scheduler.dataset.codebook import codebook_rows
from scheduler.dataset.formats.order import ExportOrder, Written
from scheduler.dataset.formats.package import written_tables
from scheduler.dataset.publication import Publication
from scheduler.dataset.rows import AgreementEntry, Row, rows_of
from scheduler.dataset.schema import TABLES, Column, Table
from storage.errors import ExportError

_TYPES = {"string": "TEXT", "date": "TEXT", "integer": "INTEGER", "boolean": "INTEGER"}
_READ_ONLY = 0o444


def write_snapshot(agreements: Iterable[AgreementEntry], order: ExportOrder, path: Path) -> Written:
    """Write a new SQLite file. Raises ExportError."""
    counts = Counter({table.name: 0 for table in TABLES})
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as made:
            made.execute("PRAGMA journal_mode = OFF")  # a file that fails is thrown away
            made.executescript("\n".join(_statements()))
            made.execute("BEGIN")
            for entry in agreements:
                rows = rows_of(entry)
                for table in TABLES:
                    counts[table.name] += _insert(made, table, rows[table.name])
            _describe(made, order.about, counts)
            _finish(made)
    except sqlite3.Error as error:
        raise ExportError(f"the snapshot cannot be written: {error}") from error
    path.chmod(_READ_ONLY)
    return written_tables(counts, order.about)


def _statements() -> Iterator[str]:
    for table in TABLES:
        yield _create(table)
        for key in table.foreign_keys:
            columns = ", ".join(map(_name, key.columns))
            index = _name(f"{table.name}_by_{'_'.join(key.columns)}")
            yield f"CREATE INDEX {index} ON {_name(table.name)} ({columns});"
        if table.words:
            words = ", ".join(map(_name, table.words))
            yield (
                f"CREATE VIRTUAL TABLE {_words(table)} USING fts5({words}, "
                f"content={_name(table.name)}, tokenize='unicode61 remove_diacritics 2');"
            )
    yield "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);"
    yield (
        'CREATE TABLE codebook ("table" TEXT, "column" TEXT, type TEXT, description TEXT, '
        '"values" TEXT, PRIMARY KEY ("table", "column"));'
    )


def _create(table: Table) -> str:
    lines = [_column(column) for column in table.columns]
    lines.append(f"PRIMARY KEY ({', '.join(map(_name, table.key))})")
    for key in table.foreign_keys:
        columns = ", ".join(map(_name, key.columns))
        targets = ", ".join(map(_name, key.target_columns))
        lines.append(f"FOREIGN KEY ({columns}) REFERENCES {_name(key.target)} ({targets})")
    body = ",\n  ".join(lines)
    return f"CREATE TABLE {_name(table.name)} (\n  {body}\n);"


def _column(column: Column) -> str:
    needed = " NOT NULL" if column.required else ""
    return f"{_name(column.name)} {_TYPES[column.type]}{needed}"


def _name(name: str) -> str:
    return f'"{name}"'  # ours alone; quoted since `on` is a word of SQL


def _words(table: Table) -> str:
    return _name(f"{table.name}_fts")


def _insert(made: sqlite3.Connection, table: Table, rows: list[Row]) -> int:
    columns = ", ".join(f":{name}" for name in table.column_names)
    made.executemany(f"INSERT INTO {_name(table.name)} VALUES ({columns})", rows)  # noqa: S608 - names of the schema
    return len(rows)


def _describe(made: sqlite3.Connection, about: Publication, counts: Mapping[str, int]) -> None:
    said = {
        "title": about.title,
        "description": about.description,
        "version": about.version,
        "created": f"{about.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "publisher": about.publisher,
        "license": about.license,
        "address": about.address,
        **{f"rows of {name}": str(count) for name, count in counts.items()},
    }
    known = [(name, value) for name, value in said.items() if value]
    made.executemany("INSERT INTO about VALUES (?, ?)", known)
    made.executemany("INSERT INTO codebook VALUES (?, ?, ?, ?, ?)", codebook_rows())


def _finish(made: sqlite3.Connection) -> None:
    for table in TABLES:
        if table.words:
            words = _words(table)
            made.execute(f"INSERT INTO {words} ({words}) VALUES ('rebuild')")  # noqa: S608 - the same
    made.execute("COMMIT")
    made.execute("PRAGMA journal_mode = DELETE")
    made.execute("ANALYZE")
    dangling = made.execute("PRAGMA foreign_key_check").fetchone()
    if dangling is not None:
        raise ExportError(f"a row of {dangling[0]} refers to a row that is not there")
