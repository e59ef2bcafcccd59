"""Which page of an article an address is."""

from __future__ import annotations

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest

from crawler.extract.articles.recognise import is_later_page, next_page, page_of

STORY = "https://a.example/news/a-long-story"


@pytest.mark.parametrize(
    "url",
    [f"{STORY}?page=2", f"{STORY}/2", f"{STORY}/page/2/", f"{STORY},page-2", f"{STORY}?seite=2"],
)
def test_a_number_in_the_address_is_that_of_the_page(url: str) -> None:
    assert page_of(url) == (STORY, 2)


@pytest.mark.parametrize(
    "url",
    [STORY, "https://a.example/?p=2", "https://a.example/2026/10/2", f"{STORY}-2", f"{STORY}?id=2"],
)
def test_a_number_that_names_an_article_is_none(url: str) -> None:
    assert page_of(url)[1] == 1


def test_a_later_page_is_one_that_names_the_first_or_the_one_before() -> None:
    nothing = lxml.html.fromstring("<p>text</p>")
    before = lxml.html.fromstring(f"<div><a rel='prev' href='{STORY}'>back</a></div>")
    assert is_later_page(nothing, f"{STORY}?page=2", STORY)
    assert is_later_page(before, f"{STORY}/2", None)
    assert not is_later_page(nothing, f"{STORY}?page=2", None)
    assert not is_later_page(before, f"{STORY}/3", None)
    assert not is_later_page(before, "https://a.example/news/another", STORY)


def test_the_next_page_is_of_the_same_article() -> None:
    links = "<a rel='next' href='/news/the-next-story'>next</a><a href='?page=2#top'>2</a><a href='?page=3'>3</a>"
    tree = lxml.html.fromstring(f"<div>{links}</div>")
    assert next_page(tree, STORY) == f"{STORY}?page=2"
    assert next_page(tree, f"{STORY}?page=2") == f"{STORY}?page=3"
    assert next_page(tree, f"{STORY}?page=3") is None


def test_an_article_with_a_small_number_has_a_second_page() -> None:
    tree = lxml.html.fromstring('<p>a</p><a rel="next" href="?page=2">Next</a>')
    assert next_page(tree, "https://fleuve.example/news/7.html") == (
        "https://fleuve.example/news/7.html?page=2"
    )
