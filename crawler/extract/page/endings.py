"""Finding where the article begins and ends, and whether a text is the whole of it.

Headline, byline, date and share buttons above it are removed, as are "read also" and calls to
subscribe, and an end that the page leaves out is taken from its JSON-LD.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import cache
from itertools import chain

from crawler.extract.page.metadata import LinkedArticle
from crawler.extract.page.titles import likeness, squeezed
from crawler.extract.page_words import named_words, words, words_pattern
from storage.letters import fold_text

_LABELLED = 200  # characters of a line that is "Read also: headline"; a longer one is a paragraph
_TEASER = 150  # characters of a headline below the label
_MOST_TEASERS = 6
_SENTENCE_END = re.compile(r"[.!?؟…»”\"]\s*$")
_COLON = re.compile(r"^[^:>»→|]{3,40}[:>»→|]")
_BREAK = re.compile(r"<(?:/p|br|/div|/h\d|/li)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")

_ALIKE = 60  # characters, without spaces, at which two texts begin alike
_LONGER = 1.15  # times; less is only the headline, or a caption
_FULL_BODY = 400  # characters; a shorter `articleBody` is a summary
_MOSTLY = 0.6  # of the text that `articleBody` holds if it is the whole article
_CUT = re.compile(r"(?:\.\.\.|…|\[\S{1,3}\])\s*$")


# What stands before the colon of a line that leads elsewhere, or names the maker of a picture.
_BEFORE_COLON = "<also>|<also_before_colon>|(<credits>)( (<credit_joints>))*"
_PROMOTES = r"(please )?(<asks>) (.* )?(<asks_for>)\b.*|.*\b(<beckons>)\b.*"


def without_foreign_lines(text: str) -> tuple[str, bool]:
    """Remove "Read also" and calls to follow; and say if the text calls to subscribe."""
    remaining: list[str] = []
    label, promotes = words_pattern("<also>"), words_pattern(_PROMOTES)
    is_for_subscribers = False
    left = 0  # headlines that may still follow a label
    for line in text.splitlines():
        folded = fold_text(line).strip() if len(line) <= _LABELLED else ""
        if folded and label.fullmatch(folded):
            left = _MOST_TEASERS
        elif _is_for_subscribers(folded):
            is_for_subscribers = True
        elif folded and (_is_labelled(line) or promotes.fullmatch(folded)):
            continue
        elif left and len(line) <= _TEASER and not _SENTENCE_END.search(line):
            left -= 1
        else:
            left = 0
            remaining.append(line)
    return "\n".join(remaining), is_for_subscribers


def _is_labelled(line: str) -> bool:
    """Whether a line is a label and a headline, or the maker of a picture, behind a colon."""
    label = _COLON.match(line)
    if label is None:
        return False
    folded = fold_text(label[0]).strip()
    return words_pattern(_BEFORE_COLON).fullmatch(folded) is not None


def _is_for_subscribers(folded: str) -> bool:
    """Whether a line calls to subscribe. Each call has a part that is quicker to look for."""
    parts, calls = _calls()
    return any(part in folded for part in parts) and calls.search(folded) is not None


@cache
def _calls() -> tuple[tuple[str, ...], re.Pattern[str]]:
    calls = named_words("for_subscribers")
    return tuple(calls), re.compile("|".join(chain.from_iterable(calls.values())) or "(?!)")


def completed(text: str, articles: Sequence[LinkedArticle]) -> str:
    """Return a text with the ends that `articleBody` has of it: what is missing is added where that
    is longer and begins alike; lines after its end are dropped where it is the whole article.
    """
    for body in map(plain_body, (article.body for article in articles)):
        if len(body) >= _FULL_BODY and _begin_alike(text, body):
            return _lengthened(text, body) if len(body) > _LONGER * len(text) else _cut(text, body)
    return text


def plain_body(body: str) -> str:
    """Return an `articleBody` without tags and entities, one paragraph a line."""
    marked = _BREAK.sub("\n", html.unescape(body))
    lines = (" ".join(line.split()) for line in _TAG.sub(" ", marked).splitlines())
    return "\n".join(line for line in lines if line)


def _begin_alike(text: str, body: str) -> bool:
    one, other = squeezed(text[:1_500]), squeezed(body[:1_500])
    return bool(one) and (other[:_ALIKE] in one or one[:_ALIKE] in other)


def _lengthened(text: str, body: str) -> str:
    """Return the longer body, in the lines of the page as far as these go."""
    if "\n" in body:
        return body
    last = " ".join(text.splitlines()[-1].split())[-_ALIKE:]
    place = body.rfind(last)
    if place < 0:
        return body
    rest = body[place + len(last) :].strip()
    return f"{text}\n{rest}" if rest else text


def _cut(text: str, body: str) -> str:
    lines, whole = text.splitlines(), squeezed(body)
    inside = [squeezed(line) in whole for line in lines]
    held = sum(len(line) for line, is_in in zip(lines, inside, strict=True) if is_in)
    if _CUT.search(body) or held < _MOSTLY * len(text) or not any(inside):
        return text
    end = len(lines) - inside[::-1].index(True)
    return "\n".join(lines[:end])


# --- whether a text is the whole article ----------------------------------------------------------

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
_HALF = 0.5
_SAME_HEADLINE = 0.5  # likeness of the headline of an `articleBody` and that of the page


def share_covered(text: str, summaries: Sequence[str]) -> float:
    """Return the share of the longer words of a summary that a text has, the smallest share of
    several. It is 1 if no summary is long enough.
    """
    word_lists = [words for words in map(_words, summaries) if len(words) >= _FEWEST_WORDS]
    if not word_lists:
        return 1.0
    folded = f" {fold_text(text[:_LOOKED_AT])} "
    return min(sum(f" {word} " in folded for word in words) / len(words) for words in word_lists)


def has_summary(share: float) -> bool:
    """Whether a text has enough of the words of a summary."""
    return share >= _ENOUGH


def is_better(share: float, than: float) -> bool:
    """Whether another way to read a page found enough more of the words to be preferred."""
    return share >= than + _GAINED


def is_cut(text: str, share: float) -> bool:
    """Whether a text is only a part of the article, by the share of a summary that it has."""
    return share < _CUT_SHARE and len(text) < _THIN


def declared_instead(text: str, title: str, articles: Sequence[LinkedArticle]) -> str:
    """Return the `articleBody` with the page's headline if `text` is not half of it, else ""."""
    for article in articles:
        body = plain_body(article.body) if article.body else ""
        is_longer = len(body) >= _FULL_BODY and len(text) < _HALF * len(body)
        if is_longer and likeness(article.headline, title) >= _SAME_HEADLINE:
            return body
    return ""


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in fold_text(text).split() if len(word) >= _LONG_WORD)


# --- lines above the article ----------------------------------------------------------------------

_NEAR_THE_TOP = 6  # lines; further down "Publié le ..." may be part of the story
_MOST_OF_A_LINE = 400  # of such a line, a long headline; the patterns are slow on very long lines
_SHARING = r"(<sharing>|\s|[|,/·-])+"
_DATELINE = r"(<datelines>)\b(?=.*\d).{0,80}"
_ONLY_DATE = re.compile(r"[\d\s.,/:|–-]*\d{4}[\d\s.,/:h|–-]*(?:GMT|UTC|CET|CEST)?")


@cache
def _byline() -> re.Pattern[str]:
    name = r"([A-ZÀ-Þ][\w.'’-]*|<name_particles>)"
    by = [form for word in words("bylines") for form in {word, word.capitalize(), word.upper()}]
    names = rf"{name}((,|\s+(<name_joints>|&))?\s+{name}){{0,7}}"
    return words_pattern(rf"({'|'.join(by)})\s*:?\s+{names}|<whole_bylines>")


def without_furniture(text: str, title: str, author: str | None) -> str:
    """Remove whole short lines of this kind from `text`, in which each line is a paragraph."""
    remaining = []
    lines = (line for line in text.splitlines() if line.strip())
    for place, line in enumerate(lines):
        if not _is_furniture(line.strip(), place, title, author):
            remaining.append(line)
    return "\n".join(remaining)


def _is_furniture(line: str, place: int, title: str, author: str | None) -> bool:
    if len(line) > _MOST_OF_A_LINE:
        return False
    if words_pattern(_SHARING, ignore_case=True).fullmatch(line):
        return True
    if place >= _NEAR_THE_TOP:
        return False
    is_author = author is not None and line.casefold() == author.casefold()
    if line == title or is_author or _ONLY_DATE.fullmatch(line):
        return True
    if _SENTENCE_END.search(line):
        return False
    dateline = words_pattern(_DATELINE, ignore_case=True)
    return bool(_byline().fullmatch(line) or dateline.fullmatch(line))
