"""The faults: what is done, to which command, how often."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.faults.bench import Bench, Ended, Lost, Row, one_line
from tests.scheduler.demo_state import state_of
from tests.scheduler.full_disk import small_disk

KILLS_A_ROUND = 8
_KB = 1024


def kills(bench: Bench, tries: int) -> Iterator[Row]:
    """SIGKILL at a random moment of an import or of a digest, again and again over one database."""
    row = Row("SIGKILL of `import` and `digest send`, random moments", bench.kind)
    while row.tries < tries:
        path = bench.new(f"kills-{row.tries}")
        for number in range(KILLS_A_ROUND):
            command = "import" if number < KILLS_A_ROUND // 2 else "digest"
            if number == KILLS_A_ROUND // 2:
                bench.run(path, "import")
            row.tries += 1
            ended = bench.run(path, command, kill_s=bench.moment(command))
            row.hits += ended.was_killed
        _finish(bench, path, row)
    yield row


def migrations(bench: Bench, tries: int) -> Iterator[Row]:
    """SIGKILL at a random moment of the first `db upgrade`, which makes all tables."""
    row = Row("SIGKILL within migrations", bench.kind)
    begun = time.monotonic()
    bench.run(bench.new("upgraded"), "upgrade")
    length_s = time.monotonic() - begun
    for number in range(tries):
        path = bench.new(f"upgrade-{number}")
        row.tries += 1
        ended = bench.run(path, "upgrade", kill_s=bench.chance.uniform(0.02, length_s))
        row.hits += ended.was_killed
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
            _suffer(bench, row, path, command, files=bench.chance.randint(8, 28))
        yield row


def full_disk(bench: Bench, tries: int) -> Iterator[Row]:
    """A file system of 4 MB with a random rest of room, and one that is read-only."""
    if bench.kind != "sqlite":
        return
    full = Row("a full file system (tmpfs) under `import`", bench.kind)
    fixed = Row("a read-only file system under `import` and `digest send`", bench.kind)
    for number in range(tries):
        with small_disk(bench.folder / f"disk-{number}") as disk:
            path = bench.new("full", within=disk)
            bench.run(path, "upgrade")
            filler = disk / "filler"
            _fill(filler, bench.chance.randint(0, 600) * _KB)
            _hit(bench, full, path, "import")
            filler.unlink()
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
    """Another process holds the database: for longer than we wait, or not."""
    if bench.kind != "sqlite":
        return
    row = Row("the database is locked, for longer than is waited", bench.kind)
    for number in range(tries):
        path = bench.new(f"locked-{number}")
        bench.run(path, "upgrade")
        with contextlib.closing(sqlite3.connect(path.parent / "accordwatch.db")) as holder:
            process = bench.start(path, "import", busy_ms=500)
            time.sleep(bench.moment("import"))
            with contextlib.suppress(sqlite3.OperationalError):
                holder.execute("BEGIN IMMEDIATE")
            row.tries += 1
            ended = bench.end(process)
            holder.rollback()
        row.hits += ended.code == 2
        _no_false_claim(bench, path, "import", ended, row)
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


def connections(bench: Bench, tries: int, restart: Callable[[], None]) -> Iterator[Row]:
    """The server ends all connections in the middle, or crashes and starts anew."""
    if bench.kind != "postgresql":
        return
    ended = Row("all connections are ended at a random moment (pg_terminate_backend)", bench.kind)
    crashed = Row("the server crashes at a random moment (immediate restart)", bench.kind)
    for number in range(tries):
        row, command = (crashed if number % 3 == 0 else ended), ("import", "digest")[number % 2]
        path = bench.new(f"connections-{number}")
        bench.run(path, "upgrade" if command == "import" else "import")
        process = bench.start(path, command)
        time.sleep(bench.moment(command))
        row.tries += 1
        if row is crashed:
            restart()
        else:
            _terminate(bench.urls[path])
        try:
            met = bench.end(process)
            row.hits += met.code != 0
            _no_false_claim(bench, path, command, met, row)
        except Lost as error:
            row.wrong.append(one_line(str(error)))
        _finish(bench, path, row)
    yield ended
    yield crashed


def receivers(bench: Bench, tries: int) -> Iterator[Row]:
    """A mail server that drops the line before or after it took a mail, or refuses for now; and a
    name that the DNS does not know.
    """
    row = Row("the mail server drops the line, or refuses for now", bench.kind)
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


def _fill(filler: Path, leave: int) -> None:
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    size = filler.stat().st_size
    with filler.open("r+b") as file:
        file.truncate(max(0, size - leave))


@contextmanager
def _admin(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as line:
        yield line


def _terminate(url: str) -> None:
    with _admin(url) as line:
        line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
