"""What records mean, without the DNS."""

from __future__ import annotations

import pytest

from scheduler.health.mail.records import published_keys, unfit_tag, unknown_term


@pytest.mark.parametrize(
    "term",
    ["ip4:192.0.2.256", "ip4:192.0.2.0/33", "ip4:2001:db8::1", "ip6:192.0.2.1", "ip6:2001:db8::/129",
     "ip4:192.0.2.0/255.255.255.0", "a/", "a:", "mx/net", "ptr/24", "redirect=", "exp=", "include:", "all:b.example", "-redirect=b.example"],
)  # fmt: skip
def test_a_term_that_spf_does_not_know(term: str) -> None:
    assert unknown_term(f"v=spf1 mx {term} ~all") == term


@pytest.mark.parametrize(
    "term",
    ["ip4:192.0.2.1/24", "-IP6:2001:DB8::1/32", "ip6:::ffff:192.0.2.1", "?a//64", "a:b.example/24//64", "~mx", "ptr:b.example",
     "exists:%{ir}.b.example", "redirect=b.example", "exp=b.example", "ours=", "+all"],
)  # fmt: skip
def test_a_term_that_spf_knows(term: str) -> None:
    assert unknown_term(f"v=spf1 mx {term} ~all") is None


@pytest.mark.parametrize(
    ("more", "tag"),
    [
        ("", None),
        ("h=sha1 : SHA256; s=email:other", None),
        ("s=*; h=", None),
        ("h=sha1", "h=sha1"),
        ("s=tlsrpt", "s=tlsrpt"),
    ],
)
def test_a_key_that_verifiers_do_not_use_for_mail(more: str, tag: str | None) -> None:
    (key,) = published_keys([f"v=DKIM1; p=AAAA; {more}"])
    assert unfit_tag(key) == tag
