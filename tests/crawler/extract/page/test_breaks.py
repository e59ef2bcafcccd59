from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest

from crawler.extract.extract import extract
from crawler.extract.page.breaks import with_paragraphs
from crawler.extract.page.html import parse
from storage.records import Fetched
from tests.crawler.extract.page.break_pages import (
    ENGLISH,
    FRENCH,
    LAYOUTS,
    WORDINGS,
    Wording,
    one_div,
    page,
)

_URL = "https://gazette.example/news/1"


def _text(html: str) -> str:
    return extract(
        Fetched(_URL, _URL, "text/html", html.encode(), datetime(2026, 11, 24, tzinfo=UTC))
    ).text


@pytest.mark.parametrize("words", WORDINGS, ids=lambda words: words.language)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_article_is_read_a_paragraph_a_line(layout: str, words: Wording) -> None:
    lines = _text(page(LAYOUTS[layout], words)).splitlines()
    assert lines[: len(words.paragraphs)] == list(words.paragraphs)


@pytest.mark.parametrize("words", WORDINGS, ids=lambda words: words.language)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_other_stories_and_comments_are_not_read(layout: str, words: Wording) -> None:
    text = _text(page(LAYOUTS[layout], words))
    others = [part for teaser in words.teasers for part in teaser] + [
        *words.also,
        *words.comments,
        words.also_heading,
    ]
    assert [other for other in others if other in text] == []


def test_an_element_around_everything_does_not_bring_the_teasers_back() -> None:
    html = page(lambda words: f'<div id="content" class="main">{one_div(words)}</div>', FRENCH)
    assert _text(html) == "\n".join(FRENCH.paragraphs)


def test_an_article_cut_by_advertisements_is_read_whole() -> None:
    first, second = (
        "<br><br>".join(part) for part in (ENGLISH.paragraphs[:2], ENGLISH.paragraphs[2:])
    )
    body = f"<div><div>{first}</div><div><iframe src=/ad></iframe></div><div>{second}</div></div><p>{ENGLISH.footer}</p>"
    assert _text(
        f"<title>{ENGLISH.title}</title><body><h1>{ENGLISH.title}</h1>{body}"
    ) == "\n".join(ENGLISH.paragraphs)


def test_a_lead_between_headline_and_text_is_read() -> None:
    lead, *rest = ENGLISH.paragraphs
    body = (
        f"<div><h1>{ENGLISH.title}</h1><div><p>{lead}</p></div><div>{'<br>'.join(rest)}</div></div>"
    )
    assert _text(f"<title>{ENGLISH.title}</title><body>{body}") == "\n".join(ENGLISH.paragraphs)


def test_sentences_with_links_in_them_are_no_teasers() -> None:
    linked = [
        f'<a href="/{n}">{text[:30]}</a>{text[30:]}' for n, text in enumerate(ENGLISH.paragraphs)
    ]
    text = _text(
        f"<title>{ENGLISH.title}</title><body><h1>{ENGLISH.title}</h1><div>{'<br><br>'.join(linked)}</div>"
    )
    assert text == "\n".join(ENGLISH.paragraphs)


def test_a_page_without_breaks_is_left_as_it_is() -> None:
    tree = parse(f"<body><p>{ENGLISH.paragraphs[0]}</p></body>")
    assert tree is not None
    assert with_paragraphs(tree) is tree


def test_the_tree_that_is_given_stays_as_it_is() -> None:
    tree = parse(page(one_div, FRENCH))
    assert tree is not None
    before = lxml.html.tostring(tree)
    with_paragraphs(tree)
    assert lxml.html.tostring(tree) == before


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("reference", ["&#11;", "&#x1f;"])
def test_characters_that_cannot_be_written_are_left_out(
    layout: Callable[[Wording], str], reference: str
) -> None:
    plain = page(layout, ENGLISH)
    marked = plain.replace("<br", f"{reference}<br").replace("</b>", f"</b>{reference}")
    assert marked != plain
    assert _text(marked) == _text(plain)


@pytest.mark.parametrize("reference", ["&#2;", "&#xFFFE;"])
def test_a_page_with_such_characters_is_read(reference: str) -> None:
    for layout in LAYOUTS.values():
        text = _text(page(layout, ENGLISH).replace("<br", f"{reference}<br"))
        assert ENGLISH.paragraphs[0] in text
