"""Make rules ready for evaluation: patterns of concepts become sets of concept ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from crawler.judgement.rules.model import Condition, Element, Rule, RuleSet


def compile_rules(rules: Iterable[Rule], concepts: Collection[str]) -> RuleSet:
    """Resolve every element against the lexicon's concept ids."""
    families = _Families(concepts)
    compiled = tuple(families.rule(rule) for rule in rules)
    by_concept: dict[str, list[int]] = defaultdict(list)
    for index, rule in enumerate(compiled):
        for concept in _gate(rule):
            by_concept[concept].append(index)
    gates = {concept: tuple(indexes) for concept, indexes in by_concept.items()}
    return RuleSet(compiled, gates, elements_by_concept(compiled))


def elements_by_concept(rules: Iterable[Rule]) -> dict[str, tuple[frozenset[str], ...]]:
    """Return for each concept the `ids` of the elements whose place it can take."""
    conditions = [
        part.condition for rule in rules for parts in (rule.signals, rule.traps) for part in parts
    ]
    distinct = {element.ids: None for one in conditions for element in (*one.elements, *one.absent)}
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    for ids in distinct:
        for concept in ids:
            found[concept].append(ids)
    return {concept: tuple(sets) for concept, sets in found.items()}


def _gate(rule: Rule) -> frozenset[str]:
    """Return the concepts of which at least one must occur for a core signal to fire.

    For each core signal that is its rarest element, the one with the fewest concepts.
    """
    gates = [
        min(
            (element.ids for element in signal.condition.elements),
            key=len,
            default=frozenset[str](),
        )
        for signal in rule.signals
        if signal.core
    ]
    return frozenset().union(*gates)


class _Families:
    """Resolves patterns to concept ids; equal elements become one object and are evaluated once."""

    def __init__(self, concepts: Collection[str]) -> None:
        self._known = frozenset(concepts)
        self._by_prefix: dict[str, list[str]] = defaultdict(list)
        for concept in concepts:
            prefix = concept
            while "." in prefix:
                prefix = prefix.rpartition(".")[0]
                self._by_prefix[prefix].append(concept)
        self._elements: dict[Element, Element] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def rule(self, rule: Rule) -> Rule:
        signals = tuple(
            replace(signal, condition=self._condition(signal.condition)) for signal in rule.signals
        )
        traps = tuple(
            replace(trap, condition=self._condition(trap.condition)) for trap in rule.traps
        )
        return replace(rule, signals=signals, traps=traps)

    def _condition(self, condition: Condition) -> Condition:
        elements = tuple(self._element(element) for element in condition.elements)
        return replace(
            condition,
            elements=elements,
            absent=tuple(self._element(element) for element in condition.absent),
            needs=frozenset(element.ids for element in elements),
        )

    def _element(self, element: Element) -> Element:
        if element not in self._elements:
            ids: set[str] = set()
            for pattern in element.concepts:
                ids.update(resolve(pattern, self._known, self._by_prefix))
            # Equal sets are one object: as keys they are then told apart without comparing their
            # members.
            self._elements[element] = replace(
                element, ids=self._sets.setdefault(frozenset(ids), frozenset(ids))
            )
        return self._elements[element]


def resolve(pattern: str, known: Collection[str], by_prefix: dict[str, list[str]]) -> Iterable[str]:
    """Return the concept ids that `act.sign` or `act.*` stands for, none if there are none."""
    if pattern.endswith(".*"):
        return by_prefix.get(pattern[:-2], ())
    return (pattern,) if pattern in known else ()
