"""`doctor`: what is well, what is not, and what to do; `queue`: jobs and workers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import (
    Shape,
    print_csv,
    print_jsonl,
    print_table,
    reader_language,
    say,
    stdout,
)
from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.report import examine
from scheduler.notify.direct_sending import send_tests
from scheduler.views.columns import fields_row
from scheduler.views.words.phrases import in_words, level_in_words
from storage.database.session import Session
from storage.workers.queue import has_queue, job_counts, seen_workers

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration


def doctor(
    *,
    send: Annotated[
        bool, Parameter(negative="", help="Also send a test to every recipient of every channel.")
    ] = False,
    mail: Annotated[
        str | None,
        Parameter(help="Only send a test to this address through each mail channel: what arrives?"),
    ] = None,
    format: Annotated[
        Literal["table", "json"], Parameter(help="table for people; json for programs.")
    ] = "table",
) -> int:
    """Exit 0: nothing needs a hand. 1: there is a problem. 2: the configuration or the database
    cannot be used.
    """
    chosen, now = configuration(), datetime.now(UTC)
    if mail is not None:
        findings = _test_findings(chosen, now, to=mail)
    else:
        with opened_database(chosen) as database:
            findings = examine(database, chosen, now=now)
        if send:
            findings += _test_findings(chosen, now)
    print_findings(findings, format)
    return 1 if worst(findings) == "problem" else 0


def _test_findings(chosen: Configuration, now: datetime, to: str | None = None) -> list[Finding]:
    return [
        Finding("problem" if refused else "well", f"test:{channel}", text)
        for channel, text, refused in send_tests(chosen, now, to)
    ]


def worst(findings: Iterable[Finding]) -> str:
    """How bad it is altogether."""
    levels = {finding.level for finding in findings}
    return next((level for level in ("problem", "warning") if level in levels), "well")


def print_findings(findings: Sequence[Finding], format: str) -> None:
    """Findings for people, a line each, or as one JSON object."""
    if format == "json":
        # in English, whatever the terminal's language
        found = [{"level": one.level, "name": one.name, "line": one.line} for one in findings]
        print_jsonl([{"status": worst(findings), "findings": found}])
    else:
        colours = {"well": "green", "warning": "yellow", "problem": "red"}
        language = reader_language()
        levels = {level: level_in_words(level, language) for level in colours}
        width = max(map(len, levels.values())) + 1
        for finding in findings:
            stdout().print(
                f"[{colours[finding.level]}]{levels[finding.level]:<{width}}[/] ", end=""
            )
            text = in_words(finding.line, language)
            # Words are not broken: an address or a command is copied from here.
            is_whole = not sys.stdout.isatty() or max(map(len, text.split())) > stdout().width
            stdout().print(text, markup=False, soft_wrap=is_whole)


# --- `queue` --------------------------------------------------------------------------------------

_COLUMNS = (
    "what", "name", "queues", "state", "jobs", "oldest_s", "machine", "version", "concurrency",
    "seen_s", "why",
)  # fmt: skip


def queue(*, format: Shape = "table") -> None:
    with opened_database(configuration()) as database, database.read() as s:
        is_led, rows = has_queue(s), [*_jobs(s), *_workers(s)]
    if format == "jsonl":
        print_jsonl(rows)
    elif format == "csv":
        print_csv(rows, _COLUMNS)
    elif is_led:
        jobs = [row for row in rows if row["what"] == "jobs"]
        workers = [row for row in rows if row["what"] == "worker"]
        of_jobs = ("name", "queues", "state", "jobs", "oldest_s")
        of_workers = ("name", "version", "queues", "state", "jobs", *_COLUMNS[-2:])
        print_table("jobs", of_jobs, [_cells(row, of_jobs) for row in jobs], pages=False)
        print_table(
            "workers", of_workers, [_cells(row, of_workers) for row in workers], pages=False
        )
    else:
        say("No workers are led here; to lead some, on PostgreSQL: accordwatch daemon --workers")


def _jobs(s: Session) -> Iterator[dict[str, Any]]:
    empty = dict.fromkeys(_COLUMNS)
    for count in job_counts(s):
        yield empty | {
            "what": "jobs",
            "name": count.kind,
            "queues": count.queue,
            "state": count.state,
            "jobs": count.jobs,
            "oldest_s": round(count.oldest_s),
        }


def _workers(s: Session) -> Iterator[dict[str, Any]]:
    empty = dict.fromkeys(_COLUMNS)
    for state, seen_s in seen_workers(s):
        doing = "leads" if state.leads else "waits" if state.waits_because else "works"
        yield empty | {
            **fields_row(state, "name", "jobs", "machine", "version", "concurrency"),
            "what": "worker",
            "queues": ",".join(state.queues),
            "state": doing,
            "seen_s": round(seen_s),
            "why": state.waits_because,
        }


def _cells(row: Mapping[str, Any], columns: tuple[str, ...]) -> list[str]:
    return ["" if row[name] is None else str(row[name]) for name in columns]
