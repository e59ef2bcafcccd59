"""What the page keeps for a while instead of counting it for each reader, and what clients may keep
(ETag and 304, RFC 9110).
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response

Value = TypeVar("Value")

_WORTH_S = 0.02  # what is counted sooner is counted anew, so that it is true at once
_MOST = 128  # selections; the one that was asked for longest ago goes
_DEAR_S = 0.1  # of the processor: what takes longer is not made at each change
_TIMES = 20  # as long as it took to make, so that making takes one twentieth of a processor at most


@dataclass(frozen=True, slots=True)
class _Dear:
    value: Any
    stamp: Hashable
    good_until: float
    is_dear: bool


class KeptValues:
    """Values by key that took long to make, for some seconds or until their stamp changes. Safe
    among threads.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        # Of the processor, since a busy machine makes nothing dear.
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._worked = clock, worked
        self._values: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._dear: dict[Hashable, _Dear] = {}
        self._making = threading.Lock()

    def for_seconds(self, key: Hashable, seconds: float, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where it is older than `seconds`."""
        found: Value = self._get(key, int(self._clock() / seconds), make)
        return found

    def until_changed(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where `stamp` is another one than when it was made."""
        found: Value = self._get(key, stamp, make)
        return found

    def nearly_current(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where `stamp` is another one than when it was made; but one
        that took more than a tenth of a second is kept twenty times as long whatever changes, and
        whoever asks while it is made anew gets the old one.
        """
        kept = self._dear.get(key)
        if kept is None or not self._is_good(kept, stamp):
            kept = self._remade(key, stamp, make, kept)
        found: Value = kept.value
        return found

    def _remade(
        self, key: Hashable, stamp: Hashable, make: Callable[[], Any], old: _Dear | None
    ) -> _Dear:
        if old is not None and old.is_dear and self._making.locked():
            return old
        with self._making:
            kept = self._dear.get(key)  # another thread may have made it meanwhile
            if kept is None or not self._is_good(kept, stamp):
                kept = self._dear[key] = self._made(stamp, make)
            return kept

    def _is_good(self, kept: _Dear, stamp: Hashable) -> bool:
        return kept.stamp == stamp or self._clock() < kept.good_until

    def _made(self, stamp: Hashable, make: Callable[[], Any]) -> _Dear:
        began = self._worked()
        value = make()
        took = self._worked() - began
        is_dear = took > _DEAR_S
        return _Dear(value, stamp, self._clock() + took * _TIMES * is_dear, is_dear)

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


def conditional(request: Request, body: bytes, media_type: str) -> Response:
    """The body under a tag made of it, or 304 without it if `If-None-Match` names that."""
    # Weak, since an answer that is compressed on its way has the same tag.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    if "*" in _known(request):
        return tagged(Response(status_code=304), tag)
    return not_modified(request, tag) or tagged(Response(body, media_type=media_type), tag)


def state_tag(*parts: str) -> str:
    """A weak tag of what an answer is made from, to be known before the answer is made."""
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def not_modified(request: Request, tag: str) -> Response | None:
    """A 304 for a request that has what bears this tag; None for others."""
    if tag.removeprefix("W/") in _known(request):
        return tagged(Response(status_code=304), tag)
    return None


def tagged(answer: Response, tag: str) -> Response:
    """The answer with its tag, to be asked for again before it is used again."""
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _known(request: Request) -> set[str]:
    named = request.headers.get("if-none-match", "").split(",")
    return {one.strip().removeprefix("W/") for one in named}
