"""A daemon at work for hours: does its memory stay flat, and does it leak file handles?

`python -m benchmarks.soak [--minutes 120] [--sites 40] [--speed 3600] [--log FILE]`. Sites that publish so many times
faster than the world (`benchmarks.month.server`: an hour's news each second) are polled once a minute, a
ministry's folder has a new agreement each half minute, and a mail server takes what is told at once. Every
half minute it is looked at the daemon (memory of its own, file handles) and at what it has started (memory as
proportional set size, so that shared pages count once). At the end, the last quarter stands beside the second.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.month.sites import Site, many
from scheduler.cli.output import print_table
from storage.database.session import open_database
from tests.scheduler.demo_state import rows
from tests.scheduler.jobs.daemon.running_daemon import RunningDaemon, children, daemon
from tests.scheduler.notify.channels.mail_server import MailServer, serving

LOOK_S = 30.0
_MB = 1024.0
_PARTNERS = ("Morocco", "Tunisia", "Libya", "Egypt", "Senegal", "Mali", "Chad", "Algeria", "Niger")
_OTHERS = ("Spain", "Italy", "France", "Germany", "Greece", "Malta", "Cyprus", "Portugal", "Sweden")
_CITIES = (
    "Rabat", "Tunis", "Tripoli", "Cairo", "Dakar", "Bamako", "N'Djamena", "Algiers", "Niamey",
)  # fmt: skip
_TEXT = """{other} and {partner} signed a memorandum of understanding on migration in {city}
Document: the interior ministers of {other} and {partner} signed a memorandum of understanding on migration on
{day} in {city}. It covers the return and readmission of irregular migrants and the fight against the smuggling
of migrants, and was signed after {count} rounds of talks. Number {number} of the ministry's series.
"""


@dataclass(frozen=True)
class Look:
    """`daemon_mb`, `handles`: of the daemon itself; `crawl_mb`: of its crawl with all workers, and
    of the process that they are forked from.
    """

    minute: float
    daemon_mb: float
    crawl_mb: float
    processes: int
    threads: int
    handles: int
    crawl_handles: int
    documents: int
    mails: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--speed", type=float, default=3600, help="times faster than the world")
    parser.add_argument("--log", type=Path, help="a line of JSON for each look")
    chosen = parser.parse_args()
    sites = many(chosen.sites)
    days = int(chosen.minutes * 60 * chosen.speed / 86400) + 2
    with tempfile.TemporaryDirectory() as temporary, serving(MailServer()) as mail:
        folder = Path(temporary)
        (folder / "ministry").mkdir()
        with _published(folder, len(sites), days, chosen.speed) as addresses:
            path = _configure(folder, sites, addresses, mail.port)
            with daemon(path, cold=True) as running:
                looks = list(_looks(running, folder, mail, chosen.minutes, chosen.log))
                ended = running.end()
    _report(looks, ended, [line for line in running.lines if line.get("level") == "error"])


@contextmanager
def _published(folder: Path, count: int, days: int, speed: float) -> Iterator[dict[str, str]]:
    """The sites, whose clock goes `speed` times as fast; addresses by their name."""
    command = [sys.executable, "-m", "benchmarks.month.server", str(count), str(days), str(folder)]
    over = threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        addresses: dict[str, str] = json.loads(server.stdout.readline())
        clock = threading.Thread(
            target=_run_clock, args=(next(iter(addresses.values())), folder, speed, over)
        )
        clock.start()
        try:
            yield addresses
        finally:
            over.set()
            clock.join()
            server.kill()


def _run_clock(address: str, folder: Path, speed: float, over: threading.Event) -> None:
    """Set the sites' time each second, and write an agreement each half minute."""
    from urllib.request import ProxyHandler, build_opener

    opener, begun, written = build_opener(ProxyHandler({})), time.monotonic(), 0
    while not over.wait(1):
        gone_s = time.monotonic() - begun
        opener.open(f"http://{address}/clock?minutes={int(gone_s * speed / 60)}").read()
        opener.open(f"http://{address}/log").read()  # what it remembers of requests
        if gone_s > written * LOOK_S:
            (folder / "ministry" / f"{written}.txt").write_text(agreement(written), "utf-8")
            written += 1


def agreement(number: int) -> str:
    at = number % len(_PARTNERS)
    other = _OTHERS[number // len(_PARTNERS) % len(_OTHERS)]
    day = f"{1 + number % 28} {('March', 'June', 'September')[number // 81 % 3]} 2026"
    parts = {"other": other, "partner": _PARTNERS[at], "city": _CITIES[at], "day": day}
    return _TEXT.format(**parts, count=2 + number, number=number)


def _configure(
    folder: Path, sites: tuple[Site, ...], addresses: dict[str, str], mail_port: int
) -> Path:
    often = {"every": "1m", "jitter": "0m"}
    sources = [
        {"id": site.name, "kind": str(site.source("x").kind), "language": site.language}
        | {"url": site.source(addresses[site.name]).url}
        | often
        for site in sites
    ]
    sources.append({"id": "ministry", "kind": "folder", "path": "ministry"} | often)
    crawl = {"allow_private": list(addresses.values()), "delay_s": 0.05, "patience_s": 30}
    server = {"host": "127.0.0.1", "port": mail_port, "security": "none"}
    office = {"id": "office", "kind": "email", "to": ["ana@ngo.example"]}
    told = {"id": "all", "channels": ["office"], "rate": "immediately"}
    written = {
        "database": f"sqlite:///{folder / 'soak.db'}",
        "crawl": crawl,
        "sources": sources,
        "channels": [office | server | {"sender": "watch@ngo.example"}],
        "subscriptions": [told | {"news": ["new_agreement", "new_step", "new_report"]}],
        "alerts": {"max_age_days": 36500},
    }
    path = folder / "accordwatch.yaml"
    path.write_text(json.dumps(written), "utf-8")  # JSON is YAML
    return path


# --- looking ------------------------------------------------------------------------------------


def _looks(
    running: RunningDaemon, folder: Path, mail: MailServer, minutes: float, log: Path | None
) -> Iterator[Look]:
    running.wait_for("started")
    begun = time.monotonic()
    while time.monotonic() - begun < minutes * 60:
        time.sleep(LOOK_S)
        minute = (time.monotonic() - begun) / 60
        look = _look(running.process.pid, folder, mail, minute)
        if log is not None:
            with log.open("a", encoding="utf-8") as out:
                out.write(json.dumps(asdict(look)) + "\n")
        yield look


def _look(pid: int, folder: Path, mail: MailServer, minute: float) -> Look:
    below = list(_descendants(pid))
    database = open_database(f"sqlite:///{folder / 'soak.db'}")
    with database.read() as s:
        documents = int(rows(s, "SELECT count(*) FROM documents")[0][0])
    database.close()
    return Look(
        minute=round(minute, 1),
        daemon_mb=round(_own_mb(pid), 1),
        crawl_mb=round(sum(map(_memory_mb, below)), 1),
        processes=1 + len(below),
        threads=len(list(Path(f"/proc/{pid}/task").iterdir())),
        handles=_handles(pid),
        crawl_handles=sum(map(_handles, below)),
        documents=documents,
        mails=len(mail.accepted),
    )


def _descendants(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from _descendants(child)


def _own_mb(pid: int) -> float:
    """What it does not share with a file: that other programs read the same libraries changes
    nothing.
    """
    said = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^RssAnon:\s+(\d+) kB", said, re.MULTILINE)
    return int(found[1]) / _MB if found else 0.0


def _memory_mb(pid: int) -> float:
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has ended
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", said, re.MULTILINE)
    return int(found[1]) / _MB if found else 0.0


def _handles(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


# --- what came of it ----------------------------------------------------------------------------


def _report(looks: list[Look], ended: int, errors: list[dict[str, object]]) -> None:
    quarter = max(1, len(looks) // 4)
    early, late = looks[quarter : 2 * quarter] or looks, looks[-quarter:]
    table = [
        [name, _middle(early, name), _middle(late, name)]
        for name in ("daemon_mb", "threads", "handles", "documents", "mails")
    ]
    working = [
        [name, _middle(early, name, at_work=True), _middle(late, name, at_work=True)]
        for name in ("crawl_mb", "processes", "crawl_handles")
    ]
    heads = ["median of", "the second quarter", "the last quarter"]
    print_table("Soak", heads, [list(map(str, row)) for row in (*table, *working)])
    last = looks[-1]
    print(
        f"{last.minute:.0f} minutes, {last.documents} documents, {last.mails} mails; ended {ended}"
    )
    print(
        f"{len(errors)} errors in the log", *(json.dumps(error) for error in errors[:5]), sep="\n"
    )


def _middle(looks: list[Look], name: str, *, at_work: bool = False) -> float:
    """The median; with `at_work`, of the looks at which a crawl was at work."""
    found = [getattr(look, name) for look in looks if look.crawl_mb or not at_work]
    return round(float(median(found or [0])), 1)


if __name__ == "__main__":
    main()
