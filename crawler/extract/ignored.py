"""Parts of a source's pages that do not belong to their text: clocks, counters, the weather.

If they were kept, a watched page would change with each look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from selectolax.lexbor import LexborHTMLParser


@dataclass(frozen=True, slots=True)
class Ignored:
    """CSS selectors of elements, and a regular expression of words, that are left out.

    Both were checked when the configuration was read.
    """

    selectors: tuple[str, ...] = ()
    pattern: str | None = None

    def without_elements(self, html: str) -> str:
        """Return the page without the elements."""
        if not self.selectors:
            return html
        tree = LexborHTMLParser(html)
        for selector in self.selectors:
            for node in tree.css(selector):
                node.decompose()
        return tree.html or ""

    def without_words(self, text: str) -> str:
        """Return the text without the words. A line of which nothing is left is removed too."""
        if self.pattern is None:
            return text
        lines = (_compiled(self.pattern).sub("", line).strip() for line in text.splitlines())
        return "\n".join(line for line in lines if line)


NOTHING = Ignored()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
