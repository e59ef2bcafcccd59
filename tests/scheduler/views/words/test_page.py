"""One thing has one name in all sentences of a language."""

from __future__ import annotations

import re

import pytest

from scheduler.views.words.messages import po_of

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
