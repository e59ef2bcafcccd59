from __future__ import annotations

import pytest

from spiders.catalog.opml import read_opml, write_opml
from storage.errors import ConfigurationError
from storage.records import SourceKind
from tests.spiders.answers import NOW

FILE = b"""<?xml version="1.0" encoding="UTF-8"?><opml version="1.0"><head><title>mine</title></head><body>
<outline text="Ministries"><outline type="rss" text="Foreign &amp; home" xmlUrl="https://a.example/feed" language="fr-FR"/>
<outline type="rss" title="Twice" text="x" xmlUrl="https://a.example/feed"/>
<outline text="Second" xmlURL="https://a.example/ar/feed" htmlUrl="https://a.example/"/></outline>
<outline text="Bad" xmlUrl="http://b.example:65616/feed"/><outline text="Plus" xmlUrl="http://b.example:+80/"/>
<outline text="A folder"/><outline text="Mail" xmlUrl="mailto:x@b.example"/></body></opml>"""


def test_the_feeds_of_all_folders_are_read_each_once() -> None:
    sources, _ = read_opml(FILE, "mine.opml", ["b"])
    assert [(one.id, one.kind, one.url, one.name, one.language) for one in sources] == [
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
