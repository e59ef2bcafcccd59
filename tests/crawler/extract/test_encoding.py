from __future__ import annotations

import codecs

import pytest

from crawler.extract.encoding import decode, decoded, find_kind, repair_misread
from storage.errors import UnreadableError
from storage.records import DocumentKind

_FRENCH = (
    "Le Maroc a signé à Rabat un accord « sans précédent » sur la sécurité des frontières. " * 3
)
_ARABIC = "وقع المغرب والنيجر إعلانا مشتركا حول الهجرة في الرباط. " * 3


def _page(text: str, charset: str | None) -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    return f'<html><head>{meta}<title>t</title></head><body class="article"><p>{text}</p></body></html>'


@pytest.mark.parametrize(
    "declared", ["utf-8", "iso-8859-1", "windows-1256", "no-such-charset", None]
)
def test_utf_8_is_read_as_utf_8_whatever_is_declared(declared: str | None) -> None:
    page = _page(_FRENCH + _ARABIC, declared)
    assert decode(page.encode(), f"text/html; charset={declared}") == page


@pytest.mark.parametrize(
    ("text", "real", "declared"),
    [
        (_FRENCH, "cp1252", "iso-8859-1"),
        (_FRENCH, "cp1252", "utf-8"),
        (_FRENCH, "cp1252", None),
        (_ARABIC, "cp1256", "windows-1256"),
        (_ARABIC, "cp1256", "iso-8859-1"),
        (_ARABIC, "cp1256", "utf-8"),
        (_ARABIC, "cp1256", None),
        (_ARABIC, "iso-8859-6", "iso-8859-6"),
        ("Министр подписал соглашение", "cp1251", "windows-1251"),
    ],
)
def test_legacy_charsets_are_told_apart(text: str, real: str, declared: str | None) -> None:
    page = _page(text, declared)
    assert decode(page.encode(real), "text/html") == page


def test_the_charset_of_the_header_counts() -> None:
    assert (
        decode("Министр подписал".encode("cp1251"), "text/html; charset=windows-1251")
        == "Министр подписал"
    )


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_byte_order_mark_decides(mark: bytes, name: str) -> None:
    assert decode(mark + _FRENCH.encode(name), "text/html; charset=iso-8859-1") == _FRENCH


def test_utf_8_that_is_cut_or_damaged_stays_utf_8() -> None:
    assert decode((_ARABIC * 5).encode()[:-1]).startswith(_ARABIC)
    assert decode((_FRENCH * 5).encode() + b"\xe9").startswith(_FRENCH)


def test_control_characters_are_taken_out() -> None:
    assert decode(b"Ac\x00cord\x0b sign\xc3\xa9\n") == "Accord signé\n"


@pytest.mark.parametrize(
    "control", ["\x00", "\x1f", "\x7f", "\x80", "\x9f", "\ufeff", "\ufffe", "\uffff"]
)
def test_a_single_control_character_is_taken_out(control: str) -> None:
    assert decode(f"<p>é\t{control}\x85\xa0ا</p>\r\n".encode()) == "<p>é\t\x85\xa0ا</p>\r\n"


def _misread(text: str) -> str:
    """UTF-8 read as windows-1252; the bytes that it leaves undefined pass as control characters, as
    in browsers.
    """
    undefined = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "".join(
        chr(byte) if byte in undefined else bytes([byte]).decode("cp1252") for byte in text.encode()
    )


@pytest.mark.parametrize("text", [_FRENCH, _ARABIC])
def test_text_misread_before_it_was_published_is_set_right(text: str) -> None:
    assert repair_misread(_misread(text)) == text
    assert decode(_misread(text).encode()) == text


def test_text_that_shows_a_misreading_once_is_left_alone() -> None:
    text = "On lisait « Ã© » au lieu de « é » dans l'accord. SÃO TOMÉ, Ângela."
    assert repair_misread(text) == text


@pytest.mark.parametrize(
    "charset", ["quopri", "uu", "hex", "rot-13", "zlib", "undefined", "idna", "unicode_escape"]
)
def test_codecs_that_are_no_charsets_are_passed_over(charset: str) -> None:
    assert (
        decode("<p>Le traité est signé</p>".encode("cp1252"), f"text/html; charset={charset}")
        == "<p>Le traité est signé</p>"
    )


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_charsets_without_a_mark_are_seen_by_their_first_tag(charset: str) -> None:
    assert decode("<p>وقع المغرب</p>".encode(charset)) == "<p>وقع المغرب</p>"


@pytest.mark.parametrize(
    "body",
    [
        _FRENCH.encode(),
        _FRENCH.encode("cp1252"),
        _FRENCH.encode("utf-8-sig"),
        _FRENCH.encode("utf-8") + b"\xff",
        f"{_FRENCH}\x00".encode(),
        f"{_FRENCH}\x86".encode(),
        f"{_FRENCH}\ufeff".encode(),
        _misread(_FRENCH).encode(),
        f"<p>{_ARABIC}".encode("utf-16-le"),
    ],
)
def test_bytes_are_the_text_as_utf_8_or_none_are_given(body: bytes) -> None:
    text, utf8 = decoded(body)
    assert utf8 in (None, text.encode())
    assert (utf8 is not None) == (body == text.encode())


def test_misread_quotation_marks_alone_are_set_right() -> None:
    quoted = "“Signed” – ‘agreed’ … —"
    assert repair_misread(_misread(quoted)) == quoted


# --- which kind of file it is ---------------------------------------------------------------------


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
