from __future__ import annotations

import time

import pytest

from storage.addresses.hosts import host_and_port, without_users


def test_slots_are_named_by_host_and_port() -> None:
    assert host_and_port("https://A.org/x") == "a.org:443"
    assert host_and_port("http://a.org:8080/") == "a.org:8080"
    assert host_and_port("https://a.org:80/") == "a.org:80"


def test_http_and_https_of_a_host_share_their_slot() -> None:
    assert host_and_port("http://a.org/") == host_and_port("https://a.org/")
    assert host_and_port("http://a.org:80/") == host_and_port("https://a.org:443/")


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("see http://u:p@h/x, https://u@h:1", "see http://h/x, https://h:1"),
        ("http://u:a@b@h/?q=x@y", "http://h/?q=x@y"),
        ("ftp://h/a@b and mail a@b.example", "ftp://h/a@b and mail a@b.example"),
    ],
)
def test_a_text_is_told_without_users_and_passwords(text: str, without: str) -> None:
    assert without_users(text) == without


def test_a_long_address_is_freed_of_users_in_no_time() -> None:
    long = "http://x.example/" + "a." * 30_000
    before = time.process_time()
    assert without_users(f"{long} x-http://ana:pw@y.example/") == f"{long} x-http://y.example/"
    assert without_users("(-https://ana@y.example/)") == "(-https://y.example/)"
    assert time.process_time() - before < 0.5
