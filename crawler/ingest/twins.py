"""One article of a site under two addresses: in another section, for printers, under a new slug.

The texts are the same but for small edits. Sites also publish texts that differ in little and are
different articles all the same: the minister receives one ambassador and then another, a bulletin
counts other things each day. These exchange a name or a figure for another one, and a second
edition of one article does not; in doubt two documents are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crawler.extract.page.titles import likeness
from crawler.register.fingerprint import resemblance
from storage.addresses.hosts import site_of
from storage.database.session import Session
from storage.documents.site_bands import Neighbour, neighbours
from storage.letters import fold_text
from storage.records import Document, Judged

# The share of the pairs of words of both texts that both have. Edited copies with a twentieth of
# their words changed reach 0.8; texts that share only their subject stay below 0.1.
NEARLY_SAME = 0.7
# A shorter text may be all that several documents have in common.
FEWEST_WORDS = 40
_ONE_PATTERN = 0.5  # likeness of two headlines
_APART = timedelta(days=1)  # time zones; the same notice of another day is another document
_FIGURE = re.compile(r"\d[\d.,]*")
_CLOCK = re.compile(r"\b\d{1,2}\s?[:hH]\s?\d{2}\b")
# A word with a capital after another word, which is a name (or a noun, in German). What begins a
# sentence has a capital anyway.
_NAME = re.compile(r"(?<=[^\W_],\s)[^\W\d_]\w+|(?<=[^\W_]\s)[^\W\d_]\w+")
_LONG_WORD = 3


@dataclass(frozen=True, slots=True)
class Twin:
    """A stored document that is the same article.

    `is_newer` says whether the site published the new text as a correction: under another headline
    or on a later day. Otherwise nobody can tell which of both is the later one.
    """

    stored: Neighbour
    is_newer: bool


def find_twin(s: Session, one: Judged, now: datetime) -> Twin | None:
    """Return the document that is the same article at another address of its site; None if there
    is none. A round-up has no twin: its stories change while it is written.
    """
    document = one.document
    is_short = len(document.text.split()) < FEWEST_WORDS
    if document.url is None or is_short or one.parts is not None:
        return None
    for stored in neighbours(s, site_of(document.url), one.fingerprint, now):
        same_time = _same_time(stored.published_on, document.published_on)
        if same_time and stored.language == document.language and is_twin(stored, document):
            return Twin(stored, _is_newer(stored, document))
    return None


def is_twin(one: Neighbour | Document, other: Neighbour | Document) -> bool:
    """Whether two texts of one site are one article, by what they say."""
    if resemblance(one.text, other.text) < NEARLY_SAME:
        return False
    told, told_too = _words(one), _words(other)
    if _swapped(_figures(one.text), told, _figures(other.text), told_too):
        return False
    title, other_title = fold_text(one.title).split(), fold_text(other.title).split()
    # Headlines made to one pattern differ in a word; an editor writes a new one.
    is_pattern = likeness(one.title, other.title) >= _ONE_PATTERN
    if is_pattern and _swapped(set(title), told, set(other_title), told_too):
        return False
    same_title = title == other_title
    names, names_too = _names(one.text, same_title), _names(other.text, same_title)
    return not _swapped(names, told, names_too, told_too)


def _swapped(one: set[str], all_of_one: set[str], other: set[str], all_of_other: set[str]) -> bool:
    """Whether each of two texts has something of a kind that the other has nowhere."""
    return bool(one - all_of_other) and bool(other - all_of_one)


def _words(document: Neighbour | Document) -> set[str]:
    text = _CLOCK.sub(" ", f"{document.title}\n{document.text}")
    return {*fold_text(text).split(), *_figures(text)}


def _figures(text: str) -> set[str]:
    return {found.strip(".,") for found in _FIGURE.findall(_CLOCK.sub(" ", text))}


def _names(text: str, same_title: bool) -> set[str]:
    """Return the folded names in a text.

    Where a script has no capitals, each longer word may be one, unless both texts have the same
    headline.
    """
    found = [
        word
        for word in _NAME.findall(text)
        if word[0].isupper()
        or (not same_title and word.lower() == word.upper() and len(word) >= _LONG_WORD)
    ]
    return set(fold_text(" ".join(found)).split())


def _same_time(one: date | None, other: date | None) -> bool:
    return one is None or other is None or abs(one - other) <= _APART


def _is_newer(stored: Neighbour, document: Document) -> bool:
    is_later = bool(
        stored.published_on
        and document.published_on
        and document.published_on > stored.published_on
    )
    other_title = fold_text(stored.title).split() != fold_text(document.title).split()
    return is_later or other_title
