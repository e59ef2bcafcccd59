"""Concept files: packs, gazetteer and card lexicons share this shape.

schema: 1
longest: true            # these concepts compete: only the longest of overlapping names counts
concepts:
  act.sign:
    note: why it is here
    terms: {en: [sign(s|ed|ing|), {term: MOU, case: true, except: [MOU Festival]}], any: [...]}
    except: {en: [sign language]}
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.judgement.text.lexicon import ANY_LANGUAGE, Concept, Lexicon
from crawler.judgement.text.terms import Term, TermError, parse_term
from crawler.located_yaml import KeyPath, LocatedYaml, load_yaml
from storage.errors import Problem, RuleError
from storage.records import LANGUAGES

SCHEMA = 1
CONCEPT_ID = re.compile(r"[a-z][a-z0-9_-]*(\.[A-Za-z0-9_-]+)*$")
_TERM_KEYS = {"term", "case", "accents", "clitics", "except"}
_CONCEPT_KEYS = {"terms", "except", "note"}


def load_lexicon(paths: Iterable[Path], cache_dir: Path | None = None) -> Lexicon:
    """All concepts of the files as one lexicon. Raises RuleError with every fault of every file."""
    problems: list[Problem] = []
    concepts = load_concepts([load_yaml(path, cache_dir) for path in paths], problems)
    if problems:
        raise RuleError(*problems)
    return Lexicon(concepts.values())


def load_concepts(sources: Sequence[LocatedYaml], problems: list[Problem]) -> dict[str, Concept]:
    """The `concepts` of parsed files by id; faults are added to `problems`."""
    found: dict[str, Concept] = {}
    for source in sources:
        problems += source.problems
        if source.problems or not is_schema(source, problems):
            continue
        longest = source.data.get("longest", False)
        if not isinstance(longest, bool):
            problems.append(source.problem(("longest",), "must be true or false"))
        for name, concept in read_concepts(source, problems, longest is True).items():
            earlier = found.get(name)
            if earlier is not None and not earlier.terms.keys().isdisjoint(concept.terms):
                problems.append(
                    source.problem(
                        ("concepts", name), "has terms of this language in another file too"
                    )
                )
            found[name] = concept if earlier is None else joined(earlier, concept)
    return found


def joined(one: Concept, other: Concept) -> Concept:
    """Both lists of terms under one id."""
    terms, masks = dict(one.terms), dict(one.masks)
    for language, more in other.terms.items():
        terms[language] = terms.get(language, ()) + more
    for language, more in other.masks.items():
        masks[language] = masks.get(language, ()) + more
    return Concept(one.id, terms, masks, one.longest or other.longest)


def is_schema(source: LocatedYaml, problems: list[Problem]) -> bool:
    """Whether the file is a mapping with `schema: 1`; if not, says so."""
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
    """A problem for each key of `body` that is not known."""
    allowed = ", ".join(sorted(known))
    return [
        source.problem((*path, key), f"is not one of {allowed}") for key in body if key not in known
    ]


def read_concepts(
    source: LocatedYaml, problems: list[Problem], longest: bool = False
) -> dict[str, Concept]:
    """The concepts under the key `concepts` of one file."""
    language = source.data.get("language")
    if language not in (None, *LANGUAGES):
        problems.append(source.problem(("language",), f"is not one of {', '.join(LANGUAGES)}"))
    concepts = source.data.get("concepts")
    if concepts is None:
        return {}
    if not isinstance(concepts, dict):
        problems.append(source.problem(("concepts",), "must map concept ids to their terms"))
        return {}
    return {
        name: read_concept(source, name, body, problems, longest) for name, body in concepts.items()
    }


def read_concept(
    source: LocatedYaml,
    name: str,
    body: Any,
    problems: list[Problem],
    longest: bool,
    under: KeyPath = ("concepts",),
) -> Concept:
    """One concept; what is wrong with it is added to `problems`."""
    path: KeyPath = (*under, name)
    if not CONCEPT_ID.match(name):
        problems.append(
            source.problem(
                path, "a concept id is lower-case words joined by dots, such as act.sign"
            )
        )
    language = source.data.get("language")
    if isinstance(body, list) and language in LANGUAGES:
        return Concept(
            name, {language: read_list(source, path, body, language, problems)}, longest=longest
        )
    if not isinstance(body, dict):
        problems.append(source.problem(path, "must be a mapping with `terms`"))
        return Concept(name, {})
    problems += unknown_keys(source, path, body, _CONCEPT_KEYS)
    terms = read_terms(source, (*path, "terms"), body.get("terms", {}), problems)
    masks = read_terms(source, (*path, "except"), body.get("except", {}), problems)
    return Concept(name, terms, masks, longest)


def read_terms(
    source: LocatedYaml, path: KeyPath, body: Any, problems: list[Problem]
) -> Mapping[str, tuple[Term, ...]]:
    """A mapping language -> list of terms."""
    if not isinstance(body, dict):
        problems.append(source.problem(path, "must map languages to lists of terms"))
        return {}
    read: dict[str, tuple[Term, ...]] = {}
    for language, entries in body.items():
        if language not in (*LANGUAGES, ANY_LANGUAGE):
            problems.append(
                source.problem(
                    (*path, language), f"is not one of {', '.join((*LANGUAGES, ANY_LANGUAGE))}"
                )
            )
        else:
            read[language] = read_list(source, (*path, language), entries, language, problems)
    return read


def read_list(
    source: LocatedYaml, path: KeyPath, entries: Any, language: str, problems: list[Problem]
) -> tuple[Term, ...]:
    """The terms of one language."""
    if not isinstance(entries, list):
        problems.append(source.problem(path, "must be a list of terms"))
        return ()
    return tuple(
        term
        for index, entry in enumerate(entries)
        for term in _entry(source, (*path, index), entry, language, problems)
    )


def _entry(
    source: LocatedYaml, path: KeyPath, entry: Any, language: str, problems: list[Problem]
) -> tuple[Term, ...]:
    if isinstance(entry, str):
        return _parsed(source, path, problems, entry, language)
    if not isinstance(entry, dict):
        entry = {"term": entry}
    problems += unknown_keys(source, path, entry, _TERM_KEYS)
    text = entry.get("term")
    flags = {
        key: entry.get(key, default)
        for key, default in (("case", False), ("accents", False), ("clitics", True))
    }
    if not isinstance(text, str) or not all(isinstance(value, bool) for value in flags.values()):
        problems.append(
            source.problem(
                path, "a term is text (in quotes); case, accents, clitics are true or false"
            )
        )
        return ()
    hidden = entry.get("except", [])
    if not isinstance(hidden, list):
        problems.append(source.problem((*path, "except"), "must be a list of terms"))
        hidden = []
    masks = tuple(
        term
        for index, mask in enumerate(hidden)
        for term in _entry(source, (*path, "except", index), mask, language, problems)
    )
    return _parsed(source, path, problems, text, language, masks=masks, **flags)


def _parsed(
    source: LocatedYaml,
    path: KeyPath,
    problems: list[Problem],
    text: str,
    language: str,
    **options: Any,
) -> tuple[Term, ...]:
    try:
        return parse_term(text, language, **options)
    except TermError as error:
        problems.append(source.problem(path, str(error)))
        return ()
