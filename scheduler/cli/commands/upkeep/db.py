"""`db upgrade|check`: create the database, bring it up to date, look whether it is sound."""

from __future__ import annotations

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say


def upgrade() -> None:
    """Create the database, or bring its tables up to date."""
    with opened_database(configuration()):
        say("the database is there and its tables are up to date")


def check() -> None:
    """Say whether the database can be read throughout and its tables are current.

    Changes nothing.
    """
    from storage.database.session import open_database
    from storage.errors import DatabaseError
    from storage.maintenance.soundness import damage

    database = open_database(configuration().database, upgrade=False)
    try:
        found = damage(database)
    finally:
        database.close()
    if found:
        lines = [f"the database is damaged: {line}; restore a backup" for line in found]
        raise DatabaseError("\n".join(lines))
    say("the database can be opened and read throughout, and its tables are up to date")
