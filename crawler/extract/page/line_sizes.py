"""Measuring the elements of a page: letters, letters in links, and if the first line is a link.

All elements are measured in one pass, children first, so that deep nesting costs nothing extra.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

# fmt: off
BLOCKS = {
    "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "table", "tbody", "thead", "tr", "td", "th",
    "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "main", "aside", "header", "footer",
    "nav", "blockquote", "pre", "form", "figure", "hr", "center", "iframe", "fieldset", "script",
    "style", "noscript", "video", "address",
}
# fmt: on
_NOT_SHOWN = {"script", "style", "noscript", "template", "svg"}
_HEADLINE_LETTERS = 15  # of a link; "Read more" and names of sections are shorter than a headline
_NO_LETTERS = re.compile(r"\W+")


class _LineKind(Enum):
    """What an element begins with: a link may still continue its line, or be all of it."""

    EMPTY = 0
    OPEN_LINK = 1
    LINK = 2
    TEXT = 3


@dataclass(frozen=True, slots=True)
class Sizes:
    letters: dict[lxml.html.HtmlElement, int]
    linked: dict[lxml.html.HtmlElement, int]
    lines: dict[lxml.html.HtmlElement, _LineKind]

    def begins_with_link(self, element: lxml.html.HtmlElement) -> bool:
        """Whether the first line of `element` is only a link, and as long as a headline."""
        return self.lines[element] in (_LineKind.LINK, _LineKind.OPEN_LINK)


def measure(tree: lxml.html.HtmlElement) -> Sizes:
    sizes = Sizes({}, {}, {})
    tails: dict[lxml.html.HtmlElement, int] = {}  # letters after an element
    for element in reversed(list(tree.iter())):
        own = 0 if element.tag in _NOT_SHOWN else _letters(element.text)
        letters, linked = own, 0
        for child in element:
            letters += sizes.letters[child] + tails[child]
            linked += sizes.linked[child]
        tails[element] = _letters(element.tail)
        sizes.letters[element] = letters
        sizes.linked[element] = letters if element.tag == "a" else linked
        sizes.lines[element] = _first_line(element, own, sizes, tails)
    return sizes


def measure_paragraphs(tree: lxml.html.HtmlElement, least: int = 0) -> Sizes:
    """Measure paragraphs and their links alone; those below `least` characters count as empty."""
    sizes = Sizes({}, {}, {})
    for paragraph in tree.iter("p"):
        text = paragraph.text_content() if len(paragraph) else paragraph.text or ""
        if len(text) < least:
            sizes.letters[paragraph] = sizes.linked[paragraph] = 0
            continue
        links: set[lxml.html.HtmlElement] = set()
        for link in paragraph.iter("a") if len(paragraph) else ():
            if links.isdisjoint(link.iterancestors("a")):
                links.add(link)
        sizes.letters[paragraph] = _letters_in(paragraph)
        sizes.linked[paragraph] = sum(map(_letters_in, links))
    return sizes


def _letters_in(root: lxml.html.HtmlElement) -> int:
    if not len(root):
        return _letters(root.text)
    letters = -_letters(root.tail)
    for element in root.iter():
        if element.tag not in _NOT_SHOWN:
            letters += _letters(element.text)
        letters += _letters(element.tail)
    return letters


def _letters(text: str | None) -> int:
    if not text or text.isspace():  # as most texts between elements are
        return 0
    return len(_NO_LETTERS.sub("", text))


def _first_line(
    element: lxml.html.HtmlElement,
    own: int,
    sizes: Sizes,
    tails: dict[lxml.html.HtmlElement, int],
) -> _LineKind:
    """Return what an element begins with, whose own text before its children has `own` letters."""
    if element.tag == "a" and sizes.letters[element]:
        return (
            _LineKind.OPEN_LINK if sizes.letters[element] >= _HEADLINE_LETTERS else _LineKind.TEXT
        )
    if element.tag in _NOT_SHOWN:
        return _LineKind.EMPTY
    line = _LineKind.TEXT if own else _LineKind.EMPTY
    for child in element:
        if line in (_LineKind.TEXT, _LineKind.LINK):
            break
        line = _go_on(line, child, sizes, tails[child])
    return line


def _go_on(line: _LineKind, child: lxml.html.HtmlElement, sizes: Sizes, tail: int) -> _LineKind:
    """Return the state of the first line after `child` and the `tail` letters that follow it."""
    ends = child.tag == "br" or child.tag in BLOCKS
    if line is _LineKind.OPEN_LINK:
        if ends:
            return _LineKind.LINK
        if sizes.letters[child]:
            return _LineKind.TEXT
    elif sizes.lines[child] is not _LineKind.EMPTY:
        line = sizes.lines[child]
        if ends and line is _LineKind.OPEN_LINK:
            return _LineKind.LINK
    return _LineKind.TEXT if tail and line is not _LineKind.LINK else line
