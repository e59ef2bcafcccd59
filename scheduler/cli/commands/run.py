"""`run` and `import`: documents come in, agreements and digests come out."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say, stderr
from storage.errors import AccordwatchError

if TYPE_CHECKING:
    from scheduler.subscriptions.roster import Standing

_MOST_PROBLEMS = 20  # lines: the wrong file has a fault in each, and the first tell as much as all


def run(
    *,
    source: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="Only this source, due or not; may be given again."),
    ] = (),
    all: Annotated[bool, Parameter(negative="", help="Every source, due or not.")] = False,
) -> int:
    """Look once at all sources that are due, then send the digests that are due.

    Exit 0: all well. 1: some sources or deliveries failed, or all sources had failed at their last turn. 2: the
    configuration cannot be used.
    """
    from scheduler.cli.progress import CrawlProgress
    from scheduler.jobs import choose_sources, run_pass
    from scheduler.subscriptions.roster import roster

    chosen = configuration()
    with opened_database(chosen) as database:
        now = datetime.now(UTC)
        due = choose_sources(database, chosen, now, only=source, everything=all)
        with CrawlProgress(stderr(), len(due)) as progress:
            passed = run_pass(database, chosen, due, progress.take)
        with database.read() as s:
            standings = roster(s, chosen, datetime.now(UTC))
    if passed.ended is not None and passed.ended.why is not None:
        say(passed.ended.why)
    if not due:
        waited = (
            f"; {_count(passed.left_over, 'document')} waited from before"
            if passed.left_over
            else ""
        )
        say(f"no source is due{waited}")
    if passed.ended is not None:
        _say_report(passed.report, len(due))
    if passed.all_fail and not due:
        say("all sources failed when they were last looked at: accordwatch doctor says more")
    say(passed.sent.summary)
    _say_owed(standings)
    return passed.code


def import_documents(
    file: Annotated[
        str, Parameter(help="A file of JSON lines, or - for stdin.", allow_leading_hyphen=True)
    ],
    /,
) -> int:
    """Store documents as if they had been collected: judge, cluster, owe alerts. Idempotent."""
    from scheduler.importing import import_lines

    chosen = configuration()
    with opened_database(chosen) as database:
        if file == "-":
            done = import_lines(database, chosen, sys.stdin.buffer, "stdin", now=datetime.now(UTC))
        else:
            try:
                with open(file, "rb") as lines:  # noqa: PTH123 - the same for "-"
                    done = import_lines(database, chosen, lines, file, now=datetime.now(UTC))
            except OSError as error:
                raise AccordwatchError(f"{file}: cannot be read: {error.strerror}") from error
    for line in done.problems[:_MOST_PROBLEMS]:
        say(f"accordwatch: not stored: {line}")
    if len(done.problems) > _MOST_PROBLEMS:
        say(
            f"accordwatch: not stored: {len(done.problems) - _MOST_PROBLEMS} more; is this a file of JSON lines?"
        )
    say(done.summary)
    return 1 if done.problems else 0


def _say_report(report: dict[str, Any] | None, asked: int) -> None:
    if report is None:
        say(
            "the crawl ended without a report; what it had stored is kept, and the next run goes on from there"
        )
        return
    totals = report["totals"]
    failed = report["failed_sources"]
    if asked:
        say(
            f"{asked - len(failed)} of {asked} sources answered{': failed ' + ', '.join(failed) if failed else ''}"
        )
    skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(totals["skipped"].items()))
    say(
        f"{totals['offered']} offered, {totals['new']} new, {totals['stored']} stored, "
        f"{totals['relevant']} report an agreement{'; skipped: ' + skipped if skipped else ''}"
    )


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"


def _say_owed(standings: Iterable[Standing]) -> None:
    for standing in standings:
        if standing.owed and standing.next_at is not None:
            at = f"{standing.next_at.astimezone():%Y-%m-%d %H:%M}"
            waits = f"{_count(standing.owed, 'item')} for {standing.subscription.id}"
            say(f"{waits}: the next digest is that of {at} (at once: accordwatch digest send)")
