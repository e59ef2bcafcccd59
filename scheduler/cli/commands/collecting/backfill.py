"""`backfill PATH...`: read archives of years, and register what was signed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from crawler.process.task import WantedDocuments
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import counted, say, stderr
from scheduler.cli.progress import BackfillProgress
from scheduler.cli.rules import configured_rules, rules_spec
from scheduler.configuration.config import Configuration
from scheduler.jobs.backfill.portions import field_columns, find_archives
from scheduler.jobs.backfill.reading import (
    ArchiveResult,
    BackfillOrder,
    found_by_age,
    read_archives,
    read_on_workers,
)
from scheduler.jobs.importing import import_documents
from scheduler.jobs.job import check_available
from spiders.local.files import HeldFile
from storage.errors import AccordwatchError, ConfigurationError
from storage.languages import LANGUAGES

_MOST_PROBLEMS = 20  # lines; the report has all of them

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
    tuple[str, ...], Parameter(negative="", help="text=body: the column or key that holds a field.")
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
    """It may be killed and called again. Exit 1 if an archive could not be read to its end, 2 if
    none can be read at all.
    """
    if since and until and since > until:
        raise ConfigurationError(f"--since {since} is after --until {until}")
    if unknown := [one for one in language if one not in LANGUAGES]:
        known = ", ".join(sorted(LANGUAGES))
        raise ConfigurationError(f"--language {unknown[0]}: is not read; these are: {known}")
    if workers < 0:
        raise ConfigurationError("--workers: at least 1")
    chosen, (archives, problems) = configuration(), find_archives(paths)
    for line in problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: {line}")
    order = BackfillOrder(
        folder=results or chosen.folder / "backfill",
        rules=configured_rules(chosen).version,
        wanted=WantedDocuments(since, until, frozenset(language)),
        columns=field_columns(column),
        max_bytes=chosen.settings.crawl.max_bytes,
        false_alarms=rules_spec(chosen).false_alarms,
    )
    read = _read_all(chosen, archives, order, 0 if on_workers else workers or os.cpu_count() or 1)
    now = datetime.now(UTC)
    with opened_database(chosen) as database:
        done = import_documents(
            database, chosen, found_by_age(archives, order), now=now, alerts=alerts
        )
    _print_read(read)
    known = f", {done.known:,} were known already" if done.known else ""
    pending = f"; {counted(done.pending, 'alert')} pending" if done.alerts else ""
    reports = f"{done.relevant:,} report an agreement"
    say(f"Register: {counted(done.stored, 'document')} stored{known}; {reports}{pending}.")
    for line in done.problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: not stored: {line}")
    if report is not None:
        _write_report(report, problems, read)
    return 1 if problems or done.problems or any(result.problem for result in read) else 0


def _read_all(
    chosen: Configuration, archives: Sequence[HeldFile], order: BackfillOrder, processes: int
) -> Sequence[ArchiveResult]:
    """Read in so many processes of this machine; 0: by workers that a daemon leads."""
    with BackfillProgress(stderr(), archives) as progress:
        if processes:
            spec = rules_spec(chosen)
            return read_archives(archives, order, spec, processes, progress.take)
        check_available(chosen.database)
        with opened_database(chosen) as database:
            return read_on_workers(database, archives, order, progress.take)


def _print_read(read: Sequence[ArchiveResult]) -> None:
    problems = [result.problem for result in read if result.problem]
    problems += [
        f"{archive_result.refusals[0]}; nothing else in this file could be read, either"
        for archive_result in read
        if not archive_result.problem and not archive_result.read and archive_result.refusals
    ]
    for line in problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: {line}")
    documents, hits, near, outside = (
        sum(getattr(result, name) for result in read)
        for name in ("read", "found", "near", "outside")
    )
    refused = sum((Counter(result.refused) for result in read), Counter[str]())
    line = f"{counted(len(read), 'archive')}, {counted(documents, 'document')} read"
    line += f": {hits:,} report an agreement or wait for review, {near:,} nearly do"
    if outside:
        line += f", {outside:,} of other days or languages"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(refused.items()))
    say(f"{line}. Refused: {reasons}." if reasons else f"{line}.")


def _write_report(path: Path, problems: Sequence[str], read: Sequence[ArchiveResult]) -> None:
    """Raises AccordwatchError if the file cannot be written."""
    said = {"problems": problems, "archives": [result.as_json for result in read]}
    try:
        path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise AccordwatchError(f"{path}: cannot be written: {error.strerror}") from error
