"""A job of a worker, and whether there can be a queue of them.

A job is a hint: what is due stands in our own tables. So a job may be lost or deleted without harm;
the leader puts it in again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from storage.errors import ConfigurationError

Work = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """Work: its kind, queue and key. Of one key, one job waits and one is being done at most."""

    kind: str
    queue: str
    key: str
    args: Mapping[str, Any] = field(default_factory=dict)


def check_available(database_url: str) -> None:
    """Raise ConfigurationError with one line if there can be no queue here."""
    if not database_url.startswith("postgres"):
        raise ConfigurationError(
            "workers need PostgreSQL; this database is SQLite: write `database: postgresql://...`, "
            "and bring what is stored over with `accordwatch db copy`"
        )
    if find_spec("procrastinate") is None:
        raise ConfigurationError("workers need procrastinate: pip install 'accordwatch[workers]'")
