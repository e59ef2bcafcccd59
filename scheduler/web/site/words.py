"""The words of the page, on top of those of the digest, and the language of a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from starlette.requests import Request

from crawler.located_yaml import read_yaml
from scheduler.digest.labels import Labels, labels_of
from storage.languages import SPOKEN_LANGUAGES

COOKIE = "language"
_FOLDER = Path(__file__).parent / "words"
DEFAULT = "en"  # and what programs read


@cache
def words_of(language: str) -> Labels:
    """The labels of the digest in a language, with the words of the page under `page`."""
    labels = labels_of(language)
    words = {**labels.words, "page": read_yaml(_FOLDER / f"{language}.yaml").data}
    return replace(labels, words=words)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words of the page that are said later, when it is known in which language. `filled` may hold
    sentences, too.
    """

    key: str
    filled: Mapping[str, str | Sentence] = field(default_factory=dict)

    def in_words(self, language: str) -> str:
        filled = {
            name: value if isinstance(value, str) else value.in_words(language)
            for name, value in self.filled.items()
        }
        return words_of(language).say(f"page.{self.key}", **filled)


def language_for(request: Request) -> str:
    """What the address asks for, else what was chosen before, else what the browser prefers."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in SPOKEN_LANGUAGES:
            return chosen
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    """The first language of an Accept-Language header that there is (RFC 9110, section 12.5.4)."""
    wishes = []
    for part in header.split(",")[:20]:
        tag, _, parameters = part.partition(";")  # spaces may stand around each
        name, _, weight = parameters.partition("=")
        try:
            weighed = float(weight) if name.strip().lower() == "q" else 1.0
            wishes.append((weighed, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    ranked = sorted(wishes, key=lambda wish: -wish[0])
    return next((tag for weight, tag in ranked if weight and tag in SPOKEN_LANGUAGES), DEFAULT)
