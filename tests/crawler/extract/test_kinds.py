from __future__ import annotations

import pytest

from crawler.extract.encoding import find_kind
from storage.errors import UnreadableError
from storage.records import DocumentKind


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b"<!DOCTYPE html><html>", "text/plain", DocumentKind.HTML),
        (
            b"\n\n<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>",
            "application/xml",
            DocumentKind.HTML,
        ),
        (b"<p>Un texte</p>", "", DocumentKind.HTML),
        (b"<custom-page>Un texte</custom-page>", "text/html", DocumentKind.HTML),
        (b"%PDF-1.7\n", "text/html", DocumentKind.PDF),
        (b"\r\n\r\n%PDF-1.4\n", "application/octet-stream", DocumentKind.PDF),
        (b"Accord sign\xc3\xa9\nLe texte, a < b.", "text/plain", DocumentKind.TEXT),
        (b"Accord sign\xc3\xa9\nLe texte.", "text/html", DocumentKind.TEXT),
        ("Accord signé\nLe texte.".encode("utf-16"), "text/plain", DocumentKind.TEXT),
        ("<html><p>Le texte.".encode("utf-16"), "text/html", DocumentKind.HTML),
    ],
)
def test_the_content_tells_the_kind(body: bytes, content_type: str, kind: DocumentKind) -> None:
    assert find_kind(body, content_type) is kind


@pytest.mark.parametrize("body", [b"", b" \r\n\t ", b"\x00\x00", b"\xef\xbb\xbf\n"])
def test_no_content_is_empty(body: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        find_kind(body, "text/html")
    assert caught.value.reason == "empty"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"PK\x03\x04docx", "zip or another Office"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "binary"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel>', "add it as a source"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">', "add it as a source"),
        (b'{"title": "Accord"}', "JSON"),
    ],
)
def test_what_is_no_document_is_named(body: bytes, says: str) -> None:
    with pytest.raises(UnreadableError, match=says) as caught:
        find_kind(body, "text/html")
    assert caught.value.reason == "unsupported"
