"""Processes that kill themselves at a named boundary: what is wrapped, and when it dies."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

from scheduler.notify import deliver
from scheduler.notify.channels.table import CHANNEL_KINDS
from storage.notifications import deliveries, digests

# "in ...": inside a transaction; "before", "after": outside of any.
DELIVERY_BOUNDARIES = (
    "in claim",
    "after claim",
    "after lease",
    "before send",
    "after send",
    "in acknowledge",
    "after acknowledge",
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def soon(delay_s: float, dying: Callable[[], None] = die) -> Callable[[], None]:
    """`dying` after `delay_s`, wherever the process is by then; at once with 0."""

    def start() -> None:
        timer = threading.Timer(delay_s, dying)
        timer.daemon = True
        timer.start()

    return start if delay_s else dying


def around(
    owner: object,
    name: str,
    *,
    before: bool = False,
    after: bool = False,
    at: int = 1,
    dying: Callable[[], None] = die,
) -> None:
    """Have `dying` called before or after the call number `at` of `owner.name`."""
    work: Callable[..., Any] = getattr(owner, name)
    numbers = count(1)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        now = next(numbers) == at
        if before and now:
            dying()
        result = work(*arguments, **named)
        if after and now:
            dying()
        return result

    if before or after:
        setattr(owner, name, wrapped)


def arm_delivery(boundary: str, at: int = 1, dying: Callable[[], None] = die) -> None:
    """Die at this boundary of claim, send and acknowledge, when it is reached for the time `at`."""

    def hook(owner: object, name: str, *, before: str = "", after: str = "") -> None:
        around(
            owner,
            name,
            before=boundary == before != "",
            after=boundary == after != "",
            at=at,
            dying=dying,
        )

    hook(digests, "claim_digest", after="in claim")
    hook(deliver, "_claim", after="after claim")
    hook(deliver, "_lease", after="after lease")
    for sender in {kind for kind in CHANNEL_KINDS.values() if "hand_over" in vars(kind)}:
        hook(sender, "hand_over", before="before send", after="after send")
    hook(deliveries, "delivered", after="in acknowledge")
    hook(deliver, "_deliver", after="after acknowledge")
