"""Deciding where a judged document is stored, and of which texts it is a copy: pure functions over
what is stored already (`storage.documents.placements`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from crawler.extract.page.titles import likeness as likeness_of_titles
from crawler.process.parts import address_of
from crawler.register.fingerprint import SAME_TEXT, fingerprint, likeness, resemblance
from storage.documents.copies import PossibleCopy
from storage.documents.placements import Kin, KnownDocument, Placement, Why
from storage.letters import fold_text
from storage.records import Document, Judged


def place(judged: Judged, kin: Kin) -> Placement:
    """Decide under which address a document is stored, and whether in parts.

    Some sites name one address as that of all their articles: it is believed only if the same text
    stands there. A text that its site published before is that document; of what a crawl found,
    with small edits, too.
    """
    document, known_document, parts = judged.document, kin.found, judged.parts
    placement = Placement(judged, Why.OFFERED)
    if (
        document.external_id is None
        and known_document is not None
        and _names_another(judged, known_document)
    ):
        own = replace(document, url=document.own_url, own_url=None)
        placement, known_document = (
            Placement(replace(judged, document=own), Why.OWN_ADDRESS),
            kin.own,
        )
    elif kin.copy is not None:
        stored = replace(document, url=kin.copy.row.url, title=kin.copy.row.title)
        placement, known_document = (
            Placement(replace(judged, document=stored), Why.SAME_TEXT),
            kin.copy,
        )
    elif kin.neighbours:
        placement = _at_its_twin(judged, kin)
    return placement if parts is None else _with_parts(placement, known_document, parts)


def _names_another(judged: Judged, known_document: KnownDocument) -> bool:
    """Whether the address that a document names as its own is that of another text."""
    if judged.document.own_url is None or known_document.text is None:
        return False
    return likeness(known_document.text, judged.document.text) < SAME_TEXT


def _at_its_twin(judged: Judged, kin: Kin) -> Placement:
    """Place a document as the one that its site published elsewhere with small edits, if there is
    one: a correction, under another headline or of a later day, is its new version, and it moves;
    of two texts of which nobody can tell the later one, the first is kept.
    """
    document = judged.document
    twins = (
        (number, known)
        for number, known in kin.neighbours
        if _is_same_time(known, document) and is_twin(known, document)
    )
    number, stored = next(twins, (None, document))
    if number is None:
        return Placement(judged, Why.OFFERED)
    before, after = stored.published_on, document.published_on
    is_later = before is not None and after is not None and after > before
    if is_later or fold_text(stored.title).split() != fold_text(document.title).split():
        return Placement(judged, Why.CORRECTED, moved_id=number)
    earlier = replace(
        document, url=stored.url, title=stored.title, text=stored.text, published_on=before
    )
    # What was read in the other text is not for the stored one, whose verdict stays.
    silent = judged.verdict.silenced()
    marks = fingerprint(earlier.title, earlier.text)
    return Placement(
        replace(judged, document=earlier, fingerprint=marks, verdict=silent), Why.EDITED
    )


def _with_parts(
    placement: Placement, known_document: KnownDocument | None, parts: tuple[Judged, ...]
) -> Placement:
    """Decide what becomes of the parts of a page. A text that is stored as a report stays one, or
    becomes one of the parts if the page has changed since.
    """
    page = placement.judged
    if known_document is None or not known_document.row.relevant or known_document.row.is_cut:
        return replace(placement, parts=parts)
    row = known_document.row
    if row.text_hash == page.fingerprint.text_hash:
        return placement
    url = address_of(row.url or page.document.url or "", known_document.text or row.title)
    return replace(placement, parts=parts, first=(row.id, url, row.text_hash))


def copies_among(judged: Judged, candidates: Iterable[PossibleCopy]) -> list[int]:
    """Return those that have the same text, one of each copy group."""
    joined: dict[str, int] = {}
    for number, copy_group, text in candidates:
        is_to_compare = text is not None and copy_group not in joined
        if is_to_compare and likeness(judged.document.text, text or "") >= SAME_TEXT:
            joined[copy_group] = number
    return list(joined.values())


# --- one article of a site under two addresses ----------------------------------------------------

# The share of the pairs of words of both texts that both have. Edited copies with a twentieth of
# their words changed reach 0.8; texts that share only their subject stay below 0.1.
NEARLY_SAME = 0.7
_ONE_PATTERN = 0.5  # likeness of two headlines
_APART = timedelta(days=1)  # time zones; the same notice of another day is another document
_FIGURE = re.compile(r"\d[\d.,]*")
_CLOCK = re.compile(r"\b\d{1,2}\s?[:hH]\s?\d{2}\b")
# A word with a capital after another word, which is a name (or a noun, in German). What begins a
# sentence has a capital anyway.
_NAME = re.compile(r"(?<=[^\W_],\s)[^\W\d_]\w+|(?<=[^\W_]\s)[^\W\d_]\w+")
_LONG_WORD = 3


def _is_same_time(document: Document, other: Document) -> bool:
    days = document.published_on, other.published_on
    same_time = days[0] is None or days[1] is None or abs(days[0] - days[1]) <= _APART
    return same_time and document.language == other.language


def is_twin(document: Document, other: Document) -> bool:
    """Whether two texts of one site are one article, by what they say."""
    if resemblance(document.text, other.text) < NEARLY_SAME:
        return False
    words, other_words = _words(document), _words(other)
    if _swapped(_figures(document.text), words, _figures(other.text), other_words):
        return False
    title, other_title = fold_text(document.title).split(), fold_text(other.title).split()
    # Headlines made to one pattern differ in a word; an editor writes a new one.
    is_pattern = likeness_of_titles(document.title, other.title) >= _ONE_PATTERN
    if is_pattern and _swapped(set(title), words, set(other_title), other_words):
        return False
    same_title = title == other_title
    names, other_names = _names(document.text, same_title), _names(other.text, same_title)
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
    words = [
        word
        for word in _NAME.findall(text)
        if word[0].isupper()
        or (not same_title and word.lower() == word.upper() and len(word) >= _LONG_WORD)
    ]
    return set(fold_text(" ".join(words)).split())
