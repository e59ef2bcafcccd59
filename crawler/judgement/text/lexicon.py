"""Concepts and their terms, as loaded from packs, gazetteer and card lexicons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crawler.judgement.text.grammar import (
    Grammar,
    grammar_of_no_language,
    with_shared_scales,
)
from crawler.judgement.text.matching import Matcher, Span, compile_matcher
from crawler.judgement.text.terms import ParsedTerm

ANY_LANGUAGE = "any"


@dataclass(frozen=True, slots=True)
class Concept:
    """Terms and masks by language ("any" for every language).

    Concepts with `longest` compete: what stands inside a longer hit of another of them does not
    count ("Guinea" in "Equatorial Guinea").
    """

    id: str
    terms: Mapping[str, tuple[ParsedTerm, ...]]
    masks: Mapping[str, tuple[ParsedTerm, ...]] = field(default_factory=dict)
    longest: bool = False


class Lexicon:
    """All concepts that a reading looks for, and the grammars of the languages that it may be in.

    Matchers are compiled when a language is first met.
    """

    def __init__(
        self, concepts: Iterable[Concept], grammars: Mapping[str, Grammar] | None = None
    ) -> None:
        self.grammars = with_shared_scales(grammars or {})
        self._no_language = grammar_of_no_language(self.grammars.values())
        self.concepts = {concept.id: concept for concept in concepts}
        self._competing = frozenset(
            concept.id for concept in self.concepts.values() if concept.longest
        )
        self._matchers: dict[str, Matcher] = {}

    def grammar(self, language: str) -> Grammar:
        """Return the grammar of a language, or that of no language if it is not loaded."""
        return self.grammars.get(language, self._no_language)

    def matcher(self, language: str) -> Matcher:
        """Return the automaton of one language."""
        if language not in self._matchers:
            self._matchers[language] = compile_matcher(
                (
                    (concept.id, _of(concept.terms, language), _of(concept.masks, language))
                    for concept in self.concepts.values()
                ),
                self.grammar(language).clitics,
            )
        return self._matchers[language]

    def keep_longest(self, spans: dict[str, list[Span]]) -> None:
        """Drop, in place, spans of competing concepts that stand strictly inside a longer one."""
        rivals = [
            (a, -b, concept)
            for concept in spans
            if concept in self._competing
            for a, b in spans[concept]
        ]
        if len(rivals) < 2:
            return
        rivals.sort()
        reach, holder = -1, (-1, -1)
        beaten: dict[str, set[Span]] = {}
        for a, negative, concept in rivals:
            span = (a, -negative)
            if span[1] <= reach and span != holder:
                beaten.setdefault(concept, set()).add(span)
            elif span[1] > reach:
                reach, holder = span[1], span
        for concept, lost in beaten.items():
            spans[concept] = [span for span in spans[concept] if span not in lost]


def _of(terms: Mapping[str, tuple[ParsedTerm, ...]], language: str) -> tuple[ParsedTerm, ...]:
    return (*terms.get(language, ()), *terms.get(ANY_LANGUAGE, ()))
