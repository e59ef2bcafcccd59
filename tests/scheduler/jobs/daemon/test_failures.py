"""Jobs that fail in a row."""

from __future__ import annotations

import pytest

from scheduler.jobs.daemon.daemon import Crashes, Failures


def test_a_job_that_fails_three_times_in_a_row_is_failing_until_it_goes_well() -> None:
    failures = Failures()
    for why in ("locked", "locked"):
        failures.failed("send", why)
    assert failures.lasting() == {}
    failures.failed("send", "the disk is full")
    failures.failed("crawl", "locked")
    assert failures.lasting() == {"send": "the disk is full"}
    failures.went_well("send")
    assert failures.lasting() == {}


def test_failures_with_successes_between_them_are_no_row() -> None:
    failures = Failures()
    for _ in range(5):
        failures.failed("send", "locked")
        failures.failed("send", "locked")
        failures.went_well("send")
    assert failures.lasting() == {}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that `Crashes` reads, which a test moves on."""
    now = [1000.0]
    monkeypatch.setattr("scheduler.jobs.daemon.daemon.time.monotonic", lambda: now[0])
    return now


def crash(crashes: Crashes, clock: list[float]) -> float:
    """The seconds that are rested after one more crash."""
    crashes.failed("crawl", "a fault of ours")
    begun = clock[0]
    while crashes.rests:
        clock[0] += 30.0
    return clock[0] - begun


def test_each_crash_in_a_row_doubles_the_rest_up_to_half_an_hour(clock: list[float]) -> None:
    crashes = Crashes()
    rests = [crash(crashes, clock) for _ in range(7)]
    assert rests == [60.0, 120.0, 240.0, 480.0, 960.0, 1800.0, 1800.0]


def test_a_crawl_that_went_well_makes_the_next_rest_short_again(clock: list[float]) -> None:
    crashes = Crashes()
    for _ in range(3):
        crash(crashes, clock)
    crashes.went_well("crawl")
    assert crash(crashes, clock) == 60.0
