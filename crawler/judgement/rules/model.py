"""What rules are, and how they are read as people write them (`rules:` of a pack or a user's file),
with places of faults.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.judgement.text.concepts import unknown_keys
from crawler.located_yaml import KeyPath, LocatedYaml, shortened
from storage.errors import Problem
from storage.records import Zone

_ZONES = {zone.value: zone for zone in Zone}
_WHERE = {"near", "all", "any", "within", "zones", "absent"}
_SIGNAL_KEYS = _WHERE | {"id", "weight", "cap", "core", "note"}
_TRAP_KEYS = _WHERE | {"id", "weight", "cap", "veto", "unless", "note"}
_RULE_KEYS = {
    "id",
    "name",
    "version",
    "threshold",
    "near_miss",
    "signals",
    "traps",
    "tests",
    "note",
    "register",
    "judged",
}
_MOST_SENTENCES = 10
_MOST_WORDS = 1000
_MOST_WEIGHT = 1000  # of a threshold, weight or cap: shipped ones are below 20
_WITHIN = re.compile(r"([0-9]{1,4}) (sentences|words)")


class RuleReader:
    """Reads the rules of one file; `problems` collects what is wrong. `sets`: names for lists of
    concepts; `languages`: those of inline tests.
    """

    def __init__(
        self,
        source: LocatedYaml,
        problems: list[Problem],
        sets: Mapping[str, tuple[str, ...]] | None = None,
        languages: Collection[str] = (),
    ) -> None:
        self.source = source
        self.problems = problems
        self._sets = {} if sets is None else sets
        self._languages = tuple(languages)

    def fault(self, path: KeyPath, message: str) -> None:
        self.problems.append(self.source.problem(path, message))

    def sets(self, body: Any) -> dict[str, tuple[str, ...]]:
        """Read the mapping under `sets`: a name for a list of concepts."""
        if not isinstance(body, dict):
            self.fault(("sets",), "must map names to lists of concepts")
            return {}
        return {
            name: tuple(self._names(concepts, ("sets", name))) for name, concepts in body.items()
        }

    def rules(self, body: Any, path: KeyPath = ("rules",)) -> list[Rule]:
        rules: list[Rule] = []
        for index, entry in enumerate(self._list(body, path)):
            rule = self.rule(entry, (*path, index))
            if rule is not None:
                if any(rule.id == other.id for other in rules):
                    self.fault((*path, index, "id"), f"rule {rule.id} stands twice")
                rules.append(rule)
        return rules

    def rule(self, body: Any, path: KeyPath) -> Rule | None:
        if not isinstance(body, dict) or not isinstance(body.get("id"), str):
            self.fault(path, "a rule is a mapping with an `id`")
            return None
        self.problems += unknown_keys(self.source, path, body, _RULE_KEYS)
        threshold = self.number(body, "threshold", path, None)
        signals = self.signals(body.get("signals", []), (*path, "signals"))
        if not any(signal.core for signal in signals):
            self.fault(path, "needs a signal with `core: true`: without one it finds nothing")
        traps = self.traps(body.get("traps", []), (*path, "traps"))
        names = {signal.id for signal in signals}
        for index, trap in enumerate(traps):
            for name in trap.unless:
                if name not in names:
                    self.fault(
                        (*path, "traps", index, "unless"), f"{name} is no signal of this rule"
                    )
        return Rule(
            id=body["id"],
            name=str(body.get("name", body["id"])),
            version=str(body.get("version", "1")),
            threshold=threshold,
            near_miss=self.number(body, "near_miss", path, threshold * 0.6),
            signals=tuple(signals),
            traps=tuple(traps),
            examples=tuple(self.examples(body.get("tests", {}), (*path, "tests"))),
            register=self._truth(body, "register", path),
            judged=self._truth(body, "judged", path),
        )

    def _truth(self, body: Any, key: str, path: KeyPath) -> bool:
        value = body.get(key, False)
        if not isinstance(value, bool):
            self.fault((*path, key), f"{shortened(value)} is neither true nor false")
        return value is True

    def signals(self, body: Any, path: KeyPath) -> list[Signal]:
        signals: list[Signal] = []
        for index, entry in enumerate(self._list(body, path)):
            here = (*path, index)
            if not self._has_id(entry, here, signals):
                continue
            self.problems += unknown_keys(self.source, here, entry, _SIGNAL_KEYS)
            weight = self.number(entry, "weight", here, None)
            cap = self.number(entry, "cap", here, weight)
            if weight <= 0 or cap < weight:
                self.fault(
                    here,
                    "weight must be above 0 and cap not below it; what speaks against is a trap",
                )
            core = self._flag(entry, "core", here)
            signals.append(Signal(entry["id"], self.condition(entry, here), weight, cap, core))
        return signals

    def traps(self, body: Any, path: KeyPath) -> list[Trap]:
        traps: list[Trap] = []
        for index, entry in enumerate(self._list(body, path)):
            here = (*path, index)
            if not self._has_id(entry, here, traps):
                continue
            self.problems += unknown_keys(self.source, here, entry, _TRAP_KEYS)
            veto = self._flag(entry, "veto", here)
            weight = self.number(entry, "weight", here, 0.0 if veto else None)
            if weight > 0 or (not veto and weight == 0):
                self.fault(here, "a trap has `veto: true` or a weight below 0")
            cap = self.number(entry, "cap", here, weight)
            if cap > weight:
                self.fault(here, "the cap of a trap is its weight or further below 0")
            unless = tuple(self._names(entry.get("unless", []), (*here, "unless")))
            traps.append(
                Trap(
                    id=entry["id"],
                    condition=self.condition(entry, here),
                    weight=weight,
                    veto=veto,
                    unless=unless,
                    cap=cap,
                )
            )
        return traps

    def condition(self, body: Mapping[str, Any], path: KeyPath) -> Condition:
        """Read a condition: `near` with `within`, `all`, or `any`."""
        kinds = [key for key in ("near", "all", "any") if key in body]
        if len(kinds) != 1:
            self.fault(path, "needs exactly one of near, all, any")
            return Condition(())
        kind = kinds[0]
        elements = self._elements(body[kind], (*path, kind))
        if not elements:
            self.fault((*path, kind), "must list concepts")
        if kind == "any":
            names = tuple(name for element in elements for name in element.concepts)
            elements = (Element(names, name=" | ".join(element.name for element in elements)),)
        sentences, words = self._within(body, path) if kind == "near" else (None, None)
        if kind != "near" and "within" in body:
            self.fault((*path, "within"), "belongs to `near`")
        absent = self._elements(body.get("absent", []), (*path, "absent"))
        return Condition(elements, sentences, words, self._zones(body, path), absent)

    def _within(self, body: Mapping[str, Any], path: KeyPath) -> tuple[int | None, int | None]:
        text = body.get("within", "sentence")
        if text in ("sentence", "1 sentence", "1 sentences"):
            return 1, None
        if match := _WITHIN.fullmatch(str(text)):
            number = int(match[1])
            if match[2] == "sentences" and 0 < number <= _MOST_SENTENCES:
                return number, None
            if match[2] == "words" and number <= _MOST_WORDS:
                return None, number
        self.fault(
            (*path, "within"),
            f"{shortened(text)} is not `sentence`, `2 sentences` (up to {_MOST_SENTENCES}) "
            "or `12 words`",
        )
        return 1, None

    def _elements(self, body: Any, path: KeyPath) -> tuple[Element, ...]:
        return tuple(
            self._element(entry, (*path, index))
            for index, entry in enumerate(self._list(body, path))
        )

    def _element(self, entry: Any, path: KeyPath) -> Element:
        distinct = 1
        if isinstance(entry, dict):
            self.problems += unknown_keys(self.source, path, entry, {"any", "distinct"})
            distinct = int(self.number(entry, "distinct", path, 1.0))
            entry = entry.get("any", [])
        names = [entry] if isinstance(entry, str) else self._names(entry, path)
        concepts = tuple(concept for name in names for concept in self._sets.get(name, (name,)))
        return Element(concepts, max(1, distinct), name=" | ".join(names))

    def _names(self, body: Any, path: KeyPath) -> list[str]:
        names = self._list(body, path)
        for name in names:
            if not isinstance(name, str):
                self.fault(
                    path,
                    f"{shortened(name)} is not a concept id such as act.sign or act.*, or a name",
                )
        return [name for name in names if isinstance(name, str)]

    def _zones(self, body: Mapping[str, Any], path: KeyPath) -> frozenset[Zone]:
        names = self._names(body.get("zones", []), (*path, "zones"))
        for name in names:
            if name not in _ZONES:
                self.fault((*path, "zones"), f"{shortened(name)} is not one of {', '.join(_ZONES)}")
        return frozenset(_ZONES[name] for name in names if name in _ZONES)

    def examples(self, body: Any, path: KeyPath) -> list[Example]:
        """Read `tests: {must_match: [...], must_not_match: [...]}`."""
        if not isinstance(body, dict):
            self.fault(path, "must be a mapping with must_match and must_not_match")
            return []
        self.problems += unknown_keys(self.source, path, body, {"must_match", "must_not_match"})
        examples = []
        for key in ("must_match", "must_not_match"):
            for index, entry in enumerate(self._list(body.get(key, []), (*path, key))):
                example = self._example(entry, (*path, key, index), key == "must_match")
                if example is not None:
                    examples.append(example)
        return examples

    def _example(self, entry: Any, path: KeyPath, matches: bool) -> Example | None:
        if not isinstance(entry, dict) or entry.get("lang") not in self._languages:
            known = ", ".join(self._languages)
            self.fault(path, f"an example is a mapping with lang (one of {known}), title and text")
            return None
        self.problems += unknown_keys(self.source, path, entry, {"lang", "title", "text"})
        return Example(
            entry["lang"], str(entry.get("title") or ""), str(entry.get("text") or ""), matches
        )

    def number(
        self, body: Mapping[str, Any], key: str, path: KeyPath, default: float | None
    ) -> float:
        value = body.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(
                (*path, key),
                "is missing" if value is None else f"{shortened(value)} is not a number",
            )
            return 1.0
        if abs(value) > _MOST_WEIGHT:
            self.fault((*path, key), f"{shortened(value)} is too large; {_MOST_WEIGHT} is the most")
            return 1.0
        return float(value)

    def _flag(self, body: Mapping[str, Any], key: str, path: KeyPath) -> bool:
        value = body.get(key, False)
        if not isinstance(value, bool):
            self.fault((*path, key), f"{shortened(value)} is not true or false")
        return value is True

    def _list(self, body: Any, path: KeyPath) -> list[Any]:
        if isinstance(body, list):
            return body
        self.fault(path, "must be a list")
        return []

    def _has_id(self, entry: Any, path: KeyPath, others: Sequence[Signal | Trap]) -> bool:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            self.fault(path, "must be a mapping with an `id`")
            return False
        if any(other.id == entry["id"] for other in others):
            self.fault((*path, "id"), f"{entry['id']} stands twice in this rule")
        return True


# --- what rules are -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Element:
    """A place in a condition that any of `concepts` can take (ids, or families such as `state.*`),
    `distinct` of them, distinguished by the second word: state.MA and capital.MA.rabat are one.
    `ids` are what the patterns stand for in the lexicon.
    """

    concepts: tuple[str, ...]
    distinct: int = 1
    ids: frozenset[str] = frozenset()
    name: str = ""  # the set it was written as, or its concepts


@dataclass(frozen=True, slots=True)
class Condition:
    """What must stand together: within sentences, within words of one sentence, or, with neither,
    anywhere. `absent` must not stand in the same sentences. An empty `zones` means all. `needs` has
    the `ids` of all elements of a compiled condition.
    """

    elements: tuple[Element, ...]
    sentences: int | None = None
    words: int | None = None
    zones: frozenset[Zone] = frozenset()
    absent: tuple[Element, ...] = ()
    needs: frozenset[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Signal:
    """What speaks for a document: `weight` a place, `cap` at most; core makes it relevant."""

    id: str
    condition: Condition
    weight: float
    cap: float
    core: bool = False


@dataclass(frozen=True, slots=True)
class Trap:
    """What speaks against a document, unless a signal of `unless` fired: a veto, or a negative
    `weight` for each place, all together `cap` at most, which is further below 0.
    """

    id: str
    condition: Condition
    weight: float = 0.0
    veto: bool = False
    unless: tuple[str, ...] = ()
    cap: float = 0.0


@dataclass(frozen=True, slots=True)
class Example:
    """An inline test: a document that must or must not be found."""

    language: str
    title: str
    text: str
    matches: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a document relevant: a score that reaches `threshold`, a core signal and no veto.
    From `near_miss` on, it is shown. `register`: what it finds reports agreements. `judged` makes a
    gate of the threshold: what passes it is weighed by the judge, who decides.
    """

    id: str
    name: str
    version: str
    threshold: float
    near_miss: float
    signals: tuple[Signal, ...]
    traps: tuple[Trap, ...] = ()
    examples: tuple[Example, ...] = ()
    register: bool = False
    judged: bool = False

    @property
    def conditions(self) -> list[Condition]:
        return [
            *(signal.condition for signal in self.signals),
            *(trap.condition for trap in self.traps),
        ]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled rules, by the concepts that start them; `ids` of elements by concept."""

    rules: tuple[Rule, ...]
    by_concept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    elements: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)
