from __future__ import annotations

from datetime import timedelta

import pytest

from spiders.fetch.responses import Failure
from spiders.run import again_at
from storage.records import Candidate
from storage.sources.frontier import FrontierRow
from tests.spiders.answers import NOW, URL


def wait_s(attempts: int, until_s: float | None = None, reason: str = "http_503") -> float:
    """How long a document waits that failed for so many times; `until_s` is what its server asked
    for.
    """
    row = FrontierRow(1, URL, "s", Candidate(URL), attempts)
    until_at = None if until_s is None else NOW + timedelta(seconds=until_s)
    return (
        again_at(row, Failure(reason, "no", transient=True, until_at=until_at), NOW) - NOW
    ).total_seconds()


def test_a_document_waits_longer_after_each_attempt_as_documented() -> None:
    assert [wait_s(attempts) for attempts in range(1, 7)] == [5, 600, 7200, 43_200, 43_200, 43_200]


@pytest.mark.parametrize(("attempts", "waited_s"), [(1, 2), (2, 600), (3, 7200)])
def test_a_short_wish_does_not_use_up_all_attempts_within_a_minute(
    attempts: int, waited_s: float
) -> None:
    assert wait_s(attempts, until_s=2) == waited_s


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_a_long_wish_is_obeyed_to_the_full(attempts: int) -> None:
    assert wait_s(attempts, until_s=80_000) == 80_000


def test_what_was_never_asked_for_waits_no_longer_than_the_pause() -> None:
    assert wait_s(5, until_s=60, reason="paused") == 60
