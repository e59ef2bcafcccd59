"""What was done, and to what: not what is possible, hoped for or before a court, nor old."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.acts import find_clauses, is_about
from crawler.judgement.card.mentions import Modality
from crawler.judgement.card.status import find_status
from crawler.judgement.judge import Rules
from crawler.judgement.text.reading import Reading, read
from crawler.process.process import judge_document
from storage.records import Document, Judged, Status
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
    assert is_about(act.hit, [hit.token for hit in clauses.objects], reading) is expected


OPEN = [
    ("en", "Hearing begins over UK-Rwanda asylum deal",
     "Judges in London began a three-day hearing on Tuesday about the asylum deal between the United Kingdom and Rwanda."),
    ("fr", "La Cour suprême examine l'accord d'asile entre Londres et Kigali",
     "La Cour suprême britannique a ouvert lundi l'audience sur l'accord d'asile entre le Royaume-Uni et le Rwanda."),
    ("es", "El Supremo celebra la vista sobre el acuerdo de asilo entre Reino Unido y Ruanda",
     "El Tribunal Supremo británico comenzó el lunes la vista sobre el acuerdo de asilo con Ruanda."),
    ("de", "Oberstes Gericht verhandelt über Asylabkommen mit Ruanda",
     "Vor dem Obersten Gericht in London hat am Montag die Anhörung zum Asylabkommen zwischen Großbritannien und Ruanda begonnen."),
    ("en", "Bill would end US visa agreement with Mexico",
     "A bill introduced in the House on Tuesday would terminate the visa agreement between the United States and Mexico."),
    ("en", "Labour vows to scrap UK-Rwanda asylum deal",
     "Labour would tear up the asylum deal between the United Kingdom and Rwanda on its first day in office, the party's leader said on Tuesday."),
    ("fr", "L'opposition promet d'annuler l'accord migratoire entre l'Italie et l'Albanie",
     "L'opposition italienne a promis mardi d'annuler l'accord migratoire avec l'Albanie si elle gagne les élections."),
    ("es", "La oposición promete romper el acuerdo migratorio entre Italia y Albania",
     "La oposición italiana prometió el martes romper el acuerdo migratorio con Albania si gana las elecciones."),
    ("it", "L'opposizione promette di stracciare l'accordo sui migranti tra Italia e Albania",
     "L'opposizione ha promesso martedì di annullare l'accordo sui migranti tra Italia e Albania se vincerà le elezioni."),
    ("pt", "Oposição promete rasgar acordo migratório entre Itália e Albânia",
     "A oposição italiana prometeu na terça-feira anular o acordo migratório entre Itália e Albânia se vencer as eleições."),
    ("ar", "المعارضة تتعهد بإلغاء اتفاق الهجرة بين إيطاليا وألبانيا",
     "تعهدت المعارضة الإيطالية يوم الثلاثاء بإلغاء اتفاق الهجرة بين إيطاليا وألبانيا إذا فازت في الانتخابات."),
    ("en", "Rwanda asylum plan must go ahead, says minister",
     "The asylum agreement between the United Kingdom and Rwanda must go ahead, the home secretary said on Tuesday."),
    ("es", "El plan de asilo con Ruanda debe seguir adelante, dice la ministra",
     "El acuerdo de asilo entre el Reino Unido y Ruanda debe seguir adelante, dijo el martes la ministra del Interior."),
]  # fmt: skip
ENDED = [
    ("en", "Niger axes migration deal with EU",
     "Niger axed its migration deal with the European Union on Tuesday. The partnership had paid for border posts."),
    ("en", "UK judges rule Rwanda asylum deal unlawful after hearing",
     "Judges in London ruled on Tuesday that the asylum deal between the United Kingdom and Rwanda is unlawful, and stopped all transfers."),
    ("fr", "Le Niger annule son partenariat migratoire avec l'Union européenne",
     "Le gouvernement nigérien a annulé mardi le partenariat migratoire qui le lie à l'Union européenne et qui finançait des postes-frontières."),
    ("es", "Níger cancela su asociación migratoria con la Unión Europea",
     "El Gobierno de Niamey canceló el martes la asociación migratoria con la Unión Europea, que pagaba puestos fronterizos."),
    ("ar", "النيجر تلغي شراكة الهجرة مع الاتحاد الأوروبي",
     "ألغت حكومة النيجر يوم الثلاثاء الشراكة الخاصة بالهجرة مع الاتحاد الأوروبي."),
]  # fmt: skip


def _judged(rules: Rules, language: str, title: str, text: str) -> Judged:
    document = Document(
        title=title,
        text=text,
        language=language,
        published_on=date(2026, 3, 11),
        outlet="a.example",
    )
    return judge_document(document, rules, with_card=True)


@pytest.mark.parametrize(("language", "title", "text"), OPEN)
def test_what_is_only_spoken_of_sets_no_status(
    rules: Rules, language: str, title: str, text: str
) -> None:
    judged = _judged(rules, language, title, text)
    assert judged.verdict.card.status is None
    assert not judged.verdict.relevant


@pytest.mark.parametrize(("language", "title", "text"), ENDED)
def test_what_a_government_or_a_court_ends_is_ended(
    rules: Rules, language: str, title: str, text: str
) -> None:
    assert _judged(rules, language, title, text).verdict.card.status in (
        Status.TERMINATED,
        Status.SUSPENDED,
    )
