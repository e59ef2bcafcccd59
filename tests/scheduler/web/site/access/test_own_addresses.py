"""Addresses without their secrets."""

from __future__ import annotations

import pytest

from scheduler.web.site.addresses import error_without_secrets, row_number, without_secrets
from storage.database.session import Database
from storage.register.decisions import decision, decisions_before
from storage.users import logins


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/rss", "https://news.example/rss"),
        ("https://news.example:8443/rss?key=abc&x=1#frag", "https://news.example:8443/rss?***"),
        ("https://user:secret@news.example/", "https://news.example/"),
        ("https://user@[2001:db8::1]:8080/a", "https://[2001:db8::1]:8080/a"),
        ("https://[broken/?key=abc", "***"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize(
    "error",
    [
        "GET https://news.example/rss?key=abcdef&b=2 answered 500",
        "moved to https://u:abcdef@cdn.example/",
        "the parameter abcdef is not known",
        "HTTP://news.example/?q=abcdef",
    ],
)
def test_an_error_is_told_without_what_may_be_secret(error: str) -> None:
    assert "abcdef" not in error_without_secrets(error, "https://news.example/rss?key=abcdef")


def test_what_is_no_secret_stays_readable() -> None:
    text = "news.example does not answer: timed out after 30 s"
    assert error_without_secrets(text, "https://news.example/rss?key=abcdef") == text


def test_a_number_in_an_address_is_one_that_both_databases_can_compare(database: Database) -> None:
    largest = row_number("2147483647")
    assert largest == 2**31 - 1
    assert [row_number(text) for text in ("2147483648", "9" * 19, "-1", "٣")] == [None] * 4
    with database.begin() as s:
        assert decision(s, largest) is None
        assert decisions_before(s, largest, 1) == []
        assert logins.remove_token(s, largest) is False
