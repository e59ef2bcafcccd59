from __future__ import annotations

import pytest

from crawler.fetch.addresses import host_and_port, is_public, literal_address, refuse

PRIVATE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://10.0.0.1/",
    "http://192.168.1.1:8080/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://224.0.0.1/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    refused = refuse(url, frozenset())
    assert refused is not None
    assert refused[0] == "private_address"


@pytest.mark.parametrize(
    "url", ["http://93.184.216.34/", "https://[2606:2800:220:1:248:1893:25c8:1946]/", "https://a.org/"]
)
def test_public_addresses_and_names_pass(url: str) -> None:
    assert refuse(url, frozenset()) is None


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.org/", "data:text/plain,x", "gopher://a.org", "http:///x", "x"]
)
def test_other_schemes_are_refused(url: str) -> None:
    refused = refuse(url, frozenset())
    assert refused is not None
    assert refused[0] == "scheme"


def test_a_private_server_is_opened_for_its_port_alone() -> None:
    allowed = frozenset({"127.0.0.1:8000"})
    assert refuse("http://127.0.0.1:8000/x", allowed) is None
    assert refuse("http://127.0.0.1:8001/x", allowed) is not None
    assert refuse("http://127.0.0.1/x", allowed) is not None


def test_a_name_is_no_literal_address() -> None:
    assert literal_address("localhost") is None
    assert literal_address("10.example.org") is None


def test_documentation_and_benchmark_networks_are_not_public() -> None:
    address = literal_address("198.18.0.1")
    assert address is not None
    assert not is_public(address)


def test_slots_are_named_by_host_and_port() -> None:
    assert host_and_port("https://A.org/x") == "a.org:443"
    assert host_and_port("http://a.org:8080/") == "a.org:8080"
