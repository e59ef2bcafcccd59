"""The rule language as values: signals and traps over concepts, rules over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.records import Zone


@dataclass(frozen=True, slots=True)
class Element:
    """A place in a condition that any of `concepts` can take (ids, or families `state.*`).

    `distinct` asks for so many different ones, counted by the second word of the concept id: state.MA and
    capital.MA.rabat are one. `ids` are the concepts that the patterns stand for in the lexicon.
    """

    concepts: tuple[str, ...]
    distinct: int = 1
    ids: frozenset[str] = frozenset()
    name: str = ""  # the set it was written as, or its concepts


@dataclass(frozen=True, slots=True)
class Condition:
    """All elements within so many sentences, or so many words of one sentence, or anywhere (both None).

    `absent`: elements that must not stand in the same sentences. An empty `zones` means all zones. `needs`: the `ids`
    of all elements, of a compiled condition.
    """

    elements: tuple[Element, ...]
    sentences: int | None = None
    words: int | None = None
    zones: frozenset[Zone] = frozenset()
    absent: tuple[Element, ...] = ()
    needs: frozenset[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Signal:
    """A condition that weighs: `weight` each time it is met, `cap` at most. A core signal makes a verdict possible."""

    id: str
    condition: Condition
    weight: float
    cap: float
    core: bool = False


@dataclass(frozen=True, slots=True)
class Trap:
    """A condition that speaks against: a veto, or a negative `weight` each time it is met, `cap` at most (the one
    furthest below 0); not if a signal of `unless` fired."""

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
    """Relevant at `threshold` with a core signal and no veto; from `near_miss` on it is shown as a near miss.

    `register`: what it finds reports agreements. Shipped rules say so, a user's only where they are told to.
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


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled rules. `by_concept`: the rules that can become relevant only if one of these concepts occurs;
    `elements`: by concept, the `ids` of the elements whose place it can take."""

    rules: tuple[Rule, ...]
    by_concept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    elements: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)
