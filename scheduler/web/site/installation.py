"""What the page is made of: the database, the configuration, and who may change something."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.judgement.judge import Rules, load_rules
from scheduler.configuration.config import Configuration
from storage.database.session import Database


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation. `editor` is the name under which decisions are stored; None: read-only.

    `secret` signs the tokens of forms, and is new each time the page is started.
    """

    database: Database
    chosen: Configuration
    editor: str | None = None
    rules: Callable[[], Rules] = load_rules
    now: Callable[[], datetime] = _now
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
