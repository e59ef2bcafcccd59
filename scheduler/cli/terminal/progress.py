"""Shows a crawl while it works: a moving line on a terminal, and only problems in a log."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from scheduler.cli.output import shown


def moving_line(console: Console, doing: str, said: str, end: ProgressColumn) -> Progress:
    """A line that moves on a terminal, and is nothing elsewhere."""
    return Progress(
        SpinnerColumn(),
        TextColumn(f"[bold]{doing}[/]"),
        BarColumn(bar_width=20),
        TextColumn(said),
        end,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class CrawlProgress:
    """Takes the events of a crawl, counts them and shows them. A context manager."""

    def __init__(self, console: Console, sources: int) -> None:
        self.counts: Counter[str] = Counter()
        self._console = console
        said = "{task.completed:.0f}/{task.total:.0f} sources  {task.fields[documents]}"
        self._progress = moving_line(console, "crawling", said, TimeElapsedColumn())
        self._task: TaskID = self._progress.add_task("crawl", total=sources, documents="")

    def __enter__(self) -> CrawlProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def take(self, event: dict[str, Any]) -> None:
        name = event.get("event")
        if name == "source":
            self._progress.advance(self._task)
        elif name == "document":
            self.counts["relevant"] += bool(event.get("relevant"))
            self.counts["documents"] += 1
        elif name == "problem":
            self._problem(str(event.get("source") or "accordwatch"), str(event.get("line", "")))
        documents, relevant = self.counts["documents"], self.counts["relevant"]
        said = f"{documents} documents, {relevant} report an agreement"
        self._progress.update(self._task, documents=said)

    def _problem(self, source: str, line: str) -> None:
        self.counts["problems"] += 1
        self._console.print(f"[yellow]{source}[/]: ", end="")
        self._console.print(shown(line), markup=False)
