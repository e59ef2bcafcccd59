"""What a government or a court ends has ended, whatever a text calls the agreement."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.judge import Rules, load_rules
from crawler.process.process import judge_document
from storage.records import Document, Judged, Status

ENDED = [
    (
        "en",
        "Niger axes migration deal with EU",
        "Niger axed its migration deal with the European Union on Tuesday. The partnership had "
        "paid for border posts.",
    ),
    (
        "en",
        "UK judges rule Rwanda asylum deal unlawful after hearing",
        "Judges in London ruled on Tuesday that the asylum deal between the United Kingdom and "
        "Rwanda is unlawful, and stopped all transfers.",
    ),
    (
        "fr",
        "Le Niger annule son partenariat migratoire avec l'Union européenne",
        "Le gouvernement nigérien a annulé mardi le partenariat migratoire qui le lie à l'Union "
        "européenne et qui finançait des postes-frontières.",
    ),
    (
        "es",
        "Níger cancela su asociación migratoria con la Unión Europea",
        "El Gobierno de Niamey canceló el martes la asociación migratoria con la Unión Europea, "
        "que pagaba puestos fronterizos.",
    ),
    (
        "ar",
        "النيجر تلغي شراكة الهجرة مع الاتحاد الأوروبي",
        "ألغت حكومة النيجر يوم الثلاثاء الشراكة الخاصة بالهجرة مع الاتحاد الأوروبي.",
    ),
]


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


@pytest.mark.parametrize(("language", "title", "text"), ENDED)
def test_what_a_government_or_a_court_ends_is_ended(
    rules: Rules, language: str, title: str, text: str
) -> None:
    assert _judged(rules, language, title, text).verdict.card.status in (
        Status.TERMINATED,
        Status.SUSPENDED,
    )
