"""The one exception that our middlewares raise."""

from __future__ import annotations

from datetime import datetime

from scrapy.exceptions import IgnoreRequest


class Refusal(IgnoreRequest):
    """A request that we do not send, or an answer that we do not take.

    `reason` is counted in run reports: scheme, private_address, robots, robots_unreachable, paused,
    too_large, truncated, redirect_loop. `transient`: it may be tried again, not before `until_at` where given.
    """

    def __init__(
        self, reason: str, line: str, *, transient: bool = False, until_at: datetime | None = None
    ) -> None:
        self.reason = reason
        self.transient = transient
        self.until_at = until_at
        super().__init__(line)
