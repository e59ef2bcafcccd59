"""What people type in a search for the values of filters, for days and for what says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

from babel import Locale

from crawler.located_yaml import shipped_yaml
from scheduler.views.words.labels import labels_of
from storage.filter import attributes
from storage.languages import LANGUAGES, SPOKEN_LANGUAGES, rows_with, typed_words
from storage.letters import fold_text
from storage.records import Instrument, Status, Topic

SEARCH_WORDS = Path(str(files("scheduler.views.words"))) / "search-words.yaml"
_ELIDED = typed_words("elided")
AND_IN_ARABIC: str = rows_with("joined")[0]["joined"][
    "conjunction"
]  # written as one with the next word
ARTICLE_IN_ARABIC = "ال"


@cache
def vocabulary() -> Mapping[str, tuple[str, str]]:
    """What people type for a value of a filter, folded: the field of the filter and its value.
    Markers, such as "since" and words that say nothing, stand for themselves.
    """
    meanings = dict[str, tuple[str, str]]()
    for language in SPOKEN_LANGUAGES:
        labels = labels_of(language)
        meanings |= {
            fold_text(labels.term(f"topics.{topic}")): ("topics", topic)
            for topic in Topic
            if topic is not Topic.OTHER  # "other countries" are no topic
        }
        meanings |= {
            fold_text(labels.status(status, kind)): ("steps", status)
            for status in Status
            for kind in Instrument
        }
    for template in _search_words()["written_in"]:
        for spoken, code in product(LANGUAGES, LANGUAGES):
            name = Locale(spoken).languages[code]
            meanings[fold_text(template.format(name))] = ("languages", code)
    for spoken in LANGUAGES:
        days = Locale(spoken).days["stand-alone"]["wide"]
        meanings |= {fold_text(day): ("period", f"weekday_{one}") for one, day in days.items()}
    for name in _search_words():
        if name in ("length", "number", "written_in"):  # no values of a filter
            continue
        field = attributes().get(name, name)
        meanings |= {one: (field, value) for one, value in words_under(name).items()}
    return meanings


@cache
def _search_words() -> Mapping[str, Any]:
    return dict(shipped_yaml(SEARCH_WORDS))


@cache
def words_under(name: str) -> Mapping[str, str]:
    """The words of a part of the list, folded, and what each stands for."""
    values = _search_words()[name]
    values = values if isinstance(values, Mapping) else {"": values}
    return {fold_text(one): value for value, written in values.items() for one in _flat(written)}


def value_of(folded: str) -> tuple[str, str] | None:
    """The field and the value of some words, an article or "and" before them or not."""
    first, _, rest = folded.partition(" ")
    forms = [folded, rest if first in _ELIDED else ""]
    forms += [
        folded.removeprefix(one)
        for one in (AND_IN_ARABIC, ARTICLE_IN_ARABIC, AND_IN_ARABIC + ARTICLE_IN_ARABIC)
    ]
    return next((vocabulary()[form] for form in forms if form in vocabulary()), None)


def _flat(written: Iterable[Any]) -> Iterator[str]:
    for one in written:
        yield from one if isinstance(one, list) else (one,)
