"""A daemon at work while its database cannot be used for a while: is health red, and how soon is all well
again, without a restart? `python -m benchmarks.faults.daemons [NAME...] [--lasts 90]`. Prints a table in Markdown.

A ministry's folder gets an agreement while nothing can be read or written. Afterwards it is waited for green
health, and for the mail that tells of it.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.faults.server import Server, served
from benchmarks.faults.table import fill, terminate
from benchmarks.soak import agreement
from tests.conftest import new_postgres
from tests.scheduler.daemon.running_daemon import RunningDaemon, daemon
from tests.scheduler.full_disk import small_disk
from tests.scheduler.notify.channels.mail_server import MailServer, serving

HEAD = "| fault | database | health red after | green again after | told after | daemon |\n| --- | --- | --- | --- | --- | --- |"
_LONGEST_S = 300.0
_LOOK_S = 0.25
_RED = 503


@dataclass
class Scene:
    """A folder whose documents are told by mail."""

    folder: Path
    server: MailServer
    url: str
    written: int = 0
    path: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        (self.folder / "ministry").mkdir()
        office = {"id": "office", "kind": "email", "to": ["ana@ngo.example"], "timeout_s": 5}
        sender = {"sender": "watch@ngo.example", "host": "127.0.0.1", "security": "none"}
        source = {"id": "ministry", "kind": "folder", "path": "ministry", "every": "1m"}
        told = {"id": "all", "channels": ["office"], "rate": "immediately"}
        written = {
            "database": self.url,
            "sources": [source | {"jitter": "0m"}],
            "channels": [office | sender | {"port": self.server.port}],
            "subscriptions": [told | {"news": ["new_agreement", "new_step", "new_report"]}],
            "alerts": {"max_age_days": 36500},
            "known_agreements": False,
        }
        self.path = self.folder / "accordwatch.yaml"
        self.path.write_text(json.dumps(written), "utf-8")  # JSON is YAML

    def write(self) -> None:
        """One more agreement, of other parties than those before."""
        file = self.folder / "ministry" / f"{self.written}.txt"
        file.write_text(agreement(self.written), "utf-8")
        self.written += 1

    @property
    def mails(self) -> int:
        return len({str(message["Message-ID"]) for _, message in self.server.accepted})


@dataclass(frozen=True)
class Seen:
    """Seconds since the fault began, or ended; None if it was not seen."""

    red_s: float | None
    green_s: float | None
    told_s: float | None
    is_alive: bool
    is_once: bool

    def line(self, fault: str, kind: str) -> str:
        times = (self.red_s, self.green_s, self.told_s)
        said = ["-" if one is None else f"{one:.0f} s" for one in times]
        came = "" if self.is_once else ", told twice"
        return f"| {fault} | {kind} | {' | '.join(said)} | {'at work' if self.is_alive else 'ended'}{came} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faults.daemons", description=__doc__
    )
    parser.add_argument("names", nargs="*", help="faults; else all")
    parser.add_argument("--lasts", type=float, default=90, help="seconds")
    chosen = parser.parse_args()
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as temporary, serving(MailServer()) as mail:
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        for one in (_on_sqlite, _on_postgresql):
            for name, kind, scene, fault in one(folder, mail, chosen.names):
                mail.accepted.clear()
                lasts_s = 0.0 if name.startswith("at once") else chosen.lasts
                print(_seen(scene, fault, lasts_s).line(name, kind), flush=True)


# A fault: begun when it is called, and over with what it returns.
Fault = Callable[[], Callable[[], None]]
Case = tuple[str, str, Scene, Fault]


def _on_sqlite(folder: Path, mail: MailServer, names: list[str]) -> Iterator[Case]:
    if _is_wanted("locked", names):
        file = folder / "locked" / "accordwatch.db"
        scene = Scene(folder / "locked", mail, f"sqlite:///{file}")
        yield "another process holds the database", "sqlite", scene, partial(_hold, file)
    if _is_wanted("full", names):
        with small_disk(folder / "disk") as disk:
            scene = Scene(folder / "full", mail, f"sqlite:///{disk}/accordwatch.db")
            yield "the disk (tmpfs) is full", "sqlite", scene, partial(_fill, disk / "filler")


def _on_postgresql(folder: Path, mail: MailServer, names: list[str]) -> Iterator[Case]:
    with served(folder / "server") as server:
        happens: dict[str, tuple[str, Callable[[str], Fault]]] = {
            "gone": ("the server is gone", lambda url: partial(_stop, server)),
            "crashed": (
                "at once: the server crashes and starts anew",
                lambda url: partial(_crash, server),
            ),
            "ended": ("at once: all connections are ended", lambda url: partial(_end_all, url)),
            "no-room": ("the server's disk (tmpfs) is full", lambda url: partial(_full, server)),
        }
        for name, (said, happen) in happens.items():
            if _is_wanted(name, names):
                with new_postgres(server.url) as url:
                    scene = Scene(folder / name, mail, url)
                    yield said, "postgresql", scene, happen(url)


def _is_wanted(name: str, names: list[str]) -> bool:
    return not names or name in names


def _hold(file: Path) -> Callable[[], None]:
    holder = sqlite3.connect(file, 60, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    return holder.close


def _fill(filler: Path) -> Callable[[], None]:
    fill(filler)
    return filler.unlink


def _stop(server: Server) -> Callable[[], None]:
    server.stop()
    return server.start


def _crash(server: Server) -> Callable[[], None]:
    server.restart()
    return lambda: None


def _end_all(url: str) -> Callable[[], None]:
    terminate(url)
    return lambda: None


def _full(server: Server) -> Callable[[], None]:
    fill(server.filler)

    def make_room() -> None:
        server.filler.unlink()
        server.start()

    return make_room


# --- what is seen -------------------------------------------------------------------------------


def _seen(scene: Scene, fault: Fault, lasts_s: float) -> Seen:
    scene.write()
    with daemon(scene.path) as running:
        _wait(lambda: scene.mails == 1, _LONGEST_S)
        with _over(fault()) as end:
            scene.write()
            begun = time.monotonic()
            red_s = _wait(lambda: not _is_green(running), lasts_s)
            time.sleep(max(0.0, lasts_s - (time.monotonic() - begun)))
            end()
        begun = time.monotonic()
        green_s = _wait(lambda: _is_green(running), _LONGEST_S)
        _wait(lambda: scene.mails == 2, _LONGEST_S - (time.monotonic() - begun))
        told_s = time.monotonic() - begun if scene.mails == 2 else None
        is_alive = running.process.poll() is None
        return Seen(red_s, green_s, told_s, is_alive, scene.mails <= scene.written)


@contextmanager
def _over(end: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Whatever happens, the fault is over in the end."""
    ends = [end]

    def end_once() -> None:
        if ends:
            ends.pop()()

    try:
        yield end_once
    finally:
        end_once()


def _wait(condition: Callable[[], bool], longest_s: float) -> float | None:
    begun = time.monotonic()
    while (waited_s := time.monotonic() - begun) < longest_s:
        if condition():
            return waited_s
        time.sleep(_LOOK_S)
    return None


def _is_green(running: RunningDaemon) -> bool:
    try:
        return running.get("/healthz?strict")[0] != _RED
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    main()
