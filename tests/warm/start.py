"""The command line of a module of ours that begins warm; the server comes with the first one."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVER_VARIABLE = "TESTS_WARM_SERVER"  # the socket of the server that a process comes from
PROCESS = Path(__file__).with_name("process.py")


def command(module: str, *arguments: str) -> list[str]:
    """What to start for `python -P -m MODULE ARGUMENTS`, where its start is no point of the test."""
    return [sys.executable, "-I", "-S", str(PROCESS), server_address(), module, *arguments]


def begin_warm() -> None:
    """Let the children that ask and try sources begin warm, if there is a server already."""
    if SERVER_VARIABLE in os.environ:
        from spiders.checks import source_tries as run
        from spiders.fetch import session

        session.COMMAND = command("spiders.fetch.session_process")
        run.COMMAND = command("spiders.checks.process")


@cache
def server_address() -> str:
    """The socket of a server that lives as long as this process, or as the one it comes from."""
    if SERVER_VARIABLE in os.environ:
        return os.environ[SERVER_VARIABLE]
    folder = tempfile.TemporaryDirectory(prefix="accordwatch-warm-")
    address = f"{folder.name}/socket"
    started = subprocess.Popen(
        [sys.executable, "-P", "-m", "tests.warm.server", address],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # what is forked from it has no threads
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert started.stdin is not None
    assert started.stdout is not None

    def end() -> None:
        started.communicate()
        folder.cleanup()

    atexit.register(end)
    assert started.stdout.readline() == b"listens\n"
    return address
