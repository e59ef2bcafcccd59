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
from tests.crawler.judgement.behaviours import rows_of
from tests.crawler.judgement.lexicon import words_alone

_PUBLISHED = date(2023, 5, 12)


def _found(text: str, language: str, title: str = "") -> Instrument | None:
    reading = read(title, text, language, words_alone())
    clauses = find_clauses(reading, _PUBLISHED)
    return find_instrument(reading, clauses, find_status(reading, clauses))[0]


PRESS = (
    "Ministers from both sides spoke to the press for an hour about fish, gas and the weather. " * 5
)
CALLED: dict[str, list[tuple[str, ...]]] = {
    "what the text calls it": [
        ("MEMORANDUM", "fr", "Les ministres ont signé un protocole d'accord sur les retours."),
        ("PROTOCOL", "fr", "Les ministres ont signé un protocole sur les patrouilles."),
        ("MEMORANDUM", "it", "Firmato il protocollo d'intesa sui rimpatri."),
        ("MEMORANDUM", "es", "Suscribieron un protocolo de entendimiento migratorio."),
        ("MEMORANDUM", "ar", "وقع البلدان مذكرة تفاهم بشأن العمالة"),
        ("DECLARATION", "ar", "وقع البلدان على إعلان مشترك حول الهجرة"),
        ("DECLARATION", "de", "Beide unterzeichneten eine Absichtserklärung zur Migration."),
        ("DECLARATION", "fr", "Ils ont adopté un communiqué conjoint sur la migration."),
        ("ARRANGEMENT", "en", "They signed standard operating procedures for victims."),
        ("ACTION_PLAN", "pt", "Adotaram um plano de ação contra o tráfico."),
        ("PARTNERSHIP", "de", "Beide haben eine Migrationspartnerschaft vereinbart."),
        ("TREATY", "en", "The presidents signed a treaty on residence."),
        ("AGREEMENT", "es", "Firmaron un convenio para temporeros."),
    ],
    "a specific noun beats the headline word": [
        ("MEMORANDUM", "en", "The ministers signed a memorandum of understanding on nurses. The deal covers 300 people.",
         "Accra and Oslo seal labour deal"),
    ],
    "an earlier instrument does not count": [
        ("AGREEMENT", "en", "Oslo and Accra signed an agreement on returns. It replaces the memorandum of 2014."),
    ],
    "a definite noun in the body names what the lead calls an accord": [
        ("PROTOCOL", "en", f"Lawmakers backed the accord with Ghana on Thursday. {PRESS}The protocol runs for five years."),
    ],
    "an indefinite noun in the body is another one": [
        ("AGREEMENT", "en", f"They signed an accord on visas on Thursday. {PRESS}The two also have a memorandum on fishing."),
    ],
    "treaties in passing do not make a treaty": [
        ("AGREEMENT", "en", "They signed an agreement on returns. Critics say that it breaks international treaties."),
    ],
    "unnamed but agreed is an agreement": [
        ("AGREEMENT", "es", "Bogotá y Quito acordaron compartir datos."),
    ],
    "no act and no name is unknown": [
        ("", "en", "The sea was blue."),
    ],
    "who deals with something makes no deal": [
        ("", "en", "Canada pays for projects to help Nigeria deal with trafficking."),
        ("", "en", "The states want to deal with smugglers."),
        ("", "en", "The text deals with people who are returned."),
    ],
    "a national action plan is one state's own": [
        ("", "en", "Money goes into a National Action Plan against trafficking."),
        ("", "fr", "Le Niger présente son plan d'action national contre la traite."),
        ("", "de", "Das Land legt seinen Nationalen Aktionsplan vor."),
        ("", "ar", "أعلنت الوزارة خطة عمل وطنية لمكافحة الاتجار بالبشر"),
    ],
    "an action plan of two states is a paper": [
        ("ACTION_PLAN", "en", "They adopted an action plan on returns."),
    ],
    "French trafficking is no treaty": [
        ("", "fr", "Les deux pays luttent contre la traite."),
        ("TREATY", "fr", "LES DEUX PAYS SIGNENT UN TRAITÉ"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", rows_of(CALLED))
def test_an_instrument_is_what_the_act_calls_it(row: tuple[str, ...]) -> None:
    kind, language, text, *title = row
    assert _found(text, language, *title) is (Instrument[kind] if kind else None)


@pytest.mark.parametrize(
    "kind", [instrument for instrument in Instrument if instrument is not Instrument.OTHER]
)
def test_each_instrument_is_looked_for_and_has_words_in_every_language(kind: Instrument) -> None:
    assert kind in INSTRUMENTS
    assert words_alone().concepts[f"instrument.{kind}"].terms.keys() >= set(LANGUAGES)
