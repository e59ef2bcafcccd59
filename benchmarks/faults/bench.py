"""What is done to, and how it is looked at afterwards: an import and a digest of two dozen articles, on
either database, with a mail server that counts.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.eval.corpus import ARTICLES
from tests.scheduler.demo_state import State, deliveries, state_of, steps_told, whole
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.spiders.servers import ROOT
from tests.warm import start as warm

CONFIGURATION = """\
database: {url}
sources: []
channels:
  - {{id: office, kind: email, to: [ana@ngo.example, karim@ngo.example], sender: watch@ngo.example, host: {host},
     port: {port}, security: none, timeout_s: 5}}
subscriptions:
  - {{id: everything, channels: [office, file], rate: immediately, max_items: 1000}}
"""
# From Debian's package faketime: a clock of its own for one process.
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
_ENDED = (0, 1, 2, -signal.SIGKILL)


class Lost(Exception):
    """Something was lost, told twice, or claimed and not done."""


@dataclass(frozen=True)
class Ended:
    code: int
    said: str

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


@dataclass(frozen=True)
class Met:
    """How a command ended; `is_met`: it came to the boundary at which the fault waited."""

    ended: Ended
    is_met: bool


@dataclass
class Row:
    """A line of the table. `hits`: how many of the tries the fault met at work."""

    fault: str
    kind: str
    tries: int = 0
    hits: int = 0
    repeats: int = 0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        became = "; ".join(self.wrong) or "nothing lost, nothing told twice"
        if self.repeats:
            became += f"; {self.repeats} mails repeated under their id"
        return f"| {self.fault} | {self.kind} | {self.tries} | {self.hits} | {became} |"


@dataclass
class Bench:
    """One kind of database. `new_url` gives an empty one for a folder."""

    kind: str
    folder: Path
    server: MailServer
    new_url: Callable[[Path], str]
    chance: random.Random
    urls: dict[Path, str] = field(default_factory=dict)
    wanted: State | None = None
    # of an undisturbed run: statements and commits, and processor time
    boundaries: dict[str, int] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)

    @property
    def documents(self) -> Path:
        return self.folder / "documents.jsonl"

    def prepare(self) -> None:
        """Write the documents, and look how an undisturbed import and digest end."""
        chosen = [json.loads(line) for line in (ARTICLES / "en.jsonl").open(encoding="utf-8")]
        rows = [
            {key: one[key] for key in ("id", "lang", "title", "text")}
            | {"source_url": f"https://paper.example/{one['id']}", "published": "2026-11-20"}
            for one in chosen
        ][:24]
        self.documents.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        path = self.new("undisturbed")
        for command in ("upgrade", "import", "digest"):
            ended = self.run(path, command)
            if ended.code != 0:
                raise Lost(ended.said)
            counted = re.search(r"^counted (\d+) ([\d.]+)$", ended.said, re.MULTILINE)
            assert counted is not None
            self.boundaries[command], self.cpu_s[command] = int(counted[1]), float(counted[2])
        self.wanted = state_of(self.urls[path])
        if len(self.wanted.documents) != len(rows) or len(self.wanted.told) < 10:
            raise Lost(f"the undisturbed run told {len(self.wanted.told)} items")

    def new(self, name: str, *, host: str = "127.0.0.1", within: Path | None = None) -> Path:
        folder = (within or self.folder) / name
        folder.mkdir()
        path = folder / "accordwatch.yaml"
        self.urls[path] = self.new_url(folder)
        text = CONFIGURATION.format(url=self.urls[path], host=host, port=self.server.port)
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, path: Path, command: str, **faults: float) -> subprocess.Popen[str]:
        wanted = {
            "import": ("import", str(self.documents)),
            "digest": ("digest", "send"),
            "upgrade": ("db", "upgrade"),
            "check": ("db", "check"),
        }[command]
        clock_s = faults.pop("clock_s", None)
        started = [json.dumps(faults), *wanted, "--config", str(path)]
        module = "benchmarks.faults.command"
        environ, arguments = dict(os.environ), warm.command(module, *started)
        if clock_s is not None:  # libfaketime has to be there from the start
            arguments = [sys.executable, "-m", module, *started]
            environ |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"{clock_s:+.0f}"}
        return subprocess.Popen(
            arguments,
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Raises Lost for a crash: an end without a line that says why."""
        said = process.communicate(timeout=300)[0]
        ended = Ended(process.returncode, said)
        if ended.code not in _ENDED or "Traceback" in said:
            raise Lost(f"crashed: {ended.code} {said[-600:]}")
        return ended

    def run(self, path: Path, command: str, **faults: float) -> Ended:
        return self.end(self.start(path, command, **faults))

    def boundary(self, command: str) -> int:
        """A random statement or commit of an undisturbed run of a command."""
        return self.chance.randint(1, self.boundaries[command])

    def moment(self, command: str) -> float:
        """A random amount of processor time within that of an undisturbed run of a command."""
        return self.chance.uniform(0.0, self.cpu_s[command])

    def meet(self, path: Path, command: str, fault: Callable[[], None], **faults: float) -> Met:
        """Run a command, and do something to it at a random boundary, while it is stopped."""
        process = self.start(path, command, stop_at=self.boundary(command), **faults)
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            if line.startswith("stopped "):
                stopped = int(line.split()[1])
                _wait_for_stop(stopped)
                try:
                    fault()
                finally:
                    os.kill(stopped, signal.SIGCONT)
                return Met(self.end(process), is_met=True)
            said += line
        process.wait(300)
        return Met(Ended(process.returncode, said), is_met=False)

    def finish(self, path: Path) -> int:
        """Undisturbed from here on: how many mails were repeated. Raises Lost if the end is not
        that of an undisturbed run.
        """
        for command in ("import", "digest"):
            ended = self.run(path, command)
            if ended.code != 0:
                raise Lost(f"did not recover: {ended.said[-400:]}")
            time.sleep(1.1)  # what a dead process had leased is due again
        return self.check(path)

    def check(self, path: Path) -> int:
        url, found, wanted = self.urls[path], state_of(self.urls[path]), self.wanted
        assert wanted is not None
        if not whole(url):
            raise Lost("the database is damaged")
        if found.documents != wanted.documents or found.agreements != wanted.agreements:
            raise Lost("documents or agreements differ from an undisturbed run")
        if set(steps_told(url).values()) - {1}:
            raise Lost("a step was told twice or never")
        return self._repeats(url)

    def _repeats(self, url: str) -> int:
        sent = deliveries(url)
        if {state for _, state in sent.values()} != {"accepted"}:
            raise Lost("a delivery was given up")
        mails = {
            f"<{one}@ngo.example>" for one, (channel, _) in sent.items() if channel == "office"
        }
        arrived = Counter(one for one in self.server.message_ids if one in mails)
        if set(arrived) != mails:
            raise Lost("acknowledged, and not delivered")
        return sum(arrived.values()) - len(mails)


def _wait_for_stop(pid: int) -> None:
    while ") T " not in Path(f"/proc/{pid}/stat").read_text():
        time.sleep(0.001)


def one_line(text: str) -> str:
    return " ".join(re.sub(r"/\S+/", "", text).split())[:200]
