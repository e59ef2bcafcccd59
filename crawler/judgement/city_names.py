"""What a city is called in the reader's language, whatever language an article named it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crawler.judgement.text.folding import fold_text
from crawler.located_yaml import load_yaml

_GAZETTEER = Path(__file__).parent / "gazetteer"
_FILES = ("capitals.yaml", "cities.yaml")  # later ones do not rename what stands in earlier ones
_ANY = "any"
_PATTERN = frozenset("()|*?[]\\")  # terms with these are patterns, not names


def city_name(written: str, language: str) -> str:
    """Return the name of a city in a language: "الرباط" in "en" gives "Rabat".

    It is returned as written where the gazetteer does not know it or has no name in that language.
    `any` in the gazetteer holds the name in Latin letters that most languages share.
    """
    terms = _cities().get(fold_text(written))
    if terms is None:
        return written
    own = next(_names(terms, language), None)
    shared = (
        None
        if language == "ar"
        else next(_names(terms, _ANY), None) or next(_names(terms, "en"), None)
    )
    return own or shared or written


@cache
def _cities() -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for file in _FILES:
        for concept in load_yaml(_GAZETTEER / file).data["concepts"].values():
            terms = concept["terms"]
            for language in terms:
                for name in _names(terms, language):
                    found.setdefault(fold_text(name), terms)
    return found


def _names(terms: Mapping[str, Any], language: str) -> Iterator[str]:
    for term in terms.get(language, ()):
        if isinstance(term, str) and not _PATTERN & set(term):
            yield term
