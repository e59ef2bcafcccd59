"""The one table of languages."""

from __future__ import annotations

from babel import Locale

from crawler.judgement.text.grammar import language_folders
from storage.languages import LANGUAGES, SPOKEN_LANGUAGES


def test_the_table_and_the_folders_hold_the_same_languages() -> None:
    assert {folder.name for folder in language_folders()} == set(LANGUAGES)


def test_codes_are_those_of_the_standard() -> None:
    for code in LANGUAGES:
        assert Locale.parse(code).english_name


def test_what_is_spoken_is_read() -> None:
    assert set(SPOKEN_LANGUAGES) < set(LANGUAGES)
    assert "en" in SPOKEN_LANGUAGES  # what everything falls back to
