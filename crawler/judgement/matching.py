"""One automaton a language over all terms; one pass over a folded text gives token spans by concept."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from crawler.judgement.folding import Folded, term_bytes
from crawler.judgement.terms import Part, Term, same_form

# What may stand before an Arabic word in one piece with it: and, so, by, to, as, the.
_PREPOSITIONS = ("", "ب", "ل", "ك")
_CONJUNCTIONS = ("", "و", "ف")
_BARE = frozenset(
    conjunction + rest for conjunction in _CONJUNCTIONS for rest in (*_PREPOSITIONS, "ال", "بال", "كال", "لل")
)
_BEFORE_ARTICLE = frozenset(conjunction + rest for conjunction in _CONJUNCTIONS for rest in ("", "ب", "ك"))
_FOR_THE = frozenset(conjunction + "لل" for conjunction in _CONJUNCTIONS)  # li + al- loses its alef
_MOST_PREFIX = 4
_MOST_SPELT = 200  # characters of the original that an exact term is compared with
_MOST_ARTICLES = 4  # words of an Arabic phrase that may take the article: 2^4 patterns

Span = tuple[int, int]  # first and last token


class _Target(NamedTuple):
    """What a pattern means: a part of a term; `before` what may stand before it in its word."""

    slot: int  # index into Matcher.slots
    part: int
    before: frozenset[str] | None


class _Group(NamedTuple):
    """All that a pattern means under one condition on what stands before it."""

    before: frozenset[str] | None
    concepts: tuple[str, ...]  # a match is a hit of these
    parts: tuple[tuple[int, int], ...]  # slot and bit of the part: a match is a piece of these


@dataclass(frozen=True, slots=True)
class _Slot:
    """One term on its way to its concept. `mask_of`: the slots whose hits it hides, if it is a mask."""

    concept: str
    term: Term
    simple: bool  # one part, no mask, no exact form: a match is a hit
    masks: tuple[int, ...] = ()
    is_mask: bool = False
    all_parts: int = 1  # a bit for each part


@dataclass(slots=True)
class Matcher:
    """Compiled terms of one language. Build with `compile_matcher`."""

    automaton: BytesAhoCorasick | None
    groups: list[tuple[_Group, ...]]  # by pattern
    slots: list[_Slot]


def compile_matcher(concepts: Iterable[tuple[str, Sequence[Term], Sequence[Term]]]) -> Matcher:
    """`concepts`: id, terms, and masks that hide any term of the concept."""
    slots: list[_Slot] = []
    patterns: dict[bytes, list[_Target]] = defaultdict(list)
    for concept, terms, masks in concepts:
        shared = tuple(_add_mask(concept, mask, slots, patterns) for mask in masks)
        for term in terms:
            own = tuple(_add_mask(concept, mask, slots, patterns) for mask in term.masks)
            hidden_by = shared + own
            simple = len(term.parts) == 1 and not hidden_by and not term.exact
            slots.append(_Slot(concept, term, simple, hidden_by, all_parts=(1 << len(term.parts)) - 1))
            _add_patterns(len(slots) - 1, term, patterns)
    groups = [_group(found, slots) for found in patterns.values()]
    return Matcher(BytesAhoCorasick(list(patterns)) if patterns else None, groups, slots)


def _group(targets: list[_Target], slots: list[_Slot]) -> tuple[_Group, ...]:
    by_condition: dict[frozenset[str] | None, tuple[dict[str, None], dict[tuple[int, int], None]]] = {}
    for slot, part, before in targets:
        concepts, parts = by_condition.setdefault(before, ({}, {}))
        if slots[slot].simple:
            concepts[slots[slot].concept] = None
        else:
            parts[slot, 1 << part] = None
    return tuple(_Group(before, tuple(concepts), tuple(parts)) for before, (concepts, parts) in by_condition.items())


def _add_mask(concept: str, mask: Term, slots: list[_Slot], patterns: dict[bytes, list[_Target]]) -> int:
    slots.append(_Slot(concept, mask, simple=False, is_mask=True, all_parts=(1 << len(mask.parts)) - 1))
    _add_patterns(len(slots) - 1, mask, patterns)
    return len(slots) - 1


def _add_patterns(slot: int, term: Term, patterns: dict[bytes, list[_Target]]) -> None:
    for number, choice in enumerate(term.parts):
        for part in choice:
            for text, before in _forms(part, term.clitics):
                left = "" if part.open_left or before is not None else " "
                right = "" if part.open_right else " "
                patterns[term_bytes(left + text + right)].append(_Target(slot, number, before))


def _forms(part: Part, clitics: bool) -> list[tuple[str, frozenset[str] | None]]:
    if not clitics:
        return [(part.text, None)]
    first, *rest = part.text.split(" ")
    choices = [_with_article(word) if i < _MOST_ARTICLES else [word] for i, word in enumerate(rest)]
    tails = [" ".join(chosen) for chosen in product(*choices)]
    forms: list[tuple[str, frozenset[str] | None]] = []
    for tail in tails:
        whole = f"{first} {tail}" if tail else first
        if part.open_left:
            forms.append((whole, None))
        elif first.startswith("ال") and len(first) > 4:
            forms += [(whole, _BEFORE_ARTICLE), (whole[2:], _FOR_THE)]
        else:
            forms.append((whole, _BARE))
    return forms


def _with_article(word: str) -> list[str]:
    return [word] if word.startswith("ال") or len(word) < 3 else [word, "ال" + word]


@dataclass(frozen=True, slots=True)
class Text:
    """A folded text with its words: `spaces[k]` stands before token k, `tokens[i]` is the token of position i,
    `sentence_of[k]` the sentence of token k."""

    folded: Folded
    original: str
    spaces: list[int]
    tokens: list[int]
    sentence_of: list[int]


def match(matcher: Matcher, text: Text) -> dict[str, list[Span]]:
    """Token spans by concept, in no order. No span crosses a sentence."""
    hits: dict[str, list[Span]] = {}
    if matcher.automaton is None:
        return hits
    held: list[tuple[list[Span], tuple[tuple[int, int], ...]]] = []
    for pattern, places in _places(matcher.automaton, text).items():
        spans = [(first, last) for first, last, _ in places]
        for before, concepts, parts in matcher.groups[pattern]:
            allowed = spans if before is None else _after_clitics(places, before, text)
            if not allowed:
                continue
            for concept in concepts:
                hits.setdefault(concept, []).extend(allowed)
            if parts:
                held.append((allowed, parts))
    if held:
        _settle(matcher, held, hits, text)
    return hits


def _places(automaton: BytesAhoCorasick, text: Text) -> dict[int, list[tuple[int, int, int]]]:
    """Pattern -> its first and last token and the position where it starts; the one pass over the text."""
    tokens, sentence_of = text.tokens, text.sentence_of
    found: dict[int, list[tuple[int, int, int]]] = {}
    for pattern, start, end in automaton.find_matches_as_indexes(text.folded.bytes_, overlapping=True):
        # The character before the last is of the last word, whether or not the pattern ends with a space.
        first, last = tokens[start], tokens[end - 2]
        if first == last or sentence_of[first] == sentence_of[last]:
            if pattern in found:
                found[pattern].append((first, last, start))
            else:
                found[pattern] = [(first, last, start)]
    return found


def _after_clitics(places: list[tuple[int, int, int]], before: frozenset[str], text: Text) -> list[Span]:
    words, spaces = text.folded.text, text.spaces
    allowed = []
    for first, last, start in places:
        word = spaces[first] + 1
        if start - word <= _MOST_PREFIX and words[word:start] in before:
            allowed.append((first, last))
    return allowed


def _settle(
    matcher: Matcher,
    held: list[tuple[list[Span], tuple[tuple[int, int], ...]]],
    hits: dict[str, list[Span]],
    text: Text,
) -> None:
    """Join phrases with gaps, compare exact forms, and take away what a mask hides."""
    present: dict[int, int] = {}
    for _, parts in held:
        for slot, bit in parts:
            present[slot] = present.get(slot, 0) | bit
    pieces: dict[int, list[list[Span]]] = {
        slot: [[] for _ in matcher.slots[slot].term.parts]
        for slot, bits in present.items()
        if bits == matcher.slots[slot].all_parts
    }
    for found, parts in held:
        for slot, bit in parts:
            if slot in pieces:
                pieces[slot][bit.bit_length() - 1].extend(found)
    spans: dict[int, list[Span]] = {}
    for slot, chosen in pieces.items():
        term = matcher.slots[slot].term
        joined = chosen[0] if len(chosen) == 1 else _join(chosen, term.gaps, text.sentence_of)
        if term.exact:
            joined = [span for span in joined if same_form(term, _spelt(span, text))]
        if joined:
            spans[slot] = joined
    _unmask(matcher, spans, hits)


def _unmask(matcher: Matcher, spans: dict[int, list[Span]], hits: dict[str, list[Span]]) -> None:
    for slot_index, found in spans.items():
        slot = matcher.slots[slot_index]
        if slot.is_mask:
            continue
        hidden = _covered([span for mask in slot.masks for span in spans.get(mask, ())])
        kept = [span for span in found if hidden.get(span[0], -1) < span[1]]
        if kept:
            hits.setdefault(slot.concept, []).extend(kept)


def _covered(masks: list[Span]) -> dict[int, int]:
    """Token -> last token of the longest mask over it."""
    reach: dict[int, int] = {}
    for first, last in masks:
        for token in range(first, last + 1):
            reach[token] = max(last, reach.get(token, -1))
    return reach


def _join(parts: list[list[Span]], gaps: tuple[int, ...], sentence_of: list[int]) -> list[Span]:
    """Chains of parts in order, each at most its gap behind the one before, in one sentence."""
    chains = sorted(set(parts[0]))
    for nexts, gap in zip(parts[1:], gaps, strict=True):
        ordered = sorted(set(nexts))
        grown = []
        for first, last in chains:
            at = bisect_left(ordered, (last + 1, 0))
            if at < len(ordered):
                start, end = ordered[at]
                if start - last - 1 <= gap and sentence_of[first] == sentence_of[end]:
                    grown.append((first, end))
        chains = grown
    return chains


def _spelt(span: Span, text: Text) -> str:
    offsets, spaces = text.folded.offsets, text.spaces
    start, end = int(offsets[spaces[span[0]] + 1]), int(offsets[spaces[span[1] + 1]])
    return text.original[start : min(end, start + _MOST_SPELT)]
