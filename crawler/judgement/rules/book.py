"""The book of rules: shipped packs and data, then a user's files over them.

A user's file adds `concepts` and `rules` of its own, and may change what is shipped without
touching it:

    extend:   {concepts: {act.sign: {terms: {fr: [...]}}},
               rules: {some-rule: {threshold: 7, signals: [...]}}}
    override: {concepts: {act.sign: {...}}, rules: [{id: some-rule, ...}]}
    disable:  {concepts: [...], rules: [...], signals: [rule/signal], traps: [rule/trap],
               terms: {act.sign: {fr: [...]}}}
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crawler.judgement.rules.model import Condition, Element, Rule, RuleReader, RuleSet
from crawler.judgement.text.concepts import (
    ConceptReader,
    Library,
    is_schema,
    joined,
    load_concepts,
    unknown_keys,
)
from crawler.judgement.text.grammar import GRAMMAR_FILE, Grammar, language_folders, read_grammar
from crawler.judgement.text.lexicon import Concept, Lexicon
from crawler.located_yaml import KeyPath, LocatedYaml, load_yaml, shortened
from storage.errors import Problem, RuleError

_FILE_KEYS = {
    "schema",
    "language",
    "longest",
    "pack",
    "note",
    "sets",
    "concepts",
    "rules",
    "extend",
    "override",
    "disable",
}
_CHANGES = {"concepts", "rules"}
_DISABLED = {"concepts", "rules", "signals", "traps", "terms"}


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """What a book is read from: `packs` with rules and terms, `data` with concepts only, the user's
    `own`, and folders of languages, by default the shipped ones.
    """

    packs: tuple[Path, ...] = ()
    data: tuple[Path, ...] = ()
    own: tuple[Path, ...] = ()
    languages: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that was loaded. `version` is a digest of all files that went in."""

    rules: RuleSet
    lexicon: Lexicon
    version: str


def load_book(files: RuleFiles, cache_dir: Path | None = None) -> Book:
    """Read packs and data, then the user's files. Raises RuleError with all faults."""
    book, problems = read_book(files, cache_dir)
    if problems:
        raise RuleError(*problems)
    return book


def read_book(files: RuleFiles, cache_dir: Path | None = None) -> tuple[Book, list[Problem]]:
    """Return what could be read of the files, and the faults that were found."""
    problems: list[Problem] = []
    grammar_files = {
        folder.name: load_yaml(folder / GRAMMAR_FILE, cache_dir)
        for folder in files.languages or language_folders()
    }
    grammars = {name: read_grammar(yaml, name, problems) for name, yaml in grammar_files.items()}
    shipped = [load_yaml(path, cache_dir) for path in files.packs]
    sources = shipped + [load_yaml(path, cache_dir) for path in files.data]
    users = [load_yaml(path, cache_dir) for path in files.own]
    draft = _Draft(sources, grammars, problems)
    for source in shipped:
        draft.add_rules(source)
    for source in users:
        draft.apply(source)
    everything = "\0".join(yaml.text for yaml in (*grammar_files.values(), *sources, *users))
    digest = hashlib.sha256(everything.encode()).hexdigest()[:10]
    stamped = [replace(rule, version=f"{rule.version}+{digest}") for rule in draft.rules.values()]
    lexicon = Lexicon(draft.concepts.values(), grammars)
    return Book(compile_rules(stamped, draft.concepts), lexicon, digest), problems


class _Draft:
    """The concepts and rules of the files that were read so far, while another one is added."""

    def __init__(
        self,
        sources: Sequence[LocatedYaml],
        grammars: Mapping[str, Grammar],
        problems: list[Problem],
    ) -> None:
        self.concepts = load_concepts(sources, grammars, problems)
        self.rules: dict[str, Rule] = {}
        self._sets: dict[str, tuple[str, ...]] = {}
        self._shipped = [source for source in sources if isinstance(source.data, dict)]
        self._grammars = grammars
        self._problems = problems

    def add_rules(self, source: LocatedYaml) -> None:
        """Add the rules of a file. It becomes the file in which the next faults are found."""
        self._source = source
        self._reader = RuleReader(source, self._problems, self._sets, self._grammars)
        if not isinstance(source.data, dict):
            return
        self._problems += unknown_keys(source, (), source.data, _FILE_KEYS)
        self._sets |= self._reader.sets(source.data.get("sets", {}))
        for index, rule in enumerate(self._reader.rules(source.data.get("rules", []))):
            if rule.id in self.rules:
                self._fault(
                    ("rules", index, "id"), f"rule {rule.id} is defined in another file too"
                )
            self.rules[rule.id] = rule

    def apply(self, source: LocatedYaml) -> None:
        """Add a user's file, which may also change what is shipped."""
        self._problems += source.problems
        if source.problems or not is_schema(source, self._problems):
            return
        self._source = source
        # It may take in lists of shipped concepts.
        library = Library([*self._shipped, source])
        self._concept_reader = ConceptReader(source, self._grammars, self._problems, library)
        for name, concept in self._concept_reader.concepts().items():
            if name in self.concepts:
                message = "is shipped already: put it under `extend` or `override`"
                self._fault(("concepts", name), message)
            self.concepts[name] = concept
        self.add_rules(source)
        self._extend(self._section("extend", _CHANGES))
        self._override(self._section("override", _CHANGES))
        self._disable(self._section("disable", _DISABLED))

    def _fault(self, path: KeyPath, message: str) -> None:
        self._problems.append(self._source.problem(path, message))

    def _section(self, name: str, known: set[str]) -> dict[str, Any]:
        body = self._source.data.get(name, {})
        if not isinstance(body, dict):
            self._fault((name,), f"must be a mapping with {', '.join(sorted(known))}")
            return {}
        self._problems += unknown_keys(self._source, (name,), body, known)
        return body

    def _changes(self, body: dict[str, Any], path: KeyPath) -> Iterator[tuple[str, Any]]:
        """Yield the shipped concepts or rules under a path, with what is to change of each."""
        changes = body.get(str(path[1]), {})
        if not isinstance(changes, dict):
            self._fault(path, "must map ids to what changes")
            return
        known = self.rules if path[1] == "rules" else self.concepts
        for name, change in changes.items():
            if self._is_known((*path, name), name, known):
                yield name, change

    def _is_known(self, path: KeyPath, name: str, known: Collection[str]) -> bool:
        if name not in known:
            self._fault(path, f"{name} is not shipped")
        return name in known

    def _extend(self, body: dict[str, Any]) -> None:
        path: KeyPath = ("extend", "concepts")
        for name, concept in self._changes(body, path):
            more = self._concept_reader.concept(name, concept, under=path)
            self.concepts[name] = joined(self.concepts[name], more)
        for name, change in self._changes(body, ("extend", "rules")):
            path, reader, rule = ("extend", "rules", name), self._reader, self.rules[name]
            if not isinstance(change, dict):
                self._fault(path, "must be a mapping of what changes")
                continue
            known = {"signals", "traps", "threshold", "near_miss"}
            self._problems += unknown_keys(self._source, path, change, known)
            signals = reader.signals(change.get("signals", []), (*path, "signals"))
            traps = reader.traps(change.get("traps", []), (*path, "traps"))
            self.rules[name] = replace(
                rule,
                signals=(*rule.signals, *signals),
                traps=(*rule.traps, *traps),
                threshold=reader.number(change, "threshold", path, rule.threshold),
                near_miss=reader.number(change, "near_miss", path, rule.near_miss),
            )

    def _override(self, body: dict[str, Any]) -> None:
        path: KeyPath = ("override", "concepts")
        for name, concept in self._changes(body, path):
            new = self._concept_reader.concept(name, concept, under=path)
            self.concepts[name] = replace(new, longest=self.concepts[name].longest)
        rules = body.get("rules", [])
        # A rule that does not say whether it fills the register does what the shipped one does.
        explicit = {
            str(entry.get("id"))
            for entry in (rules if isinstance(rules, list) else ())
            if isinstance(entry, dict) and "register" in entry
        }
        for rule in self._reader.rules(rules, ("override", "rules")):
            if self._is_known(("override", "rules"), rule.id, self.rules):
                inherits = self.rules[rule.id].register and rule.id not in explicit
                self.rules[rule.id] = replace(rule, register=rule.register or inherits)

    def _disable(self, body: dict[str, Any]) -> None:
        for path, name in self._disabled(body, "concepts"):
            if self._is_known(path, name, self.concepts):
                self.concepts[name] = Concept(name, {})
        for path, name in self._disabled(body, "rules"):
            if self._is_known(path, name, self.rules):
                del self.rules[name]
        for kind in ("signals", "traps"):
            for path, name in self._disabled(body, kind):
                self._disable_part(path, name, kind)
        for name, unwanted in self._changes(body, ("disable", "terms")):
            self._disable_terms(("disable", "terms", name), name, unwanted)

    def _disabled(self, body: dict[str, Any], kind: str) -> Iterator[tuple[KeyPath, str]]:
        """Yield the ids under `disable`, each with its place."""
        names = body.get(kind) or []
        if not isinstance(names, list):
            self._fault(("disable", kind), "must be a list of ids")
            return
        for index, name in enumerate(names):
            path: KeyPath = ("disable", kind, index)
            if isinstance(name, str):
                yield path, name
            else:
                self._fault(path, f"{shortened(name)} is no id")

    def _disable_part(self, path: KeyPath, name: str, kind: str) -> None:
        rule_id, _, part = name.partition("/")
        rule = self.rules.get(rule_id)
        parts: tuple[Any, ...] = getattr(rule, kind) if rule else ()
        remaining = tuple(one for one in parts if one.id != part)
        if rule is None or len(remaining) == len(parts):
            self._fault(path, f"{name!r} is not a shipped rule/{kind[:-1]}")
        elif kind == "signals":
            self.rules[rule_id] = replace(rule, signals=remaining)
        else:
            self.rules[rule_id] = replace(rule, traps=remaining)

    def _disable_terms(self, path: KeyPath, name: str, body: Any) -> None:
        concept = self.concepts[name]
        terms = dict(concept.terms)
        for language, unwanted in self._concept_reader.terms(path, body).items():
            forms = {(term.parts, term.gaps) for term in unwanted}
            shipped = terms.get(language, ())
            terms[language] = tuple(
                term for term in shipped if (term.parts, term.gaps) not in forms
            )
            if len(terms[language]) == len(shipped):
                self._fault((*path, language), "none of these terms is shipped")
        self.concepts[name] = replace(concept, terms=terms)


# --- make rules ready for evaluation --------------------------------------------------------------


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
    conditions = [condition for rule in rules for condition in rule.conditions]
    distinct = {
        element.ids: None
        for condition in conditions
        for element in (*condition.elements, *condition.absent)
    }
    by_concept: dict[str, list[frozenset[str]]] = defaultdict(list)
    for ids in distinct:
        for concept in ids:
            by_concept[concept].append(ids)
    return {concept: tuple(sets) for concept, sets in by_concept.items()}


def _gate(rule: Rule) -> frozenset[str]:
    """Return the concepts of the rarest element of each core signal: one must occur for it."""
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
            # Equal sets are one object: as keys they are then compared without looking at their
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
