"""Evaluate conditions over positions: what fires in a reading, where, and what it weighs.

A document costs its hits and the rules whose core concepts occur in it. A condition of which an
element does not occur costs one comparison of two sets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from crawler.judgement.rules.model import Condition, Element, Rule, RuleSet, Signal, Trap
from crawler.judgement.text.reading import Hit, Reading
from storage.records import Zone

_token = attrgetter("token")
# Words of the longest phrase with gaps: how far before a place a hit that reaches it may start.
_LONGEST = 40
_FEW = 12  # hits: looking at so many costs less than searching

Place = tuple[Hit, ...]  # the hits that meet a condition


class Fired(NamedTuple):
    """A signal or trap that was met, with its weight, and the bits of the sentences of the first
    place. `place` is empty where it was not found on the way: see `RuleOutcome.first_place`.
    """

    id: str
    weight: float
    condition: Condition
    sentences: int
    place: Place


Met = tuple[int, Place]  # where a condition is met first: sentences and place, as in Fired


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    rule: Rule
    score: float
    core: bool
    signals: tuple[Fired, ...]
    traps: tuple[Fired, ...]
    vetoes: tuple[str, ...]
    view: View

    @property
    def relevant(self) -> bool:
        return self.core and not self.vetoes and self.score >= self.rule.threshold

    @property
    def near_miss(self) -> bool:
        """Whether it fell short or was vetoed, but scored enough for an analyst to look at it."""
        return not self.relevant and self.score >= self.rule.near_miss

    def first_place(self, fired: Fired) -> Place:
        """Return the hits that met a condition first; they are found when asked for."""
        return fired.place or _place(fired.condition, self.view, fired.sentences)


def evaluate(rules: RuleSet, reading: Reading) -> list[RuleOutcome]:
    """Return the outcomes of the rules whose core concepts occur, best first."""
    candidates = {index for concept in reading.hits for index in rules.by_concept.get(concept, ())}
    if not candidates:
        return []
    view = View(reading, rules.elements)
    outcomes = [evaluate_rule(rules.rules[index], view) for index in sorted(candidates)]
    outcomes.sort(key=lambda outcome: (not outcome.relevant, -outcome.score, outcome.rule.id))
    return outcomes


def evaluate_rule(rule: Rule, view: View) -> RuleOutcome:
    occurring = view.occurring
    signals = [
        Fired(signal.id, weight, signal.condition, *met)
        for signal in rule.signals
        if signal.condition.needs <= occurring
        and (met := meet(signal.condition, view))
        and (weight := _weight(signal, view))
    ]
    names = {fired.id for fired in signals}
    met_traps = [
        (trap, met)
        for trap in rule.traps
        if trap.condition.needs <= occurring
        and (met := meet(trap.condition, view))
        and not names.intersection(trap.unless)
    ]
    traps = [Fired(trap.id, _weight(trap, view), trap.condition, *met) for trap, met in met_traps]
    return RuleOutcome(
        rule=rule,
        score=round(sum([fired.weight for fired in (*signals, *traps)]), 3),
        core=any(signal.core and signal.id in names for signal in rule.signals),
        signals=tuple(signals),
        traps=tuple(traps),
        vetoes=tuple([trap.id for trap, _ in met_traps if trap.veto]),
        view=view,
    )


def _weight(one: Signal | Trap, view: View) -> float:
    """Return what a signal or trap that is met adds: its weight for each place, up to its cap."""
    weight, cap = one.weight, one.cap
    if abs(cap) <= abs(weight):
        return weight
    most = int(cap / weight) + 1
    sum_of_places = weight * sum(1 for _ in islice(_starts(one.condition, view), most))
    return sum_of_places if abs(sum_of_places) < abs(cap) else cap


def _starts(condition: Condition, view: View) -> Iterator[object]:
    """Yield something for each place where a condition is met. To find its hits takes longer."""
    if condition.sentences is None:
        return matches(condition, view)
    return _apart(_windows(condition, view, view.zone_bits(condition.zones)), condition.sentences)


def meet(condition: Condition, view: View) -> Met | None:
    """Return where a condition is met first, with the place only where that decides it."""
    allowed = view.zone_bits(condition.zones)
    if condition.sentences is not None:
        windows = _windows(condition, view, allowed)
        return (_window(lowest(windows), condition.sentences) & allowed, ()) if windows else None
    present = view.present
    for element in condition.elements:
        if not present.get(element.ids, 0) & allowed:
            return None
    if condition.words is not None:
        place = next(_near_words(condition, view, allowed), None)
        return None if place is None else (0, place)
    for element in condition.elements:
        if element.distinct > 1 and not view.has_different(element, allowed):
            return None
    for element in condition.absent:
        if present.get(element.ids, 0) & allowed:
            return None
    return allowed, ()


def _windows(condition: Condition, view: View, allowed: int) -> int:
    """Return the windows of sentences that hold all elements and no absent one: bit w is set for
    the window, as wide as the condition says, that starts at sentence w.
    """
    width = condition.sentences or 1
    windows = -1
    several = []
    for element in condition.elements:
        if element.distinct > 1:
            several.append(element)  # costs most: looked at where all others are
            continue
        bits = view.present.get(element.ids, 0) & allowed
        windows &= bits if width == 1 else spread(bits, width)
        if not windows:
            return 0
    for element in several:
        windows &= view.windows(element, width, allowed)
    for element in condition.absent:
        windows &= ~spread(view.bits(element), width)
    return windows


def _window(first: int, width: int) -> int:
    return ((1 << width) - 1) << first


def _place(condition: Condition, view: View, sentences: int) -> Place:
    """Return the first hits of every element in these sentences, which hold all of them."""
    firsts = [view.first(element, sentences) for element in condition.elements]
    return tuple(hit for some in firsts for hit in some)


def matches(condition: Condition, view: View) -> Iterator[Place]:
    """Yield the places where the condition is met, as the hits that meet it; no two overlap."""
    met = meet(condition, view)
    if met is None:
        return iter(())
    allowed = view.zone_bits(condition.zones)
    if condition.words is not None:
        return _near_words(condition, view, allowed)
    if condition.sentences is not None:
        width = condition.sentences
        starts = _apart(_windows(condition, view, allowed), width)
        return (_place(condition, view, _window(first, width) & allowed) for first in starts)
    return _anywhere(condition, view, allowed)


def _anywhere(condition: Condition, view: View, allowed: int) -> Iterator[Place]:
    """Yield one place for all elements, or each hit of an element that stands alone."""
    element, *others = condition.elements
    if others or element.distinct > 1:
        yield _place(condition, view, allowed)
        return
    for sentence in ones(view.bits(element) & allowed):
        yield from ((hit,) for hit in view.in_sentence(element, sentence))


def _apart(windows: int, width: int) -> Iterator[int]:
    """Yield where windows start that do not overlap, from the first one on."""
    after = 0
    for first in ones(windows):
        if first >= after:
            after = first + width
            yield first


def _near_words(condition: Condition, view: View, allowed: int) -> Iterator[Place]:
    """Yield places in one sentence with all elements within so many words of the first."""
    for element in condition.elements:
        allowed &= view.bits(element)
    for element in condition.absent:
        allowed &= ~view.bits(element)
    reach = condition.words or 0
    for sentence in ones(allowed):
        others = [
            (view.in_sentence(element, sentence), element) for element in condition.elements[1:]
        ]
        after = -1
        for anchor in view.in_sentence(condition.elements[0], sentence):
            place = _beside(anchor, others, reach) if anchor.token >= after else None
            if place is not None:
                after = max([hit.last_token for hit in place]) + 1
                yield place


def _beside(anchor: Hit, others: Sequence[tuple[list[Hit], Element]], reach: int) -> Place | None:
    """Return the anchor and the first hits of the others at most `reach` words from it, or None."""
    chosen = [anchor]
    for hits, element in others:
        near = _slice(hits, anchor.token - reach - _LONGEST, anchor.last_token + reach + 2)
        close = [hit for hit in near if _between(anchor, hit) <= reach and hit not in chosen]
        some = _distinct(close, element.distinct)
        if some is None:
            return None
        chosen += some
    return tuple(chosen)


def _distinct(hits: Sequence[Hit], wanted: int) -> Sequence[Hit] | None:
    """Return the first hits of `wanted` different parties, or None if there are not so many."""
    if wanted == 1:
        return hits[:1] or None
    firsts: dict[str, Hit] = {}
    for hit in hits:
        firsts.setdefault(party(hit.concept), hit)
        if len(firsts) == wanted:
            return list(firsts.values())
    return None


def _slice(hits: Sequence[Hit], first: int, end: int) -> Sequence[Hit]:
    """Return the hits that start at the tokens first .. end - 1; `hits` are sorted."""
    if len(hits) <= _FEW:
        return [hit for hit in hits if first <= hit.token < end]
    return hits[bisect_left(hits, first, key=_token) : bisect_left(hits, end, key=_token)]


def _between(hit: Hit, other: Hit) -> int:
    """Return the number of words between two hits, negative where they overlap."""
    return max(hit.token, other.token) - min(hit.last_token, other.last_token) - 1


_last_token = attrgetter("last_token")
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
        hits = self._hits.get(key)
        if hits is None:
            ids = element.ids
            hits = self._hits[key] = [hit for hit in self._sentence(sentence) if hit.concept in ids]
        return hits

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
        """Return the first hits, in these sentences, of different parties as asked for."""
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
        """Return the windows (bit w: from sentence w on) with enough different parties."""
        key = element.ids, element.distinct, width, allowed
        windows = self._windows.get(key)
        if windows is None:
            at_least = [0] * element.distinct  # [k]: windows with more than k parties so far
            for bits in self._by_party(element.ids).values():
                if not bits & allowed:
                    continue
                reached = spread(bits & allowed, width)
                for count in range(element.distinct - 1, 0, -1):
                    at_least[count] |= at_least[count - 1] & reached
                at_least[0] |= reached
            windows = self._windows[key] = at_least[-1]
        return windows

    def _by_party(self, ids: Ids) -> dict[str, int]:
        by_party = self._parties.get(ids)
        if by_party is None:
            by_party = self._parties[ids] = {}
            for concept, bits in self._of_concept.items():
                if concept in ids:
                    name = party(concept)
                    by_party[name] = by_party.get(name, 0) | bits
        return by_party


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
    widened = bits
    for step in range(1, width):
        widened |= bits >> step
    return widened


def _sentence_bits(hits: tuple[Hit, ...]) -> int:
    if len(hits) > _MANY:
        marks = np.zeros(hits[-1].sentence + 1, dtype=np.bool_)
        marks[[hit.sentence for hit in hits]] = True
        return int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")
    bits = 0
    for hit in hits:
        bits |= 1 << hit.sentence
    return bits
