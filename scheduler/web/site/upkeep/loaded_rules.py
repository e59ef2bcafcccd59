"""The rules of the page, kept in memory, since loading them takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from crawler.judgement.judge import Rules


class LoadedRules:
    """The rules of an installation. They are loaded when they are first asked for, and again when
    one of the user's own files has changed, or after an hour: how many false alarms are affordable
    follows from the volume.
    """

    def __init__(self, load: Callable[[], Rules], files: Sequence[Path]) -> None:
        self._load, self._files = load, files
        self._lock = Lock()
        self._stamp: Hashable = None
        self._rules: Rules | None = None

    def at(self, now: datetime) -> Rules:
        """The rules as they stand now. Raises RuleError with every fault of every file."""
        stamp = (now.strftime("%Y-%m-%d %H"), *map(_stamp, self._files))
        with self._lock:
            if self._rules is None or stamp != self._stamp:
                self._rules, self._stamp = self._load(), stamp
            return self._rules


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
