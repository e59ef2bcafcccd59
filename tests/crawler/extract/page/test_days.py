from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from typing import Any
from weakref import ref

import pytest
from htmldate import core, extractors

from crawler.extract.fields import read_day
from crawler.extract.page import days
from crawler.extract.page.days import days_beside, lines_after, published_on
from crawler.extract.page.html import parse
from crawler.extract.page.metadata import read_metadata
from storage.records import Fetched

_DAY = date(2024, 3, 11)


def _fetched(url: str) -> Fetched:
    return Fetched(url, url, "text/html", b"", datetime(2024, 3, 20, 8, 0, tzinfo=UTC))


def _published(
    head: str, body: str = "", path: str = "/a", hint: date | None = None, headline: str = ""
) -> date | None:
    url = f"https://lecourrier.example{path}"
    tree = parse(f"<html><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return published_on(tree, read_metadata(tree, url), _fetched(url), hint, headline)


def test_a_page_is_not_copied_to_search_it_for_its_day() -> None:
    body = "<h1>One</h1><svg><text>12</text></svg><div class='date'>On 11 March 2024</div>"
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    metadata = read_metadata(tree, "https://a.example/a")
    assert published_on(tree, metadata, _fetched("https://a.example/a")) == _DAY
    assert tree.find(".//svg") is None


def _article(day: str) -> str:
    article = f'{{"@type": "NewsArticle", "headline": "t", "datePublished": "{day}"}}'
    return f'<script type="application/ld+json">{article}</script>'


def _meta(day: str) -> str:
    return f'<meta property="article:published_time" content="{day}">'


def test_json_ld_is_asked_first_then_meta_then_the_feed() -> None:
    assert (
        _published(_article("2024-03-11T08:00:00Z") + _meta("2024-03-01"), hint=date(2024, 2, 1))
        == _DAY
    )
    assert _published(_meta("2024-03-11"), hint=date(2024, 2, 1)) == _DAY
    assert _published("", hint=_DAY) == _DAY


def test_a_marked_time_element_counts_and_others_do_not() -> None:
    assert (
        _published("", '<time itemprop="datePublished" datetime="2024-03-11">lundi</time>') == _DAY
    )
    assert (
        _published("", '<time datetime="2024-03-15">vendredi, la finale</time>', hint=_DAY) == _DAY
    )


def test_the_date_written_for_readers_is_found_last() -> None:
    assert (
        _published(
            "<title>Accord</title>", "<h1>Accord</h1><p>Publié le 11 mars 2024</p><p>Le texte.</p>"
        )
        == _DAY
    )


def test_a_date_in_words_is_searched_in_our_languages_alone() -> None:
    """Each of the 200 others costs every line with figures a try, and its patterns memory."""
    assert _published("", '<span class="date">3 marca 2024</span>') is None
    assert _published("", '<span class="date">3 marzo 2024</span>') == date(2024, 3, 3)


def test_the_article_with_the_address_of_the_page_is_the_one_that_counts() -> None:
    teaser = '{"@type": "NewsArticle", "url": "https://lecourrier.example/b", "datePublished": "2024-01-01"}'
    own = '{"@type": "NewsArticle", "url": "https://lecourrier.example/a", "datePublished": "2024-03-11"}'
    assert _published(f'<script type="application/ld+json">[{teaser}, {own}]</script>') == _DAY


def test_an_address_in_json_ld_that_is_none_does_no_harm() -> None:
    broken = '{"@type": "NewsArticle", "url": "http://[", "datePublished": "2024-03-11"}'
    assert _published(f'<script type="application/ld+json">{broken}</script>') == _DAY


def test_the_address_tells_the_day_of_the_publisher_where_the_machine_date_is_utc() -> None:
    assert _published(_article("2024-03-12T01:30:00Z"), path="/2024/03/11/accord") == _DAY
    assert _published(_article("2024-03-11T01:30:00Z"), path="/2023/05/01/accord") == _DAY


def test_the_address_does_not_correct_a_time_in_the_zone_of_the_publisher() -> None:
    evening = _article("2024-03-11T23:30:00+01:00")
    assert _published(evening, path="/2024/03/10/accord") == _DAY
    assert _published(_article("2024-03-12T01:30:00+00:00"), path="/2024/03/11/accord") == _DAY


def test_the_day_beside_the_headline_is_that_of_the_publisher() -> None:
    night, body = _article("2024-03-12T01:30:00Z"), "<h1>Accord</h1><p>{}</p>"
    assert _published(night, body.format("11/3/2024 22:30"), headline="Accord") == _DAY
    older = _published(night, body.format("11/2/2024"), headline="Accord")
    assert older == date(2024, 3, 12)


def test_the_day_beside_the_headline_comes_before_other_days_on_the_page() -> None:
    head = '<meta name="date" content="2024-03-15">'
    body = "<h1>Accord</h1><p>11 mars 2024</p><p>Le texte.</p><p>8 mars 2024</p>"
    assert _published(head, body, headline="Accord") == _DAY
    assert _published(head, body, hint=date(2024, 3, 12), headline="Accord") == date(2024, 3, 12)


def test_a_day_beside_the_headline_that_can_be_read_in_two_ways_is_not_taken() -> None:
    body = "<h1>Accord</h1><p>01/02/2024</p><p>11 mars 2024</p>"
    assert _published("", body, headline="Accord") == _DAY


def test_a_declared_day_in_figures_is_read_as_the_language_of_the_page_writes_it() -> None:
    def read(language: str) -> date | None:
        tree = parse(f'<html lang="{language}"><head>{_meta("11/03/2024")}</head><body/></html>')
        assert tree is not None
        url = "https://lecourrier.example/a"
        return published_on(tree, read_metadata(tree, url), _fetched(url), date(2024, 3, 1))

    assert read("fr") == _DAY
    assert read("en-US") == date(2024, 3, 1)


@pytest.mark.parametrize("day", ["2099-01-05", "1970-01-01"])
def test_an_impossible_date_is_dropped_and_not_guessed_again(day: str) -> None:
    text = "<p>Publié le 11 mars 2024</p>"
    assert _published(_article(day), text) is None
    assert _published(_meta(day), text, hint=_DAY) == _DAY
    assert _published(_meta(day), text, hint=date(2099, 1, 1)) is None


def test_tomorrow_is_possible_and_the_day_after_is_not() -> None:
    assert _published(_meta("2024-03-21")) == date(2024, 3, 21)
    assert _published(_meta("2024-03-22")) is None


def test_a_year_of_copyright_is_no_date() -> None:
    assert _published("", "<p>Un texte sans date.</p><footer>© 2021 Le Courrier</footer>") is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-11T09:00:00+01:00", _DAY),
        ("20240311", _DAY),
        ("2024-3-11 9:00", _DAY),
        ("2024/03/11", _DAY),
        ("Mon, 11 Mar 2024 09:00:00 GMT", _DAY),
        ("17/03/2024 10:00", date(2024, 3, 17)),
        ("03/03/2024", date(2024, 3, 3)),
        ("03/11/2024", None),
        ("2024-13-45", None),
        ("lundi", None),
        ("", None),
    ],
)
def test_dates_for_machines_are_read_in_their_usual_forms(text: str, day: date | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 99999999999999999999 Nov 2026 12:01:00 GMT",
        "Tue, 24 Nov 2026 12:01:00 +" + "9" * 30,
        "9" * 5_000,
        "1" * 19,
    ],
)
def test_days_that_no_calendar_has_are_none(text: str) -> None:
    assert read_day(text) is None


def test_names_of_months_are_those_that_htmldate_collects() -> None:
    days._htmldate()
    untouched = _untouched_extractors()
    assert extractors.month_words() == untouched.month_words()
    assert extractors.month_words is not untouched.month_words


def test_texts_between_tags_are_plain_strings_in_the_same_order() -> None:
    days._htmldate()
    tree = parse("<p>One <b>two</b> 11 March</p> <div>2024<br>12 May<i>x</i></div><td>no</td>")
    found = vars(core)["FREE_TEXT_EXPRESSIONS"](tree)
    assert found == _untouched_extractors().FREE_TEXT_EXPRESSIONS(tree)
    assert found == ["One ", " 11 March", "2024", "12 May"]
    assert {type(text) for text in found} == {str}


def _untouched_extractors() -> Any:
    spec = importlib.util.find_spec("htmldate.extractors")
    assert spec is not None
    assert spec.loader is not None
    untouched = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(untouched)
    return untouched


# --- days written beside the headline -------------------------------------------------------------

_HEADLINE = "Maroc et Niger signent une déclaration"
_SEVENTH = date(2024, 3, 7)


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
    assert _below(line, "fr") == [_SEVENTH]


def test_the_first_of_a_month_may_be_written_as_an_ordinal_number() -> None:
    assert _below("1er février 2024") == [date(2024, 2, 1)]


def test_which_of_two_figures_is_the_month_depends_on_the_language() -> None:
    assert _below("07/03/2024", "fr-MA") == [_SEVENTH]
    assert _below("07/03/2024", "en-GB") == [_SEVENTH]
    assert _below("07/03/2024", "en-US") == [_SEVENTH, date(2024, 7, 3)]
    assert _below("07/03/2024") == [_SEVENTH, date(2024, 7, 3)]


@pytest.mark.parametrize("line", ["Rabat, 7 marzo 24", "( 07.03.24 )", "Publié le 07/03/24 à 9 h"])
def test_a_year_may_be_written_with_two_figures(line: str) -> None:
    assert _below(line, "fr") == [_SEVENTH]


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
    assert _below("Publié le 7 mars 2024, mis à jour le 9 mars 2024") == [_SEVENTH]


def test_a_day_just_before_the_headline_is_read_if_none_follows_it() -> None:
    day = "<div>Monde | 7 mars 2024</div>"
    assert _nearest(f"<div>{day}<header><h1>{_HEADLINE}</h1></header></div>") == [_SEVENTH]
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
