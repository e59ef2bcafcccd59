"""The daemon's ticks. Only the daemon needs schedulers: a command that computes a turn has triggers
alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]  # the package has no hints
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # the same


class Ticks:
    """Jobs that are called again and again, in threads of their own, never twice at a time."""

    def __init__(self, every_s: Mapping[str, int], tick: Callable[[str], None]) -> None:
        self._names = tuple(every_s)
        # It warns whenever a job is still at work at its next tick, as every long crawl is.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler: Any = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(every_s))},
            # However late a tick is, after a suspend or under load, it comes once.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name, seconds in every_s.items():
            self._scheduler.add_job(
                tick, "interval", (name,), seconds=seconds, id=name, next_run_time=datetime.now(UTC)
            )

    def start(self) -> None:
        self._scheduler.start()

    def tick_now(self) -> None:
        """Call all jobs now: after the clock was set back they would wait for their old times."""
        for name in self._names:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
