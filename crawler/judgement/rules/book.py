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
from collections.abc import Collection, Iterable, Mapping
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
from crawler.judgement.text.grammar import (
    GRAMMAR_FILE,
    Grammar,
    language_folders,
    read_grammar,
)
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


@dataclass(slots=True)
class _BookDraft:
    concepts: dict[str, Concept]
    rules: dict[str, Rule]
    sets: dict[str, tuple[str, ...]]
    grammars: Mapping[str, Grammar]
    shipped: list[LocatedYaml]
    problems: list[Problem]

    def reader(self, source: LocatedYaml) -> RuleReader:
        return RuleReader(source, self.problems, self.sets, self.grammars)

    def concept_reader(self, source: LocatedYaml) -> ConceptReader:
        """Return a reader for a user's file, which may take in lists of shipped concepts."""
        library = Library([*self.shipped, source])
        return ConceptReader(source, self.grammars, self.problems, library)


def load_book(files: RuleFiles, cache_dir: Path | None = None) -> Book:
    """Read packs and data, then the user's files. Raises RuleError with all faults."""
    book, problems = read_book(files, cache_dir)
    if problems:
        raise RuleError(*problems)
    return book


def read_book(files: RuleFiles, cache_dir: Path | None = None) -> tuple[Book, list[Problem]]:
    """Return what could be read of the files, and the faults that were found."""
    problems: list[Problem] = []
    spoken = {
        folder.name: load_yaml(folder / GRAMMAR_FILE, cache_dir)
        for folder in files.languages or language_folders()
    }
    grammars = {name: read_grammar(source, name, problems) for name, source in spoken.items()}
    shipped = [load_yaml(path, cache_dir) for path in files.packs]
    sources = shipped + [load_yaml(path, cache_dir) for path in files.data]
    concepts = load_concepts(sources, grammars, problems)
    readable = [source for source in sources if isinstance(source.data, dict)]
    draft = _BookDraft(
        concepts=concepts, rules={}, sets={}, grammars=grammars, shipped=readable, problems=problems
    )
    for source in shipped:
        _add_rules(draft, source)
    users = [load_yaml(path, cache_dir) for path in files.own]
    for source in users:
        _apply(draft, source)
    rules = list(draft.rules.values())
    everything = "\0".join(source.text for source in (*spoken.values(), *sources, *users))
    digest = hashlib.sha256(everything.encode()).hexdigest()[:10]
    stamped = [replace(rule, version=f"{rule.version}+{digest}") for rule in rules]
    lexicon = Lexicon(draft.concepts.values(), grammars)
    return Book(compile_rules(stamped, draft.concepts), lexicon, digest), problems


def _add_rules(draft: _BookDraft, source: LocatedYaml) -> None:
    if not isinstance(source.data, dict):
        return
    draft.problems += unknown_keys(source, (), source.data, _FILE_KEYS)
    draft.sets |= draft.reader(source).sets(source.data.get("sets", {}))
    for index, rule in enumerate(draft.reader(source).rules(source.data.get("rules", []))):
        if rule.id in draft.rules:
            draft.problems.append(
                source.problem(
                    ("rules", index, "id"), f"rule {rule.id} is defined in another file too"
                )
            )
        draft.rules[rule.id] = rule


def _apply(draft: _BookDraft, source: LocatedYaml) -> None:
    draft.problems += source.problems
    if source.problems or not is_schema(source, draft.problems):
        return
    for name, concept in draft.concept_reader(source).concepts().items():
        if name in draft.concepts:
            draft.problems.append(
                source.problem(
                    ("concepts", name), "is shipped already: put it under `extend` or `override`"
                )
            )
        draft.concepts[name] = concept
    _add_rules(draft, source)
    _extend(draft, source, _section(draft, source, "extend", _CHANGES))
    _override(draft, source, _section(draft, source, "override", _CHANGES))
    _disable(draft, source, _section(draft, source, "disable", _DISABLED))


def _section(draft: _BookDraft, source: LocatedYaml, name: str, known: set[str]) -> dict[str, Any]:
    body = source.data.get(name, {})
    if not isinstance(body, dict):
        draft.problems.append(
            source.problem((name,), f"must be a mapping with {', '.join(sorted(known))}")
        )
        return {}
    draft.problems += unknown_keys(source, (name,), body, known)
    return body


def _extend(draft: _BookDraft, source: LocatedYaml, body: dict[str, Any]) -> None:
    for name, concept in _mapping(
        draft, source, ("extend", "concepts"), body.get("concepts", {})
    ).items():
        if _is_known(draft, source, ("extend", "concepts", name), name, draft.concepts):
            more = _concept(draft, source, ("extend", "concepts"), name, concept)
            draft.concepts[name] = joined(draft.concepts[name], more)
    reader = draft.reader(source)
    for name, change in _mapping(draft, source, ("extend", "rules"), body.get("rules", {})).items():
        path: KeyPath = ("extend", "rules", name)
        if not _is_known(draft, source, path, name, draft.rules):
            continue
        if not isinstance(change, dict):
            draft.problems.append(source.problem(path, "must be a mapping of what changes"))
            continue
        draft.problems += unknown_keys(
            source, path, change, {"signals", "traps", "threshold", "near_miss"}
        )
        rule = draft.rules[name]
        draft.rules[name] = replace(
            rule,
            signals=rule.signals
            + tuple(reader.signals(change.get("signals", []), (*path, "signals"))),
            traps=rule.traps + tuple(reader.traps(change.get("traps", []), (*path, "traps"))),
            threshold=reader.number(change, "threshold", path, rule.threshold),
            near_miss=reader.number(change, "near_miss", path, rule.near_miss),
        )


def _override(draft: _BookDraft, source: LocatedYaml, body: dict[str, Any]) -> None:
    for name, concept in _mapping(
        draft, source, ("override", "concepts"), body.get("concepts", {})
    ).items():
        if _is_known(draft, source, ("override", "concepts", name), name, draft.concepts):
            fresh = _concept(draft, source, ("override", "concepts"), name, concept)
            draft.concepts[name] = replace(fresh, longest=draft.concepts[name].longest)
    said = _says_register(body.get("rules"))
    for rule in draft.reader(source).rules(body.get("rules", []), ("override", "rules")):
        if _is_known(draft, source, ("override", "rules"), rule.id, draft.rules):
            keeps = draft.rules[rule.id].register and rule.id not in said
            draft.rules[rule.id] = replace(rule, register=rule.register or keeps)


def _says_register(rules: Any) -> set[str]:
    """Return the ids of rules that say themselves whether they fill the register."""
    entries = rules if isinstance(rules, list) else ()
    return {
        str(entry.get("id")) for entry in entries if isinstance(entry, dict) and "register" in entry
    }


def _disable(draft: _BookDraft, source: LocatedYaml, body: dict[str, Any]) -> None:
    for index, name in _disabled(draft, source, body, "concepts"):
        if _is_known(draft, source, ("disable", "concepts", index), name, draft.concepts):
            draft.concepts[name] = Concept(name, {})
    for index, name in _disabled(draft, source, body, "rules"):
        if _is_known(draft, source, ("disable", "rules", index), name, draft.rules):
            del draft.rules[name]
    for kind in ("signals", "traps"):
        for index, name in _disabled(draft, source, body, kind):
            _disable_part(draft, source, ("disable", kind, index), name)
    for name, terms in _mapping(draft, source, ("disable", "terms"), body.get("terms", {})).items():
        path: KeyPath = ("disable", "terms", name)
        if _is_known(draft, source, path, name, draft.concepts):
            _disable_terms(draft, source, path, name, terms)


def _disabled(
    draft: _BookDraft, source: LocatedYaml, body: dict[str, Any], kind: str
) -> list[tuple[int, str]]:
    """Return the ids under `disable`, with their places in the list."""
    names = body.get(kind) or []
    if not isinstance(names, list):
        draft.problems.append(source.problem(("disable", kind), "must be a list of ids"))
        return []
    for index, name in enumerate(names):
        if not isinstance(name, str):
            draft.problems.append(
                source.problem(("disable", kind, index), f"{shortened(name)} is no id")
            )
    return [(index, name) for index, name in enumerate(names) if isinstance(name, str)]


def _disable_part(draft: _BookDraft, source: LocatedYaml, path: KeyPath, name: str) -> None:
    rule_id, _, part = name.partition("/")
    rule = draft.rules.get(rule_id)
    kind = str(path[1])
    parts: tuple[Any, ...] = getattr(rule, kind) if rule else ()
    if rule is None or all(one.id != part for one in parts):
        draft.problems.append(source.problem(path, f"{name!r} is not a shipped rule/{kind[:-1]}"))
        return
    kept = tuple(one for one in parts if one.id != part)
    draft.rules[rule_id] = (
        replace(rule, signals=kept) if kind == "signals" else replace(rule, traps=kept)
    )


def _disable_terms(
    draft: _BookDraft, source: LocatedYaml, path: KeyPath, name: str, body: Any
) -> None:
    concept = draft.concepts[name]
    terms = dict(concept.terms)
    for language, unwanted in draft.concept_reader(source).terms(path, body).items():
        gone = {(term.parts, term.gaps) for term in unwanted}
        kept = tuple(
            term for term in terms.get(language, ()) if (term.parts, term.gaps) not in gone
        )
        if len(kept) == len(terms.get(language, ())):
            draft.problems.append(
                source.problem((*path, language), "none of these terms is shipped")
            )
        terms[language] = kept
    draft.concepts[name] = replace(concept, terms=terms)


def _concept(
    draft: _BookDraft, source: LocatedYaml, path: KeyPath, name: str, body: Any
) -> Concept:
    return draft.concept_reader(source).concept(name, body, under=path)


def _mapping(draft: _BookDraft, source: LocatedYaml, path: KeyPath, body: Any) -> dict[str, Any]:
    if isinstance(body, dict):
        return body
    draft.problems.append(source.problem(path, "must map ids to what changes"))
    return {}


def _is_known(
    draft: _BookDraft, source: LocatedYaml, path: KeyPath, name: str, known: dict[str, Any]
) -> bool:
    if name in known:
        return True
    draft.problems.append(source.problem(path, f"{name} is not shipped"))
    return False


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
