"""What a search shows: its words marked in the titles and texts of hits, as they are written there;
where it leads beside its hits; and what to say where nothing was found: never an error, always a
next step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import reduce
from itertools import chain, combinations
from typing import Any, NamedTuple

from scheduler.configuration.party_names import instead_of, parties_among
from scheduler.configuration.query import Query
from scheduler.views.columns import Row
from scheduler.views.documents import DOCUMENTS
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.views.words.page import filter_in_words, filter_value_in_words
from storage.database.session import Session
from storage.database.sql import chunks
from storage.filter import MAX_QUERY, Filter
from storage.letters import fold_text
from storage.lists import queries
from storage.query_words import clauses_of, fold_query, reading_of
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
    found, at = list[RunOfLetters](), 0
    for mark in marks(finder, text):
        found.append(RunOfLetters(text[at : mark.start], is_marked=False))
        found.append(RunOfLetters(text[mark.start : mark.end], is_marked=True))
        at = mark.end
    return [run for run in (*found, RunOfLetters(text[at:], is_marked=False)) if run.text]


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


# --- hints ----------------------------------------------------------------------------------------

_TITLES = 3000  # the newest, whose words are known: 0.1 s to read and compare with a word
_MOST_WORDS = 5  # of a query that are compared
_MOST_NEAR = 5
_LIKENESS = 0.75  # one letter in four may be wrong: difflib's ratio
_LONGEST = 300
_MOST_CONDITIONS = 8  # each costs a count
_MOST_PAIRED = 5  # conditions of which two are left out: ten counts
_LONGEST_QUERY = 80  # characters of it in a sentence


@dataclass(frozen=True, slots=True)
class Hint:
    """Why nothing was found. `near` are words of stored titles that are written like those
    of the query. `in_everything`: what reports nothing has it. `instead` are the words with the
    names of parties that may be meant.
    """

    searched: tuple[str, ...]
    left_out: tuple[str, ...]
    near: tuple[str, ...] = ()
    in_everything: bool = False
    instead: str | None = None


def hint_for(s: Session, typed: str, flt: Filter, *, everything: bool) -> Hint:
    """Say what became of a search without a hit: `flt` is its filter, `typed` its words."""
    searched, left_out = reading_of(typed)
    hint = Hint(searched, left_out)
    if typed and not searched:
        return hint
    stored = not everything and queries.is_any_stored(s, flt)
    near = _near(s, searched)
    return replace(hint, near=near, in_everything=stored, instead=instead_of(typed))


def sentences(hint: Hint, words: Labels) -> Iterator[str]:
    """What to say, without the next steps, for which each reader has other means."""
    comma = words.say(", ")
    if hint.searched:
        yield words.say("Searched for: {words}.", words=_listed(hint.searched, comma))
    if hint.left_out:
        yield words.say("Left out: {words}.", words=_listed(hint.left_out, comma))
    if hint.left_out and not hint.searched:
        yield words.say("This cannot be searched for: write a word of two letters or more.")


def hint_as_json(hint: Hint, words: Labels) -> Mapping[str, Any]:
    """A hint for programs, and for people that they show it to."""
    return {
        "sentences": list(sentences(hint, words)),
        "left_out": list(hint.left_out),
        "near": list(hint.near),
        "in_everything": hint.in_everything,
        "instead": hint.instead,
    }


def as_parties(
    s: Session, query: Query, labels: Labels, *, of_documents: bool = False
) -> tuple[str, Query] | None:
    """What the words of a search lead to if they name parties or groups, and these have agreements:
    "Morocco and Spain as parties: 3 agreements", and the search for these, with the parties in the
    place of their names. Its words are what the search says besides, if something is found with
    that. A search for documents of parties alone leads to their agreements, too. Where the words
    name other filters as well: "“Rabat” with Has been: signed: 3 agreements".
    """
    if with_filters := _as_filters(s, query, labels):
        return with_filters
    named, groups, besides = parties_among(query.query)
    if of_documents and not query.query:
        named, groups = query.parties, query.groups
    if not (named or groups):
        return None
    more = {
        "parties": tuple(dict.fromkeys((*query.parties, *named))),
        "groups": tuple(dict.fromkeys((*query.groups, *groups))),
    }
    for words in dict.fromkeys((besides, "")):
        instead = query.model_copy(update={"query": words, **more})
        found = queries.count_agreements(s, instead.filter)
        if found:
            page = labels
            of_groups = (filter_value_in_words("group", group, page) for group in groups)
            filled = {
                "parties": labels.listed([*map(labels.short_party, named), *of_groups]),
                "agreements": labels.count_of("terminal.agreements", found),
            }
            if not words:
                return labels.say("{parties} as parties: {agreements}", **filled), instead
            shown = line(words, _LONGEST_QUERY)
            return labels.say(
                "“{words}” with {parties} as parties: {agreements}", words=shown, **filled
            ), instead
    return None


def _as_filters(s: Session, query: Query, labels: Labels) -> tuple[str, Query] | None:
    """The same for words of which some name filters other than parties and groups."""
    read = query.besides
    if read is None:
        return None
    more = [pair for pair in read.parameters[1:] if pair not in query.parameters]
    found = 0
    if any(name not in ("party", "group") for name, _ in more):
        found = queries.count_agreements(s, read.filter)
    if not found:
        return None
    page = labels
    sentence = labels.say(
        "“{words}” with {filters}: {agreements}",
        words=line(read.query, _LONGEST_QUERY),
        filters=labels.say(", ").join(filter_in_words(*pair, page) for pair in more),
        agreements=labels.count_of("terminal.agreements", found),
    )
    return sentence, read


def read_as(typed: str, query: Query, labels: Labels) -> str:
    """The sentence that says which filters the words of a search were read as; "" if as words."""
    if not typed or len(typed) > MAX_QUERY or query.query == typed:
        return ""
    page, found = labels, Query(query=typed).searched
    read = [filter_in_words(*pair, page) for pair in found.parameters if found.query != typed]
    if not read:
        return ""
    return labels.say("Read as filters: {filters}.", filters=labels.say(", ").join(read))


Conditions = tuple[tuple[str, str], ...]  # the parameters of a search: names and values
Relaxation = tuple[Conditions, Query, int]


def relaxed(query: Query, count: Callable[[Filter], int]) -> Iterator[Relaxation]:
    """Yield what to leave out of a search that found nothing, the search without it, and how much
    that finds: one condition, or two where leaving out one is not enough. The days from and to are
    one condition.
    """
    days = tuple(pair for pair in query.parameters if pair[0] in ("since", "until"))
    others = [(pair,) for pair in query.parameters if pair not in days]
    given: list[Conditions] = [*([days] if days else []), *others][:_MOST_CONDITIONS]
    for number in (1, 2):
        is_found = False
        few = given if number == 1 else given[:_MOST_PAIRED]
        for some in combinations(few, number) if len(given) > number else ():
            left_out = tuple(chain.from_iterable(some))
            without = reduce(lambda left, pair: left.without(*pair), left_out, query)
            found = count(without.filter)
            if found:
                is_found = True
                yield left_out, without, found
        if is_found:
            return


def _listed(given: Sequence[str], comma: str) -> str:
    return line(comma.join(given), _LONGEST)


def _near(s: Session, searched: Sequence[str]) -> tuple[str, ...]:
    """Words of the newest reports that are written like a word without any hit."""
    plain = filter(_is_plain, searched[:_MOST_WORDS])
    unknown = [word for word in plain if not queries.is_any_stored(s, Filter(query=word))]
    if not unknown:
        return ()
    known: dict[str, str] = {}
    for title in queries.titles(s, _TITLES):
        for word in title.split():
            known.setdefault(fold_text(word), word.strip(".,;:!?()«»\"'’“”"))
    near = list[str]()
    for word in map(fold_text, unknown):
        # Comparing is slow: words of another length are none of the nearest.
        candidates = [form for form in known if abs(len(form) - len(word)) <= 2 and " " not in form]
        near += get_close_matches(word, candidates, 3, _LIKENESS)
    return tuple(dict.fromkeys(known[form] for form in near))[:_MOST_NEAR]


def _is_plain(word: str) -> bool:
    clauses = clauses_of(fold_query(word))
    return bool(clauses) and not clauses[0].excluded and len(clauses[0].terms[0].words) == 1
