"""Reading the text of Word files (DOCX: ISO/IEC 29500, a zip of XML parts).

Strangers send them, so what is unpacked is limited, and entities are not resolved. Deleted text,
headers, footers, notes and comments are left out.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from datetime import date

from lxml import etree  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.fields import clean
from crawler.extract.page_words import words_pattern
from storage.errors import UnreadableError
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Document, DocumentKind

_MAX_PART = 20_000_000  # bytes of one part, unpacked; a treaty of 500 pages has 8 MB
_MAX_TITLE = 300  # characters
_TEXT = "word/document.xml"
_FACTS = "docProps/core.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_CREATED = "{http://purl.org/dc/terms/}created"
# Word names its styles in the language of the user, but keeps the ids of the first ones in English.


# What zipfile and the unpackers of its members raise. Bzip2's is an OSError.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, struct.error),
    *(EOFError, ValueError, NotImplementedError),
)


def is_docx(body: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return _TEXT in archive.namelist()
    except _BROKEN:
        return False


def read_docx(body: bytes) -> Document:
    """Read a Word file. Raises UnreadableError ("broken", "encrypted", "too_large")."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            document = _part(archive, _TEXT)
            facts = _part(archive, _FACTS) if _FACTS in archive.namelist() else None
    except _BROKEN as error:
        raise UnreadableError("broken", f"the Word file cannot be opened: {error}") from error
    except RuntimeError as error:  # zipfile's error for a password
        raise UnreadableError("encrypted", "the Word file needs a password") from error
    except etree.XMLSyntaxError as error:
        raise UnreadableError("broken", f"a part of the Word file is no XML: {error}") from error
    paragraphs = [(style, text) for style, text in _paragraphs(document) if text]
    title = _title(paragraphs)
    text = "\n".join(text for _, text in paragraphs if text != title)
    author = _fact(facts, f"{_DUBLIN_CORE}creator")
    return Document(
        title, text, UNKNOWN_LANGUAGE, _created_on(facts), author=author, kind=DocumentKind.DOCX
    )


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    with archive.open(name) as packed:
        raw = packed.read(_MAX_PART + 1)
    if len(raw) > _MAX_PART:
        raise UnreadableError("too_large", "the Word file holds more than can be a document")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(raw, parser=parser)


def _paragraphs(document: etree._Element) -> list[tuple[str, str]]:
    """Return (style, text) of each paragraph in one pass: they may lie in each other."""
    # The style, the pieces, and whether it is a text box again, for older programs.
    paragraphs: list[tuple[str, list[str], bool]] = []
    open_ones: list[list[str]] = []
    fallbacks = 0
    tags = (*_PIECES, f"{_W}p", _FALLBACK)
    for event, element in etree.iterwalk(document, events=("start", "end"), tag=tags):
        if element.tag == _FALLBACK:
            fallbacks += 1 if event == "start" else -1
        elif element.tag != f"{_W}p":
            if event == "start" and open_ones:
                open_ones[-1].append(_PIECES[element.tag] or element.text or "")
        elif event == "end":
            open_ones.pop()
        else:
            open_ones.append([])
            paragraphs.append((_style(element), open_ones[-1], fallbacks > 0))
    return [(style, clean("".join(pieces))) for style, pieces, is_twin in paragraphs if not is_twin]


_PIECES = {f"{_W}t": None, f"{_W}tab": " ", f"{_W}br": " ", f"{_W}noBreakHyphen": "-"}


def _style(paragraph: etree._Element) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else style.get(f"{_W}val") or ""


def _title(paragraphs: list[tuple[str, str]]) -> str:
    """Return the paragraph in the style of a title, else the first heading, else the first line."""
    # Word names its styles in the language of the user, but keeps the ids of the first in English.
    for form in (r"(<title_styles>)\d*", r"(<heading_styles>)\s*1"):
        named = words_pattern(form, ignore_case=True)
        for style, text in paragraphs:
            if named.fullmatch(style) and len(text) <= _MAX_TITLE:
                return text
    first = paragraphs[0][1] if paragraphs else ""
    return first if len(first) <= _MAX_TITLE else ""


def _fact(facts: etree._Element | None, name: str) -> str | None:
    return None if facts is None else clean(facts.findtext(name)) or None


def _created_on(facts: etree._Element | None) -> date | None:
    try:
        return date.fromisoformat((_fact(facts, _CREATED) or "")[:10])
    except ValueError:
        return None
