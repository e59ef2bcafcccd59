from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from justext.core import ParagraphMaker, classify_paragraphs  # type: ignore[import-untyped]  # it ships no types
from justext.utils import (  # type: ignore[import-untyped]  # the same
    get_stoplist,
    get_stoplists,
    normalize_whitespace,
)
from lxml.sax import saxify  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from trafilatura import external

from crawler.extract.page import html
from crawler.extract.page.stop_words import in_order, stop_words


def test_the_words_of_all_lists_are_stop_words_and_no_others() -> None:
    listed = {word.lower() for language in get_stoplists() for word in get_stoplist(language)}
    assert all(word in stop_words() for word in listed)
    assert not any(f"{word}#" in stop_words() for word in listed)


def test_justext_asks_them_instead_of_a_list_of_its_own() -> None:
    html._trafilatura()
    asked: Any = external.jt_stoplist_init
    assert asked() is stop_words()
    text = "The minister said that it is so and will be. " * 9
    prose = ParagraphMaker.make_paragraphs(html.parse(f"<p>{text}</p><p>Qwx zrt</p>"))
    classify_paragraphs(prose, stop_words())
    assert [one.cf_class for one in prose] == ["good", "short"]
    assert prose[0].stopwords_count(stop_words()) > 60


@example("a  b")
@given(st.text(st.sampled_from(" \n\r\t\xa0\x85\u2028\u200bab")))
def test_spaces_are_put_in_order_as_by_justext(text: str) -> None:
    assert in_order(text) == normalize_whitespace(text)


@given(st.lists(st.text(st.sampled_from(" \n\xa0a"), max_size=3), max_size=4))
def test_a_paragraph_has_text_where_justext_says_so(texts: list[str]) -> None:
    stop_words()
    one = ParagraphMaker().paragraph
    for text in texts:
        one.append_text(text)
    assert bool(one) == (len(one) > 0)


def test_paragraphs_of_elements_with_attributes_are_those_of_justext() -> None:
    stop_words()
    source = (
        "<div id='a' xml:lang='en'>They <a href='/b'>signed</a> it.<br><br><p class='c'>Rabat</p>"
    )
    page = html.parse(source)
    assert page is not None
    theirs = ParagraphMaker()
    saxify(deepcopy(page), theirs)
    told = [(one.text, one.dom_path, one.chars_count_in_links) for one in theirs.paragraphs]
    found = ParagraphMaker.make_paragraphs(page)
    assert [(one.text, one.dom_path, one.chars_count_in_links) for one in found] == told
    assert told[0] == ("They signed it.", "html.body.div", 6)
    assert not any(one.attrib for one in page.iter())
