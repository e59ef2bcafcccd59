"""Parsing HTML, and extracting the text of the article.

This is the only module that imports trafilatura, and that calls lxml's HTML parser.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from types import ModuleType

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml.etree import ElementDefaultClassLookup, LxmlError  # type: ignore[import-untyped]  # the same

from crawler.extract.page.breaks import with_paragraphs
from crawler.extract.selection.remembered_paths import all_of, first_of

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
# lxml.html asks a Python function for the class of each element, each time it is touched. It knows
# forms and their fields, which nothing here asks for.
_ONE_CLASS = ElementDefaultClassLookup(element=lxml.html.HtmlElement)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u200b\u00ad]+")


def parse(html: str) -> lxml.html.HtmlElement | None:
    """Parse a page, and repair it like browsers do. Returns None if there is nothing to parse.

    The parser is told that the text is UTF-8, so that it ignores a wrong meta charset or XML
    declaration.
    """
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        return lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError):
        return None


def article_text(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return the paragraphs of the article, one a line, without menus, comments and teasers.

    `tree` is not changed. Trafilatura runs in fast mode: its fallbacks would take 60 % more time.
    They are asked where it found less than half of the prose of the page, on 16 of 366 real pages.
    """
    prepared = with_paragraphs(tree)
    text = _extracted_once(prepared, url)
    if not text and prepared is not tree:
        text = _extracted(tree, url)
    if len(text) < _LONG_ENOUGH and len(text) < _FOUND_SHARE * _prose(tree):
        other = _extracted(deepcopy(tree), url, fast=False)
        if len(other) > len(text) and text[:_BEGINNING] in other:
            text = other
    return text or whole_text(tree)


def fuller_text(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return what trafilatura reads if it prefers too much text to too little. `tree` is not
    changed.
    """
    return _extracted(deepcopy(tree), url, favor_recall=True)


def _prose(tree: lxml.html.HtmlElement) -> int:
    """Return how many characters the paragraphs of a page have, outside menus and forms."""
    lengths = ((one, len(" ".join(one.text_content().split()))) for one in tree.iter("p"))
    return sum(
        length
        for one, length in lengths
        if length >= _PARAGRAPH and _NOT_TEXT.isdisjoint(_tags_above(one))
    )


def _tags_above(element: lxml.html.HtmlElement) -> list[str]:
    return [above.tag for above in element.iterancestors()]


def _extracted_once(tree: lxml.html.HtmlElement, url: str) -> str:
    """Return what trafilatura reads without a second look, and with one where that is little.

    It looks again at each page of which it found less than a fifth. To know that, it measures the
    page, which takes as long as a third of reading it; of 366 real pages and 300 more with short
    articles in them, the second look changed two, of which it made one worse.
    """
    text = _extracted(tree, url, second_look=False)
    return text if len(text) >= _HARDLY_ANY else _extracted(tree, url)


def _extracted(
    tree: lxml.html.HtmlElement,
    url: str,
    *,
    fast: bool = True,
    favor_recall: bool = False,
    second_look: bool = True,
) -> str:
    trafilatura = _trafilatura()
    options = trafilatura.settings.Extractor(
        url=url,
        output_format="python",
        fast=fast,
        recall=favor_recall,
        comments=False,
        formatting=False,
    )
    if not second_look:
        options.focus = _NEITHER
    document = trafilatura.bare_extraction(tree, options=options)
    return (getattr(document, "text", None) or "").strip()


def whole_text(tree: lxml.html.HtmlElement) -> str:
    """Return all text of a page outside scripts, menus and forms, in case no article is found."""
    body = tree.find("body")
    joined = "".join(_pieces(tree if body is None else body))
    lines = (_SPACES.sub(" ", line).strip() for line in joined.splitlines())
    return "\n".join(line for line in lines if line)


def _pieces(root: lxml.html.HtmlElement) -> Iterator[str]:
    """Yield text in document order, with a newline at each block.

    This is a loop because some pages are nested deeper than Python can recurse.
    """
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


@cache
def _trafilatura() -> ModuleType:
    """Import trafilatura late, which takes 0.4 s, and switch off its logging.

    It warns of every page without an article, which our run reports count anyway.
    """
    import trafilatura
    import trafilatura.external
    import trafilatura.xpaths

    from crawler.extract.page.stop_words import stop_words

    _remember(trafilatura.xpaths)

    trafilatura.external.jt_stoplist_init = stop_words  # type: ignore[assignment]  # all it is asked is `in`

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura


def _remember(xpaths: ModuleType) -> None:
    """Let the expressions by which trafilatura tells menus, comments and articles remember.

    They took half of the time of reading a page, and take a tenth. The lists are changed in place,
    since other modules hold them.
    """
    for paths in (
        xpaths.RAW_TREE_PRUNE_XPATH,
        xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
        xpaths.OVERALL_DISCARD_XPATH,
        xpaths.TEASER_DISCARD_XPATH,
        xpaths.DISCARD_IMAGE_ELEMENTS,
    ):
        paths[:] = all_of(paths)
    # Of each of these, trafilatura takes the first element.
    xpaths.BODY_XPATH[:] = map(first_of, xpaths.BODY_XPATH)
