"""Conditions over positions: what fires in a reading, where, and what it weighs.

Sentences are bits of an integer, so that "all of these within two sentences" is a few shifts and ands.
The cost of a document is that of its hits and of the rules whose core concepts occur in it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from crawler.judgement.reading import Hit, Reading
from crawler.judgement.rules.model import Condition, Element, Rule, RuleSet, Signal
from storage.records import Zone

_sentence, _token, _last_token = itemgetter(3), itemgetter(4), itemgetter(5)  # of a Hit
_LONGEST = 40  # words of the longest phrase with gaps: how far before a place a hit that reaches it may start
_MANY = 64  # hits: setting so many bits one by one costs more than an array
_FEW = 12  # hits: looking at so many costs less than searching


class Fired(NamedTuple):
    """A signal or trap that was met, with its weight over all places."""

    id: str
    weight: float
    condition: Condition


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule says of one reading."""

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
        """Short of the threshold, of a core signal, or vetoed: worth an analyst's look."""
        return not self.relevant and self.score >= self.rule.near_miss

    def first_place(self, fired: Fired) -> tuple[Hit, ...]:
        """The hits that met a condition first; found only when somebody asks for evidence."""
        return next(matches(fired.condition, self.view), ())


class View:
    """A reading with what its conditions share: the hits and sentence bits of each element, computed once.

    `elements`: by concept, the `ids` of the elements that the conditions ask for, as in a RuleSet.
    """

    def __init__(self, reading: Reading, elements: Mapping[str, tuple[frozenset[str], ...]]) -> None:
        self.reading = reading
        self.all_sentences = (1 << len(reading.sentences)) - 1
        self._of_concept: dict[str, int] = {}
        self._concepts: dict[frozenset[str], list[str]] = {}
        self.present: dict[frozenset[str], int] = {}  # `ids` of each element that occurs -> its sentence bits
        for concept, hits in reading.hits.items():
            if concept not in elements:
                continue
            bits = self._of_concept[concept] = _sentence_bits(hits)
            for ids in elements[concept]:
                if ids in self.present:
                    self.present[ids] |= bits
                    self._concepts[ids].append(concept)
                else:
                    self.present[ids] = bits
                    self._concepts[ids] = [concept]
        self._hits: dict[frozenset[str], tuple[Hit, ...]] = {}
        self._zones: dict[frozenset[Zone], int] = {}
        self._windows: dict[tuple[frozenset[str], int, int, int], int] = {}

    def hits(self, element: Element) -> tuple[Hit, ...]:
        """All hits that can take the element's place, in text order; of those that start together the longest first,
        then by concept, so that evidence is the same in every process."""
        found = self._hits.get(element.ids)
        if found is None:
            concepts = self._concepts.get(element.ids, ())
            if len(concepts) == 1:
                found = self.reading.hits[concepts[0]]
            else:
                merged = [hit for concept in sorted(concepts) for hit in self.reading.hits[concept]]
                merged.sort(key=_last_token, reverse=True)
                merged.sort(key=_token)
                found = tuple(merged)
            self._hits[element.ids] = found
        return found

    def bits(self, element: Element) -> int:
        """Bit s is set where sentence s has a hit of the element."""
        return self.present.get(element.ids, 0)

    def windows(self, element: Element, width: int, allowed: int) -> int:
        """Bit w is set where the allowed ones of the sentences w .. w + width - 1 have enough of the element."""
        if element.distinct == 1:
            return _spread(self.present.get(element.ids, 0) & allowed, width)
        key = element.ids, element.distinct, width, allowed
        windows = self._windows.get(key)
        if windows is None:
            windows = self._windows[key] = self._different(element, width, allowed)
        return windows

    def has_different(self, element: Element, allowed: int) -> bool:
        """Whether the allowed sentences have enough different ones of the element."""
        concepts = self._concepts.get(element.ids, ())
        parties = {_party(concept) for concept in concepts if self._of_concept[concept] & allowed}
        return len(parties) >= element.distinct

    def _different(self, element: Element, width: int, allowed: int) -> int:
        """Windows with at least `distinct` different ones: one pass per party over all windows at once."""
        by_party: dict[str, int] = {}
        for concept in self._concepts.get(element.ids, ()):
            party = _party(concept)
            by_party[party] = by_party.get(party, 0) | (self._of_concept[concept] & allowed)
        at_least = [0] * element.distinct  # [k]: windows with more than k parties so far
        for bits in by_party.values():
            spread = _spread(bits, width)
            for count in range(element.distinct - 1, 0, -1):
                at_least[count] |= at_least[count - 1] & spread
            at_least[0] |= spread
        return at_least[-1]

    def zone_bits(self, zones: frozenset[Zone]) -> int:
        """The sentences of these zones; all of them for an empty set."""
        bits = self._zones.get(zones)
        if bits is None:
            bits = 0 if zones else self.all_sentences
            for number, sentence in enumerate(self.reading.sentences if zones else ()):
                if sentence.zone in zones:
                    bits |= 1 << number
            self._zones[zones] = bits
        return bits


@cache
def _party(concept: str) -> str:
    """The second word of a concept: capital.MA.rabat and state.MA are one party."""
    return concept.split(".", 2)[1]


def _sentence_bits(hits: tuple[Hit, ...]) -> int:
    if len(hits) == 1:
        return 1 << hits[0][3]
    if len(hits) > _MANY:
        marks = np.zeros(hits[-1].sentence + 1, dtype=np.bool_)
        marks[[hit.sentence for hit in hits]] = True
        return int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")
    bits = 0
    for hit in hits:
        bits |= 1 << hit[3]
    return bits


def evaluate(rules: RuleSet, reading: Reading) -> list[Outcome]:
    """Outcomes of the rules whose core concepts occur, best first."""
    candidates = {index for concept in reading.hits for index in rules.by_concept.get(concept, ())}
    view = View(reading, rules.elements)
    outcomes = [evaluate_rule(rules.rules[index], view) for index in sorted(candidates)]
    outcomes.sort(key=lambda outcome: (not outcome.relevant, -outcome.score, outcome.rule.id))
    return outcomes


def evaluate_rule(rule: Rule, view: View) -> Outcome:
    """All signals and traps of one rule."""
    signals = [
        Fired(one.id, weight, one.condition)
        for one in rule.signals
        if is_met(one.condition, view) and (weight := _weight(one, view))
    ]
    names = {fired.id for fired in signals}
    met = [trap for trap in rule.traps if is_met(trap.condition, view) and not names.intersection(trap.unless)]
    traps = [Fired(trap.id, trap.weight, trap.condition) for trap in met]
    return Outcome(
        rule,
        round(sum([fired.weight for fired in (*signals, *traps)]), 3),
        any(signal.core and signal.id in names for signal in rule.signals),
        tuple(signals),
        tuple(traps),
        tuple(trap.id for trap in met if trap.veto),
        view,
    )


def _weight(signal: Signal, view: View) -> float:
    """What a signal that is met adds: its weight for each place, up to its cap."""
    if signal.cap <= signal.weight:
        return signal.weight
    most = int(signal.cap / signal.weight) + 1
    return min(signal.cap, signal.weight * sum(1 for _ in islice(matches(signal.condition, view), most)))


def is_met(condition: Condition, view: View) -> bool:
    """Whether a condition is met at all, without looking for the place where it can be avoided."""
    allowed = view.zone_bits(condition.zones) if condition.zones else view.all_sentences
    present = view.present
    for element in condition.elements:
        if element.ids not in present or not present[element.ids] & allowed:
            return False
    if condition.words is not None:
        return next(_near_words(condition, view, allowed), None) is not None
    if condition.sentences is not None:
        return _windows(condition, view, allowed) != 0
    for element in condition.elements:
        if element.distinct > 1 and not view.has_different(element, allowed):
            return False
    return not any(view.bits(element) & allowed for element in condition.absent)


def _windows(condition: Condition, view: View, allowed: int) -> int:
    """Where all elements, and no absent one, stand within the condition's sentences."""
    width = condition.sentences or 1
    windows = -1
    several = []
    for element in condition.elements:
        if element.distinct > 1:
            several.append(element)  # costs most: looked at where all others are
            continue
        windows &= _spread(view.present.get(element.ids, 0) & allowed, width)
        if not windows:
            return 0
    for element in several:
        windows &= view.windows(element, width, allowed)
    for element in condition.absent:
        windows &= ~_spread(view.bits(element), width)
    return windows


def matches(condition: Condition, view: View) -> Iterator[tuple[Hit, ...]]:
    """Places where the condition is met, each as the hits that meet it; places do not overlap."""
    allowed = view.zone_bits(condition.zones) if condition.zones else view.all_sentences
    for element in condition.elements:
        if not view.bits(element) & allowed:
            return iter(())
    if condition.words is not None:
        return _near_words(condition, view, allowed)
    if condition.sentences is not None:
        return _near_sentences(condition, view, allowed)
    return _anywhere(condition, view, allowed)


def _anywhere(condition: Condition, view: View, allowed: int) -> Iterator[tuple[Hit, ...]]:
    if any(view.bits(element) & allowed for element in condition.absent):
        return
    chosen: list[Hit] = []
    for element in condition.elements:
        inside = [hit for hit in view.hits(element) if allowed >> hit.sentence & 1]
        some = _distinct(inside, element.distinct)
        if some is None:
            return
        chosen += some
    yield tuple(chosen)
    if len(condition.elements) == 1 and condition.elements[0].distinct == 1:
        yield from ((hit,) for hit in inside[1:])


def _near_sentences(condition: Condition, view: View, allowed: int) -> Iterator[tuple[Hit, ...]]:
    """Windows of `sentences` sentences that hold every element."""
    width = condition.sentences or 1
    windows = _windows(condition, view, allowed)
    after = 0
    while windows:
        first = (windows & -windows).bit_length() - 1
        windows &= windows - 1
        if first < after:
            continue
        found = _in_window(condition, view, first, first + width, allowed)
        if found is not None:
            after = first + width
            yield found


def _spread(bits: int, width: int) -> int:
    """Bit w is set where one of the sentences w .. w + width - 1 is."""
    spread = bits
    for step in range(1, width):
        spread |= bits >> step
    return spread


def _in_window(condition: Condition, view: View, first: int, end: int, allowed: int) -> tuple[Hit, ...] | None:
    chosen: list[Hit] = []
    for element in condition.elements:
        near = _slice(view.hits(element), _sentence, first, end)
        inside = near if allowed == view.all_sentences else [hit for hit in near if allowed >> hit.sentence & 1]
        some = _distinct(inside, element.distinct)
        if some is None:
            return None
        chosen += some
    return tuple(chosen)


def _distinct(hits: Sequence[Hit], wanted: int) -> Sequence[Hit] | None:
    """The first hit of each of `wanted` different ones, or None if there are not so many."""
    if wanted == 1:
        return hits[:1] or None
    firsts: dict[str, Hit] = {}
    for hit in hits:
        firsts.setdefault(_party(hit.concept), hit)
        if len(firsts) == wanted:
            return list(firsts.values())
    return None


def _near_words(condition: Condition, view: View, allowed: int) -> Iterator[tuple[Hit, ...]]:
    """Hits of all elements in one sentence, with at most `words` words between first and last."""
    reach = condition.words or 0
    for element in condition.elements:
        allowed &= view.bits(element)
    for element in condition.absent:
        allowed &= ~view.bits(element)
    if not allowed:
        return
    first_element, *others = condition.elements
    after = -1
    for anchor in view.hits(first_element):
        if anchor.token < after or not allowed >> anchor.sentence & 1:
            continue
        chosen = [anchor]
        for element in others:
            near = _slice(view.hits(element), _token, anchor.token - reach - _LONGEST, anchor.last_token + reach + 2)
            close = [
                hit
                for hit in near
                if hit.sentence == anchor.sentence and _between(anchor, hit) <= reach and hit not in chosen
            ]
            some = _distinct(close, element.distinct)
            if some is None:
                break
            chosen += some
        else:
            after = max(hit.last_token for hit in chosen) + 1
            yield tuple(chosen)


def _slice(hits: tuple[Hit, ...], key: Callable[[Hit], int], first: int, end: int) -> Sequence[Hit]:
    """Hits whose key lies in first .. end - 1; they are in text order, so that a search finds them."""
    if len(hits) <= _FEW:
        return [hit for hit in hits if first <= key(hit) < end]
    return hits[bisect_left(hits, first, key=key) : bisect_left(hits, end, key=key)]


def _between(one: Hit, other: Hit) -> int:
    """Words between two hits; negative where they overlap."""
    return max(one.token, other.token) - min(one.last_token, other.last_token) - 1
