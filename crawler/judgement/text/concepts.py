"""Concept files: packs, gazetteer and card lexicons share this shape.

schema: 1
longest: true            # these concepts compete: only the longest of overlapping names counts
concepts:
  act.sign:
    note: why it is here
    terms: {en: [sign(s|ed|ing|), {term: MOU, case: true, except: [MOU Festival]}], any: [...]}
    except: {en: [sign language]}

A term list may take in that of another concept in the same language: {concept: words.signed}.
Concepts under `words.` are there for that only; nothing looks for them by themselves.

A file of one language says so (`language: fr`) and lists its terms without naming the language
again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from crawler.judgement.text.grammar import Grammar
from crawler.judgement.text.lexicon import ANY_LANGUAGE, Concept
from crawler.judgement.text.terms import ParsedTerm, TermError, parse_term
from crawler.located_yaml import KeyPath, LocatedYaml, shortened
from storage.errors import Problem

SCHEMA = 1
CONCEPT_ID = re.compile(r"[a-z][a-z0-9_-]*(\.[A-Za-z0-9_-]+)*$")
_TERM_KEYS = {"term", "case", "accents", "clitics", "except"}
_CONCEPT_KEYS = {"terms", "except", "note"}
_WORDS = "words."  # what such concepts hold is found where others take it in


def load_concepts(
    sources: Sequence[LocatedYaml], grammars: Mapping[str, Grammar], problems: list[Problem]
) -> dict[str, Concept]:
    """Read the `concepts` of parsed files by id; faults are added to `problems`."""
    concepts: dict[str, Concept] = {}
    readable = []
    for source in sources:
        problems += source.problems
        if not source.problems and is_schema(source, problems):
            readable.append(source)
    library = Library(readable)
    for source in readable:
        for name, concept in ConceptReader(source, grammars, problems, library).concepts().items():
            if name.startswith(_WORDS):
                continue
            earlier = concepts.get(name)
            if earlier is not None and not earlier.terms.keys().isdisjoint(concept.terms):
                message = "has terms of this language in another file too"
                problems.append(source.problem(("concepts", name), message))
            concepts[name] = concept if earlier is None else joined(earlier, concept)
    return concepts


def joined(concept: Concept, other: Concept) -> Concept:
    terms, masks = dict(concept.terms), dict(concept.masks)
    for language, more in other.terms.items():
        terms[language] = terms.get(language, ()) + more
    for language, more in other.masks.items():
        masks[language] = masks.get(language, ()) + more
    return Concept(concept.id, terms, masks, concept.longest or other.longest)


def is_schema(source: LocatedYaml, problems: list[Problem]) -> bool:
    """Return whether the file is a mapping with `schema: 1`; if not, a problem is added."""
    if not isinstance(source.data, dict):
        problems.append(source.problem((), "must be a mapping that starts with `schema: 1`"))
        return False
    if source.data.get("schema") != SCHEMA:
        problems.append(source.problem(("schema",), f"must be `schema: {SCHEMA}`"))
        return False
    return True


def unknown_keys(
    source: LocatedYaml, path: KeyPath, body: Mapping[str, Any], known: Collection[str]
) -> list[Problem]:
    allowed = ", ".join(sorted(known))
    return [
        source.problem((*path, key), f"is not one of {allowed}") for key in body if key not in known
    ]


class Library:
    """The lists of parsed files as they are written, for concepts that take in those of others."""

    def __init__(self, sources: Iterable[LocatedYaml] = ()) -> None:
        self._lists: dict[tuple[str, str], list[Any]] = {}
        for source in sources:
            bodies = source.data.get("concepts")
            for name, body in bodies.items() if isinstance(bodies, dict) else ():
                terms = body.get("terms") if isinstance(body, dict) else body
                by_language = (
                    terms if isinstance(terms, dict) else {source.data.get("language"): terms}
                )
                for code, entries in by_language.items():
                    if isinstance(entries, list):
                        self._lists.setdefault((name, str(code)), []).extend(entries)

    def entries(self, name: str, language: str) -> list[Any] | None:
        """Return the list of a concept in a language, or None where there is none."""
        return self._lists.get((name, language))


class _Spelling(NamedTuple):
    """Whether case and accents matter, and whether a word may have clitics joined to it."""

    case: bool = False
    accents: bool = False
    clitics: bool = True


class ConceptReader:
    """Reads the concepts of one file; `problems` collects what is wrong. `library` has the lists
    that a term list may take in.
    """

    def __init__(
        self,
        source: LocatedYaml,
        grammars: Mapping[str, Grammar],
        problems: list[Problem],
        library: Library | None = None,
    ) -> None:
        self._library = library or Library([source])
        # Concepts whose lists are being read, each within the one before.
        self._taken_in: list[str] = []
        self._source = source
        self._grammars = grammars
        self._problems = problems
        self._language = source.data.get("language")
        self._languages = (*grammars, ANY_LANGUAGE)

    def concepts(self) -> dict[str, Concept]:
        """Read the concepts under the key `concepts`, by id."""
        if self._language is not None and not self._has_language():
            self._fault(("language",), f"is not one of {', '.join(self._languages)}")
        longest = self._source.data.get("longest", False)
        if not isinstance(longest, bool):
            self._fault(("longest",), "must be true or false")
        bodies = self._source.data.get("concepts")
        if bodies is None:
            return {}
        if not isinstance(bodies, dict):
            self._fault(("concepts",), "must map concept ids to their terms")
            return {}
        return {name: self.concept(name, body, longest is True) for name, body in bodies.items()}

    def concept(
        self, name: str, body: Any, longest: bool = False, under: KeyPath = ("concepts",)
    ) -> Concept:
        """Read one concept that stands at the key path `under`."""
        path: KeyPath = (*under, name)
        if not CONCEPT_ID.match(name):
            self._fault(path, "a concept id is lower-case words joined by dots, such as act.sign")
        if isinstance(body, list) and self._has_language():
            return Concept(name, self.terms(path, body), longest=longest)
        if not isinstance(body, dict):
            self._fault(path, "must be a mapping with `terms`")
            return Concept(name, {})
        self._problems += unknown_keys(self._source, path, body, _CONCEPT_KEYS)
        terms = self.terms((*path, "terms"), body.get("terms", {}))
        masks = self.terms((*path, "except"), body.get("except", {}))
        return Concept(name, terms, masks, longest)

    def terms(self, path: KeyPath, body: Any) -> Mapping[str, tuple[ParsedTerm, ...]]:
        """Read a mapping language -> list of terms, or the list of the file's language."""
        if isinstance(body, list) and self._has_language():
            return {self._language: self._list(path, body, self._language)}
        if not isinstance(body, dict):
            self._fault(path, "must map languages to lists of terms")
            return {}
        read: dict[str, tuple[ParsedTerm, ...]] = {}
        for language, entries in body.items():
            if language not in self._languages:
                self._fault((*path, language), f"is not one of {', '.join(self._languages)}")
            else:
                read[language] = self._list((*path, language), entries, language)
        return read

    def _has_language(self) -> bool:
        return self._language in self._languages

    def _list(self, path: KeyPath, entries: Any, language: str) -> tuple[ParsedTerm, ...]:
        if not isinstance(entries, list):
            self._fault(path, "must be a list of terms")
            return ()
        parsed_terms: list[ParsedTerm] = []
        for index, entry in enumerate(entries):
            parsed_terms += self._entry((*path, index), entry, language)
        return tuple(parsed_terms)

    def _entry(self, path: KeyPath, entry: Any, language: str) -> tuple[ParsedTerm, ...]:
        """Read one entry of a list: text, a mapping with `term`, or one with `concept`."""
        if isinstance(entry, str):
            return self._parsed(path, entry, language, _Spelling())
        if not isinstance(entry, dict):
            entry = {"term": entry}
        if "concept" in entry:
            return self._list_of(path, entry, language)
        self._problems += unknown_keys(self._source, path, entry, _TERM_KEYS)
        text = entry.get("term")
        given = {name: entry[name] for name in _Spelling._fields if name in entry}
        spelling = _Spelling(**given)
        are_flags = all(isinstance(value, bool) for value in spelling)
        if not isinstance(text, str) or not are_flags:
            message = "a term is text (in quotes); case, accents, clitics are true or false"
            self._fault(path, message)
            return ()
        masks = self._list((*path, "except"), entry.get("except", []), language)
        return self._parsed(path, text, language, spelling, masks)

    def _list_of(
        self, path: KeyPath, entry: Mapping[str, Any], language: str
    ) -> tuple[ParsedTerm, ...]:
        self._problems += unknown_keys(self._source, path, entry, {"concept"})
        name = str(entry["concept"])
        entries = self._library.entries(name, language)
        if entries is None:
            self._fault(path, f"there is no concept {shortened(name)} with terms in {language}")
            return ()
        if name in self._taken_in:
            self._fault(path, f"takes in {shortened(name)}, which takes in this one")
            return ()
        self._taken_in.append(name)
        parsed_terms = self._list(path, entries, language)
        self._taken_in.pop()
        return parsed_terms

    def _parsed(
        self,
        path: KeyPath,
        text: str,
        language: str,
        spelling: _Spelling,
        masks: tuple[ParsedTerm, ...] = (),
    ) -> tuple[ParsedTerm, ...]:
        grammar = self._grammars.get(language)
        has_clitics = spelling.clitics and grammar is not None and grammar.clitics is not None
        try:
            exact = spelling._replace(clitics=has_clitics)
            return parse_term(text, **exact._asdict(), masks=masks)
        except TermError as error:
            self._fault(path, str(error))
            return ()

    def _fault(self, path: KeyPath, message: str) -> None:
        self._problems.append(self._source.problem(path, message))
