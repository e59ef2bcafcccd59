"""`db upgrade|copy`: create the database, bring it up to date, look whether it is sound, move
it.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import counted, say
from scheduler.jobs.locks import alone, holding
from scheduler.jobs.passes import prune as forget
from storage.database.engines import parse_url
from storage.database.session import open_database
from storage.errors import BackupError, DatabaseError
from storage.maintenance.backup import back_up, how_to_restore, note_backup
from storage.maintenance.backup import restore as put_back
from storage.maintenance.copying import copy_rows
from storage.maintenance.soundness import damage, derive_anew, differing

COUNTED = ("documents", "agreements", "decisions", "digests")  # what people know by name
LONG_TABLE = 10_000  # rows; shorter ones are copied in about a second


def db_upgrade(
    *,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Only say whether it is sound and up to date.")
    ] = False,
) -> None:
    if dry_run:
        _check()
        return
    with opened_database(configuration()) as database:
        rows = derive_anew(database)
    if rows:
        say(f"what searches read differed from what is stored (rows: {rows}) and was written anew")
    say("the database is there and its tables are up to date")


def _check() -> None:
    with closing(open_database(configuration().database, upgrade=False)) as database:
        if found := damage(database):
            lines = [f"the database is damaged: {line}; restore a backup" for line in found]
            raise DatabaseError("\n".join(lines))
        with database.read() as s:
            rows = differing(s)
    if rows:
        raise DatabaseError(
            f"what searches read differs from what is stored (rows: {rows}); to write it anew: "
            "accordwatch db upgrade"
        )
    say("the database can be opened and read throughout, and its tables are up to date")


def db_copy(
    source: Annotated[
        str, Parameter(help="What to copy: a SQLite file, sqlite:///FILE or postgresql://...")
    ],
    target: Annotated[str, Parameter(help="A new or empty database, written likewise.")],
    /,
) -> None:
    """Each row is read back and compared. A copy that was broken off begins anew when the same
    command is given again; until it has ended, nothing else opens the target.
    """
    from_address, to_address = _address(source), _address(target)
    # opening a SQLite file that is not there would create it
    file = from_address.removeprefix("sqlite:///")
    if file != from_address and not Path(file).exists():
        raise DatabaseError(f"{file}: there is no such file to copy")
    if parse_url(from_address) == parse_url(to_address):
        raise DatabaseError("source and target are the same database: name another target")
    with (
        closing(open_database(from_address, upgrade=False)) as original,
        alone(original),
        closing(open_database(to_address, to_copy=True)) as made,
        alone(made),
    ):
        counts = copy_rows(original, made, _progress)
    counted = ", ".join(f"{counts[name]:,} {name}" for name in COUNTED)
    say(f"copied, read back and compared: {sum(counts.values()):,} rows; among them {counted}")
    say("when you are ready, set `database` in accordwatch.yaml to the copy")


def _address(named: str) -> str:
    return named if "://" in named else f"sqlite:///{Path(named).absolute()}"


def _progress(table: str, rows: int) -> None:
    if rows >= LONG_TABLE:
        say(f"{table}: {rows:,} rows ...")


# --- `backup FILE` --------------------------------------------------------------------------------


def backup(
    file: Annotated[Path, Parameter(help="A new file, like accordwatch-2026-11-25.backup.")], /
) -> None:
    with opened_database(configuration()) as database:
        counts = back_up(database, file)
        if database.why_read_only is None:
            with database.begin() as s:
                note_backup(s, file, datetime.now(UTC))
    size = f"{file.stat().st_size / 1e6:.1f} MB"
    if counts is not None:
        size += f", {counts[0]} documents, {counts[1]} agreements"
    say(f"{file}: {size}, verified; keep it on another disk")
    say("it does not hold the configuration, rule files and secrets; copy those files yourself")


# --- `restore FILE` -------------------------------------------------------------------------------


def restore(file: Annotated[Path, Parameter(help="A file that `backup` made.")], /) -> None:
    """The daemon has to be stopped. The previous database is saved beside the restored one."""
    chosen = configuration()
    if not chosen.database.startswith("sqlite:"):
        command = how_to_restore(chosen.database, file)
        raise BackupError(f"PostgreSQL is restored by its own tool: {command}")
    target = Path(chosen.database.removeprefix("sqlite:///"))
    with holding(target):
        saved_as = put_back(file, target, datetime.now(UTC))
    with opened_database(chosen):  # brings the tables of an older backup up to date
        before = "" if saved_as is None else f"; the previous database was saved as {saved_as}"
        say(f"{target}: restored from {file}{before}")
    say("what was found and sent after the backup was made will be found and sent again")


# --- `prune` --------------------------------------------------------------------------------------


def prune(
    *,
    dry_run: Annotated[
        bool, Parameter(negative="", help="Say what would go, and forget nothing.")
    ] = False,
) -> None:
    """Texts of reports, of what waits for review and of what decisions name stay for ever."""
    chosen, now = configuration(), datetime.now(UTC)
    retention = chosen.settings.retention
    with opened_database(chosen) as database:
        gone_texts, gone_records = forget(database, chosen, now, dry_run=dry_run)
    verb = "would be forgotten" if dry_run else "forgotten"
    texts = counted(gone_texts, "text")
    records = counted(gone_records, "record")
    since = f"{now - timedelta(days=retention.unmatched_days):%Y-%m-%d}"
    unused = f"{now - timedelta(days=retention.history_days):%Y-%m-%d}"
    say(f"{texts} of documents that report nothing, seen before {since}: {verb}")
    say(f"{records} of collecting, not used since {unused}: {verb}")
    if dry_run:
        say("nothing was forgotten; to forget it: the same without --dry-run")
