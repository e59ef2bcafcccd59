"""`prune`: forgets at once what retention no longer keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import counted, say


def prune(
    *,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Say what would go, and forget nothing.")
    ] = False,
) -> None:
    """Forget the texts of documents that report nothing, and records of collecting, that are older
    than `retention` says. Each run does this, too.

    Texts of reports, of what waits for review and of what a decision names are never forgotten.
    """
    from scheduler.jobs import prune as forget

    chosen, now = configuration(), datetime.now(UTC)
    retention = chosen.settings.retention
    with opened_database(chosen) as database:
        gone = forget(database, chosen, now, dry_run=dry_run)
    verb = "would be forgotten" if dry_run else "forgotten"
    texts = counted(gone.texts, "text")
    records = counted(gone.history, "record")
    since = f"{now - timedelta(days=retention.unmatched_days):%Y-%m-%d}"
    unused = f"{now - timedelta(days=retention.history_days):%Y-%m-%d}"
    say(f"{texts} of documents that report nothing, seen before {since}: {verb}")
    say(f"{records} of collecting, not used since {unused}: {verb}")
    if dry_run:
        say("nothing was forgotten; to forget it: the same without --dry-run")
