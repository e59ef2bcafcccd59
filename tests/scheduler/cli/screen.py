"""The command line on a terminal of its own (a pseudo-terminal), as a person starts it."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from tests.warm.start import command

_LINES, _COLUMNS = 24, 200


def on_terminal(*arguments: str, cwd: Path, **environment: str) -> tuple[int, str]:
    """The exit code of a command, and what stood on the screen."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
    running = subprocess.Popen(
        [*command("scheduler.cli"), *arguments],
        cwd=cwd,
        env=_environment(environment),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.STDOUT,
    )
    os.close(theirs)
    written = _all_of(ours)
    os.close(ours)
    return running.wait(), written


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    hidden = ("ACCORDWATCH_", "LC_", "LANG", "PAGER", "LESS", "BROWSER", "DISPLAY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    root = Path(__file__).parents[4]
    return {**kept, "TERM": "xterm", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(root), **given}


def _all_of(terminal: int) -> str:
    parts = []
    with suppress(OSError):  # EIO: nobody has the other end open any more
        while part := os.read(terminal, 65536):
            parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")
