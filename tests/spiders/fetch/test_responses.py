"""What statuses mean to us."""

from __future__ import annotations

import pytest

from spiders.fetch.responses import refuse_status

CHALLENGE = (
    b"<html><head><title>Just a moment...</title></head><script>window._cf_chl_opt={}</script>"
)
URL = "https://a.example/"


@pytest.mark.parametrize("status", [202, 403, 503])
def test_a_challenge_is_named_whatever_status_it_comes_with(status: int) -> None:
    failure = refuse_status(status, CHALLENGE, URL)
    assert failure is not None
    assert (failure.reason, failure.transient) == ("challenge", True)
    assert str(status) in failure.line


@pytest.mark.parametrize(
    ("status", "body"), [(403, b"<h1>Forbidden</h1>"), (404, CHALLENGE), (503, b"")]
)
def test_other_refusals_keep_their_number(status: int, body: bytes) -> None:
    failure = refuse_status(status, body, URL)
    assert failure is not None
    assert failure.reason == f"http_{status}"
