"""One process at a time, on both databases, and none for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from scheduler.jobs.locks import BusyError, alone
from storage.database.session import Database, open_database

HOLDER = """
import sys, time
from scheduler.jobs.locks import alone
from storage.database.session import open_database
database = open_database(sys.argv[1])
with alone(database):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_one_is_refused_and_may_come_when_the_first_is_done(database: Database) -> None:
    other = open_database(database.url)
    try:
        with alone(database) as held:
            assert held()
            with pytest.raises(BusyError, match="another Accordwatch"), alone(other):
                pass
        with alone(other) as held:
            assert held()
    finally:
        other.close()


def test_every_thread_of_the_holder_knows_that_it_holds(database: Database) -> None:
    with alone(database) as held, ThreadPoolExecutor(1) as pool:
        assert pool.submit(held).result()


def test_work_goes_on_while_the_database_is_held(database: Database) -> None:
    with alone(database), database.begin() as s, database.read() as reading:
        assert s is not reading


def test_a_killed_process_holds_nothing(database: Database) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database.url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError), alone(database):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        for _ in range(50):  # the server notices the closed line in its own time
            try:
                with alone(database):
                    return
            except BusyError:
                continue
        pytest.fail("the lock outlived its process")
    finally:
        holder.kill()
        holder.wait(10)
        assert holder.stdout is not None
        holder.stdout.close()


def test_a_lock_that_the_server_forgot_is_taken_again(postgres_url: str) -> None:
    database, other = open_database(postgres_url), open_database(postgres_url)
    try:
        with alone(database) as held:
            assert held()
            end_connections(postgres_url)
            assert held()
            with pytest.raises(BusyError), alone(other):
                pass
        with alone(other):
            pass
    finally:
        database.close()
        other.close()


def test_a_lock_that_the_server_forgot_and_another_one_took_is_lost(postgres_url: str) -> None:
    database, other = open_database(postgres_url), open_database(postgres_url)
    try:
        with alone(database) as held:
            end_connections(postgres_url)
            with alone(other):
                assert not held()
            assert held()
    finally:
        database.close()
        other.close()


def test_a_lock_file_that_was_deleted_and_made_by_another_process_is_lost(sqlite_url: str) -> None:
    database, other = open_database(sqlite_url), open_database(sqlite_url)
    try:
        with alone(database) as held:
            Path(f"{sqlite_url.removeprefix('sqlite:///')}.lock").unlink()
            assert held()
            with alone(other) as held_by_other:
                assert held_by_other()
                assert not held()
    finally:
        database.close()
        other.close()


def test_a_server_that_does_not_answer_gives_the_lock_to_nobody(
    postgres_url: str, postgres_server: str
) -> None:
    database, other = open_database(postgres_url), open_database(postgres_url)
    try:
        with alone(database) as held:
            with away(postgres_url, postgres_server):
                assert held()
            assert held()
            with pytest.raises(BusyError), alone(other):
                pass
    finally:
        database.close()
        other.close()


def end_connections(url: str) -> None:
    """As a server that is restarted does."""
    with psycopg.connect(url, autocommit=True) as line:
        line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


@contextmanager
def away(url: str, server: str) -> Iterator[None]:
    """As if the server of this database were stopped for a while."""
    name = make_url(url).database
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        line.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        try:
            yield
        finally:
            line.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
