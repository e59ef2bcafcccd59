"""What was said on the command line for all commands: which configuration, and how much to say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from storage.database.session import Database


@dataclass(frozen=True, slots=True)
class Invocation:
    config: Path | None = None
    debug: bool = False


INVOCATION: ContextVar[Invocation] = ContextVar("INVOCATION", default=Invocation())  # noqa: B039 - it is frozen


def configuration() -> Configuration:
    """The configuration of this invocation; imported here so that `--help` does not pay for it."""
    from scheduler.configuration.config import load_configuration

    return load_configuration(INVOCATION.get().config)


@contextmanager
def opened_database(chosen: Configuration) -> Iterator[Database]:
    """The configured database, created or upgraded where needed, closed at the end."""
    from storage.database.session import open_database

    database = open_database(chosen.database)
    try:
        yield database
    finally:
        database.close()
