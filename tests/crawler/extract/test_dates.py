from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from typing import Any

import pytest
from htmldate import core, extractors

from crawler.extract.fields import read_day
from crawler.extract.page import days
from crawler.extract.page.days import published_on
from crawler.extract.page.html import parse
from crawler.extract.page.metadata import read_metadata

_FETCHED = datetime(2024, 3, 20, 8, 0, tzinfo=UTC)
_DAY = date(2024, 3, 11)


def _published(
    head: str, body: str = "", path: str = "/a", hint: date | None = None, headline: str = ""
) -> date | None:
    url = f"https://lecourrier.example{path}"
    tree = parse(f"<html><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return published_on(tree, read_metadata(tree, url), url, _FETCHED, hint, headline)


def test_a_page_is_not_copied_to_search_it_for_its_day() -> None:
    body = "<h1>One</h1><svg><text>12</text></svg><div class='date'>On 11 March 2024</div>"
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    metadata = read_metadata(tree, "https://a.example/a")
    assert published_on(tree, metadata, "https://a.example/a", _FETCHED) == _DAY
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
        return published_on(tree, read_metadata(tree, url), url, _FETCHED, date(2024, 3, 1))

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
