"""What a search shows: its words marked in the titles and texts of hits, as they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scheduler.views.columns import Row
from scheduler.views.documents import DOCUMENTS
from storage.database.session import Session
from storage.database.sql import chunks
from storage.lists import queries
from storage.query_words import clauses_of
from storage.search.document_rows import DocumentRow
from storage.search.hits import Finder, WordPlace

_MOST_PIECES = 2
_LONGEST_PIECE = 240  # characters: three lines of a page
_BEFORE = 100  # characters before the first match of a piece whose sentence is longer
_MOST_PLACES = 100  # of each word; what stands behind them is no better
_STOP = re.compile(r"(?:[.!?…؟۔][\"'”’»)\]›]*\s|\n)")
_BATCH = 200  # texts that are held at a time


@dataclass(frozen=True, slots=True)
class SnippetPiece:
    """A piece of a title or text, from `start` to `end`, with the marks in it."""

    zone: str
    start: int
    end: int
    text: str
    marks: tuple[WordPlace, ...]


class RunOfLetters(NamedTuple):
    """Letters that are all marked, or all not."""

    text: str
    is_marked: bool


Snippet = tuple[SnippetPiece, ...]


def finder_of(query: str) -> Finder:
    """The finder for a folded query."""
    return Finder(clauses_of(query))


def with_snippets(
    s: Session, rows: Iterable[DocumentRow], query: str
) -> Iterator[tuple[DocumentRow, Snippet]]:
    """Yield each row with its snippet; an empty one where the query has no words. Only the texts
    of these rows are read, some at a time.
    """
    finder = finder_of(query)
    for batch in chunks(rows, _BATCH):
        texts = queries.texts_of(s, [row.id for row in batch]) if finder else {}
        for row in batch:
            yield row, snippet(finder, row.title, texts.get(row.id, "")) if finder else ()


def snippet(finder: Finder, title: str, text: str) -> Snippet:
    """The title, if something in it matches, and at most two pieces of the text: first the one in
    which most of the words meet, then the one that adds most.
    """
    in_title = marks(finder, title)
    snippet_pieces = (
        [SnippetPiece("title", 0, len(title), title, tuple(in_title))] if in_title else []
    )
    in_text, candidates = marks(finder, text), []
    for number, first in enumerate(in_text):
        start, end = _sentence(text, first)
        inside = [mark for mark in in_text[number:] if mark.end <= end] or [first]
        candidates.append(SnippetPiece("text", start, end, text[start:end], tuple(inside)))
    return (*snippet_pieces, *sorted(_best(candidates), key=lambda piece: piece.start))


def marks(finder: Finder, text: str) -> list[WordPlace]:
    """Where the words stand in a text as it is written. Marks do not overlap: the longer wins."""
    from crawler.judgement.text.folding import fold  # NumPy is not needed where nothing is found

    folded = fold(text)
    word_places: list[WordPlace] = []
    for place in finder.places(folded.text, _MOST_PLACES):
        start = int(folded.offsets[place.start])
        # Up to the next character that counts: vowel signs and accents belong to the word.
        end = max(int(folded.offsets[place.end]), start + 1)
        if not word_places or start >= word_places[-1].end:
            word_places.append(WordPlace(start, end, place.clause))
    return word_places


def runs(finder: Finder, text: str) -> list[RunOfLetters]:
    """A text cut where marks begin and end, to be shown."""
    pieces, at = list[RunOfLetters](), 0
    for mark in marks(finder, text):
        pieces.append(RunOfLetters(text[at : mark.start], is_marked=False))
        pieces.append(RunOfLetters(text[mark.start : mark.end], is_marked=True))
        at = mark.end
    return [run for run in (*pieces, RunOfLetters(text[at:], is_marked=False)) if run.text]


def found_row(row: DocumentRow, snippet_pieces: Snippet) -> Row:
    """A document that was searched for, with the pieces in which the words stand."""
    return {**DOCUMENTS.row(row), "snippet": snippet_as_json(snippet_pieces)}


def snippet_as_json(snippet_pieces: Snippet) -> list[dict[str, Any]]:
    """A snippet as the public contract writes it; offsets count code points into title or text."""
    pieces = []
    for snippet_piece in snippet_pieces:
        matches = [
            {
                "start": mark.start,
                "end": mark.end,
                "text": snippet_piece.text[
                    mark.start - snippet_piece.start : mark.end - snippet_piece.start
                ],
            }
            for mark in snippet_piece.marks
        ]
        place = {
            "zone": snippet_piece.zone,
            "start": snippet_piece.start,
            "end": snippet_piece.end,
            "text": snippet_piece.text,
        }
        pieces.append({**place, "matches": matches})
    return pieces


def _sentence(text: str, mark: WordPlace) -> tuple[int, int]:
    """Where the sentence of a mark stands, or what of it fits, beginning before that mark."""
    begin = max(0, mark.start - _LONGEST_PIECE)
    starts = [begin + stop.end() for stop in _STOP.finditer(text[begin : mark.start])]
    start = starts[-1] if starts else begin
    if mark.start - start > _BEFORE or (begin and not starts):
        space = text.find(" ", mark.start - _BEFORE, mark.start)
        start = mark.start - _BEFORE if space < 0 else space + 1
    room = max(start + _LONGEST_PIECE, mark.end)
    stop = _STOP.search(text, mark.end, room)
    if stop:
        return start, mark.end + len(text[mark.end : stop.end()].rstrip())
    if len(text) <= room:
        return start, len(text)
    space = text.rfind(" ", mark.end, room + 1)
    return start, room if space < 0 else space


def _best(candidates: Sequence[SnippetPiece]) -> list[SnippetPiece]:
    chosen: list[SnippetPiece] = []
    while len(chosen) < _MOST_PIECES:
        covered = {mark.clause for piece in chosen for mark in piece.marks}
        apart = [
            snippet_piece
            for snippet_piece in candidates
            if all(
                snippet_piece.end <= other.start or other.end <= snippet_piece.start
                for other in chosen
            )
        ]
        if not apart:
            break
        clauses = {piece: {mark.clause for mark in piece.marks} for piece in apart}
        worth = {
            piece: (len(own - covered), len(own), -piece.start) for piece, own in clauses.items()
        }
        chosen.append(max(apart, key=worth.__getitem__))
    return chosen
