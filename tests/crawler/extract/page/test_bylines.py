from __future__ import annotations

import pytest

from crawler.extract.page.endings import without_furniture

_STORY = "Le Maroc et le Niger ont signé un accord."


@pytest.mark.parametrize(
    "line",
    [
        "Maroc : accord signé",
        "Par Awa Diallo",
        "By Awa Diallo and John O'Neil",
        "Von Anna von der Heide",
        "بقلم أحمد الفاسي",
        "AWA DIALLO",
        "Publié le 11 mars 2024 à 20h00",
        "Updated: 11 March 2024, 20:00",
        "11/03/2024 - 20:00",
        "Facebook Twitter WhatsApp",
        "مشاركة",
    ],
)
def test_furniture_above_the_story_goes(line: str) -> None:
    assert without_furniture(f"{line}\n{_STORY}", "Maroc : accord signé", "Awa Diallo") == _STORY


@pytest.mark.parametrize(
    "line",
    [
        "Par cet accord, Rabat et Niamey s'engagent contre les passeurs",
        "By Friday all parties had agreed to the text",
        "Di nuovo insieme Italia e Tunisia",
        "Von Marokko nach Spanien kamen weniger Menschen",
        "Posted workers: what the new agreement says",
        "Partager les informations sur les réseaux",
        "Publié le 11 mars 2024, l'accord prévoit un comité mixte.",
        "Par Awa Diallo.",
    ],
)
def test_a_line_of_the_story_stays(line: str) -> None:
    assert without_furniture(f"{line}\n{_STORY}", "Un titre", None) == f"{line}\n{_STORY}"


def test_further_down_a_byline_is_part_of_the_story() -> None:
    text = "\n".join([_STORY] * 6 + ["Par Awa Diallo"])
    assert without_furniture(text, "", None) == text


def test_an_endless_line_is_text_and_not_searched() -> None:
    line = "1" * 200_000 + "x"
    assert without_furniture(line, "Titre", None) == line
