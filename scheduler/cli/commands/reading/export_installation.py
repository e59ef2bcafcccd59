"""`export installation FILE`: all that this installation knows, for another one to take in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import counted, say
from scheduler.dataset.destination import new_file
from scheduler.installation import exporting
from scheduler.installation.exporting import ExportedInstallation


def export_installation(
    file: Annotated[Path, Parameter(help="A new file.")],
    /,
    *,
    subscription: Annotated[
        Sequence[str],
        Parameter(
            help="A subscription of the configuration whose told history goes along, so that the "
            "other installation does not tell it again; may be repeated. Else that of all of them.",
            negative="",
        ),
    ] = (),
    force: Annotated[bool, Parameter(negative="", help="Replace a file that is there.")] = False,
) -> None:
    """Write all that this installation knows, for another one to take in.

    Documents with their earlier texts, decisions of persons, lists of known agreements, and what
    subscriptions were told. Passwords, users, mail addresses and subscriptions of people stay here.
    A daemon may work meanwhile: the file holds one state.
    """
    chosen = configuration()
    configured = [one.id for one in chosen.subscriptions]
    kept = (chosen.path, *chosen.rule_files, Path(chosen.database.removeprefix("sqlite:///")))
    with (
        new_file(file, force=force, kept=kept) as part,
        opened_database(chosen) as database,
    ):
        done = exporting.export_installation(
            database,
            part,
            subscription or None,
            configured,
            datetime.now(UTC),
            lambda number: say(f"{number:,} documents ..."),
        )
    _say(file, done)


def _say(file: Path, done: ExportedInstallation) -> None:
    said = [
        counted(done.documents, "document"),
        counted(done.decisions, "decision"),
        counted(done.agreements, "agreement"),
    ]
    if done.rows:
        said.append(f"{counted(done.rows, 'agreement')} of lists")
    say(f"{file}: {', '.join(said)}")
    told = ", ".join(done.subscriptions) or "no subscription"
    say(f"with what was told to: {told}")
    if done.without_text:
        say(f"left out: {counted(done.without_text, 'document')} whose text is no longer kept")
    for name, items in done.waiting.items():
        say(
            f"{counted(items, 'item')} still to be told to {name}; if both installations tell it, "
            "send them first and export again: accordwatch digest send"
        )
