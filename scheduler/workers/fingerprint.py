"""Whether two processes work with the same configuration and rules."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from scheduler.configuration.config import Configuration


def fingerprint(chosen: Configuration) -> str:
    """A hash of the configuration, without its database and folders, and of its rule files."""
    said = chosen.settings.model_dump_json(exclude={"database": True, "crawl": {"archive"}})
    summed = hashlib.sha256(said.encode())
    for file in chosen.rule_files:
        with suppress(OSError):
            summed.update(file.read_bytes())
    return summed.hexdigest()[:16]
