"""Asking for the share of links only where it can be high.

Trafilatura removes elements that are mostly links. It asks each for its links and for its text, so
that the text of an article is put together once for each element around it: a third of the time in
which the article is found. Here elements without links are passed over, and of those around a long
text the length is known from what is inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import local
from typing import Any, TypeAlias

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

Element: TypeAlias = lxml.html.HtmlElement
Delete: TypeAlias = Callable[..., Element]

# Characters of the longest text that may be too short to be kept, in Trafilatura, by tag: of an
# element that is the last one beside others, and of another.
_SHORT = {"p": (60, 30)}
_SHORT_OTHERWISE = (300, 100)
_LONG_LINK = 100  # characters of a single link
_MANY = 4  # links
_CALLS = 6  # for a tree, one after the other: two for each of three tags
_BEGINNING = 2_000  # characters of a text that are mostly long enough to tell
_SHARE = 0.9  # of the text, above which a long link or many links are removed with it


def where_links_are(theirs: Delete) -> Delete:
    """Return Trafilatura's `delete_by_link_density`, which is shown only what it may delete.

    It is called twice for each tag, one tag after the other. Where all that was asked since has
    deleted nothing, the second call would find what the first one did.
    """
    known = _Unchanged()

    def delete(subtree: Element, tagname: str, *args: Any, **options: Any) -> Element:
        if options.get("favor_precision") or len(args) > 1:
            return theirs(subtree, tagname, *args, **options)
        if known.says(subtree, tagname):
            return subtree
        undecided = _undecided(subtree, tagname)
        if undecided:
            theirs(_Some(undecided), tagname, *args, **options)
        known.learn(tagname, has_changed=any(one.getparent() is None for one in undecided))
        return subtree

    return delete


class _Unchanged(local):
    """What was asked of a tree, in one thread, and of which tags there is nothing to delete."""

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, tree: Element | None) -> None:
        self._tree = tree
        self._asked = 0
        self._unchanged: set[str] = set()

    def says(self, tree: Element, tag: str) -> bool:
        """Whether nothing is left to delete. To be called each time that the tree is asked."""
        if self._tree is not tree:
            self._begin(tree)
        self._asked += 1
        is_unchanged = tag in self._unchanged
        if is_unchanged and self._asked == _CALLS:
            self._begin(None)  # which lets go of the tree
        return is_unchanged

    def learn(self, tag: str, *, has_changed: bool) -> None:
        if has_changed:
            self._unchanged.clear()
        else:
            self._unchanged.add(tag)
        if self._asked == _CALLS:
            self._begin(None)


class _Some:
    """The elements of a tree that are left to look at."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements

    def iter(self, tag: str) -> Iterator[Element]:
        return (element for element in self._elements if element.tag == tag)


def _undecided(subtree: Element, tag: str) -> list[Element]:
    """Return the elements that may be removed, in page order."""
    links: dict[Element, list[Element]] = {}
    for link in subtree.iter("ref"):
        for element in link.iterancestors(tag):
            links.setdefault(element, []).append(link)
    lengths: dict[Element, int] = {}  # of links; of others at least so many
    undecided = []
    for element in reversed([one for one in subtree.iter(tag) if one in links] if links else ()):
        length = lengths.get(element, 0)
        if not _is_kept(element, links[element], length, lengths):
            text = _text(element)
            for part in (text[:_BEGINNING], text) if len(text) > _BEGINNING else (text,):
                length = _length(part)
                if _is_kept(element, links[element], length, lengths):
                    break
            else:
                undecided.append(element)
        for above in element.iterancestors(tag):
            if lengths.get(above, 0) >= length:
                break
            lengths[above] = length
    return undecided[::-1]


def _is_kept(
    element: Element, links: Sequence[Element], least: int, lengths: dict[Element, int]
) -> bool:
    """Whether an element is kept that has these links and at least so many characters."""
    last, another = _SHORT.get(element.tag, _SHORT_OTHERWISE)
    if least < last and (least < another or element.getnext() is None):
        return False
    if 1 < len(links) <= _MANY:
        return True
    for link in links:
        if link not in lengths:
            lengths[link] = _length(_text(link))
    linked = sum(lengths[link] for link in links)
    return linked <= _SHARE * least or (len(links) == 1 and linked <= _LONG_LINK)


def _text(element: Element) -> str:
    text: str = element.text_content() if len(element) else element.text or ""
    return text


def _length(text: str) -> int:
    return len(" ".join(text.split()))
