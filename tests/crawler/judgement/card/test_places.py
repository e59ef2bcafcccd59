"""Where the step happened, or unknown."""

from __future__ import annotations

import pytest

from crawler.judgement.card.mentions import load_tables
from crawler.judgement.card.parties.parties import find_parties
from crawler.judgement.card.parties.party_mentions import find_setting
from crawler.judgement.card.places import Place, find_place
from crawler.judgement.text.reading import read
from tests.crawler.judgement.card.parties.test_parties import lexicon


def place(language: str, title: str, text: str) -> Place | None:
    reading = read(title, text, language, lexicon())
    setting = find_setting(reading)
    return find_place(
        reading, find_parties(reading, setting, load_tables()), setting, load_tables()
    )


@pytest.mark.parametrize(
    ("language", "text", "found", "key"),
    [
        ("fr", "Le Maroc et le Niger ont signé lundi à Rabat une déclaration.", "Rabat", "rabat"),
        ("en", "Kenya and Qatar signed the agreement in Nairobi.", "Nairobi", "nairobi"),
        ("es", "Perú y Ecuador firmaron hoy en Tumbes un convenio.", "Tumbes", "tumbes"),
        ("it", "Italia e Albania hanno firmato il protocollo a Palazzo Chigi.", "Palazzo Chigi", "rome"),
        ("pt", "Angola e Portugal assinaram o acordo em Luanda.", "Luanda", "luanda"),
        ("de", "Deutschland und Marokko unterzeichneten das Abkommen in Rabat.", "Rabat", "rabat"),
        ("ar", "وقعت مصر والأردن مذكرة تفاهم بالقاهرة.", "القاهرة", "cairo"),
        ("ar", "وقعت تونس وإيطاليا مذكرة تفاهم في تونس.", "تونس", "tunis"),
        ("fr", "Le Tchad et le Soudan ont signé un accord dans la capitale tchadienne.",
         "capitale tchadienne", "ndjamena"),
        ("es", "LIMA, 24 ago (Xinhua) -- Perú y Chile firmaron un acuerdo.", "Lima", "lima"),
        ("en", "Morocco and Spain signed a pact in Istanbul. It replaces the treaty signed in Paris in 1992.",
         "Istanbul", "istanbul"),
    ],
)  # fmt: skip
def test_the_city_of_the_act_is_the_place(language: str, text: str, found: str, key: str) -> None:
    place_ = place(language, "", text)
    assert place_ is not None
    assert (place_.text, place_.key) == (found, key)
    assert place_.evidence.concept.split(".")[0] in ("city", "capital", "seat", "state", "cue")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Berlin und Rabat verabredeten eine Partnerschaft."),
        ("en", "London and Baghdad signed an agreement by video link."),
        ("en", "Nothing was signed."),
    ],
)
def test_a_capital_that_acts_is_no_place(language: str, text: str) -> None:
    assert place(language, "", text) is None
