"""What a run did, counted by source.

It is emitted as event lines while the run works, and stored as one JSON object when it ends.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any, TextIO

from storage.addresses import without_users
from storage.source import Source

PROGRESS_S = 30.0  # between two lines that only show that the crawl goes on
MAX_PROBLEMS = 50  # lines of a source: one that has moved fails in 200 documents alike


@dataclass(slots=True)
class SourceReport:
    """The counts of one source."""

    failed: bool = False
    offered: int = 0
    new: int = 0
    fetched: int = 0
    stored: int = 0
    relevant: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


class RunReport:
    """Counts what happens, and writes event lines to `out`. Any thread may call its methods."""

    def __init__(self, sources: Iterable[Source], out: TextIO | None = None) -> None:
        self.sources = {source.id: SourceReport() for source in sources}
        self.stopped = False
        self._out = out if out is not None else sys.stdout
        self._lock = Lock()
        self._emitted_at = time.monotonic()
        # Documents to be tried again, by the number of their row: (source, reason, line).
        self._waiting: dict[int, tuple[str, str, str]] = {}

    def add(self, source_id: str) -> None:
        self.sources.setdefault(source_id, SourceReport())

    def polled(
        self, source_id: str, offered: int, new: int, problem: str | None, *, failed: bool
    ) -> None:
        """Counts a look at a source; `problem` is a line if something was wrong."""
        report = self.sources[source_id]
        report.failed = failed
        report.offered += offered
        report.new += new
        self._emit("source", source=source_id, offered=offered, new=new, failed=failed)
        if problem is not None:
            self.problem(source_id, problem)

    def progress(self) -> None:
        """Notes that the run is not stuck, with a line if there was none for a while."""
        if time.monotonic() - self._emitted_at > PROGRESS_S:
            self._emit("progress")

    def fetched(self, source_id: str) -> None:
        self.sources[source_id].fetched += 1

    def stored(self, source_id: str, url: str, title: str, outcome: str, *, relevant: bool) -> None:
        """Counts a document in the database: stored, changed, unchanged or duplicate."""
        report = self.sources[source_id]
        if outcome in ("duplicate", "unchanged"):
            report.skipped[outcome] += 1
        else:
            report.stored += 1
            report.relevant += relevant
        self._emit(
            "document", source=source_id, url=url, title=title, outcome=outcome, relevant=relevant
        )

    def skipped(self, source_id: str, url: str, reason: str, line: str) -> None:
        """Counts a document that this run did not store, and will not try again."""
        self.sources[source_id].skipped[reason] += 1
        self._emit("document", source=source_id, url=url, outcome="skipped", reason=reason)
        self.problem(source_id, f"{reason}: {line}")

    def postponed(self, row_id: int, source_id: str, reason: str, line: str) -> None:
        """Notes a document to be tried again, skipped only if the run ends before that."""
        self._waiting[row_id] = (source_id, reason, line)

    def taken_up(self, row_id: int) -> None:
        self._waiting.pop(row_id, None)

    def problem(self, source_id: str, line: str) -> None:
        line = without_users(line)
        problems = self.sources[source_id].problems
        if len(problems) < MAX_PROBLEMS:
            problems.append(line)
        self._emit("problem", source=source_id, line=line)

    @property
    def failed(self) -> bool:
        """Whether a source failed. A document that was skipped is no failure of its source."""
        return any(report.failed for report in self.sources.values())

    def finish(self) -> dict[str, Any]:
        """The whole report as a JSON object. To be called once, at the end."""
        for source_id, reason, line in self._waiting.values():
            self.sources[source_id].skipped[reason] += 1
            self.problem(source_id, f"{reason}: {line}; it will be tried again")
        counted = ("offered", "new", "fetched", "stored", "relevant")
        totals = {
            name: sum(getattr(report, name) for report in self.sources.values()) for name in counted
        }
        skipped: Counter[str] = sum((report.skipped for report in self.sources.values()), Counter())
        return {
            "stopped": self.stopped,
            "failed_sources": sorted(
                name for name, report in self.sources.items() if report.failed
            ),
            "totals": totals | {"skipped": dict(sorted(skipped.items()))},
            "sources": {
                name: asdict(report) | {"skipped": dict(sorted(report.skipped.items()))}
                for name, report in self.sources.items()
            },
        }

    def finished(self, report: dict[str, Any], code: int) -> None:
        self._emit("finished", exit=code, report=report)

    def _emit(self, event: str, **values: Any) -> None:
        line = json.dumps({"event": event, **values}, ensure_ascii=False)
        with self._lock:
            self._emitted_at = time.monotonic()
            self._out.write(line + "\n")
            self._out.flush()
