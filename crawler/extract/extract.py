"""Extracting a readable document from bytes.

The kind is found from the content, then the reader for that kind is called, and then the language
of the text is detected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.articles.pages import next_page
from crawler.extract.articles.reasons import refused
from crawler.extract.articles.recognise import ReadPage, why_no_article
from crawler.extract.dates import is_possible, published_on
from crawler.extract.encoding import decode, decoded
from crawler.extract.kinds import find_kind
from crawler.extract.language import detect_language
from crawler.extract.page.endings import (
    completed,
    declared_instead,
    is_better,
    is_cut,
    is_told,
    share_covered,
    without_foreign_lines,
    without_furniture,
)
from crawler.extract.page.html import article_text, fuller_text, parse
from crawler.extract.page.metadata import (
    Metadata,
    clean,
    find_author,
    read_metadata,
)
from crawler.extract.page.titles import choose_title, with_standfirst
from crawler.extract.printed.content import PrintedContent
from crawler.extract.printed.docx import read_docx
from crawler.extract.printed.pdf import read_pdf
from storage.errors import UnreadableError
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Candidate, DocumentKind, Fetched


@dataclass(frozen=True, slots=True)
class Extract:
    """What was read from raw bytes. `language` is one of LANGUAGES or "und", `next_page` the
    address of the article's next page. `is_cut`: the text is only a part, such as the lead that
    everybody may read.
    """

    title: str
    text: str
    published_on: date | None
    language: str
    author: str | None
    kind: DocumentKind
    canonical_url: str | None = None
    next_page: str | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Ignored:
    """CSS selectors of elements, and a regular expression of words, to be left out; both are
    checked.
    """

    selectors: tuple[str, ...] = ()
    pattern: str | None = None

    def without_elements(self, html: str) -> str:
        """Return the page without the elements."""
        if not self.selectors:
            return html
        tree = LexborHTMLParser(html)
        for selector in self.selectors:
            for node in tree.css(selector):
                node.decompose()
        return tree.html or ""

    def without_words(self, text: str) -> str:
        """Return the text without the words. A line of which nothing is left is removed too."""
        if self.pattern is None:
            return text
        lines = (_compiled(self.pattern).sub("", line).strip() for line in text.splitlines())
        return "\n".join(line for line in lines if line)


NOTHING = Ignored()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# Characters that are left of an article for subscribers. Its lead is kept, since a signature that
# is told in two sentences is told; a headline with less can be had from the feed.
_TEASER_ALONE = 120


def extract(
    fetched: Fetched,
    *,
    hint: Candidate | None = None,
    source_language: str | None = None,
    watched: bool = False,
    ignored: Ignored = NOTHING,
) -> Extract:
    """Extract title, text, day, language and author. What the source says (`hint`) is used where
    the document has no title or day, and `source_language` where the text is too short to tell. A
    `watched` page need not be an article. Title or text may be "", but not both. Raises
    UnreadableError with one of its reasons, or of REASONS.
    """
    kind = find_kind(fetched.body, fetched.content_type)
    if kind is DocumentKind.HTML:
        found = _from_html(fetched, hint, watched, ignored)
    elif kind is DocumentKind.PDF:
        found = _from_printed(fetched, hint, kind, read_pdf(fetched.body))
    elif kind is DocumentKind.DOCX:
        found = _from_printed(fetched, hint, kind, read_docx(fetched.body))
    else:
        found = _from_plain(fetched, hint)
    found = replace(found, text=ignored.without_words(found.text))
    if not found.title and not found.text:
        message = "the document has no text: scripts in the browser may build it"
        raise UnreadableError("no_text", message)
    prior = (hint.language if hint else None) or source_language
    return replace(found, language=detect_language(found.title, found.text, prior))


def _from_html(
    fetched: Fetched, hint: Candidate | None, watched: bool, ignored: Ignored
) -> Extract:
    read, utf8 = decoded(fetched.body, fetched.content_type)
    html = ignored.without_elements(read)
    tree = parse(utf8 if utf8 is not None and html is read else html)
    if tree is None:
        raise UnreadableError("broken", "the page is not HTML that can be parsed")
    url = fetched.final_url
    metadata = read_metadata(tree, url)
    title = choose_title(metadata, url, _hinted_title(hint))
    author = find_author(metadata)
    hinted_on = hint.published_on if hint else None
    source = _Page(
        tree=tree, metadata=metadata, url=url, title=title, author=author, summary=_summary(hint)
    )
    text, is_for_subscribers, is_cut = _article(source)
    if is_for_subscribers and len(text) < _TEASER_ALONE:
        raise refused("paywall")
    page = ReadPage(
        html=html,
        tree=tree,
        metadata=metadata,
        text=text,
        requested_url=fetched.url,
        final_url=url,
        headline=_hinted_title(hint),
    )
    if (reason := why_no_article(page, watched=watched)) is not None:
        raise refused(reason)
    following = next_page(tree, url)
    return Extract(
        title=title,
        text=text,
        published_on=published_on(tree, metadata, url, fetched.fetched_at, hinted_on, title),
        language=UNKNOWN_LANGUAGE,
        author=author,
        kind=DocumentKind.HTML,
        canonical_url=metadata.canonical_url,
        next_page=following,
        is_cut=is_cut,
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """A page whose text is to be read, with what is known of it. `summary` is the feed's."""

    tree: lxml.html.HtmlElement
    metadata: Metadata
    url: str
    title: str
    author: str | None
    summary: str

    def tidied(self, text: str) -> tuple[str, bool]:
        """Return a text with its beginning and its end, and whether it calls to subscribe."""
        bare = without_furniture(text, self.title, self.author)
        own, calls = without_foreign_lines(completed(bare, self.metadata.articles))
        return with_standfirst(own, self.tree, self.metadata, self.title, self.summary), calls

    def share_covered(self, text: str) -> float:
        """Return the share of what the feed and the page say of the article that a text has."""
        said = (self.summary, *self.metadata.descriptions)
        return share_covered(f"{self.title}\n{text}", said)


def _article(page: _Page) -> tuple[str, bool, bool]:
    """Return the text of a page, whether it calls to subscribe for the rest, and if it is cut."""
    text, calls = page.tidied(article_text(page.tree, page.url))
    told = page.share_covered(text)
    if not is_told(told):
        fuller, calls_too = page.tidied(fuller_text(page.tree, page.url))
        if is_better(page.share_covered(fuller), told):
            text, calls = fuller, calls_too
    declared = declared_instead(text, page.title, page.metadata.articles)
    if declared:
        text, _ = page.tidied(declared)
        return text, False, False
    covered_by_feed = share_covered(f"{page.title}\n{text}", (page.summary,))
    return text, calls, calls or is_cut(text, covered_by_feed)


def _from_printed(
    fetched: Fetched, hint: Candidate | None, kind: DocumentKind, content: PrintedContent
) -> Extract:
    return Extract(
        title=_hinted_title(hint) or content.title,
        text=content.text,
        published_on=_first_possible(fetched, hint, content.created_on),
        language=UNKNOWN_LANGUAGE,
        author=content.author,
        kind=kind,
    )


def _from_plain(fetched: Fetched, hint: Candidate | None) -> Extract:
    title, text = read_plain(decode(fetched.body, fetched.content_type))
    return Extract(
        title=title or _hinted_title(hint),
        text=text,
        published_on=_first_possible(fetched, hint, None),
        language=UNKNOWN_LANGUAGE,
        author=None,
        kind=DocumentKind.TEXT,
    )


def _hinted_title(hint: Candidate | None) -> str:
    return clean(hint.title) if hint else ""


def _summary(hint: Candidate | None) -> str:
    return clean(hint.summary) if hint else ""


def _first_possible(fetched: Fetched, hint: Candidate | None, own: date | None) -> date | None:
    days = (hint.published_on if hint else None, own)
    return next((day for day in days if day and is_possible(day, fetched.fetched_at.date())), None)


# --- plain text -----------------------------------------------------------------------------------

_MAX_TITLE = 300  # characters; a longer first line is a paragraph, and the text has no title
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def read_plain(content: str) -> tuple[str, str]:
    """Return (title, text) of a plain text; either may be ""."""
    content = _BLANK_LINES.sub("\n\n", content.replace("\r\n", "\n").replace("\r", "\n")).strip()
    first, _, rest = content.partition("\n")
    return (first.strip(), rest.strip()) if len(first) <= _MAX_TITLE else ("", content)
