"""The topics of the card: what the text names as content of the agreement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

from crawler.judgement.card.acts import find_clauses
from crawler.judgement.card.card import find_topics
from crawler.judgement.card.status import find_status
from crawler.judgement.judge import load_rules
from crawler.judgement.text.lexicon import Lexicon
from crawler.judgement.text.reading import read
from storage.records import Topic
from tests.crawler.judgement.lexicon import words_alone


@cache
def _whole_lexicon() -> Lexicon:
    """With the words of the pack, which know migration itself."""
    return load_rules().lexicon


def _topics(
    text: str, language: str, title: str = "", lexicon: Callable[[], Lexicon] = words_alone
) -> set[Topic]:
    reading = read(title, text, language, lexicon())
    clauses = find_clauses(reading, date(2023, 5, 12))
    return set(find_topics(reading, clauses, find_status(reading, clauses))[0])


@pytest.mark.parametrize(
    ("language", "text", "topic"),
    [
        ("fr", "Ils ont signé un accord de réadmission.", Topic.READMISSION),
        ("en", "They signed an agreement on border management.", Topic.BORDER),
        ("ar", "وقعا مذكرة لمكافحة الاتجار بالبشر", Topic.TRAFFICKING),
        ("es", "Firmaron un convenio de contratación de temporeros.", Topic.LABOUR),
        ("it", "Firmata l'intesa sull'esenzione dai visti.", Topic.VISA),
        ("pt", "Assinaram um acordo sobre refugiados.", Topic.ASYLUM),
        ("de", "Beide unterzeichneten ein Abkommen; es fließen Finanzhilfen.", Topic.DEVELOPMENT),
        ("en", "They signed a deal on the return of their own nationals.", Topic.READMISSION),
        ("en", "They will extend the returns pilot by letter.", Topic.READMISSION),
        ("en", "They signed a protocol on the return of Syrians.", Topic.READMISSION),
        ("en", "They signed a deal on the return of boat passengers.", Topic.READMISSION),
        ("en", "They signed a pact on quicker returns.", Topic.READMISSION),
        ("en", "Berlin asked for swift handbacks at the river.", Topic.READMISSION),
        ("en", "The agreement lets farm hands stay a season.", Topic.LABOUR),
        ("en", "They end the short-stay agreement.", Topic.VISA),
        (
            "fr",
            "Ils passent la frontière entre les deux villes avec une simple carte.",
            Topic.LABOUR,
        ),
        ("pt", "O acordo muda o controlo de passaportes no porto.", Topic.BORDER),
        ("de", "Sie wollen die Südgrenze mit Satelliten überwachen.", Topic.BORDER),
    ],
)
def test_each_topic_has_its_words(language: str, text: str, topic: Topic) -> None:
    assert topic in _topics(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The two museums signed a deal on the return of the marbles."),
        ("en", "The deal provides for the return of all the hostages."),
        ("en", "The deal lets the country take back control of its waters."),
        ("en", "The minister who signed the deal was removed from office."),
        ("it", "Chiedono di rinviare la firma dell'accordo sul commercio."),
    ],
)
def test_what_comes_back_or_is_put_off_is_not_always_a_person(language: str, text: str) -> None:
    assert Topic.READMISSION not in _topics(text, language)


def test_several_topics_of_one_package() -> None:
    text = (
        "The deal signed on Thursday covers returns of nationals, seasonal workers and "
        "anti-trafficking work."
    )
    assert _topics(text, "en") == {Topic.READMISSION, Topic.LABOUR, Topic.TRAFFICKING}


def test_background_in_passing_is_no_content() -> None:
    filler = (
        "The recruitment of nurses is at the heart of the agreement, which the ministers signed. "
        * 4
    )
    text = f"{filler}In 2011 boats with refugees had landed on the island."
    assert _topics(text, "en", "Labour agreement for nurses signed") == {Topic.LABOUR}


def test_no_words_no_topics() -> None:
    assert _topics("The sea was blue.", "en") == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Ils ont signé un traité sur les soudeurs et les infirmières."),
        ("es", "Se trata de un convenio para contratar temporeros."),
        ("it", "Roma tratta con Hanoi un accordo sui lavoratori stagionali."),
    ],
)
def test_homographs_of_trafficking(language: str, text: str) -> None:
    assert _topics(text, language) == {Topic.LABOUR}


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Oslo and Nauru sign migration deal"),
        ("fr", "Oslo et Dakar signent un accord migratoire"),
        ("de", "Oslo und Accra schließen Migrationsabkommen"),
        ("es", "Oslo y Lima firman un acuerdo migratorio"),
        ("it", "Oslo e Dakar firmano un patto sulla migrazione"),
        ("pt", "Oslo e Praia assinam acordo sobre migração"),
        ("ar", "أوسلو وداكار توقعان اتفاق الهجرة"),
    ],
)
def test_migration_without_more_is_control(language: str, title: str) -> None:
    assert _topics("", language, title, _whole_lexicon) == {Topic.BORDER}


@pytest.mark.parametrize(
    "title",
    [
        "Oslo and Nauru agree on crossings of the strait",
        "Oslo and Nauru sign a pact to limit the surge",
        "Oslo to pay Nauru for watching small boats",
    ],
)
def test_crossings_and_small_boats_are_control(title: str) -> None:
    assert _topics("", "en", title) == {Topic.BORDER}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "They agreed to work together on drug trafficking."),
        ("en", "They struck a deal against fentanyl smuggling and gun traffickers."),
        ("en", "They signed a pact against the smuggling of weapons."),
        ("en", "They signed an agreement to relocate armed groups."),
        ("fr", "Ils ont signé un accord contre les trafiquants de drogue."),
        ("ar", "وقعا اتفاقا لملاحقة عصابات المخدرات وتجار الأسلحة"),
        ("es", "Firmaron un acuerdo contra los traficantes de armas."),
        ("it", "Hanno firmato un accordo contro ogni trafficante di droga."),
        ("pt", "Assinaram um acordo contra os traficantes de drogas."),
    ],
)
def test_drugs_weapons_and_armed_groups_are_no_persons(language: str, text: str) -> None:
    assert not {Topic.TRAFFICKING, Topic.ASYLUM} & _topics(text, language)


def test_drugs_beside_persons_hide_no_persons() -> None:
    text = "They signed a pact against drug trafficking, human trafficking and smugglers."
    assert Topic.TRAFFICKING in _topics(text, "en")
