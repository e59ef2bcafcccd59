"""An agreement is ended, stopped or prolonged only where it is what the act is done to."""

from __future__ import annotations

import pytest

from crawler.judgement.card.acts import find_clauses, is_about
from crawler.judgement.card.status import find_status
from crawler.judgement.text.reading import Reading, read
from storage.records import Status
from tests.crawler.judgement.lexicon import words_alone


def _read(text: str, language: str) -> Reading:
    return read("", text, language, words_alone())


def _status(text: str, language: str) -> Status | None:
    reading = _read(text, language)
    return find_status(reading, find_clauses(reading, None)).status


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Oslo has a deal with Accra to scrap the visa fee for nurses."),
        ("en", "Oslo cancelled a visit to Accra over the labour agreement."),
        ("fr", "Oslo a un accord avec Accra pour annuler la taxe sur les visas."),
        ("es", "Hay un acuerdo entre Oslo y Accra para cancelar la tasa de los visados."),
        ("it", "C'è un accordo tra Oslo e Accra per annullare la tassa sui visti."),
        ("pt", "Há um acordo entre Oslo e Acra para cancelar a taxa dos vistos."),
        ("ar", "بين أوسلو وأكرا اتفاق لإلغاء رسوم التأشيرة"),
    ],
)
def test_what_an_agreement_is_for_does_not_end_it(language: str, text: str) -> None:
    assert _status(text, language) is not Status.TERMINATED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Oslo scrapped the labour agreement with Accra."),
        ("en", "The agreement with Accra on nurses was scrapped."),
        ("fr", "Oslo a dénoncé l'accord avec Accra."),
        ("de", "Oslo hat das Abkommen mit Accra über den Grenzverkehr am Montag aufgekündigt."),
        ("es", "El acuerdo con Accra fue cancelado."),
        ("it", "Oslo ha disdetto l'accordo con Accra."),
        ("pt", "Oslo denunciou o acordo com Acra."),
        ("es", "Los convenios fueron denunciados el lunes."),
        ("it", "Gli accordi con Accra sono stati annullati."),
        ("ar", "قررت أوسلو إلغاء الاتفاقية مع أكرا"),
    ],
)
def test_an_agreement_that_is_ended_is_terminated(language: str, text: str) -> None:
    assert _status(text, language) is Status.TERMINATED


def test_borders_that_are_closed_conclude_no_pact() -> None:
    text = "Die Grenzen wurden geschlossen. Oslo schlägt einen Pakt mit Accra vor."
    assert _status(text, "de") is Status.PROPOSED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They suspended the accord.", True),
        ("The accord was suspended.", True),
        ("They suspended flights under the accord.", False),
        ("An accord that suspended flights.", False),
        ("The accord was suspended, the ministry said.", True),
        ("The accord was suspended. The ministry said so.", True),
    ],
)
def test_object_of_an_act(text: str, expected: bool) -> None:
    reading = _read(text, "en")
    clauses = find_clauses(reading, None)
    [act] = [one for one in clauses.acts if one.deed == "suspended"]
    assert is_about(act.hit, [one.token for one in clauses.objects], reading) is expected
