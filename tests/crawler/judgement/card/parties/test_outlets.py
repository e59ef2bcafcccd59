"""Where an outlet is at home."""

from __future__ import annotations

import pytest

from crawler.judgement.card.parties.parties import outlet_country
from crawler.judgement.judge import judge, load_rules
from storage.records import Document


@pytest.mark.parametrize(
    ("outlet", "url", "country"),
    [
        (None, "https://www.example.ma/news/1", "MA"),
        ("example.co.uk", None, "GB"),
        ("Daily Example", "https://example.com/a.fr", None),
        ("example.io", None, None),
        ("example.pt", "https://example.com/", "PT"),
        ("A. Nom", None, None),
        (None, "http://[broken", None),
        (None, None, None),
    ],
)
def test_the_country_of_a_host(outlet: str | None, url: str | None, country: str | None) -> None:
    assert outlet_country(outlet, url) == country


def test_our_country_is_that_of_the_outlet() -> None:
    text = (
        "O nosso país e Angola assinaram na segunda-feira um acordo de readmissão de "
        "migrantes em situação irregular. "
        "O acordo prevê o repatriamento dos cidadãos angolanos."
    )
    document = Document(
        "Acordo de readmissão com Angola assinado", text, "pt", url="https://example.pt/1"
    )
    assert judge(document, load_rules()).card.parties == ("AO", "PT")
