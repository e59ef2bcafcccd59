"""Concepts and their terms, as loaded from packs, gazetteer and card lexicons, and what looks for
those that a rule can start with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import NamedTuple

from crawler.judgement.text.folding import Folded
from crawler.judgement.text.grammar import Grammar, grammar_of_no_language, with_shared_scales
from crawler.judgement.text.matching import Found, Matcher, Span, compile_matcher, find
from crawler.judgement.text.terms import ParsedTerm

ANY_LANGUAGE = "any"


@dataclass(frozen=True, slots=True)
class Concept:
    """Terms and masks by language ("any" for every language). What stands inside a longer hit of
    another `longest` concept does not count ("Guinea" in "Equatorial Guinea").
    """

    id: str
    terms: Mapping[str, tuple[ParsedTerm, ...]]
    masks: Mapping[str, tuple[ParsedTerm, ...]] = field(default_factory=dict)
    longest: bool = False


def competing_of(concepts: Iterable[Concept]) -> frozenset[str]:
    return frozenset(concept.id for concept in concepts if concept.longest)


# Returns the matcher of a language from a cache, or what builds it, which is then stored.
MatcherCache = Callable[[str, Callable[[], Matcher]], Matcher]


class Lexicon:
    """All concepts that a reading looks for; matchers are compiled when first needed."""

    def __init__(
        self, concepts: Iterable[Concept], grammars: Mapping[str, Grammar] | None = None
    ) -> None:
        by_id = {concept.id: concept for concept in concepts}
        self._set_up(lambda: by_id, competing_of(by_id.values()), grammars or {}, None)

    @classmethod
    def from_cache(
        cls,
        concepts: Callable[[], Mapping[str, Concept]],
        competing: frozenset[str],
        grammars: Mapping[str, Grammar],
        cache: MatcherCache,
    ) -> Lexicon:
        """Return a lexicon whose concepts are read when asked for, and its matchers cached."""
        lexicon = cls.__new__(cls)
        lexicon._set_up(concepts, competing, grammars, cache)
        return lexicon

    def _set_up(
        self,
        concepts: Callable[[], Mapping[str, Concept]],
        competing: frozenset[str],
        grammars: Mapping[str, Grammar],
        cache: MatcherCache | None,
    ) -> None:
        self.grammars = with_shared_scales(grammars)
        self._no_language = grammar_of_no_language(self.grammars.values())
        self._load_concepts = concepts
        self._competing = competing
        self._cache = cache
        self._matchers: dict[str, Matcher] = {}

    @property
    def competing(self) -> frozenset[str]:
        """The concepts of which only the longest of overlapping hits counts."""
        return self._competing

    @cached_property
    def concepts(self) -> Mapping[str, Concept]:
        return self._load_concepts()

    def grammar(self, language: str) -> Grammar:
        """Return the grammar of a language, or that of no language if it is not loaded."""
        return self.grammars.get(language, self._no_language)

    def matcher(self, language: str) -> Matcher:
        if language not in self._matchers:
            if self._cache is None:
                self._matchers[language] = self._compiled_matcher(language)
            else:
                # Languages without a grammar have no terms of their own.
                known = language if language in self.grammars else ""
                build = partial(self._compiled_matcher, known)
                self._matchers[language] = self._cache(known, build)
        return self._matchers[language]

    def _compiled_matcher(self, language: str) -> Matcher:
        return compile_matcher(
            (
                (concept.id, _of(concept.terms, language), _of(concept.masks, language))
                for concept in self.concepts.values()
            ),
            self.grammar(language).clitics,
        )

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


# --- which documents a rule can start in ----------------------------------------------------------


class Opened(NamedTuple):
    """What the automaton found in a text: `early` is all that can be of a concept that is early."""

    folded: Folded
    found: Found
    early: Found
    is_early: Callable[[str], bool]


class Opening:
    """Looks in a language for the concepts `starting`. What is not `is_early` waits for a card."""

    def __init__(
        self, matcher: Matcher, starting: Collection[str], is_early: Callable[[str], bool]
    ) -> None:
        self._matcher = matcher
        self._starting = frozenset(starting)
        self._is_early = cache(is_early)
        # Worked out when they first occur: a text has some hundreds of ten thousand patterns.
        self._known: set[int] = set()  # patterns
        self._starts: set[int] = set()
        self._late: set[int] = set()
        self._pieces: dict[int, tuple[int, ...]] = {}  # of longer terms, by pattern
        self._slots: dict[int, tuple[int, ...]] = {}  # by piece

    def opened(self, folded: Folded) -> Opened | None:
        """Return what is found in a folded text, or None if none of the concepts can start it."""
        places = find(self._matcher, folded.bytes_)
        patterns = {pattern for pattern, _, _ in places}
        for pattern in patterns - self._known:
            self._learn(pattern)
        if not self._may_start(patterns):
            return None
        late = self._late
        return Opened(folded, places, [one for one in places if one[0] not in late], self._is_early)

    def _may_start(self, patterns: set[int]) -> bool:
        if not self._starts.isdisjoint(patterns):
            return True
        pieces = {
            piece for pattern in patterns & self._pieces.keys() for piece in self._pieces[pattern]
        }
        choices, others = self._matcher.choices, self._matcher.others
        return any(
            not any(pieces.isdisjoint(choices[choice]) for choice in others[slot])
            for piece in pieces
            for slot in (self._slots[piece] if piece in self._slots else self._slots_of(piece))
        )

    def _learn(self, pattern: int) -> None:
        meanings = self._matcher.groups[pattern]
        concepts = {concept for _, several, _ in meanings for concept in several}
        pieces = tuple([piece for _, _, piece in meanings if piece >= 0])
        if pieces:
            self._pieces[pattern] = pieces
        elif not any(map(self._is_early, concepts)):
            self._late.add(pattern)
        if not self._starting.isdisjoint(concepts):
            self._starts.add(pattern)
        self._known.add(pattern)  # last, since another thread may ask meanwhile

    def _slots_of(self, piece: int) -> tuple[int, ...]:
        """Return the terms of starting concepts that are looked at where this piece occurs."""
        slots = self._matcher.slots
        starting = self._slots[piece] = tuple(
            slot
            for slot in self._matcher.anchored[piece]
            if slots[slot].concept in self._starting and not slots[slot].is_mask
        )
        return starting
