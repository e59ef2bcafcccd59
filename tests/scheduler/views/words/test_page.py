"""The words of the page are there in each language, with the same holes to fill."""

from __future__ import annotations

import re
from typing import Any

import pytest

from scheduler.views.words.labels import LANGUAGES_FOLDER
from scheduler.views.words.page import words_of
from storage.languages import SPOKEN_LANGUAGES


def keys(words: Any, before: str = "") -> dict[str, set[str]]:
    """Each sentence's key, and the names that it is filled with; plural forms count as one."""
    if isinstance(words, str):
        return {before: set(re.findall(r"{(\w+)}", words)) - {"n"}}
    if "other" in words:
        return {before: {"a plural"}}
    found: dict[str, set[str]] = {}
    for name, value in words.items():
        found |= keys(value, f"{before}.{name}")
    return found


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_each_language_says_the_same(language: str) -> None:
    assert keys(words_of(language).words["page"]) == keys(words_of("en").words["page"])


_ANYTHING = dict.fromkeys(("documents", "alive", "sources", "outlet", "home", "who", "day"), "x")


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 11, 100, 1_000_000])
def test_each_number_has_a_form(language: str, n: int) -> None:
    words = words_of(language)
    for key, holes in keys(words.words["page"]).items():
        if holes == {"a plural"}:
            assert words.count(f"page{key}", n, **_ANYTHING), key


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
    files = ("page", "people", "digest")
    lines = [
        line
        for name in files
        for line in (LANGUAGES_FOLDER / language / f"{name}.yaml").read_text("utf-8").splitlines()
        if re.search(OTHER_NAMES[language], line) and not line.lstrip().startswith("#")
    ]
    assert lines == []
