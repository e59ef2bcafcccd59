"""What statuses mean to us, and names for the ways in which a fetch ends without an answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import twisted.internet
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.utils.test import get_crawler
from twisted.internet.testing import MemoryReactor

from spiders.fetch.limits import GuardedResolver, HeadTooLargeError
from spiders.fetch.refusals import Refusal
from spiders.fetch.responses import explain, impossible, refuse_status
from tests.spiders.fetch.test_limits import looked_up

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


ADDRESS = "https://news.example/feed"


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason", "transient"),
    [
        (DownloadTimeoutError(), "timeout", True),
        (TimeoutError(), "no_end", True),
        (DownloadConnectionRefusedError(), "connection", True),
        (DownloadCancelledError(), "too_large", False),
        (UnsupportedURLSchemeError(), "scheme", False),
        (DownloadFailedError("certificate verify failed"), "certificate", False),
        (caused(DownloadFailedError(), HeadTooLargeError()), "too_large", False),
        (ResponseDataLossError(), "truncated", True),
        (DownloadFailedError(), "connection", True),
        (Refusal("robots", f"{ADDRESS}: robots.txt forbids it", transient=True), "robots", True),
        (ValueError("what nobody thought of"), "failed", True),
    ],
)
def test_each_fault_has_a_name_and_says_whether_to_try_again(
    error: Exception, reason: str, transient: bool
) -> None:
    failure = explain(error, ADDRESS)
    assert (failure.reason, failure.transient) == (reason, transient)
    assert failure.line.startswith(f"{ADDRESS}: ")


def test_a_name_that_leads_to_a_private_address_is_told_from_one_that_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reactor: Any = MemoryReactor()  # type: ignore[no-untyped-call]  # Twisted types few of its tests' parts
    settings = {"ALLOW_PRIVATE": ["open.example:443"], "DNSCACHE_SIZE": 10}
    resolver = GuardedResolver.from_crawler(get_crawler(settings_dict=settings), reactor)
    assert len(looked_up(resolver, "open.example", 443)) == 1
    assert looked_up(resolver, "Inside.example", 443) == []
    at_work = SimpleNamespace(nameResolver=resolver)
    monkeypatch.setattr(twisted.internet, "reactor", at_work, raising=False)
    inside = explain(CannotResolveHostError(), "https://INSIDE.example/")
    assert (inside.reason, inside.transient) == ("private_address", False)
    assert explain(CannotResolveHostError(), "https://open.example/").reason == "dns"
    at_work.nameResolver = None
    assert explain(CannotResolveHostError(), "https://inside.example/").reason == "dns"


def test_an_address_that_cannot_be_requested_is_shown_cut() -> None:
    failure = impossible("http://" + "a" * 1000)
    assert (failure.reason, failure.transient) == ("address", False)
    assert len(failure.line) < 300
