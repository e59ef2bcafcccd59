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
        ("it", "L'accordo prevede la tacita proroga.", {RENEWAL: 0}),
        ("pt", "O acordo prevê a recondução tácita.", {RENEWAL: 0}),
        ("es", "El convenio prevé la tácita prórroga.", {RENEWAL: 0}),
        ("fr", "L'accord est tacitement reconductible.", {RENEWAL: 0}),
        ("ar", "تجدد هذه الاتفاقية بشكل تلقائي.", {RENEWAL: 0}),
        ("de", "Das Abkommen verlängert sich jeweils stillschweigend.", {RENEWAL: 0}),
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
    assert {provision.kind: provision.months for provision in provisions} == found
    assert all(provision.quote in text for provision in provisions)


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("en", "Either Party may terminate this Agreement with 90 days' notice.", 90),
        ("en", "Termination takes effect sixty days after notification under the agreement.", 60),
        ("fr", "Chaque partie peut dénoncer l'accord avec un préavis de soixante jours.", 60),
        ("es", "Las Partes podrán denunciar el acuerdo con una antelación de noventa días.", 90),
        ("it", "Ciascuna Parte può denunciare l'accordo con un preavviso di 90 giorni.", 90),
        ("pt", "As Partes podem denunciar o acordo com aviso prévio de noventa dias.", 90),
        ("de", "Das Abkommen kann mit einer Frist von 90 Tagen gekündigt werden.", 90),
        ("ar", "يجوز إنهاء هذا الاتفاق بإخطار كتابي مدته تسعون يوما.", 90),
    ],
)
def test_a_notice_is_told_in_the_days_of_its_text(language: str, text: str, days: int) -> None:
    (notice,) = find_provisions(read("", text, language, words_alone()))
    assert notice == Provision(NOTICE, 0, notice.quote, days)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Rome and Tunis signed a five-year agreement on migration."),
        ("en", "They renewed the five-year labour agreement."),
        ("en", "London and Paris signed a five-year deal to stop small boats."),
        ("fr", "Paris et Rabat ont conclu un accord de cinq ans sur la réadmission."),
        ("fr", "Paris et Rabat ont conclu un accord quinquennal sur la réadmission."),
        ("es", "Madrid y Rabat firmaron un acuerdo de cinco años sobre migración."),
        ("it", "Roma e Tunisi hanno firmato un accordo quinquennale sulla migrazione."),
        ("pt", "Lisboa e Rabat assinaram um acordo de cinco anos sobre migração."),
        ("de", "Berlin und Rabat schlossen ein fünfjähriges Abkommen."),
    ],
)
def test_an_agreement_of_so_many_years_runs_as_long(language: str, text: str) -> None:
    (duration,) = find_provisions(read("", text, language, words_alone()))
    assert duration == Provision(DURATION, 60, duration.quote)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The agreement is valid until 31 December 2027."),
        ("en", "The memorandum expires on December 31, 2027."),
        ("fr", "L'accord expire le 31 décembre 2027."),
        ("fr", "Le protocole est valable jusqu'au 31 décembre 2027."),
        ("es", "El acuerdo estará vigente hasta el 31 de diciembre de 2027."),
        ("it", "L'accordo scade il 31 dicembre 2027."),
        ("pt", "O acordo é válido até 31 de dezembro de 2027."),
        ("de", "Das Abkommen gilt bis zum 31. Dezember 2027."),
        ("ar", "تسري الاتفاقية وتبقى سارية المفعول حتى 31 ديسمبر 2027."),
    ],
)
def test_the_day_on_which_an_agreement_ends_is_the_end_of_its_term(
    language: str, text: str
) -> None:
    (duration,) = find_provisions(read("", text, language, words_alone()))
    assert duration == Provision(DURATION, 0, duration.quote, until="2027-12-31")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This Agreement shall remain in force indefinitely."),
        ("en", "The agreement is concluded for an unlimited period."),
        ("fr", "Le présent accord est conclu pour une durée indéterminée."),
        ("es", "El presente acuerdo tendrá una vigencia indefinida."),
        ("it", "Il presente accordo ha durata illimitata."),
        ("pt", "O presente acordo vigora por tempo indeterminado."),
        ("de", "Dieses Abkommen wird auf unbestimmte Zeit geschlossen."),
        ("ar", "تسري هذه الاتفاقية لمدة غير محددة."),
    ],
)
def test_an_agreement_without_an_end_says_so(language: str, text: str) -> None:
    (duration,) = find_provisions(read("", text, language, words_alone()))
    assert duration == Provision(DURATION, 0, duration.quote)


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
        ("en", "Under the agreement, tourists travel without a visa for 90 days."),
        ("en", "The agreement, signed five years ago, is a two-year-old one."),
        ("en", "The agreement is suspended for an indefinite period."),
        ("en", "Under the deal, permits are valid until 31 December 2027."),
        ("en", "The agreement lets people be left on the island indefinitely."),
        ("en", "Their deal expires on Sunday."),
        ("en", "Under the agreement they apply for full settled status after five years."),
        ("en", "The economic offer for a three-year pact largely matches that deal."),
        ("en", "The minister may impose a two-year deal on members of all unions."),
        ("fr", "L'accord vieux de cinq ans est appliqué depuis le 31 décembre 2022."),
        ("fr", "L'accord est suspendu pour une durée indéterminée."),
        ("es", "El acuerdo de 2003, de hace cinco años, sigue."),
        ("de", "25 Jahre Abkommen mit der Türkei."),
        ("de", "Das Abkommen wurde auf unbestimmte Zeit ausgesetzt."),
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
    for provision in (
        Provision(DURATION, 60, "In force for: five years."),
        Provision(DURATION, 0, "Valid until 31 December 2027.", until="2027-12-31"),
        Provision(NOTICE, 0, "On 90 days' notice: by either Party.", days=90),
    ):
        assert list(provisions_in(["num:5", provision.clue, "word:niamey"])) == [provision]
