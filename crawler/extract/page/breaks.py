"""Pages that part their paragraphs with <br>, as older news systems do.

Trafilatura looks for <p>. On such a page it finds the paragraphs of teasers, comments and the imprint, and takes them
for the article. So the lines between breaks become paragraphs first. Where the longest text of the page was built that
way, teasers are taken out as well; and if no element is named as the article, only that text is left.
docs/extraction.md says what each of these steps is worth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import TypeAlias

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.page.line_sizes import BLOCKS, Sizes, measure

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
_MADE = "data-from-breaks"  # marks the paragraphs that we made

_PROSE_LETTERS = 50  # a line with fewer is a label, a date or a headline
_ARTICLE_LETTERS = (
    200  # of prose in one element: two sentences; what is shorter is as likely the imprint
)
_BESIDE = 0.3  # of the longest text: another element with so much prose is the rest of an article cut by advertisements
_AROUND = 0.5  # the same of an element around it, which brings along all else that it holds
_TEASER_LETTERS = 450  # headline and summary of another story; what is longer is read in full
_LABEL_LETTERS = 40  # "Read also" above a list of teasers
_SENTENCE_END = re.compile(r"[.!?؟…»”\"]\s*$")
# Elements that trafilatura finds by their names, and that hold nothing but the article.
_NAMES_ARTICLE = re.compile(
    r"(?:article|post|entry|story|news|art)[-_]*(?:body|content|text)|body-?text|fulltext",
    re.IGNORECASE,
)


def with_paragraphs(tree: Element) -> Element:
    """A copy of the page in which lines between breaks are paragraphs, cut down to the article where that is built of
    them; `tree` itself if no text stands between breaks."""
    if tree.find(".//br") is None:
        return tree
    copy = deepcopy(tree)
    _open(copy)
    longest = max((_split(holder) for holder in _parents_of_breaks(copy)), default=0)
    if longest == 0:
        return tree
    if (
        longest < _ARTICLE_LETTERS
    ):  # no article is built of them: most pages end here, before anything is measured
        return copy
    sizes = measure(copy)
    if _longest_text(copy, sizes)[0] is None:
        return copy
    _drop_teasers(copy, sizes)
    article, prose = _longest_text(copy, sizes)
    if article is None or _is_named(article):
        return copy
    return _alone(_parts(copy, article, prose))


def _open(tree: Element) -> None:
    """A <p> or <font> around a whole story becomes a <div>: breaks inside it part paragraphs too."""
    for element in [e for e in tree.iter(*_OPENED) if len(e.findall("br")) > 1]:
        while element is not None and element.tag in _OPENED:
            element.tag = "div"
            element = element.getparent()


def _parents_of_breaks(tree: Element) -> list[Element]:
    parents = dict.fromkeys(one.getparent() for one in tree.iter("br"))
    return [parent for parent in parents if parent is not None and parent.tag in _HOLDERS]


def _split(holder: Element) -> int:
    """Put each line of `holder` into a <p> of its own; how many characters those have."""
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
    lines = [one for one in (*made, line) if one.tag != "br" and not _is_empty(one)]
    for one in lines:
        holder.append(one)
    return sum(len(one.text_content()) for one in lines if one.get(_MADE))


def _line(text: str | None) -> Element:
    line = lxml.html.Element("p", {_MADE: "1"})
    line.text = text
    return line


def _is_empty(line: Element) -> bool:
    return bool(line.get(_MADE)) and not len(line) and not (line.text or "").strip()


def _longest_text(tree: Element, sizes: Sizes) -> tuple[Element | None, dict[Element, int]]:
    """The element with most prose in paragraphs of its own, if most of that was parted by breaks; and the prose of
    each element, in letters."""
    prose: dict[Element, int] = {}
    parted: dict[Element, int] = {}
    for paragraph in tree.iter("p"):
        holder, letters, linked = (
            paragraph.getparent(),
            sizes.letters[paragraph],
            sizes.linked[paragraph],
        )
        if (
            holder is None
            or holder.tag in _NOT_PROSE_IN
            or letters < _PROSE_LETTERS
            or linked * 2 > letters
        ):
            continue
        prose[holder] = prose.get(holder, 0) + letters - linked
        if paragraph.get(_MADE) or paragraph.find(".//br") is not None:
            parted[holder] = parted.get(holder, 0) + letters - linked
    longest = max(prose, key=lambda holder: prose[holder], default=None)
    if (
        longest is None
        or prose[longest] < _ARTICLE_LETTERS
        or parted.get(longest, 0) * 2 < prose[longest]
    ):
        return None, prose
    return longest, prose


def _drop_teasers(tree: Element, sizes: Sizes) -> None:
    """Take out what stands at least twice side by side and begins with a line that is a link: headline and summary of
    another story, or its headline alone; and the label above them."""
    dropped: list[Element] = []
    for parent in tree.iter():
        kinds: dict[str, list[Element]] = {}
        for child in parent:
            if (
                child.tag in _ITEMS
                and sizes.begins_with_link(child)
                and sizes.letters[child] < _TEASER_LETTERS
            ):
                kinds.setdefault(child.tag, []).append(child)
        for teasers in (found for found in kinds.values() if len(found) > 1):
            dropped += [*_label(teasers[0], sizes), *teasers]
    for element in dropped:
        if element.getparent() is not None:
            element.drop_tree()


def _label(teaser: Element, sizes: Sizes) -> Iterator[Element]:
    """What stands above the first of several teasers and is their heading."""
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
    """The article in page order: its element, others with nearly as much prose, and the lead between headline and
    text."""
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
    """What stands between the last heading before the article and the article, and leads nowhere."""
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
    """A page of nothing but `parts`, without the names and kinds of elements that trafilatura would judge them by."""
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
