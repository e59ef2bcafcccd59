"""`backup FILE`, `restore FILE`: the whole database, verified, and back again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say
from storage.errors import BackupError


def backup(
    file: Annotated[Path, Parameter(help="A new file, like accordwatch-2026-11-25.backup.")],
    /,
) -> None:
    """Copy the whole database to a new file and look the copy through; a crawl, or the daemon, may go on meanwhile."""
    from storage.database.backup import back_up, note_backup

    with opened_database(configuration()) as database:
        made = back_up(database, file)
        if database.why_read_only is None:
            with database.begin() as s:
                note_backup(s, file, datetime.now(UTC))
    held = (
        ""
        if made.documents is None
        else f", {made.documents} documents, {made.agreements} agreements"
    )
    say(f"{made.path}: {made.size_bytes / 1e6:.1f} MB{held}, verified; keep it on another disk")
    say("configuration, rule files and secrets are files of yours, and not in it")


def restore(
    file: Annotated[Path, Parameter(help="A file that `backup` made.")],
    /,
) -> None:
    """Put a backup in the place of the database; what was there is kept beside it. Stop the daemon before."""
    from scheduler.locks import holding
    from storage.database.backup import how_to_restore
    from storage.database.backup import restore as put_back

    chosen = configuration()
    if not chosen.database.startswith("sqlite:"):
        raise BackupError(
            f"PostgreSQL is restored by its own tool: {how_to_restore(chosen.database, file)}"
        )
    target = Path(chosen.database.removeprefix("sqlite:///"))
    with holding(target):
        kept = put_back(file, target, datetime.now(UTC))
    with opened_database(chosen):  # brings the tables of an older backup up to date
        say(
            f"{target}: restored from {file}{'' if kept is None else f'; what was there is {kept}'}"
        )
    say("what was found and told since the backup was made is found, and told, again")
