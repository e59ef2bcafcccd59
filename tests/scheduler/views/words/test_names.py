"""What agreements, places and things of the page are called, in four languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.views.words.labels import labels_of
from scheduler.views.words.messages import po_of
from scheduler.views.words.names import NamedBy, born_on, made_name, name_of, place_in
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Instrument, Status, Topic
from storage.register.entry import Agreement, Step

Facts = dict[str, Any]
PACT: Facts = {
    "parties": ("EU", "TN"),
    "instrument": Instrument.MEMORANDUM,
    "topics": (Topic.BORDER, Topic.VISA),
    "year": 2023,
}
LABOUR: Facts = {
    **PACT,
    "parties": ("IT", "TN"),
    "instrument": Instrument.DECLARATION,
    "topics": (Topic.LABOUR,),
    "year": 2019,
}
SUMMIT: Facts = {
    **PACT,
    "parties": ("DZ", "EG", "LY", "MA", "TD", "TN"),
    "instrument": Instrument.ACTION_PLAN,
    "year": None,
}


@pytest.mark.parametrize(
    ("language", "of", "wanted"),
    [
        ("en", PACT, "EU–Tunisia memorandum of understanding, 2023"),
        ("fr", PACT, "Mémorandum d’entente UE–Tunisie, 2023"),
        ("es", PACT, "Memorando de entendimiento UE–Túnez, 2023"),
        ("ar", PACT, "مذكرة تفاهم بين الاتحاد الأوروبي وتونس لعام 2023"),
        ("en", LABOUR, "Italy–Tunisia declaration on labour mobility, 2019"),
        ("fr", LABOUR, "Déclaration Italie–Tunisie sur la mobilité de main-d’œuvre, 2019"),
        ("es", LABOUR, "Declaración Italia–Túnez sobre movilidad laboral, 2019"),
        ("ar", LABOUR, "إعلان بين إيطاليا وتونس بشأن تنقل اليد العاملة لعام 2019"),
        ("en", SUMMIT, "Algeria, Egypt, Libya and 3 others: action plan"),
        ("fr", SUMMIT, "Algérie, Égypte, Libye et 3 autres : plan d’action"),
        ("es", SUMMIT, "Argelia, Egipto, Libia y 3 más: plan de acción"),
        ("ar", SUMMIT, "الجزائر ومصر وليبيا و3 أطراف أخرى: خطة عمل"),
        (
            "ar",
            {**SUMMIT, "parties": SUMMIT["parties"][:5]},
            "الجزائر ومصر وليبيا وطرفان آخران: خطة عمل",
        ),
        ("en", {**PACT, "parties": ("TN",), "instrument": None}, "Tunisia: agreement, 2023"),
        ("ar", {**PACT, "parties": ("TN",), "instrument": None}, "تونس: اتفاق لعام 2023"),
        ("fr", {**PACT, "parties": ()}, "They signed in Tunis"),
    ],
)
def test_a_name_in_the_readers_language(language: str, of: Facts, wanted: str) -> None:
    assert made_name(NamedBy(**of), labels_of(language), "They signed in Tunis") == wanted


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
@pytest.mark.parametrize("topic", [topic for topic in Topic if topic is not Topic.OTHER])
def test_every_topic_has_its_phrase(language: str, topic: Topic) -> None:
    alone, labels = {**PACT, "topics": (topic, Topic.OTHER)}, labels_of(language)
    named = [made_name(NamedBy(**of), labels) for of in (alone, PACT)]
    assert len(named[0]) > len(named[1])


def test_a_curators_name_comes_first_and_the_year_is_that_of_the_deal_not_of_the_talks() -> None:
    talks = Step(Status.NEGOTIATING, date(2021, 5, 1), "", (1,))
    signed = Step(Status.SIGNED, date(2023, 7, 16), "", (2,))
    ended = Step(Status.TERMINATED, date(2025, 1, 1), "", (3,))
    agreement = Agreement(
        id="A1",
        title="",
        parties=("EU", "TN"),
        instrument=None,
        topics=(),
        status=None,
        place=None,
        event_date=None,
        history=(talks, signed, ended),
    )
    assert born_on(agreement) == date(2023, 7, 16)
    assert name_of(agreement, None, labels_of("en")) == "EU–Tunisia agreement, 2023"
    assert name_of(agreement, "Le pacte de Tunis", labels_of("ar")) == "Le pacte de Tunis"
    assert born_on(replace(agreement, history=(talks,))) == date(2021, 5, 1)
    assert born_on(replace(agreement, history=(replace(signed, on=None),))) is None


# Words that stood beside the one that all other sentences use for the same thing: a filter, a
# corridor, a report, a stage, ratification, an entry.
OTHER_NAMES = {
    "ar": r"مرشح|الممر|ممر\b|تقارير|تقرير لقيد|خطوة|خطوات|التصديق|حيز النفاذ|مدخل",
    "es": r"\bpasos?\b|Para revisar\"|lo informa",
    "en": r"\bsteps?\b(?!:)|near miss|took the test|is not there\b",
    "fr": r"\bstatuts?\b|\bthèmes?\b|[Pp]assages? |quasi-correspondance|\{n\} documents\", o",
}


@pytest.mark.parametrize("language", OTHER_NAMES)
def test_one_thing_has_one_name(language: str) -> None:
    lines = english() if language == "en" else po_of(language).read_text("utf-8").splitlines()
    said = [line for line in lines if not line.startswith(("#", "msgid", "msgctxt"))]
    assert len(said) > 1000
    assert [line for line in said if re.search(OTHER_NAMES[language], line)] == []


def english() -> list[str]:
    sources = po_of("fr").read_text("utf-8").split("msgstr")
    return [line for text in sources for line in text.partition("msgid ")[2].splitlines()]


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Cairo"), ("fr", "Le Caire"), ("ar", "القاهرة"), ("es", "El Cairo")],
)
def test_a_description_of_a_city_is_its_name(language: str, name: str) -> None:
    assert place_in(language, "العاصمة المصرية", "cairo") == name


def test_without_a_canonical_name_what_was_written_is_looked_up() -> None:
    assert place_in("en", "الرباط") == "Rabat"
    assert place_in("en", "الرباط", "no-such-city") == "Rabat"
    assert place_in("en", "a farm near the border", None) == "a farm near the border"
    assert place_in("en", None, "cairo") == ""
