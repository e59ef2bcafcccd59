"""`backfill PATH...`: read archives of years, and register what was signed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from scheduler.jobs.backfill.portions import Archives
    from scheduler.jobs.backfill.reading import BackfillOrder
    from scheduler.jobs.backfill.results import ArchiveResult
    from scheduler.jobs.importing import Imported

_MOST_PROBLEMS = 20  # lines; the report has all of them


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the person asked for beside the archives."""

    since: date | None
    until: date | None
    languages: tuple[str, ...]
    columns: tuple[str, ...]
    workers: int
    on_workers: bool


Paths = Annotated[
    tuple[str, ...],
    Parameter(help="WARC, WACZ, JSON lines or Parquet files, folders and lists (.paths) of them."),
]
Since = Annotated[date | None, Parameter(help="Only documents of this day or later.")]
Until = Annotated[date | None, Parameter(help="Only documents of this day or before.")]
Languages = Annotated[
    tuple[str, ...], Parameter(negative="", help="Only this language; may be given again.")
]
FieldColumns = Annotated[
    tuple[str, ...],
    Parameter(negative="", help="text=body: the column or key that holds a field."),
]
Workers = Annotated[int, Parameter(help="Processes; as many as processors if not given.")]
OnWorkers = Annotated[
    bool, Parameter(negative="", help="Let the workers of `daemon --workers` read, a file a job.")
]
Results = Annotated[
    Path | None, Parameter(help="The folder of results, which other calls go on from.")
]
Report = Annotated[
    Path | None, Parameter(help="Write what came of each archive into this JSON file.")
]
Alerts = Annotated[
    bool, Parameter(negative="", help="Notify subscriptions of what is found, as of today.")
]


def backfill(
    paths: Paths,
    /,
    *,
    since: Since = None,
    until: Until = None,
    language: Languages = (),
    column: FieldColumns = (),
    workers: Workers = 0,
    on_workers: OnWorkers = False,
    results: Results = None,
    report: Report = None,
    alerts: Alerts = False,
) -> int:
    """Read archives of web pages and texts, and register what they report. Nobody is alerted.

    It may be killed and called again: reading goes on where it was. Exit 1 if an archive could not
    be read to its end; 2 if none can be read at all.
    """
    from scheduler.cli.context import configuration, opened_database
    from scheduler.cli.output import say
    from scheduler.jobs.backfill.portions import find_archives
    from scheduler.jobs.backfill.reading import store_found

    chosen = configuration()
    wish = _Wish(since, until, language, column, workers or (os.cpu_count() or 1), on_workers)
    _check(wish)
    archives = find_archives(paths)
    for line in archives.problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: {line}")
    order = _order(chosen, wish, results or chosen.folder / "backfill")
    read = _read(chosen, archives, order, wish)
    with opened_database(chosen) as database:
        done = store_found(
            database, chosen, archives.files, order, datetime.now(UTC), alerts=alerts
        )
    _say_read(read)
    _say_stored(done)
    if report is not None:
        _write_report(report, archives, read)
    return 1 if archives.problems or done.problems or any(one.problem for one in read) else 0


def _check(wish: _Wish) -> None:
    """Raises ConfigurationError for what can find nothing."""
    from storage.errors import ConfigurationError
    from storage.languages import LANGUAGES

    if wish.since and wish.until and wish.since > wish.until:
        raise ConfigurationError(f"--since {wish.since} is after --until {wish.until}")
    if unknown := [one for one in wish.languages if one not in LANGUAGES]:
        known = ", ".join(sorted(LANGUAGES))
        raise ConfigurationError(f"--language {unknown[0]}: is not read; these are: {known}")
    if wish.workers < 1:
        raise ConfigurationError("--workers: at least 1")


def _order(chosen: Configuration, wish: _Wish, folder: Path) -> BackfillOrder:
    from crawler.process.several import WantedDocuments
    from scheduler.cli.context import configured_rules, rules_spec
    from scheduler.jobs.backfill.portions import field_columns
    from scheduler.jobs.backfill.reading import BackfillOrder

    return BackfillOrder(
        folder=folder,
        rules=configured_rules(chosen).version,
        wanted=WantedDocuments(wish.since, wish.until, frozenset(wish.languages)),
        columns=field_columns(wish.columns),
        max_bytes=chosen.settings.crawl.max_bytes,
        false_alarms=rules_spec(chosen).false_alarms,
    )


def _read(
    chosen: Configuration, archives: Archives, order: BackfillOrder, wish: _Wish
) -> Sequence[ArchiveResult]:
    from scheduler.cli.context import opened_database, rules_spec
    from scheduler.cli.output import stderr
    from scheduler.cli.terminal.progress import BackfillProgress
    from scheduler.jobs.backfill.reading import read_archives

    spec = rules_spec(chosen)
    with BackfillProgress(stderr(), archives.files) as progress:
        if wish.on_workers:
            from scheduler.jobs.backfill.on_workers import read_on_workers
            from scheduler.jobs.workers.queue import check_available

            check_available(chosen.database)
            with opened_database(chosen) as database:
                return read_on_workers(database, archives.files, order, progress.take)
        return read_archives(archives.files, order, spec, wish.workers, progress.take)


@dataclass(slots=True)
class _Sum:
    read: int = 0
    found: int = 0
    near: int = 0
    outside: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def _sum(read: Sequence[ArchiveResult]) -> _Sum:
    total = _Sum()
    for one in read:
        total.read += one.read
        total.found += one.found
        total.near += one.near
        total.outside += one.outside
        total.refused += one.refused
    return total


def _say_read(read: Sequence[ArchiveResult]) -> None:
    from scheduler.cli.output import counted, say

    for line in _problems(read)[:_MOST_PROBLEMS]:
        say(f"accordwatch: {line}")
    total = _sum(read)
    said = f"{counted(len(read), 'archive')}, {counted(total.read, 'document')} read"
    said += f": {total.found:,} report an agreement or wait for review, {total.near:,} nearly do"
    if total.outside:
        said += f", {total.outside:,} of other days or languages"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(total.refused.items()))
    say(f"{said}. Refused: {reasons}." if reasons else f"{said}.")


def _problems(read: Sequence[ArchiveResult]) -> list[str]:
    """Why archives could not be read to their end, and why there is nothing in others."""
    ended = [one.problem for one in read if one.problem]
    return ended + [
        f"{one.refusals[0]}; nothing else in this file could be read, either"
        for one in read
        if not one.problem and not one.read and one.refusals
    ]


def _say_stored(done: Imported) -> None:
    from scheduler.cli.output import counted, say

    known = f", {done.known:,} were known already" if done.known else ""
    pending = f"; {counted(done.pending, 'alert')} pending" if done.alerts else ""
    reports = f"{done.relevant:,} report an agreement"
    say(f"Register: {counted(done.stored, 'document')} stored{known}; {reports}{pending}.")
    for line in done.problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: not stored: {line}")


def _write_report(path: Path, archives: Archives, read: Sequence[ArchiveResult]) -> None:
    """Raises AccordwatchError if the file cannot be written."""
    from storage.errors import AccordwatchError

    said: dict[str, Any] = {
        "problems": list(archives.problems),
        "archives": [one.as_json for one in read],
    }
    try:
        path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise AccordwatchError(f"{path}: cannot be written: {error.strerror}") from error
