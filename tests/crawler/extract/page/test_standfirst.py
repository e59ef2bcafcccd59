"""What stands between the headline and the article."""

from __future__ import annotations

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.page.metadata import read_metadata
from crawler.extract.page.titles import with_standfirst

HEADLINE = "Peru and Chile open the border to nurses"
STANDFIRST = "Both governments signed a protocol on Friday that lets a hundred nurses a year cross."
FIRST = "The two ministers met in Tacna, a mile from the border, after a year of talks."


def page(between: str, described: str = STANDFIRST) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(
        f"""<html><head><meta name="description" content="{described}"></head><body>
        <header><h1>{HEADLINE}</h1>{between}</header><p>By A. Writer</p>
        <article><p>{FIRST}</p></article></body></html>"""
    )


def read(tree: lxml.html.HtmlElement, text: str = FIRST, summary: str = "") -> list[str]:
    metadata = read_metadata(tree, "https://gazette.example/nurses")
    return with_standfirst(text, tree, metadata, HEADLINE, summary).splitlines()


def test_what_the_page_describes_itself_with_is_text_where_it_is_printed() -> None:
    assert read(page(f"<p>{STANDFIRST}</p>")) == [STANDFIRST, FIRST]


def test_what_the_feed_said_is_text_where_it_is_printed() -> None:
    tree = page(f"<h2>{STANDFIRST}</h2>", described="")
    assert read(tree) == [FIRST]
    assert read(tree, summary=f"{STANDFIRST} Read more …") == [STANDFIRST, FIRST]


def test_a_description_that_is_not_printed_is_no_text() -> None:
    assert read(page("")) == [FIRST]


def test_other_lines_below_the_headline_are_no_text() -> None:
    caption = "The bridge between the two countries, seen from the south on a rainy morning."
    assert read(page(f"<p>{caption}</p>")) == [FIRST]


def test_a_standfirst_that_was_read_is_not_repeated() -> None:
    tree = page(f"<p>{STANDFIRST}</p>")
    assert read(tree, f"{STANDFIRST}\n{FIRST}") == [STANDFIRST, FIRST]


def test_a_label_that_the_text_has_too_does_not_hide_the_standfirst() -> None:
    assert read(page(f"<p>Tacna</p><p>{STANDFIRST}</p>")) == [STANDFIRST, FIRST]


def test_what_stands_below_a_line_of_the_text_is_no_standfirst() -> None:
    told = page(f"<p>{FIRST[:40]}</p><p>{STANDFIRST}</p>")
    assert read(told) == [FIRST]
    in_capitals = page(f"<p>{FIRST.upper()}</p><p>{STANDFIRST}</p>")
    assert read(in_capitals) == [FIRST]


def test_what_stands_below_the_beginning_of_the_text_is_no_standfirst() -> None:
    tree = page("")
    tree.find("body").append(lxml.html.fromstring(f"<p>{STANDFIRST}</p>"))
    assert read(tree) == [FIRST]


def test_a_page_without_text_has_its_standfirst() -> None:
    assert read(page(f"<p>{STANDFIRST}</p>"), "") == [STANDFIRST]
