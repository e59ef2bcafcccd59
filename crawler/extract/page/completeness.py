"""Whether a text is the whole article: compared with what the feed and the page say of it."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.extract.page.endings import plain_body
from crawler.extract.page.metadata import LinkedArticle
from crawler.extract.page.titles import likeness
from storage.letters import fold_text

# Words of a summary that a text should have. Of 302 real pages with a description of their own, 13
# lack half of its words: most are written for search engines, and of one the article was not found.
_LONG_WORD = 4
_FEWEST_WORDS = 8
_ENOUGH = 0.5
_GAINED = 0.3  # of the words, for another way to read the page to be the better one
# A text that lacks more of the words is cut if it is short, too: a summary may be a free one.
_CUT_SHARE = 0.4
_THIN = 1_000  # characters
_LOOKED_AT = 20_000
_FULL_BODY = 400  # characters; a shorter `articleBody` is a summary
_HALF = 0.5
_SAME_HEADLINE = 0.5  # likeness of the headline of an `articleBody` and that of the page


def share_told(text: str, summaries: Sequence[str]) -> float:
    """Return the share of the longer words of a summary that a text has.

    Of several summaries the smallest share counts. It is 1 if no summary is long enough to tell.
    """
    asked = [words for words in map(_words, summaries) if len(words) >= _FEWEST_WORDS]
    if not asked:
        return 1.0
    told = f" {fold_text(text[:_LOOKED_AT])} "
    return min(sum(f" {word} " in told for word in words) / len(words) for words in asked)


def is_told(share: float) -> bool:
    """Whether a text has enough of the words of a summary."""
    return share >= _ENOUGH


def is_better(share: float, than: float) -> bool:
    """Whether another way to read a page found enough more of the words to be preferred."""
    return share >= than + _GAINED


def is_cut(text: str, told: float) -> bool:
    """Whether a text is only a part of the article, by the share of a summary that it has."""
    return told < _CUT_SHARE and len(text) < _THIN


def declared_instead(text: str, title: str, articles: Sequence[LinkedArticle]) -> str:
    """Return the `articleBody` of the page's own article if `text` is not half of it, else "".

    Others on the page may be teasers: the headline tells which one is the page's own.
    """
    for article in articles:
        body = plain_body(article.body) if article.body else ""
        is_longer = len(body) >= _FULL_BODY and len(text) < _HALF * len(body)
        if is_longer and likeness(article.headline, title) >= _SAME_HEADLINE:
            return body
    return ""


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in fold_text(text).split() if len(word) >= _LONG_WORD)
