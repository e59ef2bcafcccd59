"""The fork server that all crawls of the tests share, and tables that are made at once."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from storage.database.session import open_database
from tests.warm.tables import migrate


def test_it_outlives_a_client_that_is_gone_before_it_sent_its_files() -> None:
    server: Any = forkserver.ForkServer()
    server.set_forkserver_preload(["tests.warm.worker"])
    server.ensure_running()
    number = server._forkserver_pid
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(server._forkserver_address)
    answers, orders = server.connect_to_new_process([])
    os.close(orders)
    with os.fdopen(answers, "rb", buffering=0):
        assert forkserver.read_signed(answers) > 0  # the id of a new process
    assert server._forkserver_pid == number
    server._stop()


def _said_of(path: Path) -> tuple[set[tuple[str, ...]], list[tuple[str, ...]]]:
    with closing(sqlite3.connect(path)) as file:
        tables = set(file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
        return tables, file.execute("SELECT * FROM alembic_version").fetchall()


def test_tables_that_are_made_at_once_are_those_of_the_migrations(tmp_path: Path) -> None:
    migrate(tmp_path / "migrated.db")
    open_database(f"sqlite:///{tmp_path / 'at-once.db'}").close()
    assert _said_of(tmp_path / "at-once.db") == _said_of(tmp_path / "migrated.db")
