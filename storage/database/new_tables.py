"""The tables of a new SQLite database, as the migrations leave them.

To run all migrations takes a second, and Alembic holds 14 MB from then on. `python -m
storage.database.new_tables` writes the statements anew, which is part of adding a migration; a test
compares them with what the migrations lead to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import complete_statement, connect
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

STATEMENTS = Path(__file__).with_suffix(".sql")
# Without what SQLite makes by itself: indexes of constraints, and the tables within a virtual one.
_WRITTEN = """
    SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT IN
    (SELECT name FROM pragma_table_list WHERE type = 'shadow')
    ORDER BY type = 'trigger', type = 'index', name
"""
_VERSION = """
    SELECT 'INSERT INTO alembic_version (version_num) VALUES (' || quote(version_num) || ');'
    FROM alembic_version
"""


def create(connection: Connection) -> None:
    """Create all tables in a SQLite database that has none, within the transaction that is open.

    As after migrations, all of them are known to SQLAlchemy then, whichever were imported before.
    """
    import storage.database.tables  # noqa: F401 - it imports this module's neighbours

    for statement in statements():
        connection.exec_driver_sql(statement)


def statements() -> Iterator[str]:
    """Yield the statements that create the tables, their indexes and triggers, in order."""
    statement = ""
    for line in STATEMENTS.read_text(encoding="utf-8").splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ""


def written_by_migrations(path: Path) -> str:
    """Return the statements that `create` needs, from a new database that migrations made."""
    with closing(connect(path)) as database:
        made = [sql for (sql,) in database.execute(_WRITTEN)]
        [version] = database.execute(_VERSION).fetchone()
    lines = [line.rstrip() for sql in made for line in f"{sql.strip()};".splitlines()]
    return "\n".join([*lines, version]) + "\n"


def main() -> None:
    """Write the statements anew."""
    from storage.database.address import parse_url
    from storage.database.schema import upgrade
    from storage.database.session import Database

    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        database = Database(parse_url(f"sqlite:///{path}"))
        with closing(database), database.connect() as connection:
            upgrade(connection)
        STATEMENTS.write_text(written_by_migrations(path), encoding="utf-8")


if __name__ == "__main__":
    main()
