"""`import installation FILE`: take in what another installation knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.decisions import in_words
from scheduler.cli.output import counted, print_jsonl, say
from scheduler.installation.archive import opened
from scheduler.installation.deciding import DecisionOutcome
from scheduler.installation.merging import MergedInstallation, merge_installation
from scheduler.words.lines import line
from storage.register.records import Decision

_MOST_FAULTS = 20  # the first ones tell as much as all
_LONGEST_TITLE = 80  # characters; enough to know a document by


def import_installation(
    file: Annotated[Path, Parameter(help="A file of `accordwatch export installation`.")],
    /,
    *,
    alerts: Annotated[
        bool,
        Parameter(negative="--no-alerts", help="--no-alerts: owe nothing of it, now or later."),
    ] = True,
    format: Annotated[
        Literal["table", "jsonl"],
        Parameter(
            help="jsonl: a line for each decision, each agreement with its ids there and here, "
            "and each fault."
        ),
    ] = "table",
) -> int:
    """Take in what another installation knows; nothing is told a second time.

    Its documents are judged by the rules here. What stood here stays: decisions of both sides are
    kept, and one that contradicts one of ours is listed and has no effect. What is fresh and was
    told on neither side is owed. The same file again changes nothing; if it was killed, give it
    again. Stop the daemon first. Exit 1 if a part of the file could not be taken in.
    """
    chosen, now = configuration(), datetime.now(UTC)
    with opened(file) as read, opened_database(chosen) as database:
        manifest = read.manifest
        say(f"{file}: of Accordwatch {manifest.accordwatch}, made at {manifest.made_at[:16]}")
        done = merge_installation(database, chosen, read, now, _tell, alerts=alerts)
    if format == "jsonl":
        print_jsonl(_lines(done))
    _say_contradictions(done)
    faults = [*done.faults, *done.lists.faults]
    for fault in faults[:_MOST_FAULTS]:
        say(f"accordwatch: not taken in: {fault}")
    if len(faults) > _MOST_FAULTS:
        say(f"accordwatch: not taken in: {len(faults) - _MOST_FAULTS} more")
    _say_summary(done, {one.id for one in chosen.subscriptions}, alerts=alerts)
    return 1 if faults else 0


def _tell(read: int, total: int) -> None:
    say(f"{read:,} of {total:,} documents ...")


def _say_contradictions(done: MergedInstallation) -> None:
    """A line for each, and once what can be done about them."""
    found = [(one, one.kept, one.against) for one in done.fates]
    contradictions = [(one, kept, ours) for one, kept, ours in found if kept and ours]
    for fate, kept, ours in contradictions:
        title = line(fate.title, _LONGEST_TITLE)
        say(
            f"contradiction: [{fate.document}] {title}: here {_said(ours)} (decision {ours.id}), "
            f"there {_said(kept)} (kept as decision {kept.id}, without effect)"
        )
    if contradictions:
        say(
            "what stood here stays; to take theirs instead: accordwatch curate undo NUMBER, with "
            "that of the decision here, and import this file again"
        )
    for name in sorted(done.lists.taken_back):
        say(f"contradiction: the list {name} is known there, and was taken back here")


def _said(decision: Decision) -> str:
    return f"{decision.who} {in_words(decision)} on {decision.at:%Y-%m-%d}"


def _say_summary(done: MergedInstallation, subscriptions: set[str], *, alerts: bool) -> None:
    taken, outcomes = done.documents, Counter(one.outcome for one in done.fates)
    parts = [f"{taken.stored:,} stored ({taken.reports:,} report an agreement)"]
    parts.append(f"{taken.known:,} known already")
    if taken.renewed:
        parts.append(f"{taken.renewed:,} with a later text")
    if taken.versions:
        parts.append(f"{counted(taken.versions, 'earlier text')} kept")
    say(f"{counted(taken.read, 'document')} read: {', '.join(parts)}")
    if done.lists.read:
        say(f"{counted(done.lists.read, 'step')} of listed agreements: {done.lists.stored} new")
    if outcomes:
        said = ", ".join(f"{outcomes[one]} {one}" for one in DecisionOutcome if outcomes[one])
        say(f"{counted(outcomes.total(), 'decision')}: {said}")
    for name, reports in sorted(taken.told.items()):
        told = f"told there to {name}: {counted(reports, 'report')}"
        known = "which it is told here no more"
        say(f"{told}, {known if name in subscriptions else 'but no subscription here has that id'}")
    say(f"{counted(len(done.owed), 'alert')} owed" if alerts else "no alerts (--no-alerts)")


def _lines(done: MergedInstallation) -> Iterator[dict[str, Any]]:
    for fate in done.fates:
        yield {
            "what": "decision",
            "outcome": fate.outcome.name.lower(),
            "there": fate.there,
            "here": fate.kept.id or None if fate.kept else None,
            "says": _said(fate.kept) if fate.kept else None,
            "against": fate.against.id if fate.against else None,
            "against_says": _said(fate.against) if fate.against else None,
            "document_id": fate.document,
            "title": fate.title or None,
        }
    for one in done.counterparts:
        yield {"what": "agreement", "there": one.there, "here": [*one.here], "title": one.title}
    for fault in [*done.faults, *done.lists.faults]:
        yield {"what": "fault", "line": fault}
