from __future__ import annotations

from datetime import date
from weakref import ref

import pytest

from crawler.extract.page.days import days_beside, lines_after
from crawler.extract.page.html import parse

_HEADLINE = "Maroc et Niger signent une déclaration"
_DAY = date(2024, 3, 7)


def _nearest(body: str, language: str = "") -> list[date]:
    tree = parse(f'<html lang="{language}"><body>{body}</body></html>')
    assert tree is not None
    return list(next(days_beside(tree, _HEADLINE), ()))


def _below(line: str, language: str = "") -> list[date]:
    return _nearest(f"<h1>{_HEADLINE}</h1><p>{line}</p>", language)


@pytest.mark.parametrize(
    "line",
    [
        "Publié le 7 mars 2024 à 18 h 30",
        "Par A. Plume | 07 mars 2024",
        "March 7th, 2024",
        "Mar. 7, 2024 9:30 pm",
        "Thursday, 7 March 2024",
        "jueves, 7 de marzo de 2024",
        "7 marzo 2024",
        "7. März 2024",
        "7 de março de 2024",
        "الخميس 7 مارس 2024",
        "٧ آذار/مارس ٢٠٢٤",
        "٠٧/٠٣/٢٠٢٤",
        "07.03.2024",
        "Written: 2024-03-07 15:03:30",
    ],
)
def test_a_day_is_read_as_the_seven_languages_write_it(line: str) -> None:
    assert _below(line, "fr") == [_DAY]


def test_the_first_of_a_month_may_be_written_as_an_ordinal_number() -> None:
    assert _below("1er février 2024") == [date(2024, 2, 1)]


def test_which_of_two_figures_is_the_month_depends_on_the_language() -> None:
    assert _below("07/03/2024", "fr-MA") == [_DAY]
    assert _below("07/03/2024", "en-GB") == [_DAY]
    assert _below("07/03/2024", "en-US") == [_DAY, date(2024, 7, 3)]
    assert _below("07/03/2024") == [_DAY, date(2024, 7, 3)]


@pytest.mark.parametrize("line", ["Rabat, 7 marzo 24", "( 07.03.24 )", "Publié le 07/03/24 à 9 h"])
def test_a_year_may_be_written_with_two_figures(line: str) -> None:
    assert _below(line, "fr") == [_DAY]


@pytest.mark.parametrize(
    "line",
    [
        "Le 7 mars 24 ministres se réunissent",
        "Version 7.3.24.1",
        "Nous avons compté les voix dans tout le pays, et le résultat était de 07.03.24",
    ],
)
def test_two_figures_among_other_words_are_no_year(line: str) -> None:
    assert _below(line, "fr") == []


@pytest.mark.parametrize(
    "line",
    [
        "Updated March 7, 2024",
        "Updated 7 March 24",
        "Mis à jour : 07.03.24",
        "Mis à jour le 7 mars 2024",
        "Aktualisiert am 07.03.2024",
        "آخر تحديث 7 مارس 2024",
        "31/02/2024",
        "Mars attaque",
    ],
)
def test_days_of_changes_and_days_that_no_calendar_has_are_passed_over(line: str) -> None:
    assert _below(line, "fr") == []


def test_the_day_before_a_change_in_the_same_line_is_read() -> None:
    assert _below("Publié le 7 mars 2024, mis à jour le 9 mars 2024") == [_DAY]


def test_a_day_just_before_the_headline_is_read_if_none_follows_it() -> None:
    day = "<div>Monde | 7 mars 2024</div>"
    assert _nearest(f"<div>{day}<header><h1>{_HEADLINE}</h1></header></div>") == [_DAY]
    after = "<p>Publié le 8 mars 2024</p>"
    assert _nearest(f"{day}<h1>{_HEADLINE}</h1>{after}") == [date(2024, 3, 8)]


def test_days_in_prose_in_menus_and_far_from_the_headline_are_passed_over() -> None:
    prose = "Les deux ministres se sont rencontrés le 7 mars 2024 à Niamey, " * 3
    assert _below(prose) == []
    assert _nearest(f"<h1>{_HEADLINE}</h1><nav>7 mars 2024</nav>") == []
    lines = "<p>Une ligne de texte.</p>" * 10
    assert _nearest(f"<h1>{_HEADLINE}</h1>{lines}<p>7 mars 2024</p>") == []
    assert _nearest(f"<p>7 mars 2024</p>{lines}<h1>{_HEADLINE}</h1>") == []


def test_without_the_headline_there_is_nothing_to_be_beside() -> None:
    assert _nearest("<h1>Autre chose</h1><p>7 mars 2024</p>") == []


def test_each_headline_of_a_page_has_its_own_lines() -> None:
    tree = parse("<h1>One</h1><p>of one</p><h2>Two</h2><p>of two</p>")
    assert tree is not None
    for _ in range(2):
        assert [*lines_after(tree, "One", 1)] == ["of one"]
        assert [*lines_after(tree, "Two", 1)] == ["of two"]
        assert [*lines_after(tree, "Three", 1)] == []


def test_pages_that_were_read_are_let_go_of() -> None:
    tree = parse(f"<h1>{_HEADLINE}</h1><p>7 mars 2024</p>")
    assert [*lines_after(tree, _HEADLINE, 1)] == ["7 mars 2024"]
    page = ref(tree)
    del tree
    assert page() is None
