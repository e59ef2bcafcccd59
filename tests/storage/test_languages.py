"""The one table of languages."""

from __future__ import annotations

from babel import Locale

from storage.languages import LANGUAGES, SPOKEN_LANGUAGES


def test_codes_are_those_of_the_standard() -> None:
    for code in LANGUAGES:
        assert Locale.parse(code).english_name


def test_what_is_spoken_is_read() -> None:
    assert set(SPOKEN_LANGUAGES) < set(LANGUAGES)
    assert "en" in SPOKEN_LANGUAGES  # what everything falls back to
