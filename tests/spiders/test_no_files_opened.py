"""What a server sends is content, never the name of something to open: asked of every reader of
strangers' bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.extract.extract import extract
from spiders.kinds.table import KINDS, read_source
from storage.errors import UnreadableError
from storage.source import SourceKind
from tests.spiders.answers import fetched, source

_MARK = "canary-of-the-disk"
_READERS = [*KINDS, "text/html", "text/plain", "application/pdf", "application/xhtml+xml"]
_CONTENTS = {  # what lies on the disk, in the form that a reader would take
    "feed": f"<rss version='2.0'><channel><title>T</title><item><title>{_MARK}</title><link>https://a.org/{_MARK}</link>"
    "</item></channel></rss>",
    "sitemap": f"<urlset><url><loc>https://a.org/{_MARK}</loc></url></urlset>",
    "page": f"<html><body><h1>{_MARK}</h1><p><a href='/{_MARK}'>{_MARK} as a headline</a></p></body></html>",
}
_ANSWERS: dict[str, Callable[[Path], str]] = {
    "its name": str,
    "its address": lambda path: path.as_uri(),
    "an entity": lambda path: (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{path.as_uri()}">]><rss version="2.0"><channel><item>'
        "<title>T &x;</title><link>https://a.org/1</link></item></channel></rss>"
    ),
    "an entity in a sitemap": lambda path: (
        f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY x SYSTEM "{path.as_uri()}">]>'
        "<urlset><url><loc>https://a.org/&x;</loc></url></urlset>"
    ),
    "an entity in a page": lambda path: (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "{path.as_uri()}">]>'
        "<html><body><h1>T</h1><p>A text with an entity &x; in it.</p></body></html>"
    ),
    "an inclusion": lambda path: (
        f'<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{path}" parse="text"/>'
        f'<channel><item><title>T<xi:include href="{path.as_uri()}" parse="text"/></title>'
        "<link>https://a.org/1</link></item></channel></rss>"
    ),
}


@pytest.mark.parametrize("content", _CONTENTS)
@pytest.mark.parametrize("answer", _ANSWERS)
@pytest.mark.parametrize("reader", _READERS)
def test_an_answer_that_names_a_file_does_not_open_it(
    reader: SourceKind | str, answer: str, content: str, tmp_path: Path
) -> None:
    path = tmp_path / "lying.here"
    path.write_text(_CONTENTS[content], encoding="utf-8")
    body = _ANSWERS[answer](path)
    assert _MARK not in _read(reader, body)


def _read(reader: SourceKind | str, body: str) -> str:
    if isinstance(reader, SourceKind):
        return str(read_source(fetched(body, ""), source(reader)))
    try:
        return str(extract(fetched(body, reader)))
    except UnreadableError as error:
        return str(error)
