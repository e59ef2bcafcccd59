from __future__ import annotations

import pytest

from spiders.fetch.private_networks import is_public, literal_address, refuse

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


RESERVED = [
    *(
        "fec0::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "::ffff:0:8.8.8.8",
        "64:ff9b:1::1",
        "::2",
        "::",
    ),
    *(
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "8000::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "100::1",
    ),
    *("2001:db8::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1"),
    *(
        "::ffff:192.168.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::1",
        "2002:c0a8:1::",
        "2001:0:7f00:1::f7f7:f7f7",
    ),
    "2001:0:808:808::80ff:fffe",
    *("2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:127.0.0.1"),
    *(
        "192.0.0.192",
        "192.0.0.9",
        "192.88.99.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.175.48.1",
        "0.1.2.3",
        "100.127.255.255",
        "172.31.0.1",
        "255.255.255.255",
    ),
    *("240.0.0.1", "239.1.1.1", "203.0.113.5", "198.51.100.7", "192.0.2.1", "198.19.0.1"),
]
OPEN = [
    *(
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "192.31.195.255",
        "192.175.49.1",
        "223.255.255.1",
    ),
    *(
        "2606:2800:220:1:248:1893:25c8:1946",
        "2001:4860:4860::8888",
        "2a00:1450::1",
        "2001:200::1",
        "3ffe::1",
        "2000::1",
    ),
    *(
        "::ffff:8.8.8.8",
        "2a00:1450::5efe:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2001:0:808:808::f7f7:f7f7",
    ),
]


@pytest.mark.parametrize("written", RESERVED)
def test_reserved_ranges_are_not_public(written: str) -> None:
    address = literal_address(written)
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize("written", OPEN)
def test_addresses_beside_the_reserved_ranges_are_public(written: str) -> None:
    address = literal_address(written)
    assert address is not None
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://93.184.216.34/", "https://[2606:2800:220:1:248:1893:25c8:1946]/", "https://a.org/"],
)
def test_public_addresses_and_names_pass(url: str) -> None:
    assert refuse(url, frozenset()) is None


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://a.org/", "data:text/plain,x", "gopher://a.org"),
        *("http:///x", "x", "javascript:alert(1)", "http:/127.0.0.1/"),
        *("http://[::1", "http://news.example:port/"),
        # behind another name, with one slash, in capitals, after a space
        *("source:file:///etc/passwd", "view-source:file:///etc/passwd", "file:/etc/passwd"),
        *("FILE:///etc/passwd", " file:///etc/passwd"),
        # two parsers would see two hosts
        *("http://127.0.0.1:80\\@news.example/", "http://127.0.0.1%5C@news.example/"),
        *("http://news.example\\@127.0.0.1/", "http://news.example%5c.evil.example/"),
    ],
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
