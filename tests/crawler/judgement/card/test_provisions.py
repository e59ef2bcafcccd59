"""How long an agreement runs, how it is renewed and ended, and whom it covers."""

from __future__ import annotations

import pytest

from crawler.judgement.card.provisions import find_provisions
from crawler.judgement.text.reading import read
from storage.provision import Provision, ProvisionKind, provisions_in
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
    ],
)  # fmt: skip
def test_provisions_are_found_with_their_months(
    language: str, text: str, found: dict[ProvisionKind, int]
) -> None:
    provisions = find_provisions(read("", text, language, words_alone()))
    assert {one.kind: one.months for one in provisions} == found
    assert all(one.quote in text for one in provisions)


def test_a_provision_is_stored_among_clues_and_read_again() -> None:
    provision = Provision(DURATION, 60, "In force for: five years.")
    assert list(provisions_in(["num:5", provision.clue, "word:niamey"])) == [provision]
