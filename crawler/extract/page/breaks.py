"""Pages that separate paragraphs with <br>, as older news systems do.

Trafilatura looks for <p>. On such a page it finds the paragraphs of teasers, comments and the
imprint, and takes them for the article. So the lines between breaks are first turned into
paragraphs. If the longest text of the page was made in this way, teasers are removed too; and if no
element is named as the article, everything but that text is removed. On 366 real pages rebuilt with
<br> the F1 of the text is 0.918 (trafilatura alone: 0.793).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import TypeAlias

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.page.line_sizes import BLOCKS, Sizes, measure, measure_paragraphs

Element: TypeAlias = lxml.html.HtmlElement

_HOLDERS = {
    "div",
    "td",
    "th",
    "section",
    "article",
    "main",
    "body",
    "center",
    "blockquote",
    "li",
    "dd",
    "figure",
    "form",
}
_OPENED = {"p", "span", "font", "b", "strong", "i", "em", "small", "big", "u"}
_NOT_PROSE_IN = {"nav", "header", "footer", "aside", "form", "button", "select"}
_ITEMS = {"div", "li", "td", "tr", "p", "article", "dd", "section"}
_MADE = "data-from-breaks"  # marks the paragraphs that were made here

_PROSE_LETTERS = 50  # a line with fewer is a label, a date or a headline
# Letters of prose in one element: two sentences. Anything shorter may as well be the imprint.
_ARTICLE_LETTERS = 200
# Another element with this share of the longest text is the rest of an article that advertisements
# interrupt.
_BESIDE = 0.3
# The same for an element around the longest text, which brings along everything else in it.
_AROUND = 0.5
_TEASER_LETTERS = 450  # headline and summary of another story; a longer text is an article
_LABEL_LETTERS = 40  # "Read also" above a list of teasers
_SENTENCE_END = re.compile(r"[.!?؟…»”\"]\s*$")
# Names of elements that trafilatura finds, and that contain only the article.
_NAMES_ARTICLE = re.compile(
    r"(?:article|post|entry|story|news|art)[-_]*(?:body|content|text)|body-?text|fulltext",
    re.IGNORECASE,
)


def with_paragraphs(tree: Element) -> Element:
    """Return a copy of the page in which lines between breaks are paragraphs, reduced to the
    article if it consists of these; `tree` itself without any text between breaks.
    """
    breaks = Counter(one.getparent() for one in tree.iter("br"))
    # An element holds lines, or does once it has been opened.
    if not any(
        parent.tag in _HOLDERS or (count > 1 and parent.tag in _OPENED)
        for parent, count in breaks.items()
    ):
        return tree
    copy = deepcopy(tree)
    _open(copy)
    parents = dict.fromkeys(one.getparent() for one in copy.iter("br"))
    holders = [parent for parent in parents if parent is not None and parent.tag in _HOLDERS]
    longest = max(map(_split, holders), default=0)
    if longest == 0:
        return tree
    if longest < _ARTICLE_LETTERS:  # no article was made of them, as on most pages
        return copy
    if _longest_text(copy, measure_paragraphs(copy, _PROSE_LETTERS))[0] is None:
        return copy
    sizes = measure(copy)
    _drop_teasers(copy, sizes)
    article, prose = _longest_text(copy, sizes)
    if article is None or _is_named(article):
        return copy
    return _alone(_parts(copy, article, prose))


def _open(tree: Element) -> None:
    """Turn a <p> or <font> around a whole story into a <div>, so that its lines can be split."""
    breaks = Counter(one.getparent() for one in tree.iter("br"))
    for element in [parent for parent, count in breaks.items() if count > 1]:
        while element is not None and element.tag in _OPENED:
            element.tag = "div"
            element = element.getparent()


def _split(holder: Element) -> int:
    """Put each line of `holder` into a <p>, and return how many characters these have."""
    children = list(holder)
    line, made = _line(holder.text), []
    holder.text = None
    for child in children:
        after, child.tail = child.tail, None
        holder.remove(child)
        if child.tag == "br" or child.tag in BLOCKS:
            made += [line, child]
            line = _line(after)
        else:
            line.append(child)
            child.tail = after
    lines = [
        one
        for one in (*made, line)
        if one.tag != "br" and (not one.get(_MADE) or len(one) or (one.text or "").strip())
    ]
    for one in lines:
        holder.append(one)
    return sum(len(one.text_content()) for one in lines if one.get(_MADE))


def _line(text: str | None) -> Element:
    line = lxml.html.Element("p", {_MADE: "1"})
    line.text = text
    return line


def _longest_text(tree: Element, sizes: Sizes) -> tuple[Element | None, dict[Element, int]]:
    """Return the element with most letters of prose in its own paragraphs, None if most of it was
    not made of lines, and the prose of each element.
    """
    prose: dict[Element, int] = {}
    parted: dict[Element, int] = {}
    for paragraph in tree.iter("p"):
        holder = paragraph.getparent()
        letters, linked = sizes.letters[paragraph], sizes.linked[paragraph]
        if holder is None or holder.tag in _NOT_PROSE_IN:
            continue
        if letters < _PROSE_LETTERS or linked * 2 > letters:
            continue
        prose[holder] = prose.get(holder, 0) + letters - linked
        if paragraph.get(_MADE) or paragraph.find(".//br") is not None:
            parted[holder] = parted.get(holder, 0) + letters - linked
    longest = max(prose, key=lambda holder: prose[holder], default=None)
    if longest is None or prose[longest] < _ARTICLE_LETTERS:
        return None, prose
    is_made_of_lines = parted.get(longest, 0) * 2 >= prose[longest]
    return longest if is_made_of_lines else None, prose


def _drop_teasers(tree: Element, sizes: Sizes) -> None:
    """Remove teasers, side by side with a link as first line, and the label above."""
    dropped: list[Element] = []
    for parent in tree.iter():
        kinds: dict[str, list[Element]] = {}
        for child in parent:
            is_short = child.tag in _ITEMS and sizes.letters[child] < _TEASER_LETTERS
            if is_short and sizes.begins_with_link(child):
                kinds.setdefault(child.tag, []).append(child)
        for teasers in (kind for kind in kinds.values() if len(kind) > 1):
            dropped += [*_label(teasers[0], sizes), *teasers]
    for element in dropped:
        if element.getparent() is not None:
            element.drop_tree()


def _label(teaser: Element, sizes: Sizes) -> Iterator[Element]:
    """Yield the heading above the first of several teasers, if there is one."""
    parent = teaser.getparent()
    before = (parent if parent.tag in ("ul", "ol", "table", "tbody") else teaser).getprevious()
    if before is None:
        return
    is_line = before.get(_MADE) and sizes.letters[before] <= _LABEL_LETTERS
    if before.tag in ("h2", "h3", "h4", "h5", "h6") or (
        is_line and not _SENTENCE_END.search(before.text_content())
    ):
        yield before


def _is_named(element: Element | None) -> bool:
    while element is not None:
        names = f"{element.get('class')} {element.get('id')} {element.get('itemprop')}"
        if element.tag == "article" or _NAMES_ARTICLE.search(names):
            return True
        element = element.getparent()
    return False


def _parts(tree: Element, article: Element, prose: dict[Element, int]) -> list[Element]:
    """Return the parts in page order: the article, what has nearly as much prose, and the lead."""
    around = set(article.iterancestors())
    parts = set(_leads(tree, article, around, prose))
    for holder, letters in prose.items():
        share = _AROUND if holder in around else _BESIDE
        if letters >= share * prose[article]:
            parts.add(holder)
    return [
        part
        for part in tree.iter()
        if part in parts and not any(above in parts for above in part.iterancestors())
    ]


def _leads(
    tree: Element, article: Element, around: set[Element], prose: dict[Element, int]
) -> Iterator[Element]:
    """Yield the paragraphs without links between the article and the last heading before it."""
    between: list[Element] = []
    for element in tree.iter("h1", "h2", "p", article.tag):
        if element is article:
            yield from (one for one in between if one.find(".//a") is None)
            return
        if element.tag in ("h1", "h2"):
            between = []
        elif element.tag == "p" and element.getparent() in prose:
            holder = element.getparent()
            between.append(element if holder in around else holder)


def _alone(parts: list[Element]) -> Element:
    """Return a page of `parts` only, without names and kinds that trafilatura judges by."""
    article = lxml.html.Element("article")
    for part in parts:
        box = lxml.html.Element("p" if part.tag == "p" else "div")
        box.text = part.text
        box.extend(list(part))
        article.append(box)
    page, body = lxml.html.Element("html"), lxml.html.Element("body")
    body.append(article)
    page.append(body)
    return page
