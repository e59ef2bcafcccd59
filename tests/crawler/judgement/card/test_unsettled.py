"""What a court will hear, a bill would end or an opposition vows is no step; what a government
ends is, whatever it calls the agreement.
"""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.judge import Rules, load_rules
from crawler.process.process import judge_document
from storage.records import Document, Judged, Status

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


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


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
