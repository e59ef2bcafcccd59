"""What kind of document bytes are.

The content counts first, since servers send PDF as text/html, and pages as text/plain.
"""

from __future__ import annotations

import re

from crawler.extract.printed.docx import is_docx
from storage.errors import UnreadableError
from storage.records import DocumentKind

_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|script|style|article|main|section|div|h1|p"
    rb"|table|br|span|a)[\s/>]",
    re.IGNORECASE,
)
_FEED = re.compile(rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex|opml)[\s>]", re.IGNORECASE)
# A byte order mark, or the first tag if the mark is missing.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_LOOK_AT = 4096  # bytes; scripts of consent banners may come before <html>
_PDF_WITHIN = 1024  # bytes before "%PDF-" that readers accept (ISO 32000-1, annex H.3.4.1)

# Files that the message names. Other binary data is recognized by its NUL bytes.
_BINARY = {
    b"PK\x03\x04": "a zip or another Office file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or a recording",
    b"ID3": "a recording",
    b"{\\rtf": "a rich text file",
}

_SUPPORTED = "pages, PDF, Word (DOCX) and plain text can be read"


def find_kind(body: bytes, content_type: str) -> DocumentKind:
    """Return the kind of `body`. Raises UnreadableError ("empty" or "unsupported")."""
    head = body[:_LOOK_AT].lstrip()
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise UnreadableError("empty", "the answer has no content")
    if b"%PDF-" in body[:_PDF_WITHIN]:
        return DocumentKind.PDF
    if body.startswith(b"PK\x03\x04") and is_docx(body):
        return DocumentKind.DOCX
    for magic, name in _BINARY.items():
        if head.startswith(magic):
            raise UnreadableError("unsupported", f"this is {name}; {_SUPPORTED}")
    if b"\x00" in head and not head.startswith(_UTF_16):
        raise UnreadableError("unsupported", f"this is binary data; {_SUPPORTED}")
    return _text_kind(head, content_type)


def _text_kind(head: bytes, content_type: str) -> DocumentKind:
    narrow = head.replace(b"\x00", b"")  # this is enough to find tags in UTF-16
    if _FEED.search(narrow):
        raise UnreadableError(
            "unsupported", "this is a feed or sitemap, not a document; add it as a source"
        )
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.endswith("json") or narrow.startswith((b"{", b"[{")):
        raise UnreadableError("unsupported", f"this is JSON; {_SUPPORTED}")
    if _HTML.search(narrow) or ("html" in media_type and b"<" in narrow):
        return DocumentKind.HTML
    return DocumentKind.TEXT
