"""The sources as the configuration file has them now: an admin, or the command line, may have
changed it since the page was started.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from scheduler.configuration.config import load_configuration
from scheduler.web.site.installation import Installation
from storage.errors import AccordwatchError
from storage.records import Source

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
