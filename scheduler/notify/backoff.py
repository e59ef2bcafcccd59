"""When a delivery that failed is tried again. Pure functions."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Protocol

# Postfix's defaults (minimal_backoff_time, maximal_backoff_time, maximal_queue_lifetime): this is
# what mail servers expect.
MAIL_FIRST_WAIT_S = 300
MAIL_LONGEST_WAIT_S = 4000
MAIL_LIFETIME = timedelta(days=5)

# Waits between the ten attempts of a webhook, 75 h 35 min in all (Standard Webhooks,
# "Deliverability and reliability").
WEBHOOK_WAITS_S = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)

# A receiver that comes back up must not be hit by all deliveries at one moment. The jitter only
# lengthens waits: ten attempts that came early would be over before a receiver that is down for
# three days is up again.
_JITTER = 0.1

# No delivery is told to wait for longer than this after a failure. (What a receiver asks for with
# Retry-After counts up to a day.)
LONGEST_WAIT = timedelta(seconds=(1 + _JITTER) * max(WEBHOOK_WAITS_S))


class NextTry(Protocol):
    def __call__(
        self,
        message_id: str,
        attempts: int,
        begun_at: datetime,
        now: datetime,
        retry_after_s: float | None = None,
    ) -> datetime | None:
        """When to try again after so many failed attempts since `begun_at`; None if the delivery
        is given up.

        It is never before the time that the receiver asked for with `retry_after_s`.
        """


def next_mail_try(
    message_id: str,
    attempts: int,
    begun_at: datetime,
    now: datetime,
    retry_after_s: float | None = None,
) -> datetime | None:
    """Waits 5 minutes, doubling to 67; gives up five days after the digest was claimed, or sent
    again.
    """
    wait_s = min(MAIL_FIRST_WAIT_S * 2 ** min(attempts - 1, 10), MAIL_LONGEST_WAIT_S)
    at = _later(message_id, attempts, wait_s, now, retry_after_s)
    return at if at <= begun_at + MAIL_LIFETIME else None


def next_webhook_try(
    message_id: str,
    attempts: int,
    begun_at: datetime,
    now: datetime,
    retry_after_s: float | None = None,
) -> datetime | None:
    """Waits as WEBHOOK_WAITS_S says; gives up after the tenth attempt, however old the digest
    is.
    """
    if attempts > len(WEBHOOK_WAITS_S):
        return None
    return _later(message_id, attempts, WEBHOOK_WAITS_S[attempts - 1], now, retry_after_s)


def _later(
    message_id: str, attempts: int, wait_s: float, now: datetime, retry_after_s: float | None
) -> datetime:
    jittered_s = wait_s * _jitter(message_id, attempts)
    return now + timedelta(seconds=max(jittered_s, retry_after_s or 0))


def _jitter(message_id: str, attempts: int) -> float:
    """A deterministic factor from 1.0 to 1.1: a pure function may not roll dice."""
    digest = hashlib.sha256(f"{message_id}/{attempts}".encode()).digest()
    return 1 + _JITTER * int.from_bytes(digest[:4], "big") / 0xFFFFFFFF
