"""Reading a page: its title, the text of its article, day and author; or why it is no article."""

from __future__ import annotations

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.articles.reasons import refused
from crawler.extract.articles.recognise import ReadPage, next_page, why_no_article
from crawler.extract.encoding import decoded
from crawler.extract.fields import Ignored, clean
from crawler.extract.page.days import published_on
from crawler.extract.page.endings import (
    completed,
    declared_instead,
    has_summary,
    is_better,
    is_cut,
    share_covered,
    without_foreign_lines,
    without_furniture,
)
from crawler.extract.page.html import article_text, fuller_text, parse
from crawler.extract.page.metadata import Metadata, find_author, read_metadata
from crawler.extract.page.titles import choose_title, with_standfirst
from storage.errors import UnreadableError
from storage.languages import UNKNOWN_LANGUAGE
from storage.records import Candidate, Document, DocumentKind, Fetched

# Characters that are left of an article for subscribers. Its lead is used, since a signature that
# is reported in two sentences is a report; a headline with less can be had from the feed.
_TEASER_ALONE = 120


def read_page(
    fetched: Fetched, hint: Candidate | None, watched: bool, ignored: Ignored
) -> Document:
    """Read a page, as `extract` does. Raises UnreadableError if it is none, or no article."""
    read, utf8 = decoded(fetched.body, fetched.content_type)
    html = ignored.without_elements(read)
    tree = parse(utf8 if utf8 is not None and html is read else html)
    if tree is None:
        raise UnreadableError("broken", "the page is not HTML that can be parsed")
    url, metadata = fetched.final_url, read_metadata(tree, fetched.final_url)
    headline, summary = (clean(hint.title), clean(hint.summary)) if hint else ("", "")
    title = choose_title(metadata, url, headline)
    text, is_for_subscribers, is_cut = _article(tree, metadata, url, title, summary)
    if is_for_subscribers and len(text) < _TEASER_ALONE:
        raise refused("paywall")
    page = ReadPage(html, tree, metadata, text, fetched.url, url, headline)
    if (reason := why_no_article(page, watched=watched)) is not None:
        raise refused(reason)
    following = next_page(tree, url)
    hinted_on = hint.published_on if hint else None
    return Document(
        title=title,
        text=text,
        language=UNKNOWN_LANGUAGE,
        published_on=published_on(tree, metadata, fetched, hinted_on, title),
        url=metadata.canonical_url,
        author=find_author(metadata),
        kind=DocumentKind.HTML,
        next_page=following,
        is_cut=is_cut,
    )


def _article(
    tree: lxml.html.HtmlElement, metadata: Metadata, url: str, title: str, summary: str
) -> tuple[str, bool, bool]:
    """Return the text of a page, whether it calls to subscribe for the rest, and if it is cut."""
    author = find_author(metadata)

    def tidied(text: str) -> tuple[str, bool]:
        """Return a text with its beginning and its end, and whether it calls to subscribe."""
        bare = without_furniture(text, title, author)
        own, calls = without_foreign_lines(completed(bare, metadata.articles))
        return with_standfirst(own, tree, metadata, title, summary), calls

    def share_of_summaries(text: str) -> float:
        """Return the share of what the feed and the page say of the article that a text has."""
        return share_covered(f"{title}\n{text}", (summary, *metadata.descriptions))

    text, calls = tidied(article_text(tree, url))
    if not has_summary(share_of_summaries(text)):
        fuller, calls_too = tidied(fuller_text(tree, url))
        if is_better(share_of_summaries(fuller), share_of_summaries(text)):
            text, calls = fuller, calls_too
    declared = declared_instead(text, title, metadata.articles)
    if declared:
        return tidied(declared)[0], False, False
    return text, calls, calls or is_cut(text, share_covered(f"{title}\n{text}", (summary,)))
