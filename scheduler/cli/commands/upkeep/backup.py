"""`backup FILE`: a verified copy of the whole database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say


def backup(
    file: Annotated[Path, Parameter(help="A new file, like accordwatch-2026-11-25.backup.")],
    /,
) -> None:
    """Copy the whole database to a new file and verify the copy.

    A crawl or the daemon may go on meanwhile.
    """
    from storage.maintenance.backup import back_up, note_backup

    with opened_database(configuration()) as database:
        made = back_up(database, file)
        if database.why_read_only is None:
            with database.begin() as s:
                note_backup(s, file, datetime.now(UTC))
    size = f"{made.size_bytes / 1e6:.1f} MB"
    if made.documents is not None:
        size += f", {made.documents} documents, {made.agreements} agreements"
    say(f"{made.path}: {size}, verified; keep it on another disk")
    say("it does not hold the configuration, rule files and secrets; copy those files yourself")
