"""Channels are served side by side."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from scheduler.notify.direct_sending import side_by_side


def test_a_channel_that_fails_ends_the_work_of_the_others() -> None:
    end = time.monotonic() + 20

    def work(name: str, is_over: Callable[[], bool]) -> list[str]:
        if name == "broken":
            raise ZeroDivisionError
        while not is_over() and time.monotonic() < end:
            time.sleep(0.01)
        return [name]

    with pytest.raises(ZeroDivisionError):
        side_by_side(["broken", "busy"], work, lambda: False)
    assert time.monotonic() < end
