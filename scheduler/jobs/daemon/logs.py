"""The daemon's log on stderr: lines for people on a terminal, JSON elsewhere. structlog's one
home.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog

from scheduler.views.words.lines import shown

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
    """Leave out what a terminal would obey: lines repeat what servers answered."""
    return {key: shown(said) if isinstance(said, str) else said for key, said in event.items()}
