"""A text as the judgement sees it: folded once, cut into sentences, every concept's hits in place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from crawler.judgement.folding import Folded, fold
from crawler.judgement.lexicon import Lexicon
from crawler.judgement.matching import Span, match
from crawler.judgement.sentences import boundaries
from storage.records import Evidence, Zone

LEAD_WORDS = 60  # the first 60 words of a text: where instrument and subject stand together in 87 % precision
_MOST_SHOWN = 80  # folded characters: evidence shows whole words, but not a word of a megabyte


class Hit(NamedTuple):
    """A concept's words in the text. A tuple, not a dataclass: a hundred are made for every article.

    `start`/`end`: code points in `Reading.folded`; `sentence`: index into `Reading.sentences`; `token`,
    `last_token`: words counted from 0 over title and text.
    """

    concept: str
    start: int
    end: int
    sentence: int
    token: int
    last_token: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """`start`/`end`: code points in `Reading.folded`, without the spaces around it; sentence 0 is the title."""

    start: int
    end: int
    zone: Zone
    paragraph: int


@dataclass(frozen=True, slots=True)
class Reading:
    """`hits`: by concept id, in text order. `spaces[k]` stands before token k of `folded`."""

    title: str
    text: str
    language: str
    folded: str
    sentences: tuple[Sentence, ...]
    hits: Mapping[str, tuple[Hit, ...]]
    spaces: list[int]
    sentence_of: list[int]
    _offsets: Folded = field(repr=False)

    def family(self, prefix: str) -> tuple[Hit, ...]:
        """All hits of the concepts `prefix.*`, in text order."""
        start = prefix + "."
        found = [hit for concept, hits in self.hits.items() if concept.startswith(start) for hit in hits]
        found.sort(key=_position)
        return tuple(found)

    def word(self, token: int) -> str:
        """The folded word at `token`."""
        return self.folded[self.spaces[token] + 1 : self.spaces[token + 1]]

    def original(self, start: int, end: int) -> tuple[Zone, int, int, str]:
        """The original characters of a folded range: zone, start and end in title or text, slice."""
        offsets = self._offsets.offsets
        first, after = int(offsets[start]), int(offsets[end])
        sentence = self.sentences[self.sentence_of[self.token_at(start)]]
        if sentence.zone is Zone.TITLE:
            after = min(after, len(self.title))
            return Zone.TITLE, first, after, self.title[first:after]
        shift = len(self.title) + 1
        return sentence.zone, first - shift, after - shift, self.text[first - shift : after - shift]

    def token_at(self, position: int) -> int:
        """The token that holds, or follows, a position of the folded text."""
        return max(0, min(bisect_left(self.spaces, position + 1) - 1, len(self.sentence_of) - 1))

    def evidence(self, hit: Hit, rule: str, weight: float) -> Evidence:
        """A hit with its original characters."""
        zone, start, end, text = self.original(hit.start, hit.end)
        return Evidence(rule, hit.concept, zone, start, end, text, weight)


def _position(hit: Hit) -> tuple[int, int]:
    return hit.token, hit.last_token


def read(title: str, text: str, language: str, lexicon: Lexicon) -> Reading:
    """Fold, cut and match a document once. `language`: one of LANGUAGES, or "und" (only terms of every language)."""
    original = f"{title}\n{text}"
    folded = fold(original)
    spaces = _space_positions(folded)
    sentences, sentence_of = _sentences(title, original, folded, spaces, language)
    spans = match(lexicon.matcher(language), folded, original, spaces, sentence_of)
    lexicon.keep_longest(spans)
    hits = {concept: _hits(concept, found, spaces, sentence_of) for concept, found in spans.items() if found}
    return Reading(title, text, language, folded.text, sentences, hits, spaces, sentence_of, folded)


def _space_positions(folded: Folded) -> list[int]:
    positions: list[int] = np.flatnonzero(np.frombuffer(folded.bytes_, dtype=np.uint8) == ord(" ")).tolist()
    return positions


def _hits(concept: str, spans: list[Span], spaces: list[int], sentence_of: list[int]) -> tuple[Hit, ...]:
    if len(spans) > 1:
        spans = _without_contained(spans)
    return tuple(
        Hit(concept, spaces[a] + 1, min(spaces[b + 1], spaces[b] + 1 + _MOST_SHOWN), sentence_of[a], a, b)
        for a, b in spans
    )


def _without_contained(spans: list[Span]) -> list[Span]:
    """In text order; what stands inside a longer hit of the same concept is the same mention."""
    kept: list[Span] = []
    reach = -1
    for span in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if span[1] > reach:
            kept.append(span)
            reach = span[1]
    return kept


def _sentences(
    title: str, original: str, folded: Folded, spaces: list[int], language: str
) -> tuple[tuple[Sentence, ...], list[int]]:
    """Sentences with at least one word (the title always), and the sentence of each token."""
    text_start = len(title) + 1
    marks = [mark for mark in boundaries(original, language) if mark[0] >= text_start]
    starts = np.array([mark[0] for mark in marks], dtype=np.int64)
    token_origins = folded.offsets[np.array(spaces[:-1], dtype=np.int64) + 1]
    raw = np.searchsorted(starts, token_origins, side="right")
    if not len(raw):
        return (Sentence(0, 0, Zone.TITLE, 0),), [0]
    lines = np.concatenate(([0], np.cumsum([mark[1] for mark in marks])))
    title_tokens = int(np.searchsorted(raw, 0, side="right"))
    first_tokens = np.flatnonzero(np.diff(raw, prepend=-1))
    if raw[0] > 0:
        first_tokens = np.concatenate(([0], first_tokens))
    numbers = np.cumsum(np.diff(raw, prepend=raw[0]) > 0) + (1 if raw[0] > 0 else 0)
    sentences = []
    limits = [*first_tokens.tolist(), len(raw)]
    for number, (first, last) in enumerate(pairwise(limits)):
        zone = Zone.TITLE if number == 0 else Zone.LEAD if first - title_tokens < LEAD_WORDS else Zone.BODY
        paragraph = 0 if number == 0 else int(lines[raw[first]])
        start = spaces[first] + 1
        sentences.append(Sentence(start, max(start, spaces[last]), zone, paragraph))
    return tuple(sentences), numbers.tolist()
