"""Acts that a report tells of states which are no party to its agreement."""

from __future__ import annotations

import json
from functools import cache

import pytest

from crawler.judgement.judge import Rules, judge_reading, load_rules, read_document
from crawler.judgement.rules.scoring import read_labelled
from storage.records import Card, Status


@cache
def _rules() -> Rules:
    return load_rules()


def _card(title: str, text: str, language: str) -> Card:
    row = {"id": "a", "lang": language, "title": title, "text": text, "published": "2025-05-15"}
    document = read_labelled([json.dumps({**row, "relevant": True})])[0].document
    return judge_reading(read_document(document, _rules()), document, _rules(), with_card=True).card


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Uganda says it will take migrants from US",
         "Uganda has agreed with the United States to receive migrants. Rwanda signed an agreement in April."),
        ("fr", "L'Ouganda accepte de recevoir des migrants des États-Unis",
         "L'Ouganda s'est entendu avec les États-Unis sur l'accueil de migrants. Le Rwanda a signé un accord en avril."),
        ("es", "Uganda acepta recibir migrantes de EE.UU.",
         "Uganda acordó con Estados Unidos recibir migrantes. Ruanda firmó un acuerdo en abril."),
    ],
)  # fmt: skip
def test_what_strangers_signed_is_background(language: str, title: str, text: str) -> None:
    assert _card(title, text, language).status is Status.CONCLUDED


def test_members_of_the_union_act_for_it() -> None:
    text = (
        "The European Union and Tunisia agreed on migration. Italy's prime minister"
        " signed the agreement on Thursday."
    )
    card = _card("EU and Tunisia close ranks on migrants", text, "en")
    assert (card.parties, card.status) == (("EU", "TN"), Status.SIGNED)


def test_a_similar_deal_of_a_stranger_is_background() -> None:
    title = "L'Ouganda accepte de recevoir des migrants des États-Unis"
    text = (
        "L'Ouganda s'est entendu avec les États-Unis sur l'accueil de migrants. Le Rwanda a signé"
        " avec Washington un accord semblable."
    )
    assert _card(title, text, "fr").status is Status.CONCLUDED
