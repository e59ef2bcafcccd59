"""The rule language as values: rules are made of signals and traps, these of conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.records import Zone


@dataclass(frozen=True, slots=True)
class Element:
    """A place in a condition that any of `concepts` can take (ids, or families such as `state.*`).

    `distinct` asks for so many different ones, told apart by the second word of the concept id:
    state.MA and capital.MA.rabat are one. `ids` are the concepts that the patterns stand for in the
    lexicon; `name` is the set it was written as, or its concepts.
    """

    concepts: tuple[str, ...]
    distinct: int = 1
    ids: frozenset[str] = frozenset()
    name: str = ""  # the set it was written as, or its concepts


@dataclass(frozen=True, slots=True)
class Condition:
    """What must stand together: within sentences, within words of one sentence, or anywhere.

    `sentences` and `words` are both None where the elements may stand anywhere. `absent` are
    elements that must not stand in the same sentences. An empty `zones` means all zones. `needs`
    has the `ids` of all elements of a compiled condition.
    """

    elements: tuple[Element, ...]
    sentences: int | None = None
    words: int | None = None
    zones: frozenset[Zone] = frozenset()
    absent: tuple[Element, ...] = ()
    needs: frozenset[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Signal:
    """A condition that speaks for a document.

    It weighs `weight` for each place where it is met, `cap` at most. Only a core signal makes a
    document relevant.
    """

    id: str
    condition: Condition
    weight: float
    cap: float
    core: bool = False


@dataclass(frozen=True, slots=True)
class Trap:
    """A condition that speaks against a document, unless a signal of `unless` fired.

    It is a veto, or has a negative `weight` for each place where it is met; all places together
    weigh `cap` at most, which is further below 0.
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
    """What makes a document relevant: its score, a core signal and no veto.

    The score must reach `threshold`.

    From `near_miss` on, it is shown as a near miss. `register` says that what the rule finds
    reports agreements: shipped rules say so, a user's only where they are told to. `judged` makes a
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


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled rules.

    `by_concept`: the rules that can become relevant only if one of these concepts occurs.
    `elements`: by concept, the `ids` of the elements whose place it can take.
    """

    rules: tuple[Rule, ...]
    by_concept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    elements: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)
