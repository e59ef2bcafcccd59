"""The faults: what is done, to which command, how often."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from benchmarks.faults.bench import FAKETIME, Bench, Ended, Lost, Row, one_line
from benchmarks.faults.server import Server
from tests.scheduler.demo_state import state_of
from tests.scheduler.full_disk import small_disk

KILLS_A_ROUND = 8
_KB = 1024


def kills(bench: Bench, tries: int) -> Iterator[Row]:
    """SIGKILL of an import or of a digest, again and again over one database: half of them at a
    random statement or commit, half after a random amount of processor time.
    """
    at = Row(
        "SIGKILL of `import` and `digest send` before a random statement or commit", bench.kind
    )
    after = Row("the same, at a random moment", bench.kind)
    while at.tries + after.tries < tries:
        path = bench.new(f"kills-{at.tries}")
        bench.run(path, "upgrade")
        for number in range(KILLS_A_ROUND):
            command = "import" if number < KILLS_A_ROUND // 2 else "digest"
            if number == KILLS_A_ROUND // 2:
                bench.run(path, "import")
            row = (at, after)[number % 2]
            row.tries += 1
            fault = (
                {"kill_at": bench.boundary(command)}
                if row is at
                else {"kill_cpu_s": bench.moment(command)}
            )
            row.hits += bench.run(path, command, **fault).was_killed
        _finish(bench, path, at)
    yield at
    yield after


def migrations(bench: Bench, tries: int) -> Iterator[Row]:
    """SIGKILL at a random statement of the first `db upgrade`, which makes all tables."""
    row = Row("SIGKILL within migrations", bench.kind)
    for number in range(tries):
        path = bench.new(f"upgrade-{number}")
        row.tries += 1
        row.hits += bench.run(path, "upgrade", kill_at=bench.boundary("upgrade")).was_killed
        if number % 4 == 0:
            _finish(bench, path, row)
        else:
            _expect(row, bench.run(path, "upgrade"), 0)
    yield row


def file_sizes(bench: Bench, tries: int) -> Iterator[Row]:
    """No file may grow beyond a limit (RLIMIT_FSIZE), which comes at another boundary each time."""
    if bench.kind != "sqlite":
        return
    for command in ("import", "digest"):
        row = Row(f"no room for `{command}` at a random size (RLIMIT_FSIZE)", bench.kind)
        for number in range(tries):
            path = bench.new(f"size-{command}-{number}")
            bench.run(path, "upgrade")
            if command == "digest":
                bench.run(path, "import")
            # The log of a transaction begins anew each time, and grows to some 300 KB.
            limit = bench.chance.randint(4 * _KB, 300 * _KB)
            _suffer(bench, row, path, command, file_bytes=limit)
        yield row


def handles(bench: Bench, tries: int) -> Iterator[Row]:
    """No file handle is left at some moment (RLIMIT_NOFILE)."""
    for command in ("import", "digest"):
        row = Row(f"out of file handles in `{command}` (RLIMIT_NOFILE)", bench.kind)
        for number in range(tries):
            path = bench.new(f"handles-{command}-{number}")
            bench.run(path, "upgrade" if command == "import" else "import")
            _suffer(bench, row, path, command, files=bench.chance.randint(6, 20))
        yield row


def full_disk(bench: Bench, tries: int) -> Iterator[Row]:
    """A file system of 4 MB that fills up at a random boundary, and one that is read-only."""
    if bench.kind != "sqlite":
        return
    full = Row("a file system (tmpfs) that fills up at a random statement or commit", bench.kind)
    fixed = Row("a read-only file system under `import` and `digest send`", bench.kind)
    for number in range(tries):
        with small_disk(bench.folder / f"disk-{number}") as disk:
            path = bench.new("full", within=disk)
            bench.run(path, "upgrade")
            filler, command = disk / "filler", ("import", "digest")[number % 3 == 2]
            if command == "digest":
                bench.run(path, "import")
            _meet(bench, full, path, command, partial(fill, filler))
            filler.unlink(missing_ok=True)
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            for command in ("import", "digest"):
                fixed.tries += 1
                ended = bench.run(path, command)
                fixed.hits += ended.code == 2
                if command == "import":  # an import that all is in already may say so
                    _no_false_claim(bench, path, command, ended, fixed)
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
            _finish(bench, path, full)
    yield full
    yield fixed


def locked(bench: Bench, tries: int) -> Iterator[Row]:
    """Another process takes the database at a random boundary, and holds it for longer than we
    wait. (In the middle of a transaction of ours, it cannot.)
    """
    if bench.kind != "sqlite":
        return
    row = Row("another process holds the database for longer than we wait", bench.kind)
    for number in range(tries):
        path, command = bench.new(f"locked-{number}"), ("import", "digest")[number % 2]
        bench.run(path, "upgrade" if command == "import" else "import")
        with contextlib.closing(sqlite3.connect(path.parent / "accordwatch.db", 0.1)) as holder:

            def hold(holder: sqlite3.Connection = holder) -> None:
                with contextlib.suppress(sqlite3.OperationalError):
                    holder.execute("BEGIN IMMEDIATE")

            _meet(bench, row, path, command, hold, busy_ms=500)
            holder.rollback()
        _finish(bench, path, row)
    yield row


def corrupt(bench: Bench, tries: int) -> Iterator[Row]:
    """A page of the file is overwritten: nothing may crash, and a check has to find it."""
    if bench.kind != "sqlite":
        return
    row = Row("a page of the database is garbage: `db check`, `import`, `digest send`", bench.kind)
    for number in range(tries):
        path = bench.new(f"corrupt-{number}")
        bench.run(path, "import")
        file = path.parent / "accordwatch.db"
        with contextlib.closing(sqlite3.connect(file)) as line:
            line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with file.open("r+b") as pages:
            pages.seek(4096 * bench.chance.randrange(1, file.stat().st_size // 4096))
            pages.write(bench.chance.randbytes(4096))
        row.tries += 1
        try:
            checked = bench.run(path, "check")
            row.hits += checked.code == 2
            if checked.code == 0:
                _finish(bench, path, row)  # a page that holds nothing
            for command in ("import", "digest"):
                bench.run(path, command)
        except Lost as error:
            row.wrong.append(one_line(str(error)))
    yield row


def connections(bench: Bench, tries: int, server: Server) -> Iterator[Row]:
    """The server ends all connections in the middle, crashes and starts anew, is gone until the
    command has ended, or has no room.
    """
    if bench.kind != "postgresql":
        return
    happens = {
        "all connections are ended (pg_terminate_backend)": lambda path: terminate(
            bench.urls[path]
        ),
        "the server crashes and starts anew (immediate restart)": lambda path: server.restart(),
        "the server is gone until the command has ended": lambda path: server.stop(),
        "the disk of the server (tmpfs) fills up": lambda path: fill(server.filler),
    }
    for said, happen in happens.items():
        row = Row(f"{said}, at a random statement or commit", bench.kind)
        for _ in range(tries):
            path, command = (
                bench.new(f"connections-{len(bench.urls)}"),
                ("import", "digest")[row.tries % 2],
            )
            bench.run(path, "upgrade" if command == "import" else "import")
            _meet(bench, row, path, command, partial(happen, path))
            server.filler.unlink(missing_ok=True)
            server.start()
            _finish(bench, path, row)
        yield row


def receivers(bench: Bench, tries: int) -> Iterator[Row]:
    """A mail server that drops the line before or after it took a mail, or refuses for now; and a
    name that the DNS does not know.
    """
    row = Row(
        "the mail server resets the line before or after it took a mail, or refuses for now",
        bench.kind,
    )
    answers = ("drop", "accept and drop", "451 later", "421 busy")
    for number in range(tries):
        path = bench.new(f"receiver-{number}")
        bench.run(path, "import")
        bench.server.replies[:] = [bench.chance.choice(answers) for _ in range(2)]
        row.tries += 1
        row.hits += bench.run(path, "digest").code == 1
        bench.server.replies.clear()
        _finish(bench, path, row)
    yield row
    gone = Row("the DNS does not know the mail server", bench.kind)
    for number in range(min(tries, 3)):
        path = bench.new(f"dns-{number}", host="mail.ngo.invalid")
        bench.run(path, "import")
        gone.tries += 1
        gone.hits += bench.run(path, "digest").code == 1
        path.write_text(path.read_text().replace("mail.ngo.invalid", "127.0.0.1"))
        _finish(bench, path, gone)
    yield gone


def side_by_side(bench: Bench, tries: int) -> Iterator[Row]:
    """Two imports and then two digests at once."""
    row = Row("two of `import`, then two of `digest send`, at once", bench.kind)
    for number in range(tries):
        path = bench.new(f"two-{number}")
        bench.run(path, "upgrade")
        for command in ("import", "digest"):
            row.tries += 1
            both = [bench.start(path, command, lease_s=300) for _ in range(2)]
            for process in both:
                row.hits += bench.end(process).code == 0
        _finish(bench, path, row)
    yield row


def clocks(bench: Bench, tries: int) -> Iterator[Row]:
    """A command is killed while the clock is days ahead or behind; then the clock is right."""
    if bench.kind != "sqlite" or not FAKETIME.exists():
        return
    row = Row("SIGKILL while the clock is up to three days off; then it is set", bench.kind)
    for number in range(tries):
        path, command = bench.new(f"clock-{number}"), ("import", "digest")[number % 2]
        bench.run(path, "upgrade" if command == "import" else "import")
        off_s = bench.chance.choice((-1, 1)) * bench.chance.uniform(3600, 3 * 86400)
        row.tries += 1
        fault = {"kill_at": bench.boundary(command), "clock_s": off_s}
        row.hits += bench.run(path, command, **fault).was_killed
        _finish(bench, path, row)
    yield row


def _meet(
    bench: Bench, row: Row, path: Path, command: str, fault: Callable[[], None], **faults: float
) -> None:
    """A try of something that happens at a boundary. It counts as met if the command failed."""
    row.tries += 1
    try:
        ended = bench.meet(path, command, fault, **faults).ended
        row.hits += ended.code != 0
    except Lost as error:
        row.hits += 1
        row.wrong.append(one_line(f"{command} {error}"))
        return
    # What stands in a database that has no room or is held can be read; a server may be gone.
    if bench.kind == "sqlite":
        _no_false_claim(bench, path, command, ended, row)


def _suffer(bench: Bench, row: Row, path: Path, command: str, **faults: float) -> None:
    _hit(bench, row, path, command, **faults)
    _finish(bench, path, row)


def _hit(bench: Bench, row: Row, path: Path, command: str, **faults: float) -> None:
    row.tries += 1
    try:
        ended = bench.run(path, command, **faults)
    except Lost as error:
        row.hits += 1
        row.wrong.append(one_line(f"{faults} {error}"))
        return
    row.hits += ended.code != 0
    _no_false_claim(bench, path, command, ended, row)


def _no_false_claim(bench: Bench, path: Path, command: str, ended: Ended, row: Row) -> None:
    """A command that ended well has done what it was asked for."""
    if ended.code != 0 or command != "import" or bench.wanted is None:
        return
    if state_of(bench.urls[path]).documents != bench.wanted.documents:
        row.wrong.append("said to be imported, and is not")


def _finish(bench: Bench, path: Path, row: Row) -> None:
    try:
        row.repeats += bench.finish(path)
    except Lost as error:
        row.wrong.append(one_line(f"{path.parent.name}: {error}"))


def _expect(row: Row, ended: Ended, code: int) -> None:
    if ended.code != code:
        row.wrong.append(one_line(ended.said))


def fill(filler: Path) -> None:
    """Not a byte is left."""
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)


@contextmanager
def _admin(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as line:
        yield line


def terminate(url: str) -> None:
    with _admin(url) as line:
        line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
