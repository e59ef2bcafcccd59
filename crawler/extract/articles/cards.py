"""Finding the cards of a list: elements of one kind side by side, each with a headline as a link.

A section page, an archive and a home page consist of them, and an article has them beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, takewhile
from urllib.parse import urljoin

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

_HEADLINE_LETTERS = 20  # of a link; names of sections and "Read more" are shorter
_BEFORE_HEADLINE = 60  # letters of a date or a section that may stand before it
_CARD_LETTERS = 1_200  # a longer element holds an article
_LEVELS = 4  # elements around a link that may be the card
_ENOUGH = 4  # cards side by side; three related stories stand under many articles
_MOST_LINKS = 2_000


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of a page: how many there are, and what stands in them (one line a card)."""

    count: int
    text: str

    def share(self, lines: Sequence[str]) -> float:
        """Return the share of `lines`, in characters, that stands in cards."""
        total = sum(map(len, lines))
        inside = sum(len(line) for line in lines if _squeezed(line) in self.text)
        return inside / total if total else 0.0


def find_cards(tree: lxml.html.HtmlElement, *, enough: int = _ENOUGH, own: str = "") -> Cards:
    """Find the cards of a page: `enough` of one kind side by side are a list. A link to `own`, the
    address of the page itself, is no card.
    """
    groups: dict[tuple[lxml.html.HtmlElement, str], dict[lxml.html.HtmlElement, str]] = {}
    texts: dict[lxml.html.HtmlElement, str] = {}  # of elements, which several links may share
    for link in list(tree.iter("a"))[:_MOST_LINKS]:
        href, headline = link.get("href") or "", _squeezed(link.text_content())
        if len(headline) < _HEADLINE_LETTERS or href.startswith(("#", "javascript:", "mailto:")):
            continue
        if own and _joined(own, href) == own:
            continue
        for element in _around(link, headline, texts):
            group = groups.setdefault((element.getparent(), element.tag), {})
            group.setdefault(element, href)
    cards: dict[lxml.html.HtmlElement, None] = {}
    for group in groups.values():
        if len(set(group.values())) >= enough:
            cards |= dict.fromkeys(group)
    outermost = [one for one in cards if not any(above in cards for above in one.iterancestors())]
    return Cards(len(outermost), "\n".join(texts[one] for one in outermost))


def _around(
    link: lxml.html.HtmlElement, headline: str, texts: dict[lxml.html.HtmlElement, str]
) -> Iterator[lxml.html.HtmlElement]:
    """Yield a link and the elements around it that may be a card with this headline."""
    above = takewhile(lambda one: one.tag not in ("body", "html"), link.iterancestors())
    for element in chain([link], islice(above, _LEVELS)):
        text = texts.get(element)
        if text is None:
            text = texts[element] = _squeezed(element.text_content())
        if element.getparent() is None or len(text) > _CARD_LETTERS:
            return
        if text.find(headline) <= _BEFORE_HEADLINE:
            yield element


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # not a URL
        return ""


def _squeezed(text: str) -> str:
    """Return a text without spaces, which differ between two ways to read a page."""
    return "".join(text.split())
