"""The instrument of the card: by what the text calls the agreement."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import INSTRUMENTS, find_clauses
from crawler.judgement.card.card import find_instrument
from crawler.judgement.card.status import find_status
from crawler.judgement.text.reading import read
from storage.languages import LANGUAGES
from storage.records import Instrument
from tests.crawler.judgement.lexicon import words_alone

_PUBLISHED = date(2023, 5, 12)


def _found(text: str, language: str, title: str = "") -> Instrument | None:
    reading = read(title, text, language, words_alone())
    clauses = find_clauses(reading, _PUBLISHED)
    return find_instrument(reading, clauses, find_status(reading, clauses))[0]


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("fr", "Les ministres ont signé un protocole d'accord sur les retours.", Instrument.MEMORANDUM),
        ("fr", "Les ministres ont signé un protocole sur les patrouilles.", Instrument.PROTOCOL),
        ("it", "Firmato il protocollo d'intesa sui rimpatri.", Instrument.MEMORANDUM),
        ("es", "Suscribieron un protocolo de entendimiento migratorio.", Instrument.MEMORANDUM),
        ("ar", "وقع البلدان مذكرة تفاهم بشأن العمالة", Instrument.MEMORANDUM),
        ("ar", "وقع البلدان على إعلان مشترك حول الهجرة", Instrument.DECLARATION),
        ("de", "Beide unterzeichneten eine Absichtserklärung zur Migration.", Instrument.DECLARATION),
        ("fr", "Ils ont adopté un communiqué conjoint sur la migration.", Instrument.DECLARATION),
        ("en", "They signed standard operating procedures for victims.", Instrument.ARRANGEMENT),
        ("pt", "Adotaram um plano de ação contra o tráfico.", Instrument.ACTION_PLAN),
        ("de", "Beide haben eine Migrationspartnerschaft vereinbart.", Instrument.PARTNERSHIP),
        ("en", "The presidents signed a treaty on residence.", Instrument.TREATY),
        ("es", "Firmaron un convenio para temporeros.", Instrument.AGREEMENT),
    ],
)  # fmt: skip
def test_what_the_text_calls_it(language: str, text: str, kind: Instrument) -> None:
    assert _found(text, language) is kind


def test_a_specific_noun_beats_the_headline_word() -> None:
    title = "Accra and Oslo seal labour deal"
    text = (
        "The ministers signed a memorandum of understanding on nurses. The deal covers 300 people."
    )
    assert _found(text, "en", title) is Instrument.MEMORANDUM


def test_an_earlier_instrument_does_not_count() -> None:
    text = "Oslo and Accra signed an agreement on returns. It replaces the memorandum of 2014."
    assert _found(text, "en") is Instrument.AGREEMENT


def test_a_definite_noun_in_the_body_names_what_the_lead_calls_an_accord() -> None:
    filler = (
        "Ministers from both sides spoke to the press for an hour about fish, gas and the weather. "
        * 5
    )
    text = (
        f"Lawmakers backed the accord with Ghana on Thursday. {filler}The protocol runs "
        "for five years."
    )
    assert _found(text, "en") is Instrument.PROTOCOL


def test_an_indefinite_noun_in_the_body_is_another_one() -> None:
    filler = (
        "Ministers from both sides spoke to the press for an hour about fish, gas and the weather. "
        * 5
    )
    text = (
        f"They signed an accord on visas on Thursday. {filler}The two also have a "
        "memorandum on fishing."
    )
    assert _found(text, "en") is Instrument.AGREEMENT


def test_treaties_in_passing_do_not_make_a_treaty() -> None:
    text = "They signed an agreement on returns. Critics say that it breaks international treaties."
    assert _found(text, "en") is Instrument.AGREEMENT


def test_unnamed_but_agreed_is_an_agreement() -> None:
    assert _found("Bogotá y Quito acordaron compartir datos.", "es") is Instrument.AGREEMENT


def test_no_act_and_no_name_is_unknown() -> None:
    assert _found("The sea was blue.", "en") is None


@pytest.mark.parametrize(
    "text",
    [
        "Canada pays for projects to help Nigeria deal with trafficking.",
        "The states want to deal with smugglers.",
        "The text deals with people who are returned.",
    ],
)
def test_who_deals_with_something_makes_no_deal(text: str) -> None:
    assert _found(text, "en") is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Money goes into a National Action Plan against trafficking."),
        ("fr", "Le Niger présente son plan d'action national contre la traite."),
        ("de", "Das Land legt seinen Nationalen Aktionsplan vor."),
        ("ar", "أعلنت الوزارة خطة عمل وطنية لمكافحة الاتجار بالبشر"),
    ],
)
def test_a_national_action_plan_is_one_states_own(language: str, text: str) -> None:
    assert _found(text, language) is None


def test_an_action_plan_of_two_states_is_a_paper() -> None:
    assert _found("They adopted an action plan on returns.", "en") is Instrument.ACTION_PLAN


def test_french_trafficking_is_no_treaty() -> None:
    assert _found("Les deux pays luttent contre la traite.", "fr") is None
    assert _found("LES DEUX PAYS SIGNENT UN TRAITÉ", "fr") is Instrument.TREATY


@pytest.mark.parametrize("kind", [one for one in Instrument if one is not Instrument.OTHER])
def test_each_instrument_is_looked_for_and_has_words_in_every_language(kind: Instrument) -> None:
    assert kind in INSTRUMENTS
    assert words_alone().concepts[f"instrument.{kind}"].terms.keys() >= set(LANGUAGES)
