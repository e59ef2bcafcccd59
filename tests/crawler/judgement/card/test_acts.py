"""The modality of an act: what is only possible or wished for is not done, what is recent is not old."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.mentions import Modality
from crawler.judgement.text.reading import read
from tests.crawler.judgement.behaviours import rows_of
from tests.crawler.judgement.lexicon import words_alone


def modalities(text: str, language: str) -> set[Modality]:
    reading = read("", text, language, words_alone())
    acts = find_clauses(reading, date(2023, 5, 12)).acts
    return {act.modality for act in acts if act.deed == "signed"}


MODALITIES: dict[str, list[tuple[str, ...]]] = {
    "what is only possible lies ahead": [
        ("AHEAD", "en", "Oslo weighs signing a labour agreement with Accra."),
        ("AHEAD", "en", "Visa fees fall if Accra signs the agreement."),
        ("AHEAD", "fr", "Les frais baissent si Accra signe l'accord."),
        ("AHEAD", "de", "Die Gebühren sinken, sofern Accra das Abkommen unterzeichnet."),
        ("AHEAD", "de", "Es geht um das Abkommen, das Oslo unterzeichnen will."),
        ("AHEAD", "es", "Las tasas bajan si Accra firma el acuerdo."),
        ("AHEAD", "it", "Le tasse calano se Accra firma l'accordo."),
        ("AHEAD", "pt", "Oslo anuncia a eventual assinatura do acordo."),
        ("AHEAD", "ar", "تنخفض الرسوم في حال وقعت أكرا الاتفاقية"),
    ],
    "an act of these days is not old": [
        ("DONE", "en", "They signed the accord earlier today."),
        ("DONE", "en", "They signed it two hours ago."),
        ("DONE", "fr", "Ils ont signé l'accord il y a deux heures."),
        ("DONE", "es", "Firmaron el acuerdo antes de la cena."),
        ("DONE", "it", "I ministri hanno firmato la prima intesa sui visti."),
    ],
    "an act of years ago is old": [
        ("OLD", "en", "They signed it two years ago."),
        ("OLD", "fr", "Ils ont signé l'accord il y a deux ans."),
        ("OLD", "es", "Firmaron el acuerdo hace dos años."),
        ("OLD", "it", "Hanno firmato l'intesa due anni fa."),
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", rows_of(MODALITIES))
def test_the_modality_of_an_act_is_that_of_its_clause(row: tuple[str, ...]) -> None:
    modality, language, text = row
    assert modalities(text, language) == {Modality[modality]}
