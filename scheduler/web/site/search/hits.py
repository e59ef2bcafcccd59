"""What a search found, as its page shows it: the words marked as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scheduler.searching.snippets import RunOfLetters, Snippet, finder_of, runs, with_snippets
from scheduler.views.entry import ReportWords, report_in_words
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from storage.database.session import Session
from storage.search.document_rows import DocumentRow
from storage.search.hits import Finder

_LONGEST_PIECE = 300


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document with its title and the pieces of its text as runs, marked or not."""

    row: ReportWords
    title: Sequence[RunOfLetters]
    pieces: Sequence[Sequence[RunOfLetters]]


def hits(s: Session, rows: Iterable[DocumentRow], query: str, words: Labels) -> list[FoundDocument]:
    """The rows with the words of a folded query marked."""
    finder = finder_of(query)
    return [_hit(row, found, finder, words) for row, found in with_snippets(s, rows, query)]


def _hit(row: DocumentRow, snippet: Snippet, finder: Finder, words: Labels) -> FoundDocument:
    shown = report_in_words(row, words)
    # What is shown is cleaned, so that marks are looked for in it once more.
    pieces = [runs(finder, line(one.text, _LONGEST_PIECE)) for one in snippet if one.zone == "text"]
    return FoundDocument(shown, runs(finder, shown.title), pieces)
