"""How long an agreement runs, how it is renewed and ended, and whom it covers."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.judgement.card.provisions import find_provisions
from crawler.judgement.text.reading import read
from storage.provision import Provision, ProvisionKind, months_after, provisions_in
from tests.crawler.judgement.lexicon import words_alone

DURATION, RENEWAL, NOTICE, THIRD = ProvisionKind


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "This Agreement shall remain in force for a period of five (5) years.", {DURATION: 60}),
        ("en", "The deal runs for three years. It is automatically renewed.", {DURATION: 36, RENEWAL: 0}),
        ("en", "Either Party may terminate this Agreement by six months' notice.", {NOTICE: 6}),
        ("pt", "Ele lembra o acordo e denuncia uma guerra de cinco anos.", {}),
        ("en", "The agreement lets nurses stay for a period of two years.", {}),
        ("en", "The agreement also covers third-country nationals.", {THIRD: 0}),
        ("fr", "L'accord, conclu pour une durée de trois ans, est renouvelable tacitement.", {DURATION: 36, RENEWAL: 0}),
        ("fr", "Chaque partie peut dénoncer le présent accord avec un préavis de 6 mois.", {NOTICE: 6}),
        ("fr", "L'accord prévoit la réadmission des ressortissants de pays tiers.", {THIRD: 0}),
        ("es", "El acuerdo permanecerá vigente durante dos años y se prorrogará automáticamente.", {DURATION: 24, RENEWAL: 0}),
        ("es", "El convenio incluye a los nacionales de terceros países.", {THIRD: 0}),
        ("it", "L'accordo resta in vigore per quattro anni ed è rinnovato automaticamente.", {DURATION: 48, RENEWAL: 0}),
        ("it", "L'intesa riguarda anche cittadini di Paesi terzi.", {THIRD: 0}),
        ("pt", "O acordo permanece em vigor por cinco anos, renovável automaticamente.", {DURATION: 60, RENEWAL: 0}),
        ("de", "Das Abkommen gilt für fünf Jahre und verlängert sich stillschweigend.", {DURATION: 60, RENEWAL: 0}),
        ("de", "Das Abkommen erfasst auch Drittstaatsangehörige.", {THIRD: 0}),
        ("ar", "تسري هذه الاتفاقية لمدة خمس سنوات وتجدد تلقائيا.", {DURATION: 60, RENEWAL: 0}),
        ("ar", "يشمل الاتفاق رعايا الدول الثالثة.", {THIRD: 0}),
        ("en", "The visa waiver agreement shall remain in force for five years.", {DURATION: 60}),
        ("en", "The agreement is automatically renewed for one year unless a Party notifies the other six months in advance of its intention to terminate it.", {RENEWAL: 0, NOTICE: 6}),
        ("fr", "La dénonciation du présent Accord prend effet six mois après la réception de la notification.", {NOTICE: 6}),
        ("es", "El presente Memorando tendrá una duración de dos años, prorrogables tácitamente.", {DURATION: 24, RENEWAL: 0}),
        ("de", "Das Abkommen verlängert sich stillschweigend um jeweils ein Jahr, sofern es nicht sechs Monate vor Ablauf gekündigt wird.", {RENEWAL: 0, NOTICE: 6}),
        ("ar", "مدة هذا الاتفاق ثلاث سنوات قابلة للتجديد تلقائيا.", {DURATION: 36, RENEWAL: 0}),
        ("ar", "يجوز لأي من الطرفين إنهاء هذه الاتفاقية بإشعار كتابي قبل ستة أشهر.", {NOTICE: 6}),
    ],
)  # fmt: skip
def test_provisions_are_found_with_their_months(
    language: str, text: str, found: dict[ProvisionKind, int]
) -> None:
    provisions = find_provisions(read("", text, language, words_alone()))
    assert {one.kind: one.months for one in provisions} == found
    assert all(one.quote in text for one in provisions)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The agreement was terminated six months after signature."),
        ("fr", "Cet accord vieux de dix ans a été dénoncé par l'Algérie il y a deux ans."),
        ("es", "El acuerdo fue denunciado dos años después de su firma."),
        ("pt", "O acordo foi denunciado seis meses após a assinatura."),
        ("it", "L'accordo è stato denunciato due anni dopo la firma."),
        ("de", "Das Abkommen wurde zwei Jahre nach der Unterzeichnung gekündigt."),
        ("ar", "تقرر إنهاء الاتفاق بعد ستة أشهر من توقيعه."),
        ("en", "Under the agreement a residence permit is valid for two years."),
        ("en", "After a period of three years, nurses may change employers under the agreement."),
        (
            "en",
            "The EU will pay 150 million euros under the agreement over a period of three years.",
        ),
        ("fr", "Le programme prévu par l'accord s'étend sur une période de trois ans."),
        ("es", "El acuerdo prevé un fondo de 20 millones por un período de cinco años."),
        ("pt", "O acordo prevê um fundo de 5 milhões por um período de cinco anos."),
        ("it", "L'accordo, concluso un anno fa, prevede altri due anni di lavori."),
        ("de", "Das Projekt im Rahmen des Abkommens hat eine Laufzeit von drei Jahren."),
        ("ar", "ينص الاتفاق على تمويل بقيمة 20 مليون يورو لمدة خمس سنوات."),
    ],
)
def test_what_happened_after_years_or_lasts_as_long_itself_is_no_provision(
    language: str, text: str
) -> None:
    assert find_provisions(read("", text, language, words_alone())) == ()


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2023, 11, 6), 60, date(2028, 11, 6)),
        (date(2024, 8, 31), 18, date(2026, 2, 28)),
        (date(9990, 1, 1), 300, date.max),  # a year that somebody mistyped
    ],
)
def test_a_term_ends_on_the_same_day_of_its_last_month(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later


def test_a_provision_is_stored_among_clues_and_read_again() -> None:
    provision = Provision(DURATION, 60, "In force for: five years.")
    assert list(provisions_in(["num:5", provision.clue, "word:niamey"])) == [provision]
