"""Whose an address is: names of hosts as their owners register them."""

from __future__ import annotations

import pytest

from storage.addresses.hosts import registered_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.example.co.uk", "example.co.uk"),
        ("ngo.org", "ngo.org"),
        ("co.uk", ""),
        ("mail.ngo.lan", "ngo.lan"),
        ("localhost", ""),
    ],
)
def test_what_an_owner_registered(host: str, domain: str) -> None:
    assert registered_domain(host) == domain
