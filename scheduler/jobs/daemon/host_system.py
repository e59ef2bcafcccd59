"""A long-lived process and its machine: it notifies systemd, takes signals, writes the log, gives
memory back, describes itself as a worker, and reads its configuration again. A bad version is
refused, and the last good one stays in force.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import structlog

from crawler.judgement.judge import load_rules
from scheduler.configuration.config import Configuration, find_configuration, load_configuration
from scheduler.views.words.lines import shown
from storage.database.session import Database
from storage.errors import ConfigurationError, our_fault
from storage.phrases import Phrase
from storage.sources.tables import WorkerState

_MICROSECONDS = 1_000_000
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# glibc has up to eight pools of memory a processor, and each thread takes from another one. Jobs
# and crawls have threads of their own, so that what one job needed once stood free in each pool:
# 20 MB more after five crawls, and more with each.
_ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h


if TYPE_CHECKING:
    Log = structlog.typing.FilteringBoundLogger


def notify_systemd(message: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send "READY=1" and the like, as sd_notify(3) does. Returns False if nobody listens."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        try:
            line.sendto(message.encode(), "\0" + address[1:] if address[0] == "@" else address)
        except OSError:
            return False  # a manager that is gone is no reason to stop working
    return True


def watchdog_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """How often systemd expects a notification, in seconds; None if it does not."""
    written = environ.get("WATCHDOG_USEC", "")
    meant = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(written) / _MICROSECONDS if written.isdigit() and int(written) and meant else None


class Signals:
    """Queues signals to end, or to read the configuration, for the main thread. An event would not
    do: the thread that the signal interrupts may hold its lock; this queue takes none.
    """

    def __init__(self) -> None:
        self._came: SimpleQueue[int] = SimpleQueue()

    @contextlib.contextmanager
    def received(self) -> Iterator[None]:
        """Queue signals while the block runs, instead of the reaction of Python."""
        before = {
            number: signal.signal(number, lambda came, _: self._came.put(came))
            for number in _SIGNALS
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def next(self, within_s: float) -> int | None:
        with contextlib.suppress(Empty):
            return self._came.get(timeout=within_s)
        return None


def share_pools() -> None:
    """Let all threads share few pools of memory. Does nothing where the C library is no glibc."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_memory_back(database: Database) -> None:
    """Return to the system what is free in the pools, and pages that the database keeps."""
    database.close_idle()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def set_up_log(*, as_json: bool | None = None) -> Log:
    """Configures logging and returns the log. To be called once, when the process begins."""
    plain = as_json if as_json is not None else not sys.stderr.isatty()
    shown = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if plain
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _cleaned,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log: Log = structlog.get_logger()
    return log


def _cleaned(
    logger: Any, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Leave out control characters of terminals: lines repeat the answers of servers."""
    return {key: shown(value) if isinstance(value, str) else value for key, value in event.items()}


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def worker_state(
    queues: list[str], concurrency: int, chosen: Configuration, begun_at: datetime
) -> WorkerState:
    machine, program = socket.gethostname(), version("accordwatch")
    of = fingerprint(chosen)
    return WorkerState(worker_name(), machine, program, queues, concurrency, of, begun_at)


def fingerprint(chosen: Configuration) -> str:
    """A hash of the configuration, without its database, and of its rule files."""
    settings = chosen.settings.model_dump_json(exclude={"database"})
    summed = hashlib.sha256(settings.encode())
    for file in chosen.rule_files:
        with suppress(OSError):
            summed.update(file.read_bytes())
    return summed.hexdigest()[:16]


# --- the configuration and its rules while the process runs ---------------------------------------

# The version of a file: when it was written, its inode, its length. None: there is no such file.
_Stamp = tuple[int, int, int] | None


class Reloader:
    """The last good configuration, and whether its files have changed since. The stamp of each file
    is taken before it is read: a save during the read is another version.
    """

    def __init__(self, chosen: Configuration) -> None:
        self.chosen = chosen
        self.refusal: str | None = None
        self._seen = _stamps((chosen.path, *chosen.rule_files))

    @classmethod
    def begin(cls, path: Path | None) -> Reloader:
        """Read the files for the first time. Raises ConfigurationError with every fault."""
        before = _stamps([find_configuration(path)])
        begun = cls(load_configuration(path))
        begun._seen |= before
        load_rules(begun.chosen.settings.rules.packs, begun.chosen.rule_files)
        return begun

    def has_changed(self) -> bool:
        """Whether the file, or a rule file that it names, has changed since it was last read."""
        return _stamps(self._seen) != self._seen

    def reload(self) -> bool:
        """Read the files again. Returns whether the new version is in force; `refusal` says why
        not. A rule file that only the refused version names is watched, too.
        """
        self._seen = _stamps((self.chosen.path, *self.chosen.rule_files))
        try:
            chosen = load_configuration(self.chosen.path)
            self._seen = _stamps(chosen.rule_files) | self._seen
            load_rules(chosen.settings.rules.packs, chosen.rule_files)
            if chosen.database != self.chosen.database:
                fault = "`database` cannot change while the daemon runs; restart it"
                raise ConfigurationError(fault)
        except ConfigurationError as error:
            first, *others = str(error).splitlines() or [""]
            return self._refuse(f"{first} (and {len(others)} more)" if others else first)
        except Exception as error:  # the edge of a read: the daemon works on
            return self._refuse(our_fault(f"{type(error).__name__}: {error}"))
        self.chosen, self.refusal = chosen, None
        self._seen = {path: self._seen[path] for path in (chosen.path, *chosen.rule_files)}
        return True

    def _refuse(self, why: str) -> bool:
        form = "the changed configuration is refused, and the one before stays in force: {why}"
        self.refusal = Phrase(form, why=why)
        return False


def _stamps(paths: Iterable[Path]) -> dict[Path, _Stamp]:
    stamps: dict[Path, _Stamp] = {}
    for path in paths:
        stamps[path] = None
        with suppress(OSError):
            status = path.stat()
            stamps[path] = status.st_mtime_ns, status.st_ino, status.st_size
    return stamps
