"""Conditions over positions: what fires in a reading, where, and what it weighs.

The cost of a document is that of its hits and of the rules whose core concepts occur in it; a condition of which an
element does not occur costs a comparison of two sets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from crawler.judgement.rules.model import Condition, Element, Rule, RuleSet, Signal, Trap
from crawler.judgement.rules.view import View, lowest, ones, party, spread
from crawler.judgement.text.reading import Hit, Reading

_token = attrgetter("token")
_LONGEST = 40  # words of the longest phrase with gaps: how far before a place a hit that reaches it may start
_FEW = 12  # hits: looking at so many costs less than searching

Place = tuple[Hit, ...]  # the hits that meet a condition


class Fired(NamedTuple):
    """A signal or trap that was met, with its weight over all places. `sentences`: bits of those that hold the first
    place; `place`: the place itself, where finding out whether the condition is met came upon it."""

    id: str
    weight: float
    condition: Condition
    sentences: int
    place: Place


Met = tuple[int, Place]  # where a condition is met first: sentences and place, as in Fired


@dataclass(frozen=True, slots=True)
class RuleOutcome:
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

    def first_place(self, fired: Fired) -> Place:
        """The hits that met a condition first; found only when somebody asks for evidence."""
        return fired.place or _place(fired.condition, self.view, fired.sentences)


def evaluate(rules: RuleSet, reading: Reading) -> list[RuleOutcome]:
    """Outcomes of the rules whose core concepts occur, best first."""
    candidates = {index for concept in reading.hits for index in rules.by_concept.get(concept, ())}
    if not candidates:
        return []
    view = View(reading, rules.elements)
    outcomes = [evaluate_rule(rules.rules[index], view) for index in sorted(candidates)]
    outcomes.sort(key=lambda outcome: (not outcome.relevant, -outcome.score, outcome.rule.id))
    return outcomes


def evaluate_rule(rule: Rule, view: View) -> RuleOutcome:
    """All signals and traps of one rule."""
    occurring = view.occurring
    signals = [
        Fired(one.id, weight, one.condition, *met)
        for one in rule.signals
        if one.condition.needs <= occurring
        and (met := meet(one.condition, view))
        and (weight := _weight(one, view))
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
        rule,
        round(sum([fired.weight for fired in (*signals, *traps)]), 3),
        any(signal.core and signal.id in names for signal in rule.signals),
        tuple(signals),
        tuple(traps),
        tuple([trap.id for trap, _ in met_traps if trap.veto]),
        view,
    )


def _weight(one: Signal | Trap, view: View) -> float:
    """What a signal or trap that is met adds: its weight for each place, up to its cap."""
    weight, cap = one.weight, one.cap
    if abs(cap) <= abs(weight):
        return weight
    most = int(cap / weight) + 1
    sum_of_places = weight * sum(1 for _ in islice(matches(one.condition, view), most))
    return sum_of_places if abs(sum_of_places) < abs(cap) else cap


def meet(condition: Condition, view: View) -> Met | None:
    """Whether a condition is met at all, without looking for the place where that can be avoided."""
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
    """Bit w is set where all elements, and no absent one, stand within the condition's sentences from w on."""
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
    """The first hits of every element in these sentences; () if one is missing."""
    chosen: list[Hit] = []
    for element in condition.elements:
        some = view.first(element, sentences)
        if some is None:
            return ()
        chosen += some
    return tuple(chosen)


def matches(condition: Condition, view: View) -> Iterator[Place]:
    """Places where the condition is met, each as the hits that meet it; places do not overlap."""
    met = meet(condition, view)
    if met is None:
        return iter(())
    allowed = view.zone_bits(condition.zones)
    if condition.words is not None:
        return _near_words(condition, view, allowed)
    if condition.sentences is not None:
        return _near_sentences(condition, view, allowed)
    return _anywhere(condition, view, allowed)


def _anywhere(condition: Condition, view: View, allowed: int) -> Iterator[Place]:
    """All elements in the allowed sentences: one place, or each hit of an element that stands alone."""
    element, *others = condition.elements
    if others or element.distinct > 1:
        yield _place(condition, view, allowed)
        return
    for sentence in ones(view.bits(element) & allowed):
        yield from ((hit,) for hit in view.in_sentence(element, sentence))


def _near_sentences(condition: Condition, view: View, allowed: int) -> Iterator[Place]:
    """Windows of `sentences` sentences that hold every element."""
    width = condition.sentences or 1
    after = 0
    for first in ones(_windows(condition, view, allowed)):
        if first >= after:
            after = first + width
            yield _place(condition, view, _window(first, width) & allowed)


def _near_words(condition: Condition, view: View, allowed: int) -> Iterator[Place]:
    """Hits of all elements in one sentence, with at most `words` words between first and last."""
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
    """The anchor and the first hits of each of the others at most `reach` words from it."""
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
    """The first hit of each of `wanted` different ones, or None if there are not so many."""
    if wanted == 1:
        return hits[:1] or None
    firsts: dict[str, Hit] = {}
    for hit in hits:
        firsts.setdefault(party(hit.concept), hit)
        if len(firsts) == wanted:
            return list(firsts.values())
    return None


def _slice(hits: Sequence[Hit], first: int, end: int) -> Sequence[Hit]:
    """Hits that start at the tokens first .. end - 1; they are in text order, so that a search finds them."""
    if len(hits) <= _FEW:
        return [hit for hit in hits if first <= hit.token < end]
    return hits[bisect_left(hits, first, key=_token) : bisect_left(hits, end, key=_token)]


def _between(one: Hit, other: Hit) -> int:
    """Words between two hits; negative where they overlap."""
    return max(one.token, other.token) - min(one.last_token, other.last_token) - 1
