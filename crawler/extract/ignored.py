"""What a source has in its pages that is no part of their text: clocks, counters, the weather.

Without it a watched page would change with each look.
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
        """The page without the elements."""
        if not self.selectors:
            return html
        tree = LexborHTMLParser(html)
        for selector in self.selectors:
            for node in tree.css(selector):
                node.decompose()
        return tree.html or ""

    def without_words(self, text: str) -> str:
        """The text without the words; a line of which nothing is left goes with them."""
        if self.pattern is None:
            return text
        lines = (_compiled(self.pattern).sub("", line).strip() for line in text.splitlines())
        return "\n".join(line for line in lines if line)


NOTHING = Ignored()


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
