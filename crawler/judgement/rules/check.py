"""Tell an analyst about rule files before they run: faults, and warnings about terms."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from crawler.judgement.probability.frequencies import FREQUENCIES_FILE
from crawler.judgement.rules.book import Book, RuleFiles, read_book
from crawler.judgement.rules.evaluate import evaluate
from crawler.judgement.rules.model import Condition, Example, Rule
from crawler.judgement.text.concepts import ConceptReader, Library, is_schema
from crawler.judgement.text.grammar import Grammar
from crawler.judgement.text.lexicon import Concept
from crawler.judgement.text.reading import read
from crawler.judgement.text.terms import ParsedTerm, WordSequence
from crawler.located_yaml import KeyPath, LocatedYaml, load_yaml
from storage.errors import Problem
from storage.languages import LANGUAGES, TABLE_FILE

# In "(reject)(s|ed)" the one alternative "reject" means with or without it.
_OPTIONAL_STEM = re.compile(r"(?<![\w)|])\((\w{3,})\)(?=\()")
_SHORT_WILDCARD = 4  # letters: with fewer, a wildcard finds words of other families


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found in rule files.

    `problems` keep the files from loading, `warnings` do not. `failed` are inline examples that
    were answered wrongly, with the id of their rule; `examples` is the number of all. `gaps` says
    what each language lacks.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    failed: tuple[tuple[str, Example], ...]
    examples: int
    gaps: tuple[LanguageGaps, ...]


def check(files: RuleFiles) -> CheckReport:
    """Load all files and look at them.

    Warnings concern packs and the user's files; data is only what they refer to.
    """
    book, problems = read_book(files)
    warnings: list[Problem] = []
    used = _used(book.rules.rules)
    everything = [load_yaml(path) for path in (*files.packs, *files.data, *files.own)]
    library = Library(source for source in everything if isinstance(source.data, dict))
    for path in (*files.packs, *files.own):
        warnings += _file_warnings(load_yaml(path), book.lexicon.grammars, library, used)
    warnings += _dangling(book, (*files.packs, *files.own))
    failed = failed_examples(book) if not problems else []
    return CheckReport(
        tuple(problems),
        tuple(warnings),
        tuple(failed),
        sum(len(rule.examples) for rule in book.rules.rules),
        gaps_of_languages(book.lexicon.concepts, files.languages),
    )


def failed_examples(book: Book) -> list[tuple[str, Example]]:
    """Return inline examples that their rule answers wrongly, each with the id of the rule."""
    failed = []
    for rule in book.rules.rules:
        for example in rule.examples:
            reading = read(example.title, example.text, example.language, book.lexicon)
            found = any(
                outcome.rule.id == rule.id and outcome.relevant
                for outcome in evaluate(book.rules, reading)
            )
            if found != example.matches:
                failed.append((rule.id, example))
    return failed


def _used(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(
        concept for rule in rules for condition in _conditions(rule) for concept in _ids(condition)
    )


def _conditions(rule: Rule) -> list[Condition]:
    return [
        *(signal.condition for signal in rule.signals),
        *(trap.condition for trap in rule.traps),
    ]


def _ids(condition: Condition) -> set[str]:
    return {
        concept for element in (*condition.elements, *condition.absent) for concept in element.ids
    }


def _dangling(book: Book, paths: Sequence[Path]) -> list[Problem]:
    """Warn of concepts that a rule asks for and no file defines: they can never be found."""
    found = []
    for rule in book.rules.rules:
        patterns = {
            pattern
            for condition in _conditions(rule)
            for element in (*condition.elements, *condition.absent)
            for pattern in element.concepts
        }
        for pattern in sorted(patterns):
            family = pattern.removesuffix(".*")
            if not any(
                concept == family or concept.startswith(family + ".")
                for concept in book.lexicon.concepts
            ):
                place = str(paths[-1]) if paths else ""
                found.append(
                    Problem(place, 1, 1, rule.id, f"asks for {pattern}, which no file defines")
                )
    return found


def _file_warnings(
    source: LocatedYaml,
    grammars: Mapping[str, Grammar],
    library: Library,
    used: frozenset[str],
) -> list[Problem]:
    if source.problems or not is_schema(source, []):
        return []
    warnings = []
    for name, concept in ConceptReader(source, grammars, [], library).concepts().items():
        if name not in used and concept.terms:
            warnings.append(source.problem(("concepts", name), "no rule uses it"))
        warnings += _term_warnings(source, concept)
    return warnings


def _term_warnings(source: LocatedYaml, concept: Concept) -> list[Problem]:
    warnings = []
    body = source.data["concepts"][concept.id]
    for language, terms in concept.terms.items():
        path: KeyPath = ("concepts", concept.id)
        if not isinstance(body, list):
            path = (*path, "terms", language)
        simple = _simple_parts(terms)
        told = [text for term in terms for text in _doubts(term, simple)]
        told += repeats(terms)
        warnings += [source.problem(path, text) for text in told]
    return warnings


def _doubts(term: ParsedTerm, simple: Mapping[WordSequence, Sequence[ParsedTerm]]) -> list[str]:
    """Return what may be wrong with one term; `simple` has the terms of its concept by phrase."""
    doubts = []
    if any(_is_short(phrase) for choice in term.parts for phrase in choice):
        doubts.append(f"{term.source!r}: a wildcard with under 4 letters")
    stem = _OPTIONAL_STEM.search(term.source)
    if stem:
        doubts.append(
            f"{term.source!r}: ({stem[1]}) may be left out, and bare endings are found; "
            f"write {stem[1]}("
        )
    shadow = _shadow(term, simple)
    if shadow:
        doubts.append(f"{term.source!r} is shadowed by {shadow!r}, which finds it too")
    return doubts


def repeats(terms: Sequence[ParsedTerm]) -> list[str]:
    """Return a line for each spelling in two terms of a list, and each term that repeats."""
    told = []
    for phrase, found in _simple_parts(terms).items():
        one, *more = dict.fromkeys(term.source for term in found)
        if more:
            told.append(f"{phrase.text!r} stands in {one!r} and in {more[0]!r}: keep one")
        elif len(found) > 1:
            told.append(f"{one!r} stands twice: keep one")
    others = [
        term if term.exact else term._replace(source="") for term in terms if not _is_simple(term)
    ]
    names = {term._replace(source=""): term.source for term in terms}
    for term, count in Counter(others).items():
        if count > 1:
            told.append(f"{names[term._replace(source='')]!r} stands twice: keep one")
    return told


def _is_short(part: WordSequence) -> bool:
    """Return whether a phrase is open to other letters and has too few of its own.

    Digits are exempt: "20*" stands for years, and few other words begin so.
    """
    return (
        (part.open_left or part.open_right)
        and len(part.text) < _SHORT_WILDCARD
        and part.text.isalpha()
    )


def _is_simple(term: ParsedTerm) -> bool:
    """Return whether each phrase of a term is found by itself: no gap, no exact form, no mask."""
    return len(term.parts) == 1 and not term.exact and not term.masks


def _simple_parts(terms: Sequence[ParsedTerm]) -> dict[WordSequence, list[ParsedTerm]]:
    parts: dict[WordSequence, list[ParsedTerm]] = defaultdict(list)
    for term in terms:
        if _is_simple(term):
            for part in term.parts[0]:
                parts[part].append(term)
    return parts


def _shadow(term: ParsedTerm, simple: Mapping[WordSequence, Sequence[ParsedTerm]]) -> str | None:
    """Return another term of the concept that finds all that this one finds, or None."""
    if len(term.parts) != 1:
        return None
    by = {_finder(part, term, simple) for part in term.parts[0]}
    return next(iter(by)) if len(by) == 1 else None


def _finder(
    part: WordSequence, term: ParsedTerm, simple: Mapping[WordSequence, Sequence[ParsedTerm]]
) -> str | None:
    words = part.text.split(" ")
    if len(words) > 1:
        return None
    text = words[0]
    shorter = [
        WordSequence(text[:end], False, True)
        for end in range(1, len(text) + (0 if part.open_right else 1))
    ]
    longer = [
        WordSequence(text[start:], True, False)
        for start in range(0 if not part.open_left else 1, len(text))
    ]
    candidates = (
        shorter if part.open_right else longer if part.open_left else [part, *shorter, *longer]
    )
    for candidate in candidates:
        for other in simple.get(candidate, ()):
            if other is not term:
                return other.source
    return None


# --- what a language lacks beside the others ------------------------------------------------------

# One term of a language may say what another needs four for. With less than a tenth of the terms
# that the others usually have for a concept, most of its forms are missing.
_THIN = 0.1
_LEAST = 10  # where the others have fewer terms, their number says little
_NAMED = 6  # concepts that a line names; it counts the rest


@dataclass(frozen=True, slots=True)
class LanguageGaps:
    """What one language lacks, in lines.

    `share` is that of the concepts which most of the other languages have words for and this one
    has not.
    """

    language: str
    lines: tuple[str, ...]
    share: float


def gaps_of_languages(
    concepts: Mapping[str, Concept], folders: Sequence[Path]
) -> tuple[LanguageGaps, ...]:
    """Return what each language lacks: a line for each family of concepts in which it has nothing
    or little.

    A family is what stands before the first dot of a concept's name (`state` of `state.MA`). The
    measure of a concept is the median of its terms in the other languages, so that words which one
    language alone needs are missed in none. A line also says where the table of languages does not
    have it, or nobody has counted its forms in ordinary news.
    """
    languages = {folder.name for folder in folders}
    return tuple(
        _gaps(concepts, folder, languages - {folder.name})
        for folder in folders
        if len(languages) > 1
    )


def _gaps(concepts: Mapping[str, Concept], folder: Path, others: Iterable[str]) -> LanguageGaps:
    expected = {
        name: usual
        for name, concept in concepts.items()
        if "any" not in concept.terms and (usual := _usual(concept, others))
    }
    own = {name: len(concepts[name].terms.get(folder.name, ())) for name in expected}
    lines = (*_beside_the_terms(folder), *_in_the_terms(own, expected))
    missing = sum(1 for terms in own.values() if not terms)
    return LanguageGaps(folder.name, lines, missing / len(expected) if expected else 0.0)


def _beside_the_terms(folder: Path) -> Iterable[str]:
    if folder.name not in LANGUAGES:
        yield f"{TABLE_FILE.name} does not have it, so no text is taken to be in this language"
    if not (folder / FREQUENCIES_FILE).is_file():
        yield (
            f"has no {FREQUENCIES_FILE}, so all its words count as rare; "
            f"`accordwatch rules count {folder.name} ORDINARY.jsonl` makes it"
        )


def _in_the_terms(own: Mapping[str, int], expected: Mapping[str, float]) -> Iterable[str]:
    families: dict[str, list[str]] = defaultdict(list)
    for name in expected:
        families[name.partition(".")[0]].append(name)
    for family, names in sorted(families.items()):
        missing = [name for name in names if not own[name]]
        if missing:
            share = f"{len(missing)} of {len(names)} concepts"
            yield f"{family}: {share} have no terms: {_listed(missing)}"
        thin = [
            f"{name} ({own[name]}, other languages {expected[name]:.0f})"
            for name in names
            if expected[name] >= _LEAST and 0 < own[name] < _THIN * expected[name]
        ]
        if thin:
            yield f"{family}: few terms: {_listed(thin)}"


def _usual(concept: Concept, languages: Iterable[str]) -> float:
    return median(len(concept.terms.get(one, ())) for one in languages)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
