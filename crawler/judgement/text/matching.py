"""Match all terms of a language with one automaton, in one pass over a folded text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, TypeVar

from ahocorasick_rs import BytesAhoCorasick

from crawler.judgement.text.folding import Folded, term_bytes
from crawler.judgement.text.grammar import Clitics
from crawler.judgement.text.terms import ExactForm, ParsedTerm, WordSequence

_MOST_SPELT = 200  # characters of the original that an exact term is compared with
_MOST_ARTICLES = 4  # further words of a phrase that may take the article: 2^4 patterns
_SHORT_ARTICLED = 4  # letters with the article: so short a word may only begin like it
_SHORT_BARE = 3  # letters: what is shorter takes no article

Span = tuple[int, int]  # first and last token
# Patterns that occur, and the positions that they start and end at.
Found = list[tuple[int, int, int]]
Settled = list[tuple[str, list[Span]]]  # spans of a term, with its concept
# All that a pattern means under one condition on what stands before it: that condition, the
# concepts that a match hits, and the piece of longer terms that it is, or -1. Plain, since five
# thousand are read for each language.
_Meaning = tuple[frozenset[str] | None, tuple[str, ...], int]
_Value = TypeVar("_Value", bound=Hashable)


# A part of a term: its slot in Matcher.slots, its number, and what may stand before it in its word.
_Target = tuple[int, int, frozenset[str] | None]


class _Slot(NamedTuple):
    """What is done with the spans of one term; `masks` are the slots that hide its hits."""

    concept: str
    gaps: tuple[int, ...]
    masks: tuple[int, ...]
    is_mask: bool
    form: ExactForm | None


class _DraftSlot(NamedTuple):
    concept: str
    term: ParsedTerm
    simple: bool  # one part, no mask, no exact form: a match is a hit
    masks: tuple[int, ...] = ()
    is_mask: bool = False


@dataclass(slots=True)
class Matcher:
    """Compiled terms of one language. Build with `compile_matcher`."""

    automaton: BytesAhoCorasick | None
    patterns: list[bytes]  # of the automaton; none once they were stored
    groups: list[tuple[_Meaning, ...]]  # by pattern
    slots: dict[int, _Slot]  # those of which something is left to do: the others are hits
    # By slot: its parts as choices; parts with the same spellings are one choice.
    parts: list[tuple[int, ...]]
    choices: list[tuple[int, ...]]  # by choice: its pieces
    anchored: list[tuple[int, ...]]  # by piece: the slots to look at when it occurs
    others: list[tuple[int, ...]]  # by slot: the choices beside the one that it is anchored at
    longest_before: int  # letters of the longest clitics that any pattern allows before it


def compile_matcher(
    concepts: Iterable[tuple[str, Sequence[ParsedTerm], Sequence[ParsedTerm]]],
    clitics: Clitics | None = None,
) -> Matcher:
    """Compile all terms of one language. `concepts` has ids, terms, and masks of all of these."""
    draft = _MatcherDraft(_Prefixes(clitics or Clitics()))
    for concept, terms, masks in concepts:
        draft.add(concept, terms, masks)
    slots, patterns = draft.slots, draft.patterns
    pieces: list[_Piece] = []
    meanings = [_meanings(pattern, slots, pieces) for pattern in patterns.values()]
    parts, choices = _choices(slots, pieces)
    hit = iter(_shared([concepts for meaning in meanings for _, concepts, _ in meaning]))
    groups = [
        tuple([(before, next(hit), piece) for before, _, piece in meaning]) for meaning in meanings
    ]
    anchored, others = _anchored(parts, choices, pieces)
    return Matcher(
        automaton=automaton_of(list(patterns)),
        patterns=list(patterns),
        groups=_shared(groups),
        slots={n: _finished(slot) for n, slot in enumerate(slots) if not slot.simple},
        parts=_shared(parts),
        choices=choices,
        anchored=_shared(anchored),
        others=_shared(others),
        longest_before=draft.prefixes.longest,
    )


def _shared(values: list[_Value]) -> list[_Value]:
    """Return these values, equal ones as one object, which takes a third less memory."""
    known: dict[_Value, _Value] = {}
    return [known.setdefault(value, value) for value in values]


def automaton_of(patterns: list[bytes]) -> BytesAhoCorasick | None:
    return BytesAhoCorasick(patterns) if patterns else None


def _finished(slot: _DraftSlot) -> _Slot:
    form = ExactForm(slot.term) if slot.term.exact else None
    return _Slot(slot.concept, slot.term.gaps, slot.masks, slot.is_mask, form)


class _Prefixes:
    """The clitics of a language, as sets of what may stand before a word in one piece with it."""

    def __init__(self, clitics: Clitics) -> None:
        self.article = clitics.article
        self.before_bare_word = clitics.before_bare_word
        self.before_article = clitics.before_article
        self.instead_of_article = clitics.instead_of_article
        every = (*self.before_bare_word, *self.before_article, *self.instead_of_article)
        self.longest = max(map(len, every))

    def forms(self, part: WordSequence) -> list[tuple[str, frozenset[str] | None]]:
        """Return the spellings of a phrase, and what may stand before each; None: its own ends."""
        first, *rest = part.text.split(" ")
        choices = [
            self._with_article(word) if number < _MOST_ARTICLES else [word]
            for number, word in enumerate(rest)
        ]
        forms: list[tuple[str, frozenset[str] | None]] = []
        for chosen in product(*choices):
            whole = " ".join((first, *chosen))
            if part.open_left:
                forms.append((whole, None))
            elif self._is_articled(first) and len(first) > _SHORT_ARTICLED:
                bare = whole.removeprefix(self.article)
                forms += [(whole, self.before_article), (bare, self.instead_of_article)]
            else:
                forms.append((whole, self.before_bare_word))
        return forms

    def _is_articled(self, word: str) -> bool:
        return bool(self.article) and word.startswith(self.article)

    def _with_article(self, word: str) -> list[str]:
        if not self.article or self._is_articled(word) or len(word) < _SHORT_BARE:
            return [word]
        return [word, self.article + word]


class _MatcherDraft:
    """Terms on their way into a matcher: their slots, and what patterns stand for."""

    def __init__(self, prefixes: _Prefixes) -> None:
        self.prefixes = prefixes
        self.slots: list[_DraftSlot] = []
        self.patterns: dict[bytes, list[_Target]] = defaultdict(list)

    def add(self, concept: str, terms: Sequence[ParsedTerm], masks: Sequence[ParsedTerm]) -> None:
        """Add the terms of a concept; each of `masks` hides all of them."""
        shared = tuple(self._add_mask(concept, mask) for mask in masks)
        for term in terms:
            hidden_by = shared + tuple(self._add_mask(concept, mask) for mask in term.masks)
            simple = len(term.parts) == 1 and not hidden_by and not term.exact
            self._add_slot(_DraftSlot(concept, term, simple, hidden_by))

    def _add_mask(self, concept: str, mask: ParsedTerm) -> int:
        return self._add_slot(_DraftSlot(concept, mask, simple=False, is_mask=True))

    def _add_slot(self, slot: _DraftSlot) -> int:
        index = len(self.slots)
        self.slots.append(slot)
        for number, choice in enumerate(slot.term.parts):
            for part in choice:
                forms = self.prefixes.forms(part) if slot.term.clitics else [(part.text, None)]
                for text, before in forms:
                    left = "" if part.open_left or before is not None else " "
                    right = "" if part.open_right else " "
                    self.patterns[term_bytes(left + text + right)].append((index, number, before))
        return index


# The slots and parts that a pattern can be, under one condition; a dict keeps their order.
_Piece = dict[tuple[int, int], None]


def _meanings(
    targets: list[_Target], slots: list[_DraftSlot], pieces: list[_Piece]
) -> list[tuple[frozenset[str] | None, tuple[str, ...], int]]:
    """Return what a pattern means: each condition on what stands before it, the concepts that a
    match hits, and the index of the piece that is added to `pieces` if it is part of a longer term,
    or -1.
    """
    by_condition: dict[frozenset[str] | None, tuple[dict[str, None], _Piece]] = {}
    for slot, part, before in targets:
        concepts, parts = by_condition.setdefault(before, ({}, {}))
        if slots[slot].simple:
            concepts[slots[slot].concept] = None
        else:
            parts[slot, part] = None
    meanings = []
    for before, (concepts, parts) in by_condition.items():
        meanings.append((before, tuple(concepts), len(pieces) if parts else -1))
        pieces += [parts] if parts else []
    return meanings


def _choices(
    slots: list[_DraftSlot], pieces: list[_Piece]
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Return the choices that are the parts of each slot, and the pieces of each choice."""
    by_part: list[list[list[int]]] = [[[] for _ in slot.term.parts] for slot in slots]
    for piece, parts in enumerate(pieces):
        for slot, part in parts:
            by_part[slot][part].append(piece)
    numbers: dict[tuple[int, ...], int] = {}
    of_slots = [
        tuple(numbers.setdefault(tuple(part), len(numbers)) for part in parts) for parts in by_part
    ]
    return of_slots, list(numbers)


def _anchored(
    parts: list[tuple[int, ...]], choices: list[tuple[int, ...]], pieces: list[_Piece]
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Return where each term is looked at: at its part that the fewest terms share, such as
    "réadmission" rather than "accord".
    """
    shared = [sum(len(pieces[piece]) for piece in choice) for choice in choices]
    of_choice: list[list[int]] = [[] for _ in choices]
    others: list[tuple[int, ...]] = []
    for slot, own in enumerate(parts):
        anchor = min(own, key=lambda choice: shared[choice])
        if all(choices[choice] for choice in own):
            of_choice[anchor].append(slot)
        others.append(tuple(choice for choice in own if choice != anchor))
    anchored: list[list[int]] = [[] for _ in pieces]
    for choice, members in enumerate(choices):
        for piece in members:
            anchored[piece] += of_choice[choice]
    return [tuple(slots) for slots in anchored], others


class Text(NamedTuple):
    """A folded text with its words: space k stands before token k; the token of each position, and
    the sentence of each token.
    """

    folded: Folded
    original: str
    spaces: list[int]
    tokens: memoryview
    sentence_of: list[int]


def find(matcher: Matcher, folded: bytes) -> Found:
    """Return all patterns that occur in a folded text, in one pass."""
    if matcher.automaton is None:
        return []
    found: Found = matcher.automaton.find_matches_as_indexes(folded, overlapping=True)
    return found


def match(
    matcher: Matcher, text: Text, matches: Found | None = None, settled: Settled | None = None
) -> tuple[dict[str, list[Span]], Settled]:
    """Return token spans by concept, in no order; no span crosses a sentence. Beside them, those of
    terms that have to meet further conditions. `matches` and `settled` may be known.
    """
    hits: dict[str, list[Span]] = defaultdict(list)
    parts: dict[int, list[Span]] = defaultdict(list)  # by piece
    groups, tokens, sentence_of = matcher.groups, text.tokens, text.sentence_of
    words, spaces, longest_before = text.folded.text, text.spaces, matcher.longest_before
    for pattern, start, end in find(matcher, text.folded.bytes_) if matches is None else matches:
        # The character before the last is of the last word, whether or not the pattern ends with a
        # space.
        span = first, last = tokens[start], tokens[end - 2]
        if first != last and sentence_of[first] != sentence_of[last]:
            continue
        for before, concepts, piece in groups[pattern]:
            if before is not None:
                word = spaces[first] + 1
                if start - word > longest_before or words[word:start] not in before:
                    continue
            for concept in concepts:
                hits[concept].append(span)
            if piece >= 0:
                parts[piece].append(span)
    if settled is None:
        settled = _settle(matcher, parts, text) if parts else []
    for concept, here in settled:
        hits[concept] += here
    return hits, settled


def _settle(matcher: Matcher, by_piece: dict[int, list[Span]], text: Text) -> Settled:
    """Join phrases with gaps, compare exact forms, and take away what a mask hides."""
    slots, choices, parts, others = matcher.slots, matcher.choices, matcher.parts, matcher.others
    spans: dict[int, list[Span]] = {}
    pieces = by_piece.keys()
    anchored = dict.fromkeys([slot for piece in by_piece for slot in matcher.anchored[piece]])
    for index in anchored:
        for choice in others[index]:
            if pieces.isdisjoint(choices[choice]):
                break
        else:
            slot = slots[index]
            here = join(
                [_spans_of(choices[choice], by_piece) for choice in parts[index]],
                slot.gaps,
                text.sentence_of,
            )
            if slot.form is not None:
                here = [span for span in here if slot.form.is_of(_spelt(span, text))]
            if here:
                spans[index] = here
    settled: Settled = []
    for index, here in spans.items():
        slot = slots[index]
        if slot.masks and not spans.keys().isdisjoint(slot.masks):
            hidden = covered([span for mask in slot.masks if mask in spans for span in spans[mask]])
            here = [span for span in here if hidden.get(span[0], -1) < span[1]]
        if here and not slot.is_mask:
            settled.append((slot.concept, here))
    return settled


def _spans_of(choice: tuple[int, ...], found: dict[int, list[Span]]) -> list[Span]:
    if len(choice) == 1:
        return found[choice[0]]
    return [span for piece in choice if piece in found for span in found[piece]]


def _spelt(span: Span, text: Text) -> str:
    offsets, spaces = text.folded.offsets, text.spaces
    start, end = int(offsets[spaces[span[0]] + 1]), int(offsets[spaces[span[1] + 1]])
    return text.original[start : min(end, start + _MOST_SPELT)]


def covered(masks: list[Span]) -> dict[int, int]:
    """Return token -> last token of the longest mask over it."""
    reach: dict[int, int] = {}
    for first, last in masks:
        for token in range(first, last + 1):
            reach[token] = max(last, reach.get(token, -1))
    return reach


def join(parts: list[list[Span]], gaps: tuple[int, ...], sentence_of: list[int]) -> list[Span]:
    """Return chains of parts in order, each within its gap of the one before, in one sentence."""
    if len(parts) == 1:
        return parts[0]
    chains = _in_order(parts[0])
    for part, gap in zip(parts[1:], gaps, strict=True):
        nexts = _in_order(part)
        grown = []
        for first, last in chains:
            at = bisect_left(nexts, (last + 1,))
            if at < len(nexts):
                start, end = nexts[at]
                if start - last - 1 <= gap and sentence_of[first] == sentence_of[end]:
                    grown.append((first, end))
        if not grown:
            return []
        chains = grown
    return chains


def _in_order(spans: list[Span]) -> list[Span]:
    return sorted(set(spans)) if len(spans) > 1 else spans
