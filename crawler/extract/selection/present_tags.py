"""Removing from a page only what is on it.

Trafilatura goes through a page once for each of 52 tags that it removes, of which a page has a
dozen: the half of the time in which it cleans a page.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from typing import Any, TypeAlias

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

Element: TypeAlias = lxml.html.HtmlElement
Clean: TypeAlias = Callable[[Element, Any], Element]


class PresentTags(list[str]):
    """A list of tags, of which a copy has those that are on the page that is being cleaned."""

    def __init__(self, tags: list[str]) -> None:
        super().__init__(tags)
        self._page = local()

    def copy(self) -> list[str]:
        present: set[str] | None = getattr(self._page, "tags", None)
        here = [tag for tag in self if tag in present] if present is not None else []
        return here if len(here) > 1 else super().copy()  # an empty list would stand for all tags

    def cleaning(self, theirs: Clean) -> Clean:
        """Return Trafilatura's `tree_cleaning`, which copies this list, for such pages."""

        def clean(tree: Element, options: Any) -> Element:
            self._page.tags = {element.tag for element in tree.iter(*self)}
            try:
                return theirs(tree, options)
            finally:
                self._page.tags = None

        return clean
