"""Places in the reader's language, by what an article wrote and by their canonical name."""

from __future__ import annotations

import pytest

from scheduler.views.words.names import place_in


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Cairo"), ("fr", "Le Caire"), ("ar", "القاهرة"), ("es", "El Cairo")],
)
def test_a_description_of_a_city_is_its_name(language: str, name: str) -> None:
    assert place_in(language, "العاصمة المصرية", "cairo") == name


def test_without_a_canonical_name_what_was_written_is_looked_up() -> None:
    assert place_in("en", "الرباط") == "Rabat"
    assert place_in("en", "الرباط", "no-such-city") == "Rabat"
    assert place_in("en", "a farm near the border", None) == "a farm near the border"
    assert place_in("en", None, "cairo") == ""
