"""One automaton a language over all terms; one pass over a folded text gives token spans by concept."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

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


@dataclass(frozen=True, slots=True)
class _Target:
    """What a pattern means: a part of a term; `before` what may stand before it in its word."""

    slot: int  # index into Matcher.slots
    part: int
    before: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class _Slot:
    """One term on its way to its concept. `mask_of`: the slots whose hits it hides, if it is a mask."""

    concept: str
    term: Term
    simple: bool  # one part, no mask, no exact form: a match is a hit
    masks: tuple[int, ...] = ()
    is_mask: bool = False


@dataclass(slots=True)
class Matcher:
    """Compiled terms of one language. Build with `compile_matcher`."""

    automaton: BytesAhoCorasick | None
    targets: list[tuple[_Target, ...]]
    slots: list[_Slot]
    fast: list[str | None] = field(default_factory=list)  # pattern -> concept, when that is all there is to it


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
            slots.append(_Slot(concept, term, simple, hidden_by))
            _add_patterns(len(slots) - 1, term, patterns)
    targets = [tuple(dict.fromkeys(found)) for found in patterns.values()]
    fast = [_only_concept(found, slots) for found in targets]
    return Matcher(BytesAhoCorasick(list(patterns)) if patterns else None, targets, slots, fast)


def _only_concept(targets: tuple[_Target, ...], slots: list[_Slot]) -> str | None:
    slot = slots[targets[0].slot]
    return slot.concept if len(targets) == 1 and targets[0].before is None and slot.simple else None


def _add_mask(concept: str, mask: Term, slots: list[_Slot], patterns: dict[bytes, list[_Target]]) -> int:
    slots.append(_Slot(concept, mask, simple=False, is_mask=True))
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


def match(
    matcher: Matcher, folded: Folded, original: str, spaces: list[int], sentence_of: list[int]
) -> dict[str, list[Span]]:
    """Token spans by concept. `spaces`: positions of the spaces of the folded text, so that token k stands
    between `spaces[k]` and `spaces[k + 1]`; `sentence_of[k]`: its sentence. No span crosses a sentence."""
    hits: dict[str, list[Span]] = {}
    held: dict[int, list[list[Span]]] = {}
    if matcher.automaton is None:
        return hits
    text, fast, targets = folded.text, matcher.fast, matcher.targets
    for pattern, start, end in matcher.automaton.find_matches_as_indexes(folded.bytes_, overlapping=True):
        first = bisect_right(spaces, start) - 1
        last = bisect_left(spaces, end - 1) - 1
        if sentence_of[first] != sentence_of[last]:
            continue
        concept = fast[pattern]
        if concept is not None:
            hits.setdefault(concept, []).append((first, last))
            continue
        for target in targets[pattern]:
            if target.before is not None and not _clitic(text, spaces[first] + 1, start, target.before):
                continue
            slot = matcher.slots[target.slot]
            if slot.simple:
                hits.setdefault(slot.concept, []).append((first, last))
                continue
            parts = held.get(target.slot)
            if parts is None:
                parts = held[target.slot] = [[] for _ in slot.term.parts]
            parts[target.part].append((first, last))
    if held:
        _settle(matcher, held, hits, folded, original, spaces, sentence_of)
    return hits


def _clitic(text: str, word: int, start: int, before: frozenset[str]) -> bool:
    return start - word <= _MOST_PREFIX and text[word:start] in before


def _settle(
    matcher: Matcher,
    held: dict[int, list[list[Span]]],
    hits: dict[str, list[Span]],
    folded: Folded,
    original: str,
    spaces: list[int],
    sentence_of: list[int],
) -> None:
    """Join phrases with gaps, compare exact forms, and take away what a mask hides."""
    spans: dict[int, list[Span]] = {}
    for slot_index, parts in held.items():
        term = matcher.slots[slot_index].term
        found = parts[0] if len(parts) == 1 else _join(parts, term.gaps, sentence_of)
        if term.exact:
            found = [span for span in found if same_form(term, _spelt(span, folded, original, spaces))]
        spans[slot_index] = found
    for slot_index, found in spans.items():
        slot = matcher.slots[slot_index]
        if slot.is_mask or not found:
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


def _spelt(span: Span, folded: Folded, original: str, spaces: list[int]) -> str:
    start, end = int(folded.offsets[spaces[span[0]] + 1]), int(folded.offsets[spaces[span[1] + 1]])
    return original[start : min(end, start + _MOST_SPELT)]
