"""What is taken for the text of an agreement: the paper itself, and no report of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from crawler.ingest.vouching import is_paper, text_of, to_be_read
from storage.records import Status, TextState
from storage.register.records import Agreement, Credit, NamedRow, Step

PAPERS = {
    "en": "The Government of Kenya and the Government of Italy, hereinafter the Parties, have agreed as follows: "
    "Article 1 Purpose. Article 2 Readmission of nationals.",
    "fr": "Le Gouvernement du Royaume et le Gouvernement de la République sont convenus de ce qui suit : "
    "Article premier. Objet. Article 2. Réadmission.",
    "es": "El Gobierno del Reino y el Gobierno de la República han convenido lo siguiente: Artículo 1. Objeto. Artículo 2. Readmisión.",
    "it": "Il Governo della Repubblica e il Governo del Regno hanno convenuto quanto segue: Articolo 1. Oggetto. Articolo 2. Riammissione.",
    "pt": "O Governo da República e o Governo do Reino acordam o seguinte: Artigo 1.º Objeto. Artigo 2.º Readmissão.",
    "de": "Die Regierung der Republik und die Regierung des Königreichs sind wie folgt übereingekommen: Artikel 1 Zweck. Artikel 2 Rücknahme.",
    "ar": "إن حكومة الجمهورية وحكومة المملكة قد اتفقتا على ما يلي: المادة الأولى الغرض. المادة الثانية إعادة القبول.",
}
RELEASE = (
    "The minister signed the agreement on readmission in Nairobi on Tuesday. Both sides have agreed as follows up in "
    "talks next month, the ministry said, and Article 3 sets a deadline."
)
URL = "https://www.interior.example/news/1"


def agreement(status: Status = Status.SIGNED, *, mentions: tuple[int, ...] = ()) -> Agreement:
    step = Step(status, date(2026, 1, 9), "", (1, 2))
    return Agreement(
        "A1", "t", ("IT", "KE"), None, (), status, None, step.on, (step,), mentions=mentions
    )


def credit(number: int, **values: object) -> Credit:
    found = Credit(number, "a", f"v{number}", url=URL, published_on=date(2026, 1, 9 + number))
    return replace(found, **values)  # type: ignore[arg-type]  # given on as they are


@pytest.mark.parametrize("language", PAPERS)
def test_a_preamble_and_provisions_make_a_paper_in_each_language(language: str) -> None:
    assert is_paper("", PAPERS[language])


def test_a_press_release_is_no_paper_though_it_quotes_one() -> None:
    assert not is_paper("Ministers sign readmission agreement", RELEASE)


def test_a_gazette_that_says_in_its_headline_that_it_prints_the_text_has_it() -> None:
    printing = "Décret n° 2026-12 portant publication de l’accord entre la France et le Niger"
    assert is_paper(printing, "")
    assert not is_paper("Loi autorisant l’approbation de l’accord entre la France et le Niger", "")


def test_what_an_official_source_reports_is_no_text() -> None:
    filtered_reports = {1: credit(1, official=True), 2: credit(2)}
    assert list(to_be_read(agreement(), filtered_reports)) == [1]
    found = text_of(agreement(), filtered_reports, {1: RELEASE}, {})
    assert found == (TextState.MISSING, None)


def test_the_paper_on_an_official_site_is_the_text_and_elsewhere_it_is_not_read() -> None:
    filtered_reports = {1: credit(1), 2: credit(2, official=True)}
    found = text_of(agreement(), filtered_reports, {2: PAPERS["en"]}, {})
    assert found == (TextState.PUBLISHED, 2)
    assert list(to_be_read(agreement(), {1: credit(1)})) == []


def test_of_several_texts_the_one_that_was_published_first_is_taken() -> None:
    undated = credit(2, is_text_place=True, published_on=None)
    assert text_of(agreement(), {1: credit(1, is_text_place=True), 2: undated}, {}, {}) == (
        (TextState.PUBLISHED, 1)
    )


def test_a_treaty_series_that_tells_of_talks_has_no_text() -> None:
    filtered_reports = {1: credit(1, is_text_place=True)}
    assert text_of(agreement(Status.NEGOTIATING), filtered_reports, {}, {}) == (None, None)


def test_a_treaty_series_that_only_mentions_the_agreement_has_the_text_of_another_one() -> None:
    found = text_of(agreement(mentions=(3,)), {3: credit(3, is_text_place=True)}, {}, {})
    assert found == (TextState.MISSING, None)


def test_the_address_that_a_row_of_a_list_gives_may_lead_to_the_text() -> None:
    filtered_reports = {1: credit(1, listed=True)}
    series = {1: NamedRow("UNTS 1234", "https://treaties.un.org/doc/1234.pdf")}
    assert text_of(agreement(), filtered_reports, {}, series) == (TextState.PUBLISHED, 1)
    elsewhere = {1: NamedRow("UNTS 1234", "https://blog.example/treaties.un.org/1234")}
    assert text_of(agreement(), filtered_reports, {}, elsewhere) == (TextState.MISSING, None)
