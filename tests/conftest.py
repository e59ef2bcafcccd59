"""Real databases for tests: SQLite files, and a PostgreSQL server from a wheel (also as root)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from crawler import pool
from crawler.judgement.judge import Rules, load_rules
from storage.database.session import Database, Session, open_database
from tests.chromium import chromium
from tests.postgres import postgres
from tests.warm.memory import work_in_memory
from tests.warm.passwords import hash_quickly
from tests.warm.rules import keep_rules
from tests.warm.start import SERVER_VARIABLE, begin_warm, server_address
from tests.warm.tables import keep_tables

KINDS = ("sqlite", "postgresql")
# Of a module whose tests are all about what only PostgreSQL can do.
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
_numbers = count(1)

# A test pays for what it shows, not for rules, models, migrations, hashes and a disk that all of them
# need.
work_in_memory()
keep_rules()
keep_tables()
hash_quickly()
pool.PRELOADED = ["tests.warm.worker"]
# How long an example takes says how busy the machine is.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    """Where tests run side by side, their processes are forked from the same one."""
    if getattr(config.option, "numprocesses", None):
        os.environ[SERVER_VARIABLE] = server_address()
    begin_warm()


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The rules as they are shipped."""
    return load_rules()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the test session (one for each
    worker).
    """
    with postgres() as server:
        yield server.get_uri()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database, of this test alone."""
    with new_postgres(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one module. (Its event loop would be in the way of those of
    others.)
    """
    with chromium() as started:
        yield started


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'accordwatch.db'}"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(kind))


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with tables, for copies: migrations cost more than most tests."""
    path = tmp_path_factory.mktemp("template") / "accordwatch.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: str) -> str:
    """The name of a PostgreSQL database with tables, for copies."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE with_tables TEMPLATE template0")
    open_database(_address(postgres_server, "with_tables")).close()
    return "with_tables"


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open database with tables, of each kind in turn."""
    with _copy_with_tables(request, tmp_path) as database:
        yield database


@pytest.fixture
def s(database: Database) -> Iterator[Session]:
    """One transaction of a test on an open database, of each kind in turn."""
    with database.begin() as s:
        yield s


@contextmanager
def _copy_with_tables(request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        path = folder / "accordwatch.db"
        shutil.copyfile(request.getfixturevalue("sqlite_with_tables"), path)
        with closing(open_database(f"sqlite:///{path}")) as database:
            yield database
        return
    with postgres_with(request) as database:
        yield database


@contextmanager
def postgres_with(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An open PostgreSQL database with tables."""
    template = request.getfixturevalue("postgres_with_tables")
    with (
        new_postgres(request.getfixturevalue("postgres_server"), template) as url,
        closing(open_database(url)) as database,
    ):
        yield database


@pytest.fixture(params=KINDS, scope="module")
def module_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """An open database with tables for all tests of a module, for those that only read."""
    with _copy_with_tables(request, tmp_path_factory.mktemp("module")) as database:
        yield database


@contextmanager
def new_postgres(server: str, template: str = "template0") -> Iterator[str]:
    """A database on the server, empty or a copy of `template`, gone afterwards; its address."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _address(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _address(server: str, name: str) -> str:
    before, _, query = server.partition("?")
    return f"{before.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
