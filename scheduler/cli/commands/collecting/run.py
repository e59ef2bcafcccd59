"""`run`: one pass over the sources that are due, then the digests that are due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import counted, say, stderr
from scheduler.cli.progress import CrawlProgress
from scheduler.exchange.known_list import sync_known_list
from scheduler.jobs.crawl_process import waiting_crawl
from scheduler.jobs.passes import Passed, choose_sources, run_pass
from scheduler.notify.subscriptions.states import roster


def run(
    *,
    source: Annotated[
        tuple[str, ...],
        Parameter(negative="", help="Only this source, due or not; may be given again."),
    ] = (),
    all: Annotated[bool, Parameter(negative="", help="Every source, due or not.")] = False,
) -> int:
    """Exit 0: all well. 1: some sources or deliveries failed, or every source had failed when it
    was last looked at. 2: the configuration cannot be used.
    """
    chosen = configuration()
    with waiting_crawl() as forked, opened_database(chosen) as database:
        now = datetime.now(UTC)
        due = choose_sources(database, chosen, now, only=source, everything=all)
        sync_known_list(database, chosen.settings.known_agreements, now)
        with CrawlProgress(stderr(), len(due)) as progress:
            passed = run_pass(database, chosen, due, progress.take, forked=forked)
        with database.read() as s:
            subscription_states = roster(s, chosen, datetime.now(UTC))
    if chosen.sources:
        _print_crawl(passed, len(due))
    else:
        say("No sources yet; add one with: accordwatch sources add URL")
    say(passed.sent.summary)
    for subscription_state in subscription_states:
        if subscription_state.pending and subscription_state.next_at is not None:
            items = counted(subscription_state.pending, "item")
            goes_out = f"goes out at {subscription_state.next_at.astimezone():%Y-%m-%d %H:%M}"
            at_once = "send it now with: accordwatch digest send"
            name = subscription_state.subscription.id
            say(f"{items} for {name}: the next digest {goes_out}; {at_once}")
    return passed.code


def _print_crawl(passed: Passed, due: int) -> None:
    if passed.ended is not None and passed.ended.why is not None:
        say(passed.ended.why)
    if not due:
        left = counted(passed.left_over, "document")
        say(f"No source is due. {left} waited." if passed.left_over else "No source is due.")
    if passed.ended is not None:
        if passed.ended.why is None and passed.ended.fault is not None:
            say(passed.ended.fault)
        _print_report(passed.report, due)
    if passed.all_fail and not due:
        say("All sources failed when they were last looked at; see: accordwatch doctor")


def _print_report(report: dict[str, Any] | None, due: int) -> None:
    if report is None:
        rest = "What it had stored is still there, and the next run goes on from there."
        say(f"The crawl ended without a report. {rest}")
        return
    failed, totals = report["failed_sources"], report["totals"]
    if due:
        names = f" These failed: {', '.join(failed)}." if failed else ""
        say(f"{due - len(failed)} of {due} sources answered.{names}")
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(totals["skipped"].items()))
    skipped = f" Skipped: {reasons}." if reasons else ""
    found = f"{totals['offered']} offered, {totals['new']} new, {totals['stored']} stored"
    say(f"{found}, {totals['relevant']} report an agreement.{skipped}")
