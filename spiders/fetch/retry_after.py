"""How long a server asks to be left alone, as it says in a Retry-After (RFC 9110, 10.2.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"-?[0-9]+")
_MOST_DIGITS = 18


def parse_retry_after(value: str | None, now: datetime, max_s: float) -> float | None:
    """The seconds to wait of a number or HTTP date, 1 to `max_s`; None if it is neither."""
    wait_s = _delta_s(value or "", now)
    return None if wait_s is None else min(max(wait_s, 1.0), max_s)


def _delta_s(value: str, now: datetime) -> float | None:
    if _SECONDS.fullmatch(value):
        return float(value[:_MOST_DIGITS])  # a longer number is too large in any case
    try:
        until_at = parsedate_to_datetime(value)
        if until_at.tzinfo is None:
            until_at = until_at.replace(tzinfo=UTC)
        return (until_at - now).total_seconds()
    except (ValueError, OverflowError):  # a day, year or time zone that does not exist
        return None
