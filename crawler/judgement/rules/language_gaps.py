"""What a language lacks beside the others: a folder that loads without a fault may still find next
to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from crawler.judgement.probability.frequencies import FREQUENCIES_FILE
from crawler.judgement.text.lexicon import Concept
from storage.languages import LANGUAGES, TABLE_FILE

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
