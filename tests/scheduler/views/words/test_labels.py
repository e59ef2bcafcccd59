"""The digest's words: complete in each language, in the plural forms and genders that it has."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.located_yaml import read_yaml
from scheduler.views.words.labels import Labels, labels_of
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Instrument, NewsKind, Status, Topic

PLURAL = {"zero", "one", "two", "few", "many", "other"}


def leaves(words: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    is_inner = isinstance(words, Mapping) and not set(words) <= PLURAL | {"m", "f"}
    if not is_inner:
        yield key, words
        return
    for name, inner in words.items():
        yield from leaves(inner, f"{key}.{name}".lstrip("."))


def names_in(words: Any) -> set[str]:
    texts = words.values() if isinstance(words, Mapping) else [words]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name} - {
        "n"
    }


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_every_language_says_what_english_says(language: str) -> None:
    english, other = dict(leaves(labels_of("en").words)), dict(leaves(labels_of(language).words))
    assert other.keys() == english.keys()
    for key, words in other.items():
        assert names_in(words) == names_in(english[key]), key


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_every_plural_form_of_the_language_is_there(language: str) -> None:
    labels = labels_of(language)
    forms = {labels.locale.plural_form(n) for n in range(200)}
    for key, words in leaves(labels.words):
        if isinstance(words, Mapping) and "other" in words:
            assert forms <= set(words), key


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_every_value_of_a_card_has_a_name(language: str) -> None:
    labels = labels_of(language)
    assert all(labels.say(f"topics.{topic}") for topic in Topic)
    assert all(
        labels.say(f"kinds.{kind}") and labels.count(f"counts.{kind}", 3) for kind in NewsKind
    )
    assert all(
        labels.status(status, instrument) for status in Status for instrument in (*Instrument, None)
    )


def test_a_status_agrees_with_its_instrument() -> None:
    french = labels_of("fr")
    assert french.status("signed", "declaration") == "signée"
    assert french.status("signed", "protocol") == "signé"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Morocco and Niger, 20 November 2026"),
        ("fr", "Maroc et Niger, 20 novembre 2026"),
        ("ar", "المغرب والنيجر, 20 نوفمبر 2026"),
        ("es", "Marruecos y Níger, 20 de noviembre de 2026"),
    ],
)
def test_parties_and_days_are_in_the_readers_language(language: str, expected: str) -> None:
    labels: Labels = labels_of(language)
    parties = labels.listed([labels.party("MA"), labels.party("NE")])
    assert f"{parties}, {labels.day(date(2026, 11, 20))}" == expected


def test_every_body_of_the_gazetteer_has_a_name() -> None:
    folder = Path("crawler/judgement/gazetteer")
    codes = {
        concept.removeprefix("body.")
        for concept in read_yaml(folder / "bodies.yaml").data["concepts"]
        if concept.startswith("body.")
    }
    labels = labels_of("ar")
    unnamed = {code for code in codes if labels.party(code) == code}
    assert not unnamed
