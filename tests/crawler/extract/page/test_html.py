"""Reading the text of an article without the steps of trafilatura that do not change it."""

import subprocess
import sys

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest
from justext.core import ParagraphMaker, classify_paragraphs  # type: ignore[import-untyped]  # it ships no types
from trafilatura import core, external

from crawler.extract.page import html
from crawler.extract.page.html import article_text, parse
from spiders.demo.site import OUTLETS, article_page, load_articles
from tests.crawler.extract.page.break_pages import LAYOUTS, WORDINGS, page

_URL = "https://gazette.example/news/1"
_ARTICLES = load_articles()[:3]
_POSTS = '<div class="comments"><p>One more thing that a reader of this page has to say.</p></div>'
_FORUM = '<script type="application/ld+json">{"@type": "DiscussionForumPosting"}</script>'


def _pages() -> dict[str, str]:
    pages = {
        f"{key}-{number}": article_page(key, article, _ARTICLES)
        for key in OUTLETS
        for number, article in enumerate(_ARTICLES)
    }
    pages |= {name: page(layout, WORDINGS[0]) for name, layout in LAYOUTS.items()}
    some = next(iter(pages.values()))
    pages["with-comments"] = some.replace("</body>", f"{_POSTS}</body>")
    pages["forum"] = pages["with-comments"].replace("</body>", f"{_FORUM}</body>")
    aside = "<aside><p>Our paper asks its readers what they think of all this.</p></aside>"
    pages["with-asides"] = some.replace("</p>", f"</p>{aside}<script>let p = 1;</script>")
    pages["teasers"] = _with_teasers(9)
    pages["short"] = (
        "<html><body><article><p>Two ministers met on Monday.</p></article></body></html>"
    )
    return pages


def _with_teasers(count: int) -> str:
    """An article, most of which is in what is named as teasers: a second look takes these."""
    lines = "".join(
        f'<p class="teaser">Article {number} of it is about visas.</p>' for number in range(count)
    )
    text = "They met in Rabat on Monday. " * 12
    return f"<html><body><article><p>{text}</p>{lines}</article></body></html>"


@pytest.mark.parametrize("source", _pages().values(), ids=_pages())
def test_the_text_is_what_trafilatura_reads_with_all_of_its_steps(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = article_text(_tree(source), _URL)
    monkeypatch.setattr(html, "_main_text", lambda tree, url: None)
    assert ours == article_text(_tree(source), _URL)


def test_most_pages_are_read_by_the_main_part_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "_with_all_steps", lambda tree, url: "")
    monkeypatch.setattr(html, "_is_little", lambda text, tree: False)
    monkeypatch.setattr(html, "whole_text", lambda tree: "")
    read = {name: bool(article_text(_tree(source), _URL)) for name, source in _pages().items()}
    unread = [name for name, is_read in read.items() if not is_read]
    assert unread == ["forum", "short"]


def test_links_are_named_where_trafilatura_names_them() -> None:
    tags = ("div", "p", "li", "table", "dl", "section", "article", "span", "h2", "td")
    source = "".join(f"<{tag}><b><a>{tag}</a></b></{tag}>" for tag in tags)
    theirs, ours = _tree(source), _tree(source)
    vars(core)["convert_tags"](theirs, html._options(_URL, focus="balanced"))
    named = [link.text for link in theirs.iter("ref")]
    assert [link.text for link in html._with_links(ours).iter("ref")] == named
    assert named == ["div", "p", "li", "table"]


_LINE = "They signed it in Rabat. "


@pytest.mark.parametrize(
    ("page", "is_little"),
    [
        (f"<p>{_LINE * 10}", True),
        (f"<p>{_LINE * 4}", False),
        (f"<p><a>{_LINE * 5}</a>{_LINE * 5}", True),
        (f"<p>{_LINE * 3}" * 4, False),  # labels
        (f"<p>{_LINE * 2}{' ' * 90}{_LINE[:9]}" * 4, False),  # labels of some width
        (f"<nav><p>{_LINE * 10}</nav>", False),
        (f"<p>{_LINE}{' ' * 250}{_LINE * 4}", False),
    ],
)
def test_a_text_is_little_beside_the_paragraphs_of_its_page(page: str, is_little: bool) -> None:
    assert html._is_little(_LINE * 2, _tree(f"<body>{page}")) is is_little


def test_reading_leaves_the_page_as_it_was() -> None:
    for source in _pages().values():
        tree = _tree(source)
        article_text(tree, _URL)
        assert lxml.html.tostring(tree) == lxml.html.tostring(_tree(source))


def _tree(source: str) -> lxml.html.HtmlElement:
    tree = parse(source)
    assert tree is not None
    return tree


_IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from crawler.extract.page.html import article_text, parse

together = Barrier(4)

def read(_):
    tree = parse("<article><p>" + "They signed it in Rabat. " * 20)
    together.wait()
    return article_text(tree, "https://gazette.example/news/1")

with ThreadPoolExecutor(4) as threads:
    print({len(text) > 100 for text in threads.map(read, range(4))})
"""


def test_the_first_pages_of_a_process_can_be_read_in_several_threads() -> None:
    command = [sys.executable, "-c", _IN_THREADS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.returncode) == ("{True}\n", 0), done.stderr


@pytest.mark.parametrize(
    "refused",
    ["&#0;", "&#2;", "&#011;", "&#x1F;", "&#XB;", "&#xfffe;"],
)
def test_characters_that_nobody_may_write_are_left_out(refused: str) -> None:
    tree = parse(f"<p title='a{refused}b'>a{refused}b{refused}")
    assert tree is not None
    assert [tree.text_content(), *tree.xpath("//p/@title")] == ["ab", "ab"]


@pytest.mark.parametrize("kept", ["&#9;", "&#10;", "&#133;", "&#1100;", "&#x1100;", "&#x2019;"])
def test_other_references_are_read(kept: str) -> None:
    tree = parse(f"<p>a{kept}b</p>")
    assert tree is not None
    assert len(tree.text_content()) == 3


def test_justext_knows_the_words_of_the_languages_that_we_read() -> None:
    html._trafilatura()
    words = external.jt_stoplist_init()
    assert {"the", "der", "le", "el", "il", "em"} <= set(words)
    text = "The minister said that it is so and will be. " * 9
    prose = ParagraphMaker.make_paragraphs(html.parse(f"<p>{text}</p><p>Qwx zrt</p>"))
    classify_paragraphs(prose, words)
    assert [one.cf_class for one in prose] == ["good", "short"]
