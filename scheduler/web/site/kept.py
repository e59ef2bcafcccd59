"""What the page keeps for a while instead of counting it for each reader."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")

_WORTH_S = 0.02  # what is counted sooner is counted anew, so that it is true at once
_MOST = 128  # selections; the one that was asked for longest ago goes


class KeptValues:
    """Values by key that took long to make, for some seconds or until their stamp changes. Safe
    among threads.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def for_seconds(self, key: Hashable, seconds: float, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where it is older than `seconds`."""
        found: Value = self._get(key, int(self._clock() / seconds), make)
        return found

    def until_changed(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where `stamp` is another one than when it was made."""
        found: Value = self._get(key, stamp, make)
        return found

    def _get(self, key: Hashable, stamp: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._values and self._values[key][0] == stamp:
                self._values.move_to_end(key)
                return self._values[key][1]
        began = self._clock()
        value = make()  # without the lock: others need not wait for a slow count
        if self._clock() - began < _WORTH_S:
            return value
        with self._lock:
            self._values[key] = stamp, value
            self._values.move_to_end(key)
            while len(self._values) > _MOST:
                self._values.popitem(last=False)
        return value
