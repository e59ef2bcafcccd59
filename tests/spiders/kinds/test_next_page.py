from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from spiders.kinds.listing import next_page

HERE = "https://a.org/news/"


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ('<link rel="next" href="/news/?page=2">', "https://a.org/news/?page=2"),
        ('<a rel="nofollow next" href="page/2/">2</a>', "https://a.org/news/page/2/"),
        ('<a href="?page=1">1</a><a href="?page=2">2</a>', "https://a.org/news/?page=2"),
        ('<a href="/news/page/2">2</a><a href="/news/page/3">3</a>', "https://a.org/news/page/2"),
        ('<a href="/news/page/2">« Older posts</a>', "https://a.org/news/page/2"),
        ('<a href="/news/page/2">Articles plus anciens</a>', "https://a.org/news/page/2"),
        ('<a href="/news?start=20">Siguiente ›</a>', "https://a.org/news?start=20"),
        ('<a href="/news?start=20">التالي</a>', "https://a.org/news?start=20"),
        ('<a href="/news/page/2" aria-label="Next page">&gt;</a>', "https://a.org/news/page/2"),
        ('<a class="next page-numbers" href="/news/page/2">→</a>', "https://a.org/news/page/2"),
        ('<a href="#">Next</a><a href="javascript:go(2)">2</a>', None),
        ('<a href="/gallery/next">Next picture</a>', None),
        ('<a href="https://b.org/news/page/2">Next</a>', None),
        ('<a href="/news/2">Two ministers resign after the report</a>', None),
        ('<a href="/news/?page=2">Next week the two ministers will meet in Rome</a>', None),
    ],
)
def test_the_next_page_of_a_list(page: str, url: str | None) -> None:
    assert next_page(LexborHTMLParser(page), HERE, HERE) == url


@pytest.mark.parametrize("here", ["https://a.org/news/?page=2", "https://a.org/news/page/2/"])
def test_on_the_second_page_the_third_one_is_next(here: str) -> None:
    page = "".join(f'<a href="{here.replace("2", n)}">{n}</a>' for n in "123")
    assert next_page(LexborHTMLParser(page), here, here) == here.replace("2", "3")
