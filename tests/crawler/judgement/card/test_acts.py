"""The modality of an act: what is only possible or wished for is not done, what is recent is not old."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.records import Modality
from crawler.judgement.text.reading import read
from tests.crawler.judgement.lexicon import words_alone


def modalities(text: str, language: str) -> set[Modality]:
    reading = read("", text, language, words_alone())
    acts = find_clauses(reading, date(2023, 5, 12)).acts
    return {act.modality for act in acts if act.deed == "signed"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Oslo weighs signing a labour agreement with Accra."),
        ("en", "Visa fees fall if Accra signs the agreement."),
        ("fr", "Les frais baissent si Accra signe l'accord."),
        ("de", "Die Gebühren sinken, sofern Accra das Abkommen unterzeichnet."),
        ("de", "Es geht um das Abkommen, das Oslo unterzeichnen will."),
        ("es", "Las tasas bajan si Accra firma el acuerdo."),
        ("it", "Le tasse calano se Accra firma l'accordo."),
        ("pt", "Oslo anuncia a eventual assinatura do acordo."),
        ("ar", "تنخفض الرسوم في حال وقعت أكرا الاتفاقية"),
    ],
)
def test_what_is_only_possible_lies_ahead(language: str, text: str) -> None:
    assert modalities(text, language) == {Modality.AHEAD}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "They signed the accord earlier today."),
        ("en", "They signed it two hours ago."),
        ("fr", "Ils ont signé l'accord il y a deux heures."),
        ("es", "Firmaron el acuerdo antes de la cena."),
        ("it", "I ministri hanno firmato la prima intesa sui visti."),
    ],
)
def test_an_act_of_these_days_is_not_old(language: str, text: str) -> None:
    assert modalities(text, language) == {Modality.DONE}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "They signed it two years ago."),
        ("fr", "Ils ont signé l'accord il y a deux ans."),
        ("es", "Firmaron el acuerdo hace dos años."),
        ("it", "Hanno firmato l'intesa due anni fa."),
    ],
)
def test_an_act_of_years_ago_is_old(language: str, text: str) -> None:
    assert modalities(text, language) == {Modality.OLD}
