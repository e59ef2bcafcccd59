"""Jobs that fail in a row."""

from __future__ import annotations

from scheduler.jobs.daemon.daemon import Failures


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
