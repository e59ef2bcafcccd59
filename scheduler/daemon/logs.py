"""The daemon's log on stderr: lines for people on a terminal, JSON elsewhere. structlog's one
home.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    Log = structlog.typing.FilteringBoundLogger


def set_up(*, as_json: bool | None = None) -> Log:
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
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log: Log = structlog.get_logger()
    return log
