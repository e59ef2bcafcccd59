"""What was read of each archive: a file of JSON lines an archive, a line a portion.

A line is written when its portion is read, so that reading goes on in the middle of an archive
after any end, and a line that breaks off is dropped. Results stand for an archive as it was, read
with these wishes and these rules: if one of them differs, it is read anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO, Any

from crawler.judgement.probability.rates import FALSE_ALARMS
from crawler.process.several import Several, WantedDocuments
from scheduler.jobs.backfill.portions import ArchivePortion
from scheduler.jobs.locks import holding
from spiders.local.files import HeldFile
from storage.errors import AccordwatchError
from storage.records import Document, DocumentKind

SUFFIX = ".read"  # JSON lines, but no archive of documents for a backfill of the folder above
_MOST_TOLD = 50  # refusals of an archive that are kept with their sentences; the rest are counted


@dataclass(slots=True)
class ArchiveResult:
    """What came of an archive so far, in numbers of documents. The next one begins at `at`."""

    name: str
    size: int = 0
    at: int = 0
    ended: bool = False
    problem: str | None = None
    read: int = 0
    outside: int = 0
    found: int = 0
    near: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def add(self, line: dict[str, Any]) -> None:
        """Take a line of the file."""
        self.at, self.ended, self.problem = line["at"], line["ended"], line["problem"]
        self.read += line["read"]
        self.outside += line["outside"]
        self.found += len(line["found"])
        self.near += len(line["near"])
        self.refused.update(line["refused"])
        self.refusals += line["refusals"][: _MOST_TOLD - len(self.refusals)]

    @property
    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return asdict(self) | {"refused": dict(self.refused)}


@dataclass(frozen=True, slots=True)
class BackfillOrder:
    """What is wanted of archives, where results are kept, and by which rules it is judged."""

    folder: Path
    rules: str
    wanted: WantedDocuments
    columns: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 10_000_000
    false_alarms: float = FALSE_ALARMS  # in 10,000 ordinary documents

    def head(self, file: HeldFile) -> dict[str, Any]:
        """The first line of a file of results: the archive, wishes and rules they stand for."""
        return {
            "archive": file.name,
            "stamp": file.stamp,
            "since": _day(self.wanted.since),
            "until": _day(self.wanted.until),
            "languages": sorted(self.wanted.languages),
            "columns": [list(pair) for pair in sorted(self.columns.items())],
            "rules": self.rules,
        }

    def path(self, file: HeldFile) -> Path:
        """Where the results of an archive are kept."""
        digest = hashlib.sha256(file.name.encode()).hexdigest()[:12]
        stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(file.name).name)
        return self.folder / f"{stem[:80]}-{digest}{SUFFIX}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


class ResultFile:
    """The results of one archive, read and written on. Raises BusyError if somebody else writes."""

    def __init__(self, order: BackfillOrder, file: HeldFile) -> None:
        self.path = order.path(file)
        self._head = order.head(file)
        self.result = ArchiveResult(file.name, file.size)
        self._stream: IO[bytes] | None = None
        self._opened = ExitStack()

    def __enter__(self) -> ResultFile:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._opened.enter_context(holding(self.path))
            kept = _read_kept(self.path, self._head, self.result)
            self._stream = self.path.open("r+b" if kept else "wb")
            self._opened.callback(self._stream.close)
            self._stream.truncate(kept)
            self._stream.seek(kept)
            if not kept:
                self._write(self._head)
        except OSError as error:
            self._opened.close()
            raise AccordwatchError(f"{self.path}: cannot be written: {error.strerror}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def keep(self, portion: ArchivePortion, several: Several) -> None:
        """Write what came of a portion."""
        refused = (*portion.skipped, *several.refused)
        line = {
            "at": portion.next_at,
            "ended": portion.ended,
            "problem": portion.problem,
            "read": several.read,
            "outside": several.outside,
            "refused": dict(Counter(reason for _, reason, _ in refused)),
            "refusals": [f"{reason}: {said}" for _, reason, said in refused][:_MOST_TOLD],
            "near": [list(one) for one in several.near],
            "found": [
                asdict(document) | {"published_on": _day(document.published_on)}
                for document in several.found
            ],
        }
        try:
            self._write(line)
        except OSError as error:
            raise AccordwatchError(f"{self.path}: cannot be written: {error.strerror}") from error
        self.result.add(line)

    def _write(self, line: dict[str, Any]) -> None:
        stream = self._stream
        if stream is None:
            raise AccordwatchError(f"{self.path}: is not open")
        stream.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def result_so_far(order: BackfillOrder, file: HeldFile) -> ArchiveResult:
    """What is kept of an archive, which somebody else may be reading now."""
    result = ArchiveResult(file.name, file.size)
    _read_kept(order.path(file), order.head(file), result)
    return result


def _read_kept(path: Path, head: dict[str, Any], result: ArchiveResult) -> int:
    """Add what a file holds to `result`. Returns how many of its bytes stand: whole, apt lines."""
    kept = 0
    with suppress(FileNotFoundError), path.open("rb") as stream:
        for number, line in enumerate(stream):
            try:
                said = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                said = None
            if said is None or (number == 0 and said != head):
                break
            if number:
                result.add(said)
            kept += len(line)
    return kept


def found_documents(order: BackfillOrder, file: HeldFile) -> Iterator[Document]:
    """Yield what was found in an archive: alerts, and what waits for review."""
    with order.path(file).open("rb") as stream:
        next(stream)
        for line in stream:
            for row in json.loads(line)["found"]:
                day = row["published_on"]
                read = Document(**row | {"kind": DocumentKind(row["kind"])})
                yield replace(read, published_on=date.fromisoformat(day) if day else None)
