"""The register as a data set: a Frictionless data package (https://datapackage.org, version 2.0),
which is a folder of CSV files that describes itself, with codebook and citation.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from jinja2 import Environment, PackageLoader

from scheduler.configuration.sections import DataSetSettings
from scheduler.views.agreements import AGREEMENTS, DATASET, dataset_rows
from scheduler.views.columns import Column, Door, Table, flat
from scheduler.views.register_entries import Entry, entries_of
from scheduler.views.writer import ParquetFile, csv_writer, json_line
from storage.database.session import Session
from storage.documents.official import official_of
from storage.errors import ExportError
from storage.filter import Filter
from storage.lists import queries
from storage.source import Source

NAME = "accordwatch-register"
DESCRIPTION = (
    "Agreements on migration between states and international bodies, as news and official pages "
    "report them: each with its steps, its parties and the reports that are the evidence. The "
    "register is made by Accordwatch, which judges documents by rules, and corrected by people."
)
KEYWORDS = ("migration", "international agreements", "readmission", "bilateral agreements")


@dataclass(frozen=True, slots=True)
class Publication:
    """`rules` is the version of the rules; `chosen` the filters of a part of the register, if any.
    What its owner did not configure is "".
    """

    created_at: datetime
    rules: str
    owner: DataSetSettings
    sources: Sequence[Source] = ()
    chosen: str = ""

    @property
    def version(self) -> str:
        """The day and the rules: the same register judged by other rules is another version."""
        return f"{self.created_at:%Y-%m-%d}+rules.{self.rules}"

    @property
    def description(self) -> str:
        return f"{DESCRIPTION} Only a part: {self.chosen}." if self.chosen else DESCRIPTION


DESCRIPTOR = "datapackage.json"
CODEBOOK, CITATION, LINES = "codebook.md", "CITATION.cff", "register.jsonl"
ALWAYS = frozenset(
    {DESCRIPTOR, CODEBOOK, CITATION, LINES, *(f"{table.name}.csv" for table in DATASET)}
)
FILES = ALWAYS | frozenset(f"{table.name}.parquet" for table in DATASET)


def entries(s: Session, flt: Filter, sources: Sequence[Source] = ()) -> Iterator[Entry]:
    """Yield the agreements that match, in the order of ids; only a page of them is in memory.
    `sources` are the configured ones, of which some are official.
    """
    official = official_of(sources)
    for page in queries.agreement_pages(s, flt):
        yield from entries_of(s, page, official=official)


def write_package(
    agreements: Iterable[Entry],
    about: Publication,
    folder: Path,
    *,
    excel: bool = False,
    parquet: bool = False,
) -> Mapping[str, int]:
    """Write all files into an empty folder; returns the number of rows by table. The agreements
    come by id. `excel` begins CSV files with a byte order mark. Raises ExportError without pyarrow.
    """
    counts = _write_rows(agreements, folder, excel, parquet)
    _write(folder / CODEBOOK, _filled("codebook.md.j2", about))
    _write(folder / CITATION, _filled("CITATION.cff.j2", about))
    described = json.dumps(_package(about, counts, folder), ensure_ascii=False, indent=2)
    _write(folder / DESCRIPTOR, described + "\n")
    return counts


def _write_rows(
    agreements: Iterable[Entry], folder: Path, excel: bool, parquet: bool
) -> Counter[str]:
    counts = Counter({table.name: 0 for table in DATASET})
    with ExitStack() as files:
        writers = {
            table.name: csv_writer(
                table.names(Door.DATASET), _opened(files, folder / f"{table.name}.csv"), excel
            )
            for table in DATASET
        }
        columnar = {}
        for table in DATASET if parquet else ():
            about = {"description": table.description}
            file = ParquetFile(folder / f"{table.name}.parquet", table, Door.DATASET, about)
            columnar[table.name] = files.enter_context(file)
        lines = _opened(files, folder / LINES)
        for entry in agreements:
            for name, rows in dataset_rows(entry).items():
                for row in rows:
                    writers[name](row)
                    if parquet:
                        columnar[name].add(row)
                counts[name] += len(rows)
            lines.write(json_line(AGREEMENTS.row(entry)))
    return counts


def _opened(files: ExitStack, path: Path) -> TextIO:
    # newline="": the CSV writer ends its lines itself, and keeps those within a cell as they are.
    return files.enter_context(path.open("w", encoding="utf-8", newline=""))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


# --- the descriptor -----------------------------------------------------------------------------


def _package(about: Publication, counts: Mapping[str, int], folder: Path) -> dict[str, Any]:
    owner = about.owner
    made: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": owner.register_name,
        "description": about.description,
        "version": about.version,
        "created": f"{about.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "keywords": list(KEYWORDS),
    }
    if owner.address:
        made["homepage"] = owner.address
    if owner.license:
        made["licenses"] = [{"path" if owner.license_is_address else "name": owner.license}]
    if owner.publisher:
        made["contributors"] = [{"title": owner.publisher, "roles": ["publisher"]}]
    if about.sources:
        made["sources"] = [
            {"title": source.name or source.id, "path": source.url} for source in about.sources
        ]
    made["counts"] = dict(counts)
    tables = [_table(table, counts[table.name], folder) for table in DATASET]
    made["resources"] = [*tables, *_other_files(folder)]
    return made


def _table(table: Table[Any], rows: int, folder: Path) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(table, column) for column in table.at(Door.DATASET)],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    if table.foreign_keys:  # the standard allows no empty list
        schema["foreignKeys"] = [
            {"fields": list(own), "reference": {"resource": target, "fields": list(fields)}}
            for own, target, fields in table.foreign_keys
        ]
    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_measured(folder, f"{table.name}.csv"),
        "rows": rows,
        "schema": schema,
    }


def _field(table: Table[Any], column: Column[Any]) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.values:
        constraints["enum"] = list(column.values)
    described = {
        "name": column.name,
        "type": flat(column.type),
        "description": table.meaning(column),
    }
    return {**described, "constraints": constraints} if constraints else dict(described)


def _other_files(folder: Path) -> Iterator[dict[str, Any]]:
    # Not "jsonl" and "parquet": validators would ask for a schema, or a reader of their own.
    lines = _file("register-lines", "The register in JSON lines", "json-lines", "application/jsonl")
    about = "An agreement a line, as `accordwatch agreements --format jsonl` prints it."
    yield lines | {"description": about, "encoding": "utf-8"} | _measured(folder, LINES)
    codes = _file("codebook", "Codebook", "md", "text/markdown")
    yield codes | {"encoding": "utf-8"} | _measured(folder, CODEBOOK)
    for table in DATASET:
        if (folder / f"{table.name}.parquet").exists():
            name, title = f"{table.name}-parquet", f"{table.title}, as Parquet"
            file = _file(name, title, "apache-parquet", "application/vnd.apache.parquet")
            yield file | _measured(folder, f"{table.name}.parquet")


def _file(name: str, title: str, format: str, mediatype: str) -> dict[str, Any]:
    return {"name": name, "title": title, "format": format, "mediatype": mediatype}


def _measured(folder: Path, path: str) -> dict[str, Any]:
    with (folder / path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": path, "bytes": (folder / path).stat().st_size, "hash": f"sha256:{digest}"}


def _filled(template: str, about: Publication) -> str:
    made = Environment(  # noqa: S701 - Markdown and YAML are no HTML
        loader=PackageLoader("scheduler.exchange"), trim_blocks=True, keep_trailing_newline=True
    )
    made.globals |= {"flat": flat, "quoted": partial(json.dumps, ensure_ascii=False)}
    return made.get_template(template).render(about=about, tables=DATASET, keywords=KEYWORDS)


# --- the folder --------------------------------------------------------------------------------


@contextmanager
def new_folder(
    path: Path, known: Collection[str], *, force: bool = False, mark: str = ""
) -> Iterator[Path]:
    """Yield an empty folder beside `path`, which takes its place at the end of the block. One that
    holds files is replaced with `force` only, and if all of them are `known`; or if it holds the
    file `mark`, and then what is not known stays in it. On an error, `path` is left as it was; what
    a killed command left beside it is cleared. Raises ExportError.
    """
    target = path.resolve()
    with _explained(path), ExitStack() as held:
        _check_place(path, target)
        part, aside = (target.with_name(f".{target.name}.{end}") for end in ("part", "old"))
        part.mkdir(exist_ok=True)
        held.callback(shutil.rmtree, part, ignore_errors=True)
        _hold(path, part, held)
        if aside.exists():
            _put_back(aside, target, known)
        _check_folder(path, target, known, force, mark)
        for left in part.iterdir():  # by a command that was killed
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield part
        if target.exists():
            target.rename(aside)
        try:
            part.rename(target)
        finally:
            if aside.exists():
                _put_back(aside, target, known)


def _hold(path: Path, part: Path, held: ExitStack) -> None:
    """Keep other commands from writing the same folder, until this one ends in whatever way."""
    folder = os.open(part, os.O_RDONLY)
    held.callback(os.close, folder)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.pop_all()
        os.close(folder)
        raise ExportError(f"{path}: another command is writing it; wait for it") from error


def _put_back(aside: Path, target: Path, known: Collection[str]) -> None:
    """Put back what was set aside: all of it, or what is not ours where a new folder stands."""
    if not target.exists():
        aside.rename(target)
        return
    for file in aside.iterdir():
        if file.name not in known and not (target / file.name).exists():
            file.rename(target / file.name)
    shutil.rmtree(aside, ignore_errors=True)


def _check_place(path: Path, target: Path) -> None:
    if not target.parent.is_dir():
        raise ExportError(f"{path}: the folder that it should stand in is not there; create it")
    if not target.name:
        raise ExportError(f"{path}: is no folder that can be replaced; name one in it")
    if target.exists() and not target.is_dir():
        raise ExportError(f"{path}: is a file; name a folder")


def _check_folder(path: Path, target: Path, known: Collection[str], force: bool, mark: str) -> None:
    held = sorted(file.name for file in target.iterdir()) if target.exists() else []
    foreign = [name for name in held if name not in known]
    if mark in held:
        return
    if held and mark:
        raise ExportError(
            f"{path}: holds {(foreign or held)[0]!r}, and no site that was published before; "
            "choose a new or empty folder"
        )
    if held and not force:
        raise ExportError(f"{path}: is not empty; choose a new folder, or add --force")
    if foreign:
        raise ExportError(
            f"{path}: holds {foreign[0]!r}, which is no part of a data set, so that it is not "
            "replaced; choose a new folder"
        )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(f"{path}: cannot be written: {error.strerror or error}") from error
