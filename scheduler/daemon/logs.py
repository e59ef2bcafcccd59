"""The daemon's log: lines for people on a terminal, JSON elsewhere, on stderr. structlog's one home."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    Log = structlog.typing.FilteringBoundLogger


def set_up(*, as_json: bool | None = None) -> Log:
    """A log to be handed on; call once, at the process's edge."""
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
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log: Log = structlog.get_logger()
    return log
