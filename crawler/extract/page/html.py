"""HTML to a tree and to article text: the one home of trafilatura and of lxml's HTML parser."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml.etree import LxmlError  # type: ignore[import-untyped]  # the same

from crawler.extract.page.breaks import with_paragraphs

# fmt: off
_NOT_TEXT = {
    "script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "button", "select", "svg",
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
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u200b\u00ad]+")


def parse(html: str) -> lxml.html.HtmlElement | None:
    """The tree of a page, as browsers would repair it; None where there is nothing to parse.

    The text is handed over as UTF-8 under that name: neither a wrong meta charset nor an XML declaration counts.
    """
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        return lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError):
        return None


def article_text(tree: lxml.html.HtmlElement, url: str) -> str:
    """The article's paragraphs, one a line, without menus, comments and teasers; "" if there are none.

    `tree` stays as it is. Fast mode: the fallbacks cost 60 % more time for a hundredth of F1.
    """
    prepared = with_paragraphs(tree)
    text = _extracted(prepared, url)
    if not text and prepared is not tree:
        text = _extracted(tree, url)
    return text or whole_text(tree)


def _extracted(tree: lxml.html.HtmlElement, url: str) -> str:
    document = _trafilatura().bare_extraction(
        tree,
        url=url,
        fast=True,
        include_comments=False,
        include_formatting=False,
        with_metadata=False,
    )
    return (getattr(document, "text", None) or "").strip()


def whole_text(tree: lxml.html.HtmlElement) -> str:
    """Everything that a page says outside scripts, menus and forms: what is left when no article is found."""
    body = tree.find("body")
    joined = "".join(_pieces(tree if body is None else body))
    lines = (_SPACES.sub(" ", line).strip() for line in joined.splitlines())
    return "\n".join(line for line in lines if line)


def _pieces(root: lxml.html.HtmlElement) -> Iterator[str]:
    """Text in document order with a newline at each block. A loop, since pages nest deeper than Python recurses."""
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
    """Trafilatura, imported late (0.4 s) and with its own logging off: it warns of every page without an article, which
    our run report counts anyway."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura
