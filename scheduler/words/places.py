"""Cities as the reader calls them, whatever article they were read from."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.judgement.city_names import CityNames


def place_in(language: str, place: str | None, key: str | None = None) -> str:
    """Return a place in a language and its script; as it was written where nobody knows better.

    `key` is its canonical name, if it has one: "the Egyptian capital" is Cairo.
    """
    if not place:
        return ""
    names = _city_names()
    return (names.name_of_key(key, language) if key else None) or names.name(place, language)


@cache
def _city_names() -> CityNames:
    from crawler.judgement.city_names import load_city_names

    return load_city_names()
