"""What the page is made of: the database, the configuration, its sources as they stand now, and who
may change something.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from crawler.judgement.judge import Rules, load_rules
from scheduler.access.login import AccessLog
from scheduler.configuration.config import Configuration, load_configuration
from scheduler.web.site.cache import ValueCache
from storage.database.session import Database
from storage.errors import AccordwatchError
from storage.records import Source

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


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
        """Whether nobody but this machine asks, so that it may be served without users."""
        return not self.is_wide and not self.names

    def answers_to(self, name: str) -> bool:
        """Whether a Host header may have this name, in lower case and without a port."""
        is_any = self.is_wide and not self.names
        return bool(name) and (is_any or name in LOOPBACK or name in self.names)


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation. `editor` is the name under which decisions are stored where there are no
    users; None: read-only.

    `secret` signs the tokens of forms before anybody has logged in, and is new each time the page
    is started.
    """

    database: Database
    chosen: Configuration
    editor: str | None = None
    rules: Callable[[], Rules] = load_rules
    now: Callable[[], datetime] = _now
    reach: Reach = Reach()
    cache: ValueCache = field(default_factory=ValueCache, repr=False, compare=False)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    access_log: AccessLog | None = field(default=None, repr=False, compare=False)


_log = logging.getLogger(__name__)


def sources_now(served: Installation) -> Sequence[Source]:
    """The sources of the file; those at the start of the page while it cannot be read."""
    path = served.chosen.path
    try:
        found = path.stat()
        return _read(path, (found.st_mtime_ns, found.st_ino, found.st_size))
    except OSError:
        return served.chosen.sources
    except AccordwatchError as error:  # somebody is writing in it; `doctor` names the faults
        _log.warning("the sources stay as they were: %s", error)
        return served.chosen.sources


def source_names(served: Installation) -> Sequence[tuple[str, str]]:
    """The id of each source, and its name as readers know it, by which they are sorted."""
    named = ((one.id, one.name or one.id) for one in sources_now(served))
    return sorted(named, key=lambda pair: pair[1].casefold())


def can_write(served: Installation) -> bool:
    """Whether this process may change the configuration, which it does by putting a new file in the
    place of the old one.
    """
    path = served.chosen.path
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: tuple[int, int, int]) -> Sequence[Source]:
    return load_configuration(path).sources
