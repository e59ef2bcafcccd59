"""Removing from a page only what is on it, and all of it at once.

Trafilatura goes through a page once for each of 52 tags that it removes, of which a page has a
dozen, and takes out one element after the other: the half of the time in which it cleans a page.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from typing import Any, TypeAlias

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml.etree import strip_elements  # type: ignore[import-untyped]  # the same

Element: TypeAlias = lxml.html.HtmlElement
Clean: TypeAlias = Callable[[Element, Any], Element]

_WEIGHED = "form"  # which Trafilatura keeps if it holds most of the text of the page


class PresentTags(list[str]):
    """A list of tags, of which a copy has those that are left on the page that is being cleaned."""

    def __init__(self, tags: list[str]) -> None:
        super().__init__(tags)
        self._page = local()

    def copy(self) -> list[str]:
        left: list[str] | None = getattr(self._page, "left", None)
        return super().copy() if left is None else [*left]

    def cleaning(self, theirs: Clean) -> Clean:
        """Return Trafilatura's `tree_cleaning`, which copies this list, for such pages."""

        def clean(tree: Element, options: Any) -> Element:
            self._page.left = self._left(tree, options)
            try:
                return theirs(tree, options)
            finally:
                self._page.left = None

        return clean

    def _left(self, tree: Element, options: Any) -> list[str] | None:
        """Return the tags that Trafilatura has to look for, after others were removed at once; None
        for all.
        """
        is_recall = options.focus == "recall"  # which takes back what leaves no paragraph
        if not is_recall and not options.images and self._is_removed_at_once(tree):
            strip_elements(tree, *(tag for tag in self if tag != _WEIGHED), with_tail=False)
            return [tag for tag in self if tag == _WEIGHED]
        present = {element.tag for element in tree.iter(*self)}
        here = [tag for tag in self if tag in present]
        return here if len(here) > 1 else None  # an empty list would stand for all tags

    def _is_removed_at_once(self, tree: Element) -> bool:
        """Whether Trafilatura removes all elements with these tags, in whatever order.

        It turns formulas into text and keeps figures that hold tables. Where an element stands in
        another of its tag when their turn comes, it overlooks those that follow.
        """
        for element in tree.iter(*self):
            tag = element.tag
            if tag == "math":
                return False
            if not len(element) or tag == _WEIGHED:
                continue
            kept = "table" if tag == "figure" else tag
            if next(element.iterdescendants(tag, kept), None) is not None:
                gone = {*self[: self.index(tag)]} - {_WEIGHED}
                if all(above.tag not in gone for above in element.iterancestors()):
                    return False
        return True
