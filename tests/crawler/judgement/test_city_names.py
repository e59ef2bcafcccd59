from __future__ import annotations

import pytest

from crawler.judgement.city_names import load_city_names


@pytest.mark.parametrize(
    ("written", "language", "expected"),
    [
        ("الرباط", "en", "Rabat"),
        ("Rabat", "ar", "الرباط"),
        ("Roma", "en", "Rome"),
        ("Rome", "es", "Roma"),
        ("RABAT", "fr", "Rabat"),
        ("Salisburgo", "fr", "Salzbourg"),
        ("تونس", "en", "Tunis"),  # the state has the same name in Arabic
        ("Túnez", "fr", "Tunis"),
        ("Herat", "ar", "Herat"),  # nobody wrote down how it is written in Arabic
        ("Brussels", "fr", "Bruxelles"),  # the seat of a body, and no state
        ("Erewhon", "fr", "Erewhon"),
    ],
)
def test_a_city_is_named_in_the_language_of_the_reader(
    written: str, language: str, expected: str
) -> None:
    assert load_city_names().name(written, language) == expected
