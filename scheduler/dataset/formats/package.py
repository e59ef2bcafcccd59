"""The register as a Frictionless data package: a folder of CSV files that describes itself.

The standard is Data Package 2.0 (https://datapackage.org).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from scheduler.dataset.citation import citation
from scheduler.dataset.codebook import codebook
from scheduler.dataset.formats.linked_data import LinkedDataFile
from scheduler.dataset.formats.order import ExportOrder, Written
from scheduler.dataset.formats.parquet import PARQUET_FILES, ParquetFiles
from scheduler.dataset.publication import KEYWORDS, NAME, Publication
from scheduler.dataset.rows import AgreementEntry, rows_of
from scheduler.dataset.schema import TABLES, Column, ForeignKey, Table
from storage.export import agreement_row, csv_writer

DESCRIPTOR = "datapackage.json"
CODEBOOK, CITATION, LINES, LINKED = (
    "codebook.md",
    "CITATION.cff",
    "register.jsonl",
    "register.jsonld",
)
ALWAYS = frozenset(
    {DESCRIPTOR, CODEBOOK, CITATION, LINES, LINKED, *(f"{table.name}.csv" for table in TABLES)}
)
FILES = ALWAYS | frozenset(PARQUET_FILES)


def write_package(
    agreements: Iterable[AgreementEntry], order: ExportOrder, folder: Path
) -> Written:
    """Write all files of the package into an empty folder. Raises ExportError if pyarrow is asked
    for and missing.
    """
    about = order.about
    counts = _write_rows(agreements, order, folder)
    _write(folder / CODEBOOK, codebook(about, csv=True))
    _write(folder / CITATION, citation(about))
    described = json.dumps(_package(about, counts, folder), ensure_ascii=False, indent=2)
    _write(folder / DESCRIPTOR, described + "\n")
    return written_tables(counts, about)


def written_tables(counts: Mapping[str, int], about: Publication) -> Written:
    """What is said of the tables of a data set; `counts` are the rows of each."""
    said = {"agreement": counts["agreements"], "report": counts["reports"]}
    return Written(said, f"version {about.version}")


def _write_rows(
    agreements: Iterable[AgreementEntry], order: ExportOrder, folder: Path
) -> Counter[str]:
    counts = Counter({table.name: 0 for table in TABLES})
    with ExitStack() as files:
        writers = {
            table.name: csv_writer(
                table.column_names, _opened(files, folder / f"{table.name}.csv"), order.excel
            )
            for table in TABLES
        }
        lines = _opened(files, folder / LINES)
        linked = files.enter_context(LinkedDataFile(order.about, _opened(files, folder / LINKED)))
        columnar = files.enter_context(ParquetFiles(folder)) if order.parquet else None
        for entry in agreements:
            made = rows_of(entry)
            for table, rows in made.items():
                for row in rows:
                    writers[table]({name: _cell(value) for name, value in row.items()})
                counts[table] += len(rows)
            if columnar is not None:
                columnar.add(made)
            lines.write(_line(entry))
            linked.add(entry)
    return counts


def _opened(files: ExitStack, path: Path) -> TextIO:
    # newline="": the CSV writer ends its lines itself, and keeps those within a cell as they are.
    return files.enter_context(path.open("w", encoding="utf-8", newline=""))


def _cell(value: str | int | bool | None) -> str | int | None:
    if isinstance(value, bool):  # Table Schema, R and DuckDB all read these as booleans
        return "true" if value else "false"
    return value


def _line(entry: AgreementEntry) -> str:
    """A line of `agreements --format jsonl`, with the name in English."""
    row = agreement_row(entry.agreement, entry.documents, entry.name_en, entry.heard)
    return json.dumps(row, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


# --- the descriptor -----------------------------------------------------------------------------


def _package(about: Publication, counts: Mapping[str, int], folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": about.title,
        "description": about.description,
        "version": about.version,
        "created": f"{about.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "keywords": list(KEYWORDS),
    }
    if about.address:
        made["homepage"] = about.address
    if about.license:
        made["licenses"] = [{"path" if about.license_is_address else "name": about.license}]
    if about.publisher:
        made["contributors"] = [{"title": about.publisher, "roles": ["publisher"]}]
    if about.sources:
        made["sources"] = [
            {"title": source.name or source.id, "path": source.url} for source in about.sources
        ]
    made["counts"] = dict(counts)
    tables = [_table(table, counts[table.name], folder) for table in TABLES]
    made["resources"] = [*tables, *_other_files(folder)]
    return made


def _table(table: Table, rows: int, folder: Path) -> dict[str, Any]:
    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.description,
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_measured(folder / f"{table.name}.csv"),
        "rows": rows,
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    if table.foreign_keys:  # the standard allows no empty list
        schema["foreignKeys"] = [_foreign_key(key) for key in table.foreign_keys]
    return schema


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.values:
        constraints["enum"] = list(column.values)
    described = {"name": column.name, "type": column.type, "description": column.description}
    return {**described, "constraints": constraints} if constraints else dict(described)


def _foreign_key(key: ForeignKey) -> dict[str, Any]:
    target = {"resource": key.target, "fields": list(key.target_columns)}
    return {"fields": list(key.columns), "reference": target}


def _other_files(folder: Path) -> list[dict[str, Any]]:
    lines = {
        "name": "register-lines",
        "title": "The register in JSON lines",
        "description": "An agreement a line, as `accordwatch agreements --format jsonl` prints it.",
        "path": LINES,
        # Not "jsonl": validators would take it for a table, and ask for a schema or a reader.
        "format": "json-lines",
        "mediatype": "application/jsonl",
    }
    linked = {
        "name": "register-linked-data",
        "title": "The register as linked data",
        "description": "The agreements as schema.org Legislation, their steps as Event.",
        "path": LINKED,
        "format": "jsonld",
        "mediatype": "application/ld+json",
    }
    codes = {
        "name": "codebook",
        "title": "Codebook",
        "path": CODEBOOK,
        "format": "md",
        "mediatype": "text/markdown",
    }
    texts = [
        {**file, "encoding": "utf-8", **_measured(folder / file["path"])}
        for file in (lines, linked, codes)
    ]
    return [*texts, *_parquet_files(folder)]


def _parquet_files(folder: Path) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{table.name}-parquet",
            "title": f"{table.title}, as Parquet",
            "path": f"{table.name}.parquet",
            # Not "parquet": validators would ask for a reader of their own, as above.
            "format": "apache-parquet",
            "mediatype": "application/vnd.apache.parquet",
            **_measured(folder / f"{table.name}.parquet"),
        }
        for table in TABLES
        if (folder / f"{table.name}.parquet").exists()
    ]


def _measured(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "hash": f"sha256:{digest}"}
