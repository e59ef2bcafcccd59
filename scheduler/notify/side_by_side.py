"""Channels do not wait for each other: each has a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

Stop = Callable[[], bool]
T = TypeVar("T")
_MOST = 32  # threads; each webhook of a person is a channel, and there may be many


def side_by_side(
    channels: Iterable[str], work: Callable[[str, Stop], list[T]], stop: Stop
) -> list[T]:
    """What `work` returns for each channel, in their order. It is told, beside the channel, whom to
    ask whether to end: `stop`, or the failure of another channel or of the main thread.
    """
    names, failed = list(channels), threading.Event()

    def is_over() -> bool:
        return failed.is_set() or stop()

    if len(names) < 2:
        return [one for name in names for one in work(name, is_over)]
    with ThreadPoolExecutor(min(len(names), _MOST), thread_name_prefix="channel") as threads:
        working = [threads.submit(work, name, is_over) for name in names]
        try:
            return list(chain.from_iterable(one.result() for one in working))
        except BaseException:
            failed.set()
            raise
