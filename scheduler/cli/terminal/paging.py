"""A table that is longer than the screen goes through a pager, as `git log` does."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from scheduler.cli.context import INVOCATION

# As git sets them: end at once if it fits (F), let colours through (R), leave it on the screen (X).
_LESS = "FRX"


@contextmanager
def paged(out: Console, *, allowed: bool = True) -> Iterator[None]:
    """Show what is printed to `out` in the block page by page, if it is longer than the screen.

    Never when stdout is no terminal, with --no-pager, or where `$PAGER` is empty or `cat`.
    """
    command = pager() if allowed and _may_page() else []
    if not command:
        yield
        return
    with out.capture() as captured:
        yield
    text = captured.get()
    if text.count("\n") < out.height or not _shown_by(command, text):
        sys.stdout.write(text)
        sys.stdout.flush()


def pager() -> list[str]:
    """The pager and its options: `$PAGER`, else less, else more; [] for none."""
    asked = os.environ.get("PAGER")
    if asked is None:
        return [name for name in ("less", "more") if shutil.which(name)][:1]
    try:
        words = shlex.split(asked)
    except ValueError:  # an open quote
        words = [asked]
    return [] if words in ([], ["cat"]) else words


def _may_page() -> bool:
    plain = os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain and not INVOCATION.get().no_pager


def _shown_by(command: list[str], text: str) -> bool:
    """Whether the pager ran, whatever it ended with; a reader may leave in the middle."""
    environment = {"LESS": _LESS, **os.environ}
    try:
        running = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - the person's own $PAGER
    except OSError as error:
        print(f"{command[0]}: {error.strerror}; see $PAGER, or --no-pager", file=sys.stderr)
        return False
    data: bytes | None = text.encode(sys.stdout.encoding or "utf-8", "replace")
    while True:
        try:
            running.communicate(data)
            return True
        except KeyboardInterrupt:  # it is for the pager, which goes on
            data = None
