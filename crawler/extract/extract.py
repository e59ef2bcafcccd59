"""Extracting a readable document from bytes.

The kind is found from the content, then the reader for that kind is called, and then the language
of the text is detected. Readers are imported when one is needed: a plain text needs none.
"""

from __future__ import annotations

import re
from dataclasses import replace

from crawler.extract.encoding import decode, find_kind
from crawler.extract.fields import NOTHING, Ignored, clean, is_possible
from crawler.extract.language import detect_language
from crawler.extract.printed.docx import read_docx
from storage.errors import UnreadableError
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Candidate, Document, DocumentKind, Fetched


def extract(
    fetched: Fetched,
    *,
    hint: Candidate | None = None,
    source_language: str | None = None,
    watched: bool = False,
    ignored: Ignored = NOTHING,
) -> Document:
    """Extract title, text, day, language and author; `url` is the address that a page calls its
    own. What the source says (`hint`) is used where
    the document has no title or day, and `source_language` where the text is too short. A
    `watched` page need not be an article. Title or text may be "", but not both. Raises
    UnreadableError with one of its reasons, or of REASONS.
    """
    kind = find_kind(fetched.body, fetched.content_type)
    if kind is DocumentKind.HTML:
        from crawler.extract.web_page import read_page

        document = read_page(fetched, hint, watched, ignored)
    else:
        document = _read_kind(fetched, kind, hint)
    document = replace(document, text=ignored.without_words(document.text))
    if not document.title and not document.text:
        message = "the document has no text: scripts in the browser may build it"
        raise UnreadableError("no_text", message)
    prior = (hint.language if hint else None) or source_language
    return replace(document, language=detect_language(document.title, document.text, prior))


def _read_kind(fetched: Fetched, kind: DocumentKind, hint: Candidate | None) -> Document:
    """Read what is no page. The source's title is better than that of a file, its day too."""
    hinted = clean(hint.title) if hint else ""
    if kind is DocumentKind.PDF:
        from crawler.extract.printed.pdf import read_pdf

        document = read_pdf(fetched.body)
    elif kind is DocumentKind.DOCX:
        document = read_docx(fetched.body)
    else:
        title, text = read_plain(decode(fetched.body, fetched.content_type))
        document = Document(title or hinted, text, UNKNOWN_LANGUAGE)
    days = (hint.published_on if hint else None, document.published_on)
    today = fetched.fetched_at.date()
    day = next((day for day in days if day and is_possible(day, today)), None)
    title = document.title if kind is DocumentKind.TEXT else hinted or document.title
    return replace(document, title=title, published_on=day)


# --- plain text -----------------------------------------------------------------------------------

_MAX_TITLE = 300  # characters; a longer first line is a paragraph, and the text has no title
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read_plain(content: str) -> tuple[str, str]:
    """Return (title, text) of a plain text; either may be ""."""
    content = _BLANK_LINES.sub("\n\n", content.replace("\r\n", "\n").replace("\r", "\n")).strip()
    first, _, rest = content.partition("\n")
    return (first.strip(), rest.strip()) if len(first) <= _MAX_TITLE else ("", content)
