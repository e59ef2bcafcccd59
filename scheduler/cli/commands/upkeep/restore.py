"""`restore FILE`: put a backup in the place of the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say
from storage.errors import BackupError


def restore(
    file: Annotated[Path, Parameter(help="A file that `backup` made.")],
    /,
) -> None:
    """Put a backup in the place of the database. Stop the daemon first.

    The database that was there is kept beside the restored one.
    """
    from scheduler.locks import holding
    from storage.maintenance.backup import how_to_restore
    from storage.maintenance.backup import restore as put_back

    chosen = configuration()
    if not chosen.database.startswith("sqlite:"):
        command = how_to_restore(chosen.database, file)
        raise BackupError(f"PostgreSQL is restored by its own tool: {command}")
    target = Path(chosen.database.removeprefix("sqlite:///"))
    with holding(target):
        kept = put_back(file, target, datetime.now(UTC))
    with opened_database(chosen):  # brings the tables of an older backup up to date
        before = "" if kept is None else f"; what was there is kept as {kept}"
        say(f"{target}: restored from {file}{before}")
    say("what was found and told after the backup was made will be found and told again")
