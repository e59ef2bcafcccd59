"""Where a judged document is to be stored, decided before anything is written; a new verdict on one
that is stored; and the copies that its text has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from crawler.extract.page.titles import likeness as likeness_of_titles
from crawler.process.parts import address_of
from crawler.register.fingerprint import SAME_TEXT, fingerprint, likeness, resemblance
from storage.addresses import site_of
from storage.database.session import Session
from storage.documents.copies import copy_groups, join_copies, near_duplicates
from storage.documents.documents import find, find_copy
from storage.documents.site_bands import neighbours
from storage.documents.verdicts import replace_verdict
from storage.letters import fold_text
from storage.queries import document_text
from storage.records import Document, Judged


class Why(StrEnum):
    OFFERED = "it came with this address"
    OWN_ADDRESS = "the address that it names is that of another article"
    SAME_TEXT = "its site published this text at this address before"
    CORRECTED = "its site published it before, and this is the later version"
    EDITED = "its site published it before, and nobody can tell which version is later"


@dataclass(frozen=True, slots=True)
class Placement:
    """What is to be written of a document. `moved_id` is a stored document that moves to its
    address first. `parts` are documents of their own, None if it is stored whole. `first` is what
    the page contained as a report before it changed, which becomes one of them: its id, a URL of
    its own and the hash of its text.
    """

    judged: Judged
    why: Why
    moved_id: int | None = None
    parts: tuple[Judged, ...] | None = None
    first: tuple[int, str, str] | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the parts are the reports, and the page itself is none."""
        return bool(self.parts) or self.first is not None


def place(s: Session, one: Judged, now: datetime, *, crawl: bool) -> Placement:
    """Decide where a document is stored, and whether in parts. Nothing is written."""
    placement = _at_its_address(s, one, now, crawl=crawl)
    return placement if one.parts is None else _with_parts(s, placement, one.parts)


def _at_its_address(s: Session, one: Judged, now: datetime, *, crawl: bool) -> Placement:
    """Decide under which address a document is stored. Some sites name one address as that of all
    their articles: it is believed only if the same text stands there. A text that its site
    published before is that document; of what a crawl found, with small edits, too.
    """
    document = one.document
    offered = Placement(one, Why.OFFERED)
    if document.external_id is not None or document.url is None:
        return offered
    found = find(s, document, one.fingerprint)
    if found is not None:
        if not _names_another(s, one, found):
            return offered
        own = replace(document, url=document.own_url, own_url=None)
        return Placement(replace(one, document=own), Why.OWN_ADDRESS)
    copy = find_copy(s, document, one.fingerprint)
    if copy is not None:
        stored = replace(document, url=copy.url, title=copy.title)
        return Placement(replace(one, document=stored), Why.SAME_TEXT)
    twin = find_twin(s, one, now) if crawl else None
    return offered if twin is None else _as_twin(one, twin)


def _names_another(s: Session, one: Judged, found: Any) -> bool:
    """Whether the address that a document names as its own is that of another text."""
    if one.document.own_url is None or found.text_hash == one.fingerprint.text_hash:
        return False
    text = document_text(s, found.id)
    return text is not None and likeness(text, one.document.text) < SAME_TEXT


def _as_twin(one: Judged, twin: Twin) -> Placement:
    """Place a document as the one that its site published elsewhere with small edits: a correction
    is its new version, and it moves; of two texts of which nobody can tell the later one, the first
    is kept.
    """
    number, stored, is_newer = twin
    if is_newer:
        return Placement(one, Why.CORRECTED, moved_id=number)
    earlier = replace(
        one.document,
        url=stored.url,
        title=stored.title,
        text=stored.text,
        published_on=stored.published_on,
    )
    # What was read in the other text is not for the stored one, whose verdict stays.
    silent = one.verdict.silenced()
    marks = fingerprint(earlier.title, earlier.text)
    return Placement(replace(one, document=earlier, fingerprint=marks, verdict=silent), Why.EDITED)


def _with_parts(s: Session, placement: Placement, parts: tuple[Judged, ...]) -> Placement:
    """Decide what becomes of the parts of a page. A text that is stored as a report stays one, or
    becomes one of the parts if the page has changed since.
    """
    page = placement.judged
    found = find(s, page.document, page.fingerprint)
    was_report = found is not None and found.relevant and not found.is_cut
    if not was_report:
        return replace(placement, parts=parts)
    if found.text_hash == page.fingerprint.text_hash:
        return placement
    text = document_text(s, found.id) or found.title
    url = address_of(found.url or page.document.url or "", text)
    return replace(placement, parts=parts, first=(found.id, url, found.text_hash))


# The most texts to compare with a new one, those with most shared bands first. This is enough: a
# copy also shares bands with the other texts of its group.
_MAX_COMPARED = 20


def replace_judgement(s: Session, document_id: int, one: Judged, now: datetime) -> None:
    """Replace the verdict on a stored document by a new one. The register is not updated."""
    replace_verdict(
        s, document_id, one.verdict, one.fingerprint, one.clues, quote=one.quote, now=now
    )
    if one.verdict.relevant:
        find_copies(s, document_id, one)


def find_copies(s: Session, document_id: int, one: Judged) -> None:
    """Give a document the copy group of the texts that it is a copy of."""
    sharing = near_duplicates(s, one.fingerprint, one.document.language, document_id)
    candidates = list(sharing)[:_MAX_COMPARED]
    copy_group_of = copy_groups(s, candidates)
    joined: dict[str, int] = {}
    for candidate in candidates:
        copy_group = copy_group_of[candidate]
        text = document_text(s, candidate) if copy_group not in joined else None
        if text is not None and likeness(one.document.text, text) >= SAME_TEXT:
            joined[copy_group] = candidate
    if joined:
        join_copies(s, [document_id, *joined.values()])


# --- one article of a site under two addresses ----------------------------------------------------

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


# A stored document that is the same article, with its id, and whether the site published the new
# text as a correction: under another headline or on a later day. Otherwise nobody can tell which of
# both is the later one.
Twin = tuple[int, Document, bool]


def find_twin(s: Session, one: Judged, now: datetime) -> Twin | None:
    """Return the same article at another address of its site; round-ups still change."""
    document = one.document
    is_short = len(document.text.split()) < FEWEST_WORDS
    if document.url is None or is_short or one.parts is not None:
        return None
    for number, stored in neighbours(s, site_of(document.url), one.fingerprint, now):
        days = stored.published_on, document.published_on
        same_time = days[0] is None or days[1] is None or abs(days[0] - days[1]) <= _APART
        if same_time and stored.language == document.language and is_twin(stored, document):
            before, after = stored.published_on, document.published_on
            is_later = before is not None and after is not None and after > before
            other_title = fold_text(stored.title).split() != fold_text(document.title).split()
            return number, stored, is_later or other_title
    return None


def is_twin(one: Document, other: Document) -> bool:
    """Whether two texts of one site are one article, by what they say."""
    if resemblance(one.text, other.text) < NEARLY_SAME:
        return False
    words, other_words = _words(one), _words(other)
    if _swapped(_figures(one.text), words, _figures(other.text), other_words):
        return False
    title, other_title = fold_text(one.title).split(), fold_text(other.title).split()
    # Headlines made to one pattern differ in a word; an editor writes a new one.
    is_pattern = likeness_of_titles(one.title, other.title) >= _ONE_PATTERN
    if is_pattern and _swapped(set(title), words, set(other_title), other_words):
        return False
    same_title = title == other_title
    names, other_names = _names(one.text, same_title), _names(other.text, same_title)
    return not _swapped(names, words, other_names, other_words)


def _swapped(one: set[str], all_of_one: set[str], other: set[str], all_of_other: set[str]) -> bool:
    """Whether each of two texts has something of a kind that the other has nowhere."""
    return bool(one - all_of_other) and bool(other - all_of_one)


def _words(document: Document) -> set[str]:
    text = _CLOCK.sub(" ", f"{document.title}\n{document.text}")
    return {*fold_text(text).split(), *_figures(text)}


def _figures(text: str) -> set[str]:
    return {found.strip(".,") for found in _FIGURE.findall(_CLOCK.sub(" ", text))}


def _names(text: str, same_title: bool) -> set[str]:
    """Return the folded names in a text. Without capitals each longer word may be one, unless both
    texts have the same headline.
    """
    found = [
        word
        for word in _NAME.findall(text)
        if word[0].isupper()
        or (not same_title and word.lower() == word.upper() and len(word) >= _LONG_WORD)
    ]
    return set(fold_text(" ".join(found)).split())
