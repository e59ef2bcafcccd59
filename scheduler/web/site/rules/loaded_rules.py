"""The rules of the page, kept in memory, since loading them takes seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread

from crawler.judgement.judge import Rules
from storage.errors import AccordwatchError

_log = logging.getLogger(__name__)


class LoadedRules:
    """The rules of an installation.

    They are loaded when they are first asked for, and again when one of the user's own files has
    changed. They are also loaded every hour, since the number of affordable false alarms follows
    from the volume; nobody waits for that, since the old rules serve until the new ones are there.
    """

    def __init__(self, load: Callable[[], Rules], files: Sequence[Path]) -> None:
        self._load, self._files = load, files
        self._lock = Lock()
        self._read: Hashable = None  # the files, as they were when they were loaded
        self._hour = ""
        self._rules: Rules | None = None
        # What was wrong with the files, and how these were then: they are not read again before
        # one of them changes.
        self._fault: tuple[Hashable, AccordwatchError] | None = None

    def at(self, now: datetime) -> Rules:
        """The rules as they stand now. Raises RuleError with every fault of every file."""
        files, hour = tuple(map(_stamp, self._files)), now.strftime("%Y-%m-%d %H")
        with self._lock:
            if self._rules is None or files != self._read:
                self._rules, self._read, self._hour = self._loaded(files), files, hour
            elif hour != self._hour:
                self._hour = hour
                self._aside(self._reload)
            return self._rules

    def _loaded(self, files: Hashable) -> Rules:
        if self._fault is not None and self._fault[0] == files:
            raise self._fault[1].with_traceback(None)
        try:
            return self._load()
        except AccordwatchError as error:
            self._fault = files, error
            raise

    def begin(self, now: datetime) -> None:
        """Load them aside, so that the first reader need not wait."""
        self._aside(lambda: self.at(now))

    def _reload(self) -> None:
        files = tuple(map(_stamp, self._files))
        found = self._load()
        with self._lock:
            self._rules, self._read = found, files

    def _aside(self, work: Callable[[], object]) -> None:
        Thread(target=_logged, args=(work,), name="rules", daemon=True).start()


def _logged(work: Callable[[], object]) -> None:
    try:
        work()
    except AccordwatchError as error:  # who asks for the rules is told
        _log.warning("%s", error)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
