"""The options of every command: --config, --debug, --no-pager."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Invocation:
    config: Path | None = None
    debug: bool = False
    no_pager: bool = False


INVOCATION: ContextVar[Invocation] = ContextVar("INVOCATION", default=Invocation())  # noqa: B039 - it is frozen
