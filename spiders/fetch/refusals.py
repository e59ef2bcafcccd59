"""The exception that our middlewares raise."""

from __future__ import annotations

from datetime import datetime

from scrapy.exceptions import IgnoreRequest


class Refusal(IgnoreRequest):
    """A request that we do not send, or an answer that we do not accept. `reason` is one of:
    scheme, private_address, robots, robots_unreachable, paused, too_large, truncated,
    redirect_loop, consent_wall, browser, browser_missing. Run reports count them. A `transient`
    refusal may be tried again, though not before `until_at` if that is given.
    """

    def __init__(
        self, reason: str, line: str, *, transient: bool = False, until_at: datetime | None = None
    ) -> None:
        self.reason = reason
        self.transient = transient
        self.until_at = until_at
        super().__init__(line)
