"""What a city is called in the reader's language, whatever language an article named it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.judgement.text.grammar import Grammar, load_grammars
from crawler.located_yaml import load_yaml
from storage.letters import fold_text

_GAZETTEER = Path(__file__).parent / "gazetteer"
_FILES = ("capitals.yaml", "cities.yaml")  # later ones do not rename what stands in earlier ones
_BODIES = "bodies.yaml"
_ANY = "any"  # the name in Latin letters that most languages share
_PATTERN = frozenset("()|*?[]\\")  # terms with these are patterns, not names


@dataclass(frozen=True, slots=True)
class CityNames:
    """The cities' terms, by folded name and by canonical name; and the grammars."""

    terms: Mapping[str, Mapping[str, Any]]
    of_key: Mapping[str, Mapping[str, Any]]
    grammars: Mapping[str, Grammar]

    def name_of_key(self, key: str, language: str) -> str | None:
        """Return the name of the city with this canonical name in a language, if it has one."""
        terms = self.of_key.get(key)
        return None if terms is None else _first(terms, language) or self._shared(terms, language)

    def name(self, written: str, language: str) -> str:
        """Return the name of a city in a language: "الرباط" in "en" gives "Rabat"."""
        terms = self.terms.get(fold_text(written))
        if terms is None:
            return written
        return _first(terms, language) or self._shared(terms, language) or written

    def _shared(self, terms: Mapping[str, Any], language: str) -> str | None:
        grammar = self.grammars.get(language)
        if grammar is not None and grammar.script != "latin":
            return None
        return _first(terms, _ANY) or _first(terms, "en")


def load_city_names(cache_dir: Path | None = None) -> CityNames:
    of_name: dict[str, Mapping[str, Any]] = {}
    of_key: dict[str, Mapping[str, Any]] = {}
    for file in (*_FILES, _BODIES):
        for concept, entry in load_yaml(_GAZETTEER / file, cache_dir).data["concepts"].items():
            terms = entry["terms"]
            if file != _BODIES:
                of_key.setdefault(concept.rpartition(".")[2], terms)
            elif not concept.startswith("seat."):  # cities that mean a body, and no state: Brussels
                continue
            for language in terms:
                for name in _names(terms, language):
                    of_name.setdefault(fold_text(name), terms)
    grammars = load_grammars(cache_dir=cache_dir)
    for name, key in _names_of_city_states(grammars, cache_dir):
        if key in of_key:
            of_name.setdefault(fold_text(name), of_key[key])
    return CityNames(of_name, of_key, grammars)


def _names_of_city_states(
    grammars: Mapping[str, Grammar], cache_dir: Path | None
) -> Iterator[tuple[str, str]]:
    """Yield the names that a state shares with its capital in a language, with the city's key."""
    for path in sorted(_GAZETTEER.glob("states-*.yaml")):
        concepts = load_yaml(path, cache_dir).data["concepts"]
        for language, grammar in grammars.items():
            for state, key in grammar.city_states.items():
                terms = concepts.get(f"state.{state}", {}).get("terms", {})
                name = _first(terms, language)
                if name is not None:
                    yield name, key


def _first(terms: Mapping[str, Any], language: str) -> str | None:
    return next(_names(terms, language), None)


def _names(terms: Mapping[str, Any], language: str) -> Iterator[str]:
    for term in terms.get(language, ()):
        if isinstance(term, str) and not _PATTERN & set(term):
            yield term
