"""The time that one step of a task has."""

from __future__ import annotations

import signal

from crawler.extract.printed.pdf import limited_step


def _left_s() -> float:
    return signal.getitimer(signal.ITIMER_VIRTUAL)[0]


def test_a_step_within_another_leaves_the_limit_to_that_one() -> None:
    signal.setitimer(signal.ITIMER_PROF, 1000)  # as in a worker
    try:
        with limited_step():
            with limited_step():
                assert _left_s() > 0
            assert _left_s() > 0
        assert _left_s() == 0
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def test_nothing_is_limited_outside_a_worker() -> None:
    with limited_step():
        assert _left_s() == 0
