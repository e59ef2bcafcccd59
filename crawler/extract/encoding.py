"""Decoding bytes of an unknown charset.

The charset that a page declares is often wrong, but its bytes cannot lie. The first of these
counts: a byte order mark; UTF-8, if the bytes are valid; the charset of the HTTP header or of the
page, if it fits; a guess between the two legacy charsets of our languages (windows-1252 and
windows-1256). Nothing here raises an error: text with a few replacement characters is better than
no text.
"""

from __future__ import annotations

import codecs
import re
import string

from crawler.extract.printed.docx import is_docx
from storage.errors import UnreadableError
from storage.records import DocumentKind

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_DECLARED_WITHIN = 4096  # browsers read 1,024 bytes, but real pages put scripts before the charset

# What browsers understand by these names (https://encoding.spec.whatwg.org/#names-and-labels).
_BROWSER_NAMES = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_NO_CHARSETS = {
    "charmap",
    "idna",
    "punycode",
    "raw-unicode-escape",
    "unicode-escape",
    "unicode_escape",
    "utf-7",
}
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
# The same as bytes of UTF-8, of which hardly any page has one: quicker to look for.
_ASCII_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n\r")
_OTHER_CONTROLS = re.compile(rb"\xc2[\x80-\x84\x86-\x9f]")
_MARKS_IN_TEXT = ("\ufeff", "\ufffe", "\uffff")

# A page is damaged UTF-8 (truncated, or with a foreign snippet) if at most this share of its
# non-ASCII bytes is invalid. In real legacy text nearly all of them are, so the limit is not
# critical.
_DAMAGED_SHARE = 0.1

# In windows-1256 every Arabic letter is a high byte, which makes more than half of the letters of a
# page. Even in windows-1252 text with many accents (French capitals) it is less than 15 %.
_ARABIC_SHARE = 0.4

_ASCII_LETTERS = string.ascii_letters.encode()
_HIGH = bytes(range(0x80, 0x100))

_MISREAD = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u0192\u02c6-\u02dc\u2013-\u203a\u20ac\u2122]{1,3}"
)
# The beginnings of misread Latin and Arabic letters and quotation marks: single characters, which
# are ten times as quick to look for as two.
_MISREAD_LEADS = ("Ã", "Â", "Ø", "Ù")
_MISREAD_MARKS = "â€"
# An article about charsets may contain "Ã©", but hardly three different sequences of this kind.
_MISREAD_ENOUGH = 3


# A text, and the bytes that it was read from if they are the same text as UTF-8.
Decoded = tuple[str, bytes | None]


def decode(body: bytes, content_type: str = "") -> str:
    """Decode `body`. `content_type` is the HTTP header. Control characters are removed."""
    return decoded(body, content_type)[0]


def decoded(body: bytes, content_type: str = "") -> Decoded:
    """Decode `body` as `decode` does, and return whether it is UTF-8 as it is."""
    read, utf8 = _decode(body, content_type)
    text = repair_misread(read)
    if text is not read:
        utf8 = None
    if _has_controls(text, text.encode("utf-8", "surrogatepass") if utf8 is None else utf8):
        return _CONTROLS.sub("", text), None
    return text, utf8


def _has_controls(text: str, raw: bytes) -> bool:
    if any(mark in text for mark in _MARKS_IN_TEXT):
        return True
    is_plain = len(raw.translate(None, _ASCII_CONTROLS)) == len(raw)
    return not is_plain or _OTHER_CONTROLS.search(raw) is not None


def _decode(body: bytes, content_type: str) -> Decoded:
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), None
    for beginning, name in _UNMARKED:  # before UTF-8, where NUL bytes are valid
        if body.startswith(beginning):
            return body.decode(name, "replace"), None
    try:
        return body.decode("utf-8"), body
    except UnicodeDecodeError:
        pass
    damaged = body.decode("utf-8", "replace")
    if damaged.count("\ufffd") <= _DAMAGED_SHARE * _high_bytes(body):
        return damaged, None
    return _decode_legacy(body, content_type), None


def _decode_legacy(body: bytes, content_type: str) -> str:
    guess = guess_charset(body)
    for name in declared_charsets(body, content_type):
        # Arabic pages that claim to be Latin are common; the opposite was not seen.
        if name.startswith("utf") or (name == "cp1252" and guess != name):
            continue
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode(guess, "replace")


def declared_charsets(body: bytes, content_type: str) -> list[str]:
    """Return the Python names of the known charsets that are declared, the header's first."""
    claims = [match[1] for match in _HEADER.finditer(content_type)]
    in_page = _DECLARED.finditer(body[:_DECLARED_WITHIN])
    claims += [match[1].decode("ascii", "replace") for match in in_page]
    names = [name for name in map(_charset, claims) if name is not None]
    return [_BROWSER_NAMES.get(name, name) for name in names]


def _charset(claim: str) -> str | None:
    """Return the Python name of a charset; None for what no page is in (hex, idna)."""
    try:
        name = codecs.lookup(claim).name
        b"<".decode(name, "replace")
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else name


def guess_charset(body: bytes) -> str:
    """Return cp1256 for bytes that are mostly Arabic letters in it, else cp1252."""
    text = re.sub(rb"<[^<>]{0,2000}>", b" ", body)  # markup is ASCII, and would hide Arabic text
    high = _high_bytes(text)
    letters = high + len(text) - len(text.translate(None, _ASCII_LETTERS))
    return "cp1256" if high > _ARABIC_SHARE * letters else "cp1252"


def _high_bytes(body: bytes) -> int:
    return len(body) - len(body.translate(None, _HIGH))


def repair_misread(text: str) -> str:
    """Repair UTF-8 that was decoded as windows-1252 ("sÃ©curitÃ©", "ØÙ„"), if there is enough."""
    if not any(lead in text for lead in _MISREAD_LEADS) and not (
        _MISREAD_MARKS[-1] in text and _MISREAD_MARKS in text
    ):
        return text
    if len(set(_MISREAD.findall(text))) < _MISREAD_ENOUGH:
        return text
    return _MISREAD.sub(lambda match: _reread(match[0]), text)


def _reread(run: str) -> str:
    """Return the character for a misread sequence, else the sequence. Like browsers, this reads the
    five bytes that windows-1252 does not define as control characters.
    """
    raw = bytearray()
    for character in run:
        try:
            raw += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) > 0xFF:
                return run
            raw.append(ord(character))
    for length in range(len(raw), 1, -1):
        try:
            return raw[:length].decode("utf-8") + run[length:]
        except UnicodeDecodeError:
            continue
    return run


# --- what kind of document bytes are --------------------------------------------------------------

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
