from __future__ import annotations

import pytest

from spiders.catalog.opml import read_opml, write_opml
from storage.errors import ConfigurationError
from storage.source import SourceKind
from tests.spiders.answers import NOW

FILE = b"""<?xml version="1.0" encoding="UTF-8"?><opml version="1.0"><head><title>mine</title></head><body>
<outline text="Ministries"><outline type="rss" text="Foreign &amp; home" xmlUrl="https://a.example/feed" language="fr-FR"/>
<outline type="rss" title="Twice" text="x" xmlUrl="https://a.example/feed"/>
<outline text="Second" xmlURL="https://a.example/ar/feed" htmlUrl="https://a.example/"/></outline>
<outline text="Bad" xmlUrl="http://b.example:65616/feed"/><outline text="Plus" xmlUrl="http://b.example:+80/"/>
<outline text="A folder"/><outline text="Mail" xmlUrl="mailto:x@b.example"/></body></opml>"""


def test_the_feeds_of_all_folders_are_read_each_once() -> None:
    sources, _ = read_opml(FILE, "mine.opml", ["b"])
    assert [
        (source.id, source.kind, source.url, source.name, source.language) for source in sources
    ] == [
        ("a-example", SourceKind.FEED, "https://a.example/feed", "Foreign & home", "fr"),
        ("a-example-ar-feed", SourceKind.FEED, "https://a.example/ar/feed", "Second", None),
    ]


def test_addresses_that_are_none_are_told_with_their_line() -> None:
    _, faults = read_opml(FILE, "mine.opml")
    assert [fault.partition(": ")[0] for fault in faults] == [
        "mine.opml:5",
        "mine.opml:5",
        "mine.opml:6",
    ]
    assert "a port is a number from 1 to 65535" in faults[0]


@pytest.mark.parametrize(
    "body",
    [
        b"<opml><body><outline",
        b"<html><body></body></html>",
        b'<!DOCTYPE o [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss>&b;</rss>',
    ],
)
def test_what_is_no_opml_is_one_fault(body: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"mine\.opml: "):
        read_opml(body, "mine.opml")


def test_what_is_written_is_read_again() -> None:
    sources, _ = read_opml(FILE, "mine.opml")
    page = sources[0].model_copy(update={"id": "p", "kind": SourceKind.PAGE})
    again, faults = read_opml(write_opml([*sources, page], NOW).encode(), "x")
    assert (again, faults) == (sources, [])


def test_folders_become_groups_and_come_back() -> None:
    body = b"""<opml version="2.0"><body><outline text="Africa"><outline text="Sahel / Chad">
<outline text="One" xmlUrl="https://a.example/1"/></outline><outline text="Two" xmlUrl="https://a.example/2"/></outline>
<outline text="Three" xmlUrl="https://a.example/3"/></body></opml>"""
    sources, _ = read_opml(body, "x")
    assert [source.group for source in sources] == ["Africa/Sahel Chad", "Africa", ""]
    again, _ = read_opml(write_opml(sources, NOW).encode(), "x")
    assert [(source.url, source.group) for source in again] == [
        (source.url, source.group) for source in sources
    ]


def test_an_address_with_a_bare_and_is_read_as_it_is_meant() -> None:
    body = (
        b'<opml><body><outline text="A &amp; B" xmlUrl="https://a.example/?a=1&b=2"/></body></opml>'
    )
    sources, faults = read_opml(body, "x")
    assert [(source.name, source.url) for source in sources] == [
        ("A & B", "https://a.example/?a=1&b=2")
    ]
    assert faults == []


def test_damaged_xml_is_told_with_its_line_and_the_feeds_beside_it_are_read() -> None:
    body = b"""<opml><body>
<outline text="One" xmlUrl="https://a.example/1"/>
<outline text="Two" xmlUrl="https://a.example/2" text="x"/>
<outline text="Three" xmlUrl="https://a.example/3"/></body></opml>"""
    sources, faults = read_opml(body, "x")
    assert {source.url for source in sources} >= {"https://a.example/1", "https://a.example/3"}
    assert [fault.partition(": ")[0] for fault in faults] == ["x:3"]
