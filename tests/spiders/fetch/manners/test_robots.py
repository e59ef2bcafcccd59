from __future__ import annotations

import pytest

from spiders.fetch.manners.robots import MAX_RULES, read_robots
from spiders.fetch.refusals import Refusal

URL = "https://a.org/robots.txt"


def allowed(status: int, body: bytes, path: str = "/x") -> bool:
    try:
        read_robots(status, body, URL).check(f"https://a.org{path}")
    except Refusal:
        return False
    return True


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_missing_file_allows_everything(status: int) -> None:
    assert allowed(status, b"User-agent: *\nDisallow: /")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_failing_server_allows_nothing(status: int) -> None:
    with pytest.raises(Refusal) as refusal:
        read_robots(status, b"", URL).check("https://a.org/x")
    assert refusal.value.reason == "robots_unreachable"
    assert refusal.value.transient


def test_rules_for_us_come_before_rules_for_all() -> None:
    body = b"User-agent: *\nAllow: /\n\nUser-agent: accordwatch\nDisallow: /private/\n"
    assert allowed(200, body)
    assert not allowed(200, body, "/private/x")


def test_the_longest_rule_decides() -> None:
    body = b"User-agent: *\nDisallow: /news\nAllow: /news/public\n"
    assert not allowed(200, body, "/news/x")
    assert allowed(200, body, "/news/public/x")


def test_a_web_page_instead_of_rules_forbids_nothing() -> None:
    assert allowed(200, b"<html><body>Welcome \xff</body></html>")


def test_a_file_with_too_many_rules_for_us_allows_nothing() -> None:
    body = b"User-agent: *\n" + b"".join(
        b"Disallow: /%d\n" % number for number in range(MAX_RULES + 1)
    )
    with pytest.raises(Refusal, match="more than the limit of 10000") as refusal:
        read_robots(200, body, URL).check("https://a.org/x")
    assert refusal.value.reason == "robots_unreachable"
