"""A text as the judgement sees it: folded, cut into sentences, with all hits of concepts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from crawler.judgement.text.folding import Folded, boundaries, fold
from crawler.judgement.text.grammar import Grammar
from crawler.judgement.text.lexicon import Lexicon, Opened
from crawler.judgement.text.matching import Found, Settled, Span, Text, match
from storage.records import Evidence, Zone

# The first 60 words of a text: where instrument and subject stand together in 87 % precision.
LEAD_WORDS = 60
_MOST_SHOWN = 80  # folded characters: evidence shows whole words, but not a word of a megabyte


class Hit(NamedTuple):
    """A concept's words: code points in `Reading.folded`, the index of the sentence, and the first
    and last token over title and text. A hundred are made for every article: it is a tuple, and
    made by position.
    """

    concept: str
    start: int
    end: int
    sentence: int
    token: int
    last_token: int

    def gap(self, token: int, last_token: int) -> int:
        """Return how many tokens another place is away, 0 where it overlaps."""
        return max(self.token - last_token, token - self.last_token, 0)

    def overlaps(self, other: Hit) -> bool:
        """Whether the two share a word: "n'est plus *appliqué* depuis"."""
        return self.token <= other.last_token and other.token <= self.last_token


# A hit from a tuple, in half the time that `Hit(...)` takes.
_hit_of = partial(tuple.__new__, Hit)


class Sentence(NamedTuple):
    """A sentence, by code points in `Reading.folded`, spaces apart; 0 is the title."""

    start: int
    end: int
    zone: Zone
    paragraph: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A document that has been read: `hits` by concept, in text order; `spaces[k]` stands before
    token k. Of a text that was only opened, they are those of early concepts: see `complete`.
    """

    title: str
    text: str
    language: str
    folded: str
    sentences: tuple[Sentence, ...]
    hits: Mapping[str, tuple[Hit, ...]]
    spaces: list[int]
    sentence_of: list[int]
    grammar: Grammar = field(repr=False)  # of the language that it was read in
    _offsets: Folded = field(repr=False)
    _opened: Opened | None = field(default=None, repr=False, compare=False)
    _settled: Settled | None = field(default=None, repr=False, compare=False)
    _completed: list[Reading] = field(default_factory=list, repr=False, compare=False)

    def family(self, prefix: str) -> tuple[Hit, ...]:
        """Return all hits of the concepts `prefix.*`, in text order."""
        start = prefix + "."
        family_hits = [
            hit for concept, hits in self.hits.items() if concept.startswith(start) for hit in hits
        ]
        family_hits.sort(key=_position)
        return tuple(family_hits)

    def tokens(self, concept: str) -> set[int]:
        hits = self.hits.get(concept, ())
        return {token for hit in hits for token in range(hit.token, hit.last_token + 1)}

    def word(self, token: int) -> str:
        return self.folded[self.spaces[token] + 1 : self.spaces[token + 1]]

    def original(self, start: int, end: int) -> tuple[Zone, int, int, str]:
        """Return zone, start, end and characters of a folded range in title or text. An `end`
        behind the folded text stands for the end of the original, with the marks that are folded
        away.
        """
        return self._original(start, end, self.sentence_of[self.token_at(start)])

    def _original(self, start: int, end: int, number: int) -> tuple[Zone, int, int, str]:
        offsets = self._offsets.offsets
        first = offsets.item(start)
        after = offsets.item(end) if end < len(offsets) else len(self.title) + 1 + len(self.text)
        sentence = self.sentences[number]
        if sentence.zone is Zone.TITLE:
            after = min(after, len(self.title))
            return Zone.TITLE, first, after, self.title[first:after]
        shift = len(self.title) + 1
        return sentence.zone, first - shift, after - shift, self.text[first - shift : after - shift]

    def token_at(self, position: int) -> int:
        """Return the token that holds, or follows, a position of the folded text."""
        return max(0, min(bisect_left(self.spaces, position + 1) - 1, len(self.sentence_of) - 1))

    def evidence(self, hit: Hit, rule: str, weight: float) -> Evidence:
        zone, start, end, text = self._original(hit.start, hit.end, hit.sentence)
        return Evidence(rule, hit.concept, zone, start, end, text, weight)


def _position(hit: Hit) -> tuple[int, int]:
    return hit.token, hit.last_token


def read(
    title: str, text: str, language: str, lexicon: Lexicon, opened: Opened | None = None
) -> Reading:
    """Fold, cut and match a document once. In a language without a grammar only terms of every
    language are found; of what was `opened`, only early concepts.
    """
    cut = _cut(title, text, language, lexicon.grammar(language), opened and opened.folded)
    spans, settled = _spans(cut, lexicon, opened and opened.early)
    if opened:
        spans = {concept: found for concept, found in spans.items() if opened.is_early(concept)}
    return replace(cut, hits=_all_hits(spans, cut), _opened=opened, _settled=settled)


def complete(reading: Reading, lexicon: Lexicon) -> Reading:
    """Return a reading with the hits of all concepts."""
    if reading._opened is None:
        return reading
    if not reading._completed:
        # What an early concept may be a part of is never late, so all of these terms are settled.
        spans, _ = _spans(reading, lexicon, reading._opened.found, reading._settled)
        hits = _all_hits(spans, reading)
        whole = replace(reading, hits=hits, _opened=None, _settled=None, _completed=[])
        reading._completed.append(whole)
    return reading._completed[0]


def read_part(text: str, whole: Reading, lexicon: Lexicon) -> Reading:
    """Return what `read` makes of some lines of a document under its title. The hits of a sentence
    that stands in the whole are those there. The last one may be cut short, and is matched again.
    """
    part = _cut(whole.title, text, whole.language, whole.grammar)
    known = _known_sentences(part, whole)
    last = len(part.sentences) - 1
    if len(known) < last or (len(known) == last and last in known.values()):
        return read(whole.title, text, whole.language, lexicon)
    hits = _moved_hits(part, known, whole)
    if len(known) == last:
        for concept, found in _last_hits(part, lexicon).items():
            hits[concept] = (*hits.get(concept, ()), *found)
    return replace(part, hits=hits)


def _cut(
    title: str, text: str, language: str, grammar: Grammar, known: Folded | None = None
) -> Reading:
    """Return a document cut into words and sentences, without hits."""
    original = f"{title}\n{text}"
    folded = known or fold(original)
    at = np.flatnonzero(_blank(folded))
    spaces: list[int] = at.tolist()
    origins = folded.offsets[at[:-1] + 1].tolist()
    sentences, sentence_of = _sentences(title, original, origins, spaces, grammar)
    return Reading(
        title=title,
        text=text,
        language=language,
        folded=folded.text,
        sentences=sentences,
        hits={},
        spaces=spaces,
        sentence_of=sentence_of,
        grammar=grammar,
        _offsets=folded,
    )


def _blank(folded: Folded) -> npt.NDArray[np.bool_]:
    """Return which folded characters are spaces."""
    blank: npt.NDArray[np.bool_] = np.frombuffer(folded.bytes_, dtype=np.uint8) == ord(" ")
    return blank


def _spans(
    reading: Reading, lexicon: Lexicon, matches: Found | None = None, settled: Settled | None = None
) -> tuple[dict[str, list[Span]], Settled]:
    tokens = np.cumsum(_blank(reading._offsets), dtype=np.int32)
    tokens -= 1
    original = f"{reading.title}\n{reading.text}"
    text = Text(reading._offsets, original, reading.spaces, tokens.data, reading.sentence_of)
    spans, settled = match(lexicon.matcher(reading.language), text, matches, settled)
    lexicon.keep_longest(spans)
    return spans, settled


def _known_sentences(part: Reading, whole: Reading) -> dict[int, int]:
    """Return, by its number in the whole, the number of each sentence that also stands there. In
    order: one behind an unknown one counts as unknown.
    """
    theirs = enumerate(_originals(whole))
    known: dict[int, int] = {}
    for number, sentence in enumerate(_originals(part)):
        for other, other_sentence in theirs:
            if sentence == other_sentence:
                known[other] = number
                break
    return known


def _originals(reading: Reading) -> Iterator[str]:
    original, at = f"{reading.title}\n{reading.text}", reading._offsets.offsets.item
    return (original[at(sentence.start) : at(sentence.end)] for sentence in reading.sentences)


def _moved_hits(
    part: Reading, known: Mapping[int, int], whole: Reading
) -> dict[str, tuple[Hit, ...]]:
    """Return the hits of the known sentences, at the places where these stand now."""
    shifts: dict[int, tuple[int, int, int]] = {}
    for there, here in known.items():
        old, new = whole.sentences[there].start, part.sentences[here].start
        tokens = _first_token(part.spaces, new) - _first_token(whole.spaces, old)
        shifts[there] = here, new - old, tokens
    most = max(shifts, default=-1)
    moved: dict[str, tuple[Hit, ...]] = {}
    for concept, hits in whole.hits.items():
        shifted = []
        for _, start, end, sentence, token, last_token in hits:
            if sentence > most:
                break
            if sentence in shifts:
                number, by, tokens = shifts[sentence]
                place = start + by, end + by, number, token + tokens, last_token + tokens
                shifted.append(_hit_of((concept, *place)))
        if shifted:
            moved[concept] = tuple(shifted)
    return moved


def _first_token(spaces: list[int], start: int) -> int:
    return bisect_left(spaces, start - 1)


def _last_hits(part: Reading, lexicon: Lexicon) -> dict[str, tuple[Hit, ...]]:
    """Return the hits of the last sentence, which is matched alone."""
    start = part.sentences[-1].start
    first = _first_token(part.spaces, start)
    original = f"{part.title}\n{part.text}"[part._offsets.offsets.item(start) :]
    alone = _cut("", original, part.language, part.grammar)
    spans, _ = _spans(replace(alone, sentence_of=[0] * len(alone.sentence_of)), lexicon)
    moved = {concept: [(a + first, b + first) for a, b in one] for concept, one in spans.items()}
    return _all_hits(moved, part)


def _all_hits(spans: Mapping[str, list[Span]], reading: Reading) -> dict[str, tuple[Hit, ...]]:
    return {
        concept: _hits(concept, found, reading.spaces, reading.sentence_of)
        for concept, found in spans.items()
        if found
    }


def _hits(
    concept: str, spans: list[Span], spaces: list[int], sentence_of: list[int]
) -> tuple[Hit, ...]:
    """Return the hits of a concept in text order, without those inside a longer one."""
    if len(spans) == 1:
        first, last = spans[0]
        start = spaces[first] + 1
        end = min(spaces[last + 1], start + _MOST_SHOWN)
        return (_hit_of((concept, start, end, sentence_of[first], first, last)),)
    hits: list[Hit] = []
    reach = begin = -1
    for first, last in sorted(set(spans)):
        if last <= reach:
            continue
        start, end = spaces[first] + 1, spaces[last + 1]
        if end - start > _MOST_SHOWN:
            end = start + _MOST_SHOWN
        hit = _hit_of((concept, start, end, sentence_of[first], first, last))
        if first == begin:
            hits[-1] = hit
        else:
            hits.append(hit)
        begin, reach = first, last
    return tuple(hits)


def _sentences(
    title: str, original: str, origins: list[int], spaces: list[int], grammar: Grammar
) -> tuple[tuple[Sentence, ...], list[int]]:
    """Return the sentences with a word, and the sentence of each token (at `origins`)."""
    count = len(spaces) - 1
    if count < 1:
        return (Sentence(0, 0, Zone.TITLE, 0),), [0]
    starts = [(0, 0)]  # first token, paragraph
    paragraph = 0
    for position, new_line in boundaries(original, grammar):
        if position <= len(title):
            continue
        paragraph += new_line
        first = bisect_left(origins, position)
        if starts[-1][0] == first and len(starts) > 1:
            starts[-1] = (first, paragraph)
        else:
            starts.append((first, paragraph))
    if len(starts) > 1 and starts[-1][0] >= count:
        starts.pop()
    sentences: list[Sentence] = []
    sentence_of: list[int] = []
    lead_end = (starts[1][0] if len(starts) > 1 else count) + LEAD_WORDS
    for number, (first, paragraph) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else count
        zone = Zone.TITLE if number == 0 else Zone.LEAD if first < lead_end else Zone.BODY
        start = spaces[first] + 1
        sentences.append(Sentence(start, max(start, spaces[end]), zone, paragraph))
        sentence_of += [number] * (end - first)
    return tuple(sentences), sentence_of
