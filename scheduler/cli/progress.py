"""Shows a crawl while it works: a moving line on a terminal, and only problems in a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from scheduler.cli.output import shown

if TYPE_CHECKING:
    from scheduler.jobs.backfill.reading import ArchiveResult
    from spiders.local.files import HeldFile


def moving_line(console: Console, doing: str, text: str, end: ProgressColumn) -> Progress:
    """A line that moves on a terminal, and is nothing elsewhere."""
    return Progress(
        SpinnerColumn(),
        TextColumn(f"[bold]{doing}[/]"),
        BarColumn(bar_width=20),
        TextColumn(text),
        end,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class _Moving:
    _progress: Progress

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


class CrawlProgress(_Moving):
    """Takes the events of a crawl, counts them and shows them. A context manager."""

    def __init__(self, console: Console, sources: int) -> None:
        self.counts: Counter[str] = Counter()
        self._console = console
        text = "{task.completed:.0f}/{task.total:.0f} sources  {task.fields[documents]}"
        self._progress = moving_line(console, "crawling", text, TimeElapsedColumn())
        self._task: TaskID = self._progress.add_task("crawl", total=sources, documents="")

    def take(self, event: dict[str, Any]) -> None:
        name = event.get("event")
        if name == "source":
            self._progress.advance(self._task)
        elif name == "document":
            self.counts["relevant"] += bool(event.get("relevant"))
            self.counts["documents"] += 1
        elif name == "problem":
            self.counts["problems"] += 1
            self._console.print(f"[yellow]{event.get('source') or 'accordwatch'!s}[/]: ", end="")
            self._console.print(shown(str(event.get("line", ""))), markup=False)
        documents, relevant = self.counts["documents"], self.counts["relevant"]
        text = f"{documents} documents, {relevant} report an agreement"
        self._progress.update(self._task, documents=text)


# --- shows a backfill while it works --------------------------------------------------------------

_A_LINE_S = 30.0  # between lines in a log


class BackfillProgress(_Moving):
    """Takes the results of archives as they grow. A context manager. What remains is estimated from
    whole archives and how far the ones at work are; rows of a file have no bytes, so that such a
    file counts when it has ended.
    """

    def __init__(self, console: Console, files: Sequence[HeldFile]) -> None:
        self._sizes = {file.name: max(1, file.size) for file in files}
        self._results: dict[str, ArchiveResult] = {}
        self._console, self._printed_at = console, monotonic()
        text = "{task.percentage:.0f} %  {task.fields[counts]}"
        self._progress = moving_line(console, "reading", text, TimeRemainingColumn())
        self._task = self._progress.add_task("read", total=sum(self._sizes.values()), counts="")

    def take(self, result: ArchiveResult) -> None:
        self._results[result.name] = result
        results = self._results.values()
        ended = sum(one.ended for one in results)
        read, found = sum(one.read for one in results), sum(one.found for one in results)
        text = f"{ended} of {len(self._sizes)} archives, {read:,} documents, {found:,} found"
        self._progress.update(self._task, completed=sum(map(self._done, results)), counts=text)
        if not self._console.is_terminal and monotonic() - self._printed_at > _A_LINE_S:
            self._printed_at = monotonic()
            self._console.print(text, markup=False, highlight=False)

    def _done(self, archive_result: ArchiveResult) -> int:
        size = self._sizes.get(archive_result.name, 1)
        is_rows = archive_result.name.lower().endswith((".jsonl", ".jsonl.gz", ".parquet"))
        return size if archive_result.ended else 0 if is_rows else min(archive_result.at, size)
