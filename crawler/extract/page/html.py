"""Parsing HTML, and extracting the text of the article.

This is the only module that imports trafilatura, and that calls lxml's HTML parser.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from copy import copy, deepcopy
from functools import cache
from threading import Lock
from types import ModuleType
from typing import Any, NamedTuple

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import trafilatura
import trafilatura.external
import trafilatura.xpaths
from justext.utils import get_stoplist  # type: ignore[import-untyped]  # it ships no types
from lxml.etree import ElementDefaultClassLookup, LxmlError, XPath  # type: ignore[import-untyped]  # the same

from crawler.extract.page.breaks import with_paragraphs
from crawler.extract.page.cached_paths import Select, all_of, first_of

# fmt: off
_NOT_TEXT = {
    "script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "button",
    "select", "svg",
}
# fmt: on
_BLOCKS = {
    "p",
    "div",
    "li",
    "br",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
    "blockquote",
    "pre",
}
_PARAGRAPH = 80  # characters; a shorter one may be a label or a caption
_FOUND_SHARE = 0.4  # at 0.7 more than twice as many pages are read again, and teasers come in
_LONG_ENOUGH = 3_000  # characters; where more was found, it is the article
_BEGINNING = 60
# Characters of a text that is worth a second look whatever the page holds: a teaser, or a caption.
_HARDLY_ANY = 600
# Trafilatura's focus is "precision", "recall" or "balanced"; the last alone takes a second look.
_NEITHER = "neither"
_LINKED_DATA, _FORUM = "application/ld+json", "DiscussionForumPosting"  # of schema.org
# lxml.html asks a Python function for the class of each element, each time it is touched. It knows
# forms and their fields, which nothing here asks for.
_ONE_CLASS = ElementDefaultClassLookup(element=lxml.html.HtmlElement)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u200b\u00ad]+")
# Links that trafilatura keeps as such, to see what is mostly links.
_LINKS_IN_TEXT = XPath(".//a[ancestor::div or ancestor::li or ancestor::p or ancestor::table]")
# What lxml reads but lets nobody write, so that an article with one could not be put together.
_REFUSED = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)"
    rb"|x0*(?:[0-8bcef]|1[\da-f]|fff[ef])(?![\da-f]));?",
    re.IGNORECASE,
)


def parse(html: str | bytes) -> lxml.html.HtmlElement | None:
    """Parse a page, a decoded text or its UTF-8, and repair it like browsers do; None if there is
    nothing. References to control characters are left out, as decoding does. The parser is told
    that it is UTF-8, so that it ignores a wrong declaration.
    """
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    parser.set_element_class_lookup(_ONE_CLASS)
    raw = html.encode("utf-8", "replace") if isinstance(html, str) else html
    try:
        return lxml.html.document_fromstring(_REFUSED.sub(b"", raw), parser=parser)
    except (LxmlError, ValueError):
        return None


def article_text(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return the paragraphs of the article, one a line; `tree` is not changed. Trafilatura's
    fallbacks would take 60 % more time. They are used where it found less than half of the page's
    prose, on 16 of 366 real pages.
    """
    prepared = with_paragraphs(tree)
    text = _main_text(deepcopy(tree) if prepared is tree else prepared, url)
    if text is None:
        text = _with_all_steps(tree, url)
    if len(text) < _LONG_ENOUGH and _is_little(text, tree):
        other = _extracted(tree, url, fast=False)
        if len(other) > len(text) and text[:_BEGINNING] in other:
            text = other
    return text or whole_text(tree)


def fuller_text(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return what trafilatura reads if it prefers too much text; `tree` is not changed."""
    return _extracted(tree, url, focus="recall")


def _is_little(text: str, tree: lxml.html.HtmlElement) -> bool:
    """Whether the paragraphs of a page have far more than a text, outside menus and forms."""
    paragraphs = []
    for paragraph in tree.iter("p"):
        own = paragraph.text_content() if len(paragraph) else paragraph.text or ""
        if len(own) >= _PARAGRAPH:
            paragraphs.append((paragraph, own))
    if len(text) >= _FOUND_SHARE * sum(len(own) for _, own in paragraphs):  # as on most pages
        return False
    prose = 0
    for paragraph, own in paragraphs:
        length = len(" ".join(own.split()))
        if length >= _PARAGRAPH and next(paragraph.iterancestors(*_NOT_TEXT), None) is None:
            prose += length
    return len(text) < _FOUND_SHARE * prose


def _main_text(tree: lxml.html.HtmlElement, url: str) -> str | None:
    """Return what the main part of trafilatura reads, or None if that is little: the steps of its
    fast mode, without the copies of the page that it keeps for others. `tree` is used up.
    """
    declared = (one.text for one in tree.iter("script") if one.get("type") == _LINKED_DATA)
    if any(_FORUM in (text or "") for text in declared):
        return None  # there, posts stand where comments do elsewhere
    module, removed_first, _ = _trafilatura()
    core, options = module.core, _options(url, focus=_NEITHER)
    try:
        core.prune_unwanted_nodes(tree, removed_first)
        cleaned = _with_links(core.tree_cleaning(tree, options))
        cleaned = core.convert_tags(cleaned, options, url)
        body, main_text = core.extract_content(cleaned, options)
    except (TypeError, ValueError):
        return None
    if len(main_text) < options.min_extracted_size:
        return None
    return str(core.xmltotxt(body, include_formatting=False)).strip()


def _with_links(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """Name the links of a page as trafilatura would, which asks each for what is around it."""
    for link in _LINKS_IN_TEXT(tree):
        link.tag = "ref"
    return tree


def _with_all_steps(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return what trafilatura itself reads, if little with its second look."""
    prepared = with_paragraphs(tree)
    text = _extracted(prepared, url, focus=_NEITHER)
    if len(text) < _HARDLY_ANY:
        text = _extracted(prepared, url)
    return text if text or prepared is tree else _extracted(tree, url)


def _extracted(
    tree: lxml.html.HtmlElement, url: str, *, fast: bool = True, focus: str = "balanced"
) -> str:
    options = _options(url, fast=fast, focus=focus)
    document = _trafilatura().module.bare_extraction(tree, options=options)
    return (getattr(document, "text", None) or "").strip()


def _options(url: str, *, focus: str, fast: bool = True) -> Any:
    options = copy(_trafilatura().options)  # to make them anew takes as long as to write the text
    options.url, options.fast, options.focus = url, fast, focus
    return options


def whole_text(tree: lxml.html.HtmlElement) -> str:
    """Return all text of a page outside scripts, menus and forms, in case no article is found."""
    body = tree.find("body")
    joined = "".join(_pieces(tree if body is None else body))
    lines = (_SPACES.sub(" ", line).strip() for line in joined.splitlines())
    return "\n".join(line for line in lines if line)


def _pieces(root: lxml.html.HtmlElement) -> Iterator[str]:
    """Yield text in order, with a newline at each block. Some pages nest too deep to recurse."""
    stack: list[lxml.html.HtmlElement | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        if node is not root:
            stack.append(node.tail or "")
        if not isinstance(node.tag, str) or node.tag in _NOT_TEXT:
            continue
        edge = "\n" if node.tag in _BLOCKS else ""
        stack.append(edge)
        stack.extend(reversed(node))
        yield edge + (node.text or "").replace("\n", " ")


_PROSE = ("Arabic", "English", "French", "German", "Italian", "Portuguese", "Spanish")
# Sources are tried in threads, and what `_cache_results` changes may be changed once.
_LOADING = Lock()


class _Library(NamedTuple):
    """Trafilatura, the expressions of what it removes from a page at first, and its options."""

    module: ModuleType
    removed_first: list[Select]
    options: Any


def _trafilatura() -> _Library:
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> _Library:
    """Prepare trafilatura, without its warnings of every page without an article."""
    trafilatura.external.jt_stoplist_init = _stop_words  # type: ignore[assignment]  # a set is faster

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    options = trafilatura.settings.Extractor(
        output_format="python", comments=False, formatting=False
    )
    return _Library(trafilatura, _cache_results(trafilatura.xpaths), options)


@cache
def _stop_words() -> frozenset[str]:
    """Return the words by which justext separates prose from menus in our languages. Those of all
    its hundred languages take 0.35 s and 31 MB in each process.
    """
    return frozenset(word for language in _PROSE for word in get_stoplist(language))


def _cache_results(xpaths: ModuleType) -> list[Select]:
    """Cache the results of the expressions for menus, comments and articles in trafilatura, and
    return those of what it removes first. They took half of the time of reading a page, and take a
    tenth: 14 to 20 % of a crawl; of the text of a real page `first_of` saves 11 %.
    The lists are changed in place, since other modules hold them; and all at once, so that what
    fails for want of memory can be tried again.
    """
    first = all_of([*xpaths.RAW_TREE_PRUNE_XPATH, *xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH])
    changed = [
        (paths, all_of(paths))
        for paths in (
            xpaths.RAW_TREE_PRUNE_XPATH,
            xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
            xpaths.OVERALL_DISCARD_XPATH,
            xpaths.DISCARD_IMAGE_ELEMENTS,
            xpaths.TEASER_DISCARD_XPATH,
        )
    ]
    # Of each of these, trafilatura takes the first element.
    changed.append((xpaths.BODY_XPATH, [first_of(path) for path in xpaths.BODY_XPATH]))
    for paths, caching in changed:
        paths[:] = caching
    return first
