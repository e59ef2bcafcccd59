"""A reading as the conditions of rules see it: each sentence is a bit of an integer.

"All of these within two sentences" is then a few shifts and ands. What several conditions ask for
is found once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from operator import attrgetter

import numpy as np

from crawler.judgement.rules.model import Element
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Zone

_token, _last_token = attrgetter("token"), attrgetter("last_token")
_MANY = 64  # hits: setting so many bits one by one costs more than an array

Ids = frozenset[str]  # of an element: the concepts that can take its place


class View:
    """One reading, prepared for conditions. `present` maps the `ids` of each element that occurs to
    the bits of its sentences; `elements` is that of a RuleSet.
    """

    def __init__(self, reading: Reading, elements: Mapping[str, tuple[Ids, ...]]) -> None:
        self.reading = reading
        self.all_sentences = (1 << len(reading.sentences)) - 1
        self.present: dict[Ids, int] = {}
        self._of_concept: dict[str, int] = {}
        present, of_concept = self.present, self._of_concept
        for concept, hits in reading.hits.items():
            if concept in elements:
                of_concept[concept] = bits = (
                    1 << hits[0].sentence if len(hits) == 1 else _sentence_bits(hits)
                )
                for ids in elements[concept]:
                    present[ids] = present[ids] | bits if ids in present else bits
        self.occurring = frozenset(present)
        self._zones: dict[frozenset[Zone], int] = {frozenset(): self.all_sentences}
        self._parties: dict[Ids, dict[str, int]] = {}
        self._windows: dict[tuple[Ids, int, int, int], int] = {}
        self._by_sentence: list[list[Hit]] | None = None
        self._hits: dict[tuple[Ids, int], list[Hit]] = {}

    def bits(self, element: Element) -> int:
        """Return bits of which bit s is set where sentence s has a hit of the element."""
        return self.present.get(element.ids, 0)

    def zone_bits(self, zones: frozenset[Zone]) -> int:
        """Return the sentences of these zones, or all sentences for an empty set."""
        bits = self._zones.get(zones)
        if bits is None:
            marks = [
                "1" if sentence.zone in zones else "0"
                for sentence in reversed(self.reading.sentences)
            ]
            bits = self._zones[zones] = int("".join(marks), 2)
        return bits

    def hits(self, element: Element) -> Iterator[Hit]:
        """Yield all hits of an element in text order. Of those that start together the longest
        comes first, then by concept, so that evidence is the same in every process.
        """
        return (
            hit
            for sentence in ones(self.bits(element))
            for hit in self.in_sentence(element, sentence)
        )

    def in_sentence(self, element: Element, sentence: int) -> list[Hit]:
        """Return the hits of one sentence, in the order of `hits`."""
        key = element.ids, sentence
        found = self._hits.get(key)
        if found is None:
            ids = element.ids
            found = self._hits[key] = [
                hit for hit in self._sentence(sentence) if hit.concept in ids
            ]
        return found

    def _sentence(self, sentence: int) -> list[Hit]:
        if self._by_sentence is None:
            hits = [
                hit for concept in sorted(self._of_concept) for hit in self.reading.hits[concept]
            ]
            hits.sort(key=_last_token, reverse=True)
            hits.sort(key=_token)
            self._by_sentence = [[] for _ in self.reading.sentences]
            for hit in hits:
                self._by_sentence[hit.sentence].append(hit)
        return self._by_sentence[sentence]

    def first(self, element: Element, sentences: int) -> list[Hit]:
        """Return the first hit, in these sentences, of as many different parties as the element
        asks for.
        """
        bits = self.present[element.ids] & sentences
        if element.distinct == 1:
            return self.in_sentence(element, lowest(bits))[:1]
        firsts: dict[str, Hit] = {}
        for sentence in ones(bits):
            for hit in self.in_sentence(element, sentence):
                firsts.setdefault(party(hit.concept), hit)
        return list(firsts.values())[: element.distinct]

    def has_different(self, element: Element, allowed: int) -> bool:
        """Return whether the allowed sentences have enough different parties of the element."""
        found = sum([1 for bits in self._by_party(element.ids).values() if bits & allowed])
        return found >= element.distinct

    def windows(self, element: Element, width: int, allowed: int) -> int:
        """Return the windows (bit w: from sentence w on) with enough different parties of the
        element.
        """
        key = element.ids, element.distinct, width, allowed
        windows = self._windows.get(key)
        if windows is None:
            windows = self._windows[key] = self._different(element, width, allowed)
        return windows

    def _different(self, element: Element, width: int, allowed: int) -> int:
        """Return windows with `distinct` parties: each is added to all at once, by shifts of its
        bits.
        """
        at_least = [0] * element.distinct  # [k]: windows with more than k parties so far
        for bits in self._by_party(element.ids).values():
            if not bits & allowed:
                continue
            reached = spread(bits & allowed, width)
            for count in range(element.distinct - 1, 0, -1):
                at_least[count] |= at_least[count - 1] & reached
            at_least[0] |= reached
        return at_least[-1]

    def _by_party(self, ids: Ids) -> dict[str, int]:
        found = self._parties.get(ids)
        if found is None:
            found = self._parties[ids] = {}
            for concept, bits in self._of_concept.items():
                if concept in ids:
                    name = party(concept)
                    found[name] = found.get(name, 0) | bits
        return found


@cache
def party(concept: str) -> str:
    """Return the second word of a concept: capital.MA.rabat and state.MA are one party."""
    return concept.split(".", 2)[1]


def lowest(bits: int) -> int:
    """Return the position of the lowest bit that is set."""
    return (bits & -bits).bit_length() - 1


def ones(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, from the lowest."""
    while bits:
        lowest_bit = bits & -bits
        yield lowest_bit.bit_length() - 1
        bits ^= lowest_bit


def spread(bits: int, width: int) -> int:
    """Return bits of which bit w is set where one of the bits w .. w + width - 1 was."""
    found = bits
    for step in range(1, width):
        found |= bits >> step
    return found


def _sentence_bits(hits: tuple[Hit, ...]) -> int:
    if len(hits) > _MANY:
        marks = np.zeros(hits[-1].sentence + 1, dtype=np.bool_)
        marks[[hit.sentence for hit in hits]] = True
        return int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")
    bits = 0
    for hit in hits:
        bits |= 1 << hit.sentence
    return bits
