"""Words in the reader's language, in the plural forms and genders that it has."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawler.located_yaml import read_yaml
from scheduler.views.words.labels import Labels, body_names, labels_of
from scheduler.views.words.terms import TERMS
from storage.filter import load_party_groups
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Instrument, NewsKind, Status, Topic


def test_every_body_that_filters_know_by_its_group_has_a_name() -> None:
    groups = load_party_groups().parties
    bodies = {code for codes in groups.values() for code in codes if len(code) > 2}
    assert bodies
    assert bodies <= body_names().keys()


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_every_value_of_a_card_has_a_name(language: str) -> None:
    labels = labels_of(language)
    assert all(labels.term(f"topics.{topic}") for topic in Topic)
    assert all(
        labels.term(f"kinds.{kind}") and labels.count_of(f"counts.{kind}", 3) for kind in NewsKind
    )
    assert all(
        labels.status(status, instrument) for status in Status for instrument in (*Instrument, None)
    )


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 11, 100, 1_000_000])
def test_each_number_has_a_form(language: str, n: int) -> None:
    labels = labels_of(language)
    counted = [message for message in TERMS.values() if message.plural]
    assert len(counted) > 20
    assert all(message.translated(labels.language, n) for message in counted)


def test_millions_have_a_form_of_their_own() -> None:
    said = [labels_of("fr").count("{n} document", "{n} documents", n) for n in (0, 2, 1_000_000)]
    assert said == ["0 document", "2 documents", "1\u202f000\u202f000 de documents"]


def test_a_status_agrees_with_its_instrument() -> None:
    french = labels_of("fr")
    assert french.status("signed", "declaration") == "signée"
    assert french.status("signed", "protocol") == "signé"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Morocco and Niger, 20 November 2026"),
        ("fr", "Maroc et Niger, 20 novembre 2026"),
        ("ar", "المغرب والنيجر, 20 نوفمبر 2026"),
        ("es", "Marruecos y Níger, 20 de noviembre de 2026"),
    ],
)
def test_parties_and_days_are_in_the_readers_language(language: str, expected: str) -> None:
    labels: Labels = labels_of(language)
    parties = labels.listed([labels.party("MA"), labels.party("NE")])
    assert f"{parties}, {labels.day(date(2026, 11, 20))}" == expected


def test_every_body_of_the_gazetteer_has_a_name() -> None:
    folder = Path("crawler/judgement/gazetteer")
    codes = {
        concept.removeprefix("body.")
        for concept in read_yaml(folder / "bodies.yaml").data["concepts"]
        if concept.startswith("body.")
    }
    labels = labels_of("ar")
    unnamed = {code for code in codes if labels.party(code) == code}
    assert not unnamed
