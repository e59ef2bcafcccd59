"""How long readers wait with a million documents: `make bench-page`, or

    python -m benchmarks.page [--documents 1000000] [--agreements 50000] [--url DATABASE]
                              [--workers 1] [--filters] [--each 40]

A made-up database (`benchmarks.filled`) is served by `accordwatch web`, and asked over HTTP, one
request after the other, then by 20 readers while documents are stored: such as ask for the next page
when they have one, and such as read each for two seconds. Without `--url` it is an
SQLite file in a temporary folder; `--keep FILE` makes it once and uses it again. Times are of whole
answers, in milliseconds; `--each` says how often each is asked. `--filters` asks register, search and what is new by each filter alone
instead, and adds the processor time of the page, and of PostgreSQL's processes if they
are on this machine, which others on it hardly change.
"""

from __future__ import annotations

import argparse
import http.client
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, select, text

from benchmarks.filled import COMMON, STATES, fill
from crawler.ingest.ingest import ingest
from scheduler.cli.output import print_table
from storage.counting import Counted
from storage.database.session import Database, open_database
from storage.documents.tables import Documents
from storage.languages import LANGUAGES
from storage.records import Grade, Instrument, Status, TextState, Topic
from tests.crawler.register.made import STATES as MADE_STATES
from tests.crawler.register.made import documents as made_documents

_EACH = 40  # requests of a kind
_READERS = 20
_READING_S = 2.0
_COLUMNS = ("request", "number", "median", "95 %", "most", "kB")
_ROWS = ("year", "status", "instrument", "topic", "party", "language", "source")
_COLUMNS_OF_COUNTS = ("status", "instrument", "topic", "grade", "language")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)

Ask = Callable[[random.Random], str]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--agreements", type=int, default=50_000)
    parser.add_argument("--url")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--filters", action="store_true")
    parser.add_argument("--each", type=int, default=_EACH)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = chosen.keep or Path(folder) / "page.db"
        url = chosen.url or f"sqlite:///{file.absolute()}"
        database = open_database(url)
        _fill(database, chosen.documents, chosen.agreements)
        with _served(url, Path(folder), chosen.workers) as (port, process):
            if chosen.filters:
                _each_filter(port, partial(_processor_ms, process, database), chosen.each)
                return
            kinds = _kinds(chosen.documents, chosen.agreements)
            _one_reader(port, kinds, chosen.each)
            for pause in (_READING_S, 0.0):
                _many_readers(port, database, kinds, pause, chosen.each)
        database.close()


def _fill(database: Database, documents: int, agreements: int) -> None:
    with database.read() as s:
        if s.scalar(select(func.count()).select_from(Documents)):
            return
    started = time.perf_counter()
    fill(database, documents, agreements)
    print(f"filled in {time.perf_counter() - started:.0f} s", flush=True)


@contextmanager
def _served(url: str, folder: Path, workers: int) -> Iterator[tuple[int, int]]:
    """Yields the port, and the id of the process that answers or looks after those that do."""
    (folder / "accordwatch.yaml").write_text(f"database: {url}\n", "utf-8")
    command = [sys.executable, "-m", "scheduler.cli", "web", "--port", "0"]
    command += ["--workers", str(workers), "--config", str(folder / "accordwatch.yaml")]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert serving.stderr is not None
        line = next(line for line in serving.stderr if "http://" in line)
        yield int(line.split("http://")[1].split(":")[1].split("/")[0]), serving.pid
    finally:
        serving.terminate()
        serving.wait(30)


def _kinds(documents: int, agreements: int) -> Mapping[str, Ask]:
    def word(chance: random.Random) -> str:
        return quote(chance.choice(COMMON))

    def table_of_counts(chance: random.Random) -> str:
        rows = chance.choice(_ROWS)
        columns = [count for count in _COLUMNS_OF_COUNTS if count != rows]
        return f"/count?rows={rows}&columns={chance.choice(columns)}"

    return {
        "register": lambda _: "/",
        "register, a party": lambda c: f"/?party={c.choice(STATES)}",
        "register, words and topic": lambda c: (
            f"/?q={word(c)}&topic={c.choice(tuple(Topic)).value}"
        ),
        "agreement": lambda c: f"/agreements/A{c.randrange(1, agreements + 1)}",
        "search, one word": lambda c: f"/search?q={word(c)}",
        "search, two words": lambda c: f"/search?q={word(c)}+{word(c)}",
        "search, word and filters": lambda c: (
            f"/search?q={word(c)}&party={c.choice(STATES)}&language={c.choice(LANGUAGES)}"
            "&since=2020-01-01"
        ),
        "search, everything": lambda c: f"/search?everything=1&q={word(c)}",
        "counts": table_of_counts,
        "counts, a party": lambda c: (
            f"{table_of_counts(c)}&count={c.choice(tuple(Counted)).value}&party={c.choice(STATES)}"
        ),
        "document": lambda c: f"/documents/{c.randrange(1, documents + 1)}",
        "feed": lambda c: f"/feed.atom?party={c.choice(STATES)}",
        "api, agreements": lambda c: f"/api/v1/agreements?party={c.choice(STATES)}&limit=30",
    }


def _one_reader(port: int, kinds: Mapping[str, Ask], each: int) -> None:
    chance = random.Random(7)
    rows = []
    for name, ask in kinds.items():
        _get(port, ask(chance))
        rows.append(_row(name, [_get(port, ask(chance)) for _ in range(each)]))
    rows.append(_row("feed that has not changed", list(_unchanged(port, each))))
    print_table("One reader", _COLUMNS, rows)


def _filters() -> Mapping[str, Ask]:
    """A filter each, with a value by chance."""
    since = "since={0}-01-01&until={0}-12-31"
    return {
        "none": lambda _: "",
        "a word": lambda c: f"q={quote(c.choice(COMMON))}",
        "two words": lambda c: f"q={quote(c.choice(COMMON))}+{quote(c.choice(COMMON))}",
        "party": lambda c: f"party={c.choice(STATES)}",
        "corridor": lambda c: f"corridor={'-'.join(c.sample(STATES, 2))}",
        "group": lambda c: f"group={c.choice(('maghreb', 'sahel'))}",
        "topic": lambda c: f"topic={c.choice(tuple(Topic)).value}",
        "kind": lambda c: f"instrument={c.choice(tuple(Instrument)).value}",
        "status": lambda c: f"status={c.choice(tuple(Status)).value}",
        "how sure": lambda c: f"grade={c.choice(tuple(Grade)).value}",
        "text": lambda c: f"text={c.choice(tuple(TextState)).value}",
        "language": lambda c: f"language={c.choice(LANGUAGES)}",
        "source": lambda c: f"source=outlet{c.randrange(154)}",
        "a year": lambda c: since.format(c.randrange(2016, 2026)),
        "learnt in a year": lambda c: f"{since.format(c.randrange(2016, 2026))}&by=learnt",
        "known from lists": lambda _: "known=yes",
        "party, topic, status": lambda c: (
            f"party={c.choice(STATES)}&topic={c.choice(tuple(Topic)).value}&status=signed"
        ),
    }


def _each_filter(port: int, worked_ms: Callable[[], float], each: int) -> None:
    for path in ("/", "/search", "/changes"):
        chance, rows = random.Random(7), []
        for name, ask in _filters().items():
            _get(port, f"{path}?{ask(chance)}")
            found, worked = list[tuple[float, int]](), list[float]()
            for _ in range(each):
                before = worked_ms()
                found.append(_get(port, f"{path}?{ask(chance)}"))
                worked.append(worked_ms() - before)
            rows.append((*_row(name, found), *(f"{one:.0f}" for one in _middle_and_95(worked))))
            print(path, *rows[-1], file=sys.stderr, flush=True)
        columns = (*_COLUMNS, "processor", "95 %")
        print_table(f"Each filter alone, {path}", columns, rows)


def _processor_ms(page: int, database: Database) -> float:
    """What the page and the database's own processes have worked so far (Linux alone says so)."""
    return sum(
        int(one.read_text().split()[0]) / 1e6
        for process in (page, *_backends(database))
        for one in Path(f"/proc/{process}/task").glob("*/schedstat")
    )


def _backends(database: Database) -> Sequence[int]:
    if database.is_sqlite:
        return ()
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with database.read() as s:
        return s.scalars(text(f"SELECT pid FROM pg_stat_activity WHERE {others}")).all()


def _middle_and_95(values: Sequence[float]) -> tuple[float, float]:
    in_order = sorted(values)
    at_95 = in_order[min(int(len(in_order) * 0.95), len(in_order) - 1)]
    return statistics.median(in_order), at_95


def _unchanged(port: int, each: int) -> Iterator[tuple[float, int]]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/feed.atom")
    answer = connection.getresponse()
    answer.read()
    tag = answer.headers["ETag"]
    for _ in range(each):
        started = time.perf_counter()
        connection.request("GET", "/feed.atom", headers={"If-None-Match": tag})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 304, answer.status
        yield (time.perf_counter() - started) * 1000, len(body)


def _many_readers(
    port: int, database: Database, kinds: Mapping[str, Ask], pause: float, each: int
) -> None:
    stop = threading.Event()
    writer = threading.Thread(target=_write, args=(database, stop))
    writer.start()
    asks = list(kinds.values())

    def read(seed: int) -> list[tuple[float, int]]:
        chance = random.Random(seed)
        time.sleep(pause * chance.random())
        return [_read_after(pause, port, chance.choice(asks)(chance)) for _ in range(each)]

    try:
        with ThreadPoolExecutor(_READERS) as pool:
            found = [one for batch in pool.map(read, range(_READERS)) for one in batch]
    finally:
        stop.set()
        writer.join()
    title = f"{_READERS} readers while a crawl writes, {pause:.0f} s for each page"
    print_table(title, _COLUMNS, [_row("mixed", found)])


def _read_after(pause: float, port: int, path: str) -> tuple[float, int]:
    time.sleep(pause)
    return _get(port, path)


def _write(database: Database, stop: threading.Event) -> None:
    """Store a document at a time, as a crawl does, until told to stop."""
    for made in made_documents(random.Random(11), 100_000, MADE_STATES, noise=0.1):
        if stop.is_set():
            return
        with database.begin() as s:
            ingest(s, [made.judged], (), now=_NOW, run_id=None, crawl=False, max_age_days=None)


def _get(port: int, path: str) -> tuple[float, int]:
    """Milliseconds until the whole answer was there, and its size in bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - started) * 1000
    connection.close()
    assert answer.status == 200, (answer.status, path, body[:300])
    return took, len(body)


def _row(name: str, found: Sequence[tuple[float, int]]) -> tuple[str, ...]:
    times = [took for took, _ in found]
    size = statistics.mean(size for _, size in found) / 1000
    median, at_95 = _middle_and_95(times)
    return (
        name, str(len(times)), f"{median:.0f}", f"{at_95:.0f}", f"{max(times):.0f}", f"{size:.0f}",
    )  # fmt: skip


if __name__ == "__main__":
    main()
