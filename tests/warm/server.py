"""Modules of ours as processes that begin warm: `python -P -m tests.warm.server SOCKET`.

A crawl that starts from nothing spends four seconds of work on imports and rules, and there are a
hundred of them. This server has done that once, and forks for each caller (`tests.warm.process`): a
keeper, and the module in a session of its own. Workers come from a fork server that is as warm.

The module has the caller's files, folder and environment. Signals of the caller are passed on to
it. It is killed when its caller is gone.
"""

from __future__ import annotations

import gc
import importlib
import json
import multiprocessing
import os
import runpy
import select
import signal
import socket
import sys
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from typing import Any

from crawler import pool
from crawler.judgement.judge import load_rules
from scheduler.jobs import crawl_process
from spiders.process import PARENT_VARIABLE
from tests.warm.rules import keep_rules
from tests.warm.start import SERVER_VARIABLE, begin_warm, command
from tests.warm.tables import keep_tables, statements

LENGTH_BYTES = 4  # before a request
FILES = 3  # stdin, stdout, stderr
CALLER_VARIABLE = "TESTS_WARM_CALLER"  # the process that started a crawl; its parent is a keeper
# What a crawl imports, and no reactor: Scrapy chooses that.
LOADED = (
    "alembic.context",
    "apscheduler.schedulers.background",
    "spiders.fetch.certificates",
    "spiders.fetch.session_process",
    "spiders.fetch.settings",
    "crawler.pool",
    "scheduler.cli.main",
    "scheduler.jobs.daemon.daemon",
    "scheduler.jobs.passes",
    "scheduler.notify.deliver",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.crawler",
    "scrapy.utils.reactor",
    "spiders.checks.process",
    "spiders.checks.source_tries",
    "spiders.spec",
    "spiders.crawl_run",
    "spiders.reading.watch",
    "spiders.demo.server",
    "storage.database.schema",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A module to run, as its caller stands."""

    arguments: list[str]
    folder: str
    environ: dict[str, str]
    files: list[int]
    server: str  # its socket, for what the module starts


def serve(address: str) -> None:
    """Serve until the one who started us closes our stdin. A process that was forked for a module
    returns from here when that is through.
    """
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(16)
    print("listens", flush=True)  # who calls now waits until all is loaded
    _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    while True:
        ready, _, _ = select.select([listening.fileno(), 0], [], [])
        if listening.fileno() not in ready:
            return
        caller, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(caller, address)
            return
        caller.close()


def _load() -> None:
    keep_rules()
    keep_tables()
    statements()
    for name in LOADED:
        importlib.import_module(name)
    judge = load_rules().judge
    if judge is not None:
        judge.warm()
    assert "twisted.internet.reactor" not in sys.modules
    pool.PRELOADED = ["tests.warm.worker"]
    multiprocessing.set_forkserver_preload(pool.PRELOADED)
    # Crawls that a test kills leave their semaphores to the tracker that all of them share. It
    # removes them at its end, and would warn of them below the summary of the tests.
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    resource_tracker.ensure_running()
    sys.warnoptions.pop()
    forkserver.ensure_running()
    gc.collect()
    gc.freeze()


def _keep(caller: socket.socket, server: str) -> None:
    """Fork the module, and look after it: its exit code goes to the caller."""
    wanted = _wanted(caller, server)
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        caller.close()
        _become(wanted, parent)
        return
    for file in (*range(FILES), *wanted.files):
        os.close(file)
    os._exit(_look_after(pid, caller))


def _look_after(pid: int, caller: socket.socket) -> int:
    ended = os.pidfd_open(pid)
    while True:
        ready, _, _ = select.select([ended, caller.fileno()], [], [])
        if ended in ready:
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            caller.sendall(code.to_bytes(LENGTH_BYTES, signed=True))
            return 0
        signals = caller.recv(1)
        os.kill(pid, signals[0] if signals else signal.SIGKILL)
        if not signals:
            return 0


def _become(wanted: Wanted, parent: int) -> None:
    os.setsid()
    for number, file in enumerate(wanted.files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(wanted.folder)
    os.environ.clear()
    os.environ.update(wanted.environ)
    os.environ[SERVER_VARIABLE] = wanted.server
    crawl_process.COMMAND = command("spiders.process")
    begin_warm()
    if PARENT_VARIABLE in os.environ:
        os.environ[CALLER_VARIABLE] = os.environ[PARENT_VARIABLE]
        os.environ[PARENT_VARIABLE] = str(parent)
    # It lives as long as the server. A forked process cannot wait for it, and must not start anew.
    workers: Any = forkserver._forkserver
    workers.ensure_running = lambda: None
    sys.argv = wanted.arguments
    # What has been imported is not run again, and the module has to be.
    sys.modules.pop(wanted.arguments[0], None)
    runpy.run_module(wanted.arguments[0], run_name="__main__", alter_sys=True)


def _wanted(caller: socket.socket, server: str) -> Wanted:
    head, files, _, _ = socket.recv_fds(caller, LENGTH_BYTES, FILES)
    length, body = int.from_bytes(head), b""
    while len(body) < length:
        body += caller.recv(length - len(body))
    return Wanted(**json.loads(body), files=files, server=server)


if __name__ == "__main__":
    serve(sys.argv[1])
