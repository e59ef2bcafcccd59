from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from dateparser.languages.loader import default_loader  # type: ignore[import-untyped]  # no types
from dateparser.timezones import timezone_info_list  # type: ignore[import-untyped]  # no types
from htmldate import extractors

from crawler.extract import dates
from crawler.extract.date_words import has_words, may_have_zone
from storage.languages import LANGUAGES

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december")  # fmt: skip
_FORMS = ("{day} {word} {year}", "{word} {day}, {year}", "{day}. {word} {year} - 10:30",
          "Ciclismo | {day} {word} de {year}", "{word} {day} {year} 10:30 EST")  # fmt: skip
# What the patterns of each language match, by which dateparser makes a text simple.
_SIMPLIFIED = [
    "in twenty-one days", "forty minutes ago", "tonight at 10h", "last night", "12 noon",
    "3 centuries ago", "5 mons", "two decades later", "in 3 weeks' time", "from now 3h20",
    "in the small hours", "less than 1 minute ago", "2nd fortnight", "thirty hrs ago",
    "esta madrugada", "por la madrugada", "hace una hora", "dentro de 3 semanas",
    "il y a 3 jours", "moins de 5 minutes", "dans quatre secondes", "sept années", "à 10h",
    "le 3 mars 2024 à midi", "après midi", "vor zwölf Minuten", "in fünf Stunden", "vor 3h",
    "há alguns segundos", "em uma hora", "un'ora fa", "tra 3 settimane", "3 ore fa",
    "قبل ثلاث ساعات", "خلال 3 أيام", "قبل 5 دقائق",
]  # fmt: skip
_OF_NONE = [
    "Publicado: Jueves, 21 Abril 2022 04:45", "Will Knight Business01.21.2020 07:00",
    "12 Mayís 2024", "3 mars௰ 2024", "13 ABRİL 2022", "3\u0903mars 2024", "3 März\nQwxyz 2024",
]  # fmt: skip


@cache
def _locales() -> list[Any]:
    loaded = default_loader.get_locales(languages=list(LANGUAGES))
    return [form for one in loaded for form in dict.fromkeys((one, one._native))]


def _settings() -> Any:
    dates._htmldate()
    return extractors.get_external_parser()._settings


def _texts() -> Iterator[str]:
    for place, locale in enumerate(_locales()):
        for month in _MONTHS:
            for number, word in enumerate(locale.info[month]):
                form = _FORMS[(place + number) % len(_FORMS)]
                yield form.format(day=number % 28 + 1, word=word, year=2024)
        words = sorted(locale._get_dictionary(_settings()))
        yield from (f"3 {one} {other}" for one, other in pairwise(words))
    yield from _SIMPLIFIED
    yield from (f"{one} 3 mars 2024" for one in _SIMPLIFIED)
    yield from _OF_NONE


def test_a_language_that_fits_a_text_has_its_words() -> None:
    settings = _settings()
    for text in _texts():
        fitting = [one for one in _locales() if one.is_applicable(text, settings=settings)]
        assert [one.shortname for one in fitting if not has_words(one, text)] == [], text


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("13 abril de 2022", {"es", "pt"}),
        ("Ciclismo | 13 abril de 2022", set()),
        ("14 février 2022", {"fr"}),
        ("14 يناير 2022", {"ar"}),
        ("01.21.2020 07:00", set(LANGUAGES)),
    ],
)
def test_languages_without_the_words_of_a_text_are_not_asked(
    text: str, languages: set[str]
) -> None:
    assert {one.shortname for one in _locales() if has_words(one, text)} == languages


def test_each_time_zone_that_dateparser_finds_may_be_there() -> None:
    untouched = _untouched("dateparser.timezone_parser")
    names = [name for part in timezone_info_list for name, _ in part["timezones"]]
    for name in (one.replace("\\", "") for one in names):
        bare = name.replace("UTC", "")
        forms = {name, bare, name.replace("UTC", "GMT"), name.replace(":", ""),
                 bare.replace(":", ""), bare.replace(":00", ""), name.replace(":00", ""),
                 name.lower(), name.replace("K", "\u212a").replace("S", "ſ"),
                 name.replace("I", "ı")}  # fmt: skip
        for form in forms:
            for text in (f"3 March 2024 10:30 {form}", f"10:30{form}", f"10:30 ({form}), Rabat"):
                assert may_have_zone(text) or untouched._find_tz(text) is None, text


@pytest.mark.parametrize("text", ["Montag - Sonntag: 08-18", "13 abril de 2022 - 00:00", "est-ce"])
def test_time_zones_are_not_looked_for_in_other_words(text: str) -> None:
    assert may_have_zone(text) == text.startswith("est")


def test_days_are_those_of_the_whole_library() -> None:
    _settings()
    whole = _untouched("htmldate.extractors").get_external_parser()
    whole.languages = list(LANGUAGES)
    ours = extractors.get_external_parser()
    for text in _texts():
        assert ours.get_date_data(text).__dict__ == whole.get_date_data(text).__dict__, text


def _untouched(name: str) -> Any:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
