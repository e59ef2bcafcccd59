from __future__ import annotations

from typing import Any

from justext.core import ParagraphMaker, classify_paragraphs  # type: ignore[import-untyped]  # it ships no types
from justext.utils import (  # type: ignore[import-untyped]  # the same
    get_stoplist,
    get_stoplists,
)
from trafilatura import external

from crawler.extract.page import html
from crawler.extract.page.stop_words import stop_words


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
