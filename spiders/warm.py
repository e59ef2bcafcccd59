"""A process that holds all that a crawl needs, and is forked for each of them:
`python -P -m spiders.warm RULES`, where RULES is a RulesSpec in JSON.

Its stdin is a socket of packets. The first packet that it sends says how much memory it holds, in
MB, once it has loaded all. Then each packet that comes asks for a crawl, and brings three files:
the crawl's stdin and stdout (`spiders.crawl`), and a socket for what becomes of it. On that, the
crawl's id comes first, with a file that stands for its process (pidfd), and its exit code last.

It has no threads and no connections, so that a crawl begins as if it had done the loading itself.
It ends when it is told END and its crawls are through, after IDLE_S without a crawl, or when the
socket is closed; crawls that are still at work then get a SIGTERM, as from any parent that dies.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from crawler.forked_server import has_threads, load_all
from crawler.quick_end import end
from crawler.quick_import import quick_import
from crawler.worker import RulesSpec, give_back_memory, load_languages
from spiders import crawl

BEGIN, END = b"crawl", b"end"
NUMBER_BYTES = 4
FILES = 3  # of a crawl: stdin, stdout, and the socket for what becomes of it
IDLE_S = 1800.0

# What a crawl imports, but no reactor, since Scrapy chooses that.
_LOADED = (
    "alembic.context",
    "crawler.fetch.certificates",
    "crawler.fetch.settings",
    "crawler.pool",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.crawler",
    "scrapy.utils.reactor",
    "spiders.leases",
    "spiders.orders",
    "spiders.reading.watch",
    "spiders.run",
    "spiders.workers",
    "storage.database.schema",
    "storage.database.session",
)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A crawl that is at work."""

    pid: int
    told: socket.socket


@dataclass(slots=True)
class Warm:
    """The process, and its crawls by the files that stand for theirs."""

    asked: socket.socket
    crawls: dict[int, _Begun] = field(default_factory=dict)
    ends: bool = False

    def serve(self) -> int | None:
        """Serve until nobody needs it any more. In a process that was forked for a crawl, returns
        the crawl's exit code.
        """
        while self.crawls or not self.ends:
            idle_s = None if self.crawls else IDLE_S
            ready, _, _ = select.select([self.asked.fileno(), *self.crawls], [], [], idle_s)
            for file in [one for one in ready if one in self.crawls]:
                self._tell_end(file)
            if self.asked.fileno() in ready:
                asked, files, _, _ = socket.recv_fds(self.asked, 64, FILES)
                if not asked:
                    return None
                self.ends = self.ends or asked == END
                if asked == BEGIN and self._begin(files):
                    return crawl.main()
            if not ready:
                return None
        return None

    def _begin(self, files: list[int]) -> bool:
        """Fork a process for a crawl. Returns whether this is that process."""
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_crawl(files, parent)
            return True
        orders, events, told = files
        os.close(orders)
        os.close(events)
        teller, process = socket.socket(fileno=told), os.pidfd_open(pid)
        self.crawls[process] = _Begun(pid, teller)
        try:
            socket.send_fds(teller, [pid.to_bytes(NUMBER_BYTES)], [process])
        except OSError:  # who asked has gone: nobody reads what the crawl says
            os.kill(pid, signal.SIGTERM)
        return False

    def _become_crawl(self, files: list[int], parent: int) -> None:
        os.setsid()
        os.environ[crawl.PARENT_VARIABLE] = str(parent)
        orders, events, told = files
        os.dup2(orders, 0)
        os.dup2(events, 1)
        for file in (orders, events, told, *self.crawls):
            os.close(file)
        for other in self.crawls.values():
            other.told.close()
        self.crawls.clear()
        self.asked.close()

    def _tell_end(self, process: int) -> None:
        begun = self.crawls.pop(process)
        os.close(process)
        code = os.waitstatus_to_exitcode(os.waitpid(begun.pid, 0)[1])
        with begun.told as teller, suppress(OSError):  # nobody wants to know
            teller.sendall(code.to_bytes(NUMBER_BYTES, signed=True))


def warm_up(rules: RulesSpec) -> None:
    """Load all that a crawl needs, as far as it can be shared."""
    load_all(rules)
    load_languages()
    with quick_import():
        for name in _LOADED:
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    give_back_memory()


def held_mb() -> int:
    """How much memory this process holds; what it shares counts in part."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024


def rules_of(line: str) -> RulesSpec:
    """The rules that `line_of` wrote."""
    said = json.loads(line)
    files = tuple(map(Path, said["files"]))
    return RulesSpec(tuple(said["packs"]), files, false_alarms=said["false_alarms"])


def line_of(rules: RulesSpec) -> str:
    """Rules as an argument of this process."""
    files = [str(file) for file in rules.files]
    said = {"packs": rules.packs, "files": files, "false_alarms": rules.false_alarms}
    return json.dumps(said)


def main() -> int | None:
    """The entry of the process; see the module."""
    asked = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    warm_up(rules_of(sys.argv[1]))
    if has_threads():
        sys.stderr.write("spiders.warm: a library has begun a thread, which no crawl would have\n")
        return 1
    with suppress(OSError):  # who asked has gone meanwhile, which serving notices
        asked.send(held_mb().to_bytes(NUMBER_BYTES))
    return Warm(asked).serve()


if __name__ == "__main__":
    end(main() or 0)
