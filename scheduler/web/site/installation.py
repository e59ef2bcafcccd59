"""What the page is made of: the database, the configuration, its sources as they stand now, who may
change something, and what took long to make, cached.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from crawler.judgement.judge import Rules, load_rules
from scheduler.access.accounts import AccessLog
from scheduler.configuration.config import Configuration, load_configuration
from storage.database.session import Database
from storage.errors import AccordwatchError
from storage.source import Source

_log = logging.getLogger(__name__)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
# Bytes of the head of a request that comes in pieces; h11 takes 16 kB, and more in one piece.
LONGEST_HEAD = 65_536


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Reach:
    """From where the page is reached.

    `is_wide`: it listens on more than loopback. `names`: the hosts it answers to besides those of
    loopback; where it is wide, none means any. `root_path`: what it lies under, such as "/watch".
    `proxies`: addresses and networks of proxies that are believed; `login_header`: in which they
    name who has logged in there.
    """

    is_wide: bool = False
    names: frozenset[str] = frozenset()
    root_path: str = ""
    secure_cookies: bool = False
    proxies: tuple[str, ...] = ()
    login_header: str = ""

    @property
    def is_private(self) -> bool:
        """Whether it is reached from this machine alone, so that it may be served without users."""
        return not self.is_wide and not self.names

    def answers_to(self, name: str) -> bool:
        """Whether a Host header may have this name, in lower case and without a port."""
        is_any = self.is_wide and not self.names
        return bool(name) and (is_any or name in LOOPBACK or name in self.names)


Value = TypeVar("Value")

_WORTH_S = 0.02  # what is counted sooner is counted anew, so that it is true at once
_MOST_SELECTIONS = 128  # that are cached; the one used longest ago goes
_SLOW_S = 0.1  # of the processor: what takes longer is not made at each change
_TIMES = 20  # as long as it took to make, so that making takes one twentieth of a processor at most


class ValueCache:
    """What took long to make, for some seconds or until its stamp changes; safe among threads."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        # Of the processor, since a busy machine makes nothing slow.
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._worked = clock, worked
        # By key its stamp, itself, and until when it is good whatever its stamp.
        self._values: OrderedDict[Hashable, tuple[Hashable, Any, float]] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()

    def for_seconds(self, key: Hashable, seconds: float, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where it is older than `seconds`."""
        return self.until_changed(key, int(self._clock() / seconds), make)

    def until_changed(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where `stamp` is another one than when it was made."""
        known, value = self._known(key, stamp)
        if not known:
            began = self._clock()
            value = make()  # without the lock: others need not wait for a slow count
            if self._clock() - began >= _WORTH_S:
                self._keep(key, stamp, value, 0)
        found: Value = value
        return found

    def nearly_current(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """As `until_changed`; but a value that took more than a tenth of a second is good for
        twenty times as long whatever changes, and is returned while a new one is being made.
        """
        known, value = self._known(key, stamp)
        if not known and value is not None and self._making.locked():
            known = True
        if not known:
            with self._making:
                known, value = self._known(key, stamp)  # another thread may have made it meanwhile
                if not known:
                    began = self._worked()
                    value = make()
                    took = self._worked() - began
                    lasts = took * _TIMES if took > _SLOW_S else 0
                    self._keep(key, stamp, value, self._clock() + lasts)
        found: Value = value
        return found

    def _known(self, key: Hashable, stamp: Hashable) -> tuple[bool, Any]:
        """Whether a value is good, and the value, good or not; None if there is none."""
        with self._lock:
            if key not in self._values:
                return False, None
            self._values.move_to_end(key)
            made_of, value, good_until = self._values[key]
        return made_of == stamp or self._clock() < good_until, value

    def _keep(self, key: Hashable, stamp: Hashable, value: Any, good_until: float) -> None:
        with self._lock:
            self._values[key] = stamp, value, good_until
            self._values.move_to_end(key)
            while len(self._values) > _MOST_SELECTIONS:
                self._values.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation. `editor` is the name under which decisions are stored where there are no
    users; None: read-only.

    `secret` signs the tokens of forms before anybody has logged in, and is new each time the page
    is started. `is_static`: its pages become files that need no server.
    """

    database: Database
    chosen: Configuration
    editor: str | None = None
    is_static: bool = False
    rules: Callable[[], Rules] = load_rules
    now: Callable[[], datetime] = _now
    reach: Reach = Reach()
    cache: ValueCache = field(default_factory=ValueCache, repr=False, compare=False)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    access_log: AccessLog = field(default_factory=AccessLog, repr=False, compare=False)


def sources_now(served: Installation) -> Sequence[Source]:
    """The sources of the file; those at the start of the page while it cannot be read."""
    path = served.chosen.path
    try:
        result = path.stat()
        return _sources_of(path, (result.st_mtime_ns, result.st_ino, result.st_size))
    except OSError:
        return served.chosen.sources
    except AccordwatchError as error:  # somebody is writing in it; `doctor` names the faults
        _log.warning("the sources stay as they were: %s", error)
        return served.chosen.sources


def source_names(served: Installation) -> Sequence[tuple[str, str]]:
    """The id of each source, and its name as readers know it, by which they are sorted."""
    named = ((source.id, source.name or source.id) for source in sources_now(served))
    return sorted(named, key=lambda pair: pair[1].casefold())


def can_write(served: Installation) -> bool:
    """Whether this process may put a new configuration in the place of the old one."""
    path = served.chosen.path
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@lru_cache(maxsize=8)
def _sources_of(path: Path, _stamp: tuple[int, int, int]) -> Sequence[Source]:
    return load_configuration(path).sources
