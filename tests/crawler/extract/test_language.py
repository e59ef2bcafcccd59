from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it ships no types

from crawler.extract import language
from crawler.extract.language import detect_language, load_identifier
from spiders.demo.site import load_articles
from storage.languages import UNKNOWN_LANGUAGE

_OURS = {
    "fr": "Le Maroc et le Niger ont signé lundi à Rabat une déclaration commune contre le trafic de migrants.",
    "en": "Morocco and Niger signed a joint declaration against migrant smuggling in Rabat on Monday.",
    "ar": "وقع المغرب والنيجر يوم الاثنين في الرباط إعلانا مشتركا لمكافحة تهريب المهاجرين.",
    "es": "Marruecos y Níger firmaron el lunes en Rabat una declaración conjunta contra el tráfico de migrantes.",
    "it": "Il Marocco e il Niger hanno firmato lunedì a Rabat una dichiarazione congiunta contro i trafficanti.",
    "pt": "Marrocos e o Níger assinaram na segunda-feira em Rabat uma declaração conjunta contra os traficantes.",
    "de": "Marokko und Niger haben am Montag in Rabat eine gemeinsame Erklärung gegen Schleuser unterzeichnet.",
}
_FOREIGN = {
    "sv": "Ministern undertecknade i går i Tunis ett avtal om återtagande av migranter. Enligt regeringen ska avtalet "
    "leda till färre överfarter över havet och öppna fler lagliga vägar för studenter och arbetstagare. Det träder i "
    "kraft nästa månad och gäller i fem år.",
    "tr": "Bakan dün başkentte göçmenlerin geri kabulüne ilişkin yeni bir anlaşma imzaladı. Bakanlık, anlaşmanın "
    "düzensiz göçü azaltmasını ve yasal yolların açılmasını beklediğini açıkladı. Anlaşma gelecek ay yürürlüğe girecek "
    "ve beş yıl boyunca geçerli olacak.",
    "fa": "وزیر امور خارجه دیروز در تهران توافقنامه جدیدی درباره بازگشت پناهجویان با همتای خود امضا کرد. به گفته "
    "مقامات، این توافق به کاهش مهاجرت غیرقانونی کمک خواهد کرد و راه‌های قانونی بیشتری برای کارگران باز "
    "می‌کند. این سند از ماه آینده اجرا می‌شود و پنج سال اعتبار دارد.",
    "ro": "Ministrul a semnat ieri la București un acord privind readmisia migranților cu omologul său. Potrivit "
    "guvernului, acordul va reduce migrația ilegală și va deschide căi legale pentru studenți și lucrători. Documentul "
    "va intra în vigoare luna viitoare și este valabil cinci ani.",
}


@pytest.mark.parametrize("language", _OURS)
def test_a_sentence_is_enough(language: str) -> None:
    assert detect_language("", _OURS[language]) == language
    assert detect_language(_OURS[language], "") == language


@pytest.mark.parametrize("language", _OURS)
def test_the_text_counts_and_not_what_the_source_claims(language: str) -> None:
    claim = "de" if language == "en" else "en"
    assert detect_language("", _OURS[language], claim) == language


@pytest.mark.parametrize("language", _FOREIGN)
def test_a_long_text_in_another_language_is_undetermined(language: str) -> None:
    assert detect_language("", _FOREIGN[language]) == "und"
    assert detect_language("", _FOREIGN[language], "fr") == "und"


def test_a_dialect_is_taken_for_its_relative() -> None:
    catalan = (
        "El ministre va signar ahir a Madrid un acord sobre la readmissió de migrants amb el seu homòleg. Segons el "
        "govern, l'acord reduirà la migració irregular i obrirà vies legals per a estudiants i treballadors. El "
        "document entrarà en vigor el mes que ve."
    )
    assert detect_language("", catalan) == "es"


@pytest.mark.parametrize(
    "text", ["Министр подписал соглашение", "移民协定", "এমপির ভাইকে", "Συμφωνία"]
)
def test_another_script_is_undetermined_however_short(text: str) -> None:
    assert detect_language(text, "", "fr") == "und"


def test_under_60_letters_the_source_decides_if_the_script_fits() -> None:
    assert detect_language("Visa libre: acuerdo", "", "pt") == "pt"
    assert detect_language("اتفاق الهجرة", "", "fr") == "ar"
    assert detect_language("Accord", "", "sv") == "und"


def test_without_letters_only_the_source_is_left() -> None:
    assert detect_language("", "", "fr") == "fr"
    assert detect_language("2024", "", None) == "und"


def test_a_text_in_two_languages_has_that_of_the_greater_part() -> None:
    arabic, french = _OURS["ar"] * 8, _OURS["fr"] * 5
    assert detect_language("", f"{french}\n{arabic}") == "ar"
    assert detect_language("", f"{_OURS['ar'] * 4}\n{_OURS['fr'] * 9}") == "fr"


def test_what_is_plain_is_told_fast_and_as_the_slow_model_tells_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    articles = [article for article in load_articles() if len(article.text) > 300]
    told = [detect_language(article.title, article.text) for article in articles]
    asked: list[str] = []
    monkeypatch.setattr(language, "_plain", lambda sample, _: asked.append(sample))
    assert [detect_language(article.title, article.text) for article in articles] == told
    assert len(asked) == len(articles)


def test_most_articles_are_plain() -> None:
    texts = [article.text for article in load_articles() if len(article.text) > 300]
    assert sum(_told_plainly(text[:1600]) is not None for text in texts) > 0.6 * len(texts)


@pytest.mark.parametrize("first", ["ar", "en", "es"])
def test_a_text_in_two_languages_is_plainly_in_neither(first: str) -> None:
    one, other = (
        [article.text for article in load_articles() if article.language == code]
        for code in (first, "fr")
    )
    pages = [f"{text[:700]}\n{other[8][:800]}" for text in one]
    assert {_told_plainly(page) for page in pages} == {None}


def _told_plainly(sample: str) -> str | None:
    return language._plain(sample, [*language._passages(sample, may_mix=True)])


def test_letters_that_are_no_words_are_in_some_language_or_none() -> None:
    assert detect_language("", "x" * 4_000) in {*_OURS, "und"}


def test_signs_among_latin_letters_are_no_letters() -> None:
    assert detect_language("", "3 × 4 ÷ 2 × 8 ÷ 4 × 9") == UNKNOWN_LANGUAGE


@pytest.mark.parametrize(
    "text",
    ["See https://a.example/b?c=d now", "#Rabat and #2024", "no names", "http://", "a#b c # d"],
)
def test_names_are_found_without_looking_for_addresses_of_mail(text: str) -> None:
    assert language._NAMES.sub("_", text) == language._NAMES_AND_MAIL.sub("_", text)


def test_names_are_in_no_language() -> None:
    names = "@de_le_und_der https://www.example/the/of/and #ministro info@le.example"
    assert detect_language("", f"{names} 3 4") == UNKNOWN_LANGUAGE


# --- the model of languages from the cache ranks them as it does without --------------------------

TEXTS = ["Les deux ministres ont signé un accord.", "وقعت تونس اتفاقا", "Der Minister", "x" * 3]


def test_languages_from_the_cache_are_ranked_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_build(*_: Any) -> NoReturn:
        raise AssertionError("it is built again")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = LanguageIdentifier.from_model_file(MODEL_FILE)
    first = load_identifier()
    monkeypatch.setattr(LanguageIdentifier, "from_model_file", no_build)
    found = load_identifier()
    ranked = [built.rank(text) for text in TEXTS]
    assert [first.rank(text) for text in TEXTS] == ranked
    assert [found.rank(text) for text in TEXTS] == ranked
    assert not found.nb_ptc.flags.writeable
