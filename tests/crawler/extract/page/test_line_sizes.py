import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest

from crawler.extract.page.line_sizes import measure, measure_paragraphs
from tests.crawler.extract.page.break_pages import LAYOUTS, WORDINGS, page

_NESTED = """<div>Above <p>One <b>two<a href=1>three <i>four</i></a>five</b> six
<script>let seven;</script><noscript>eight <u>nine</u></noscript> </p>after
<p>\u0623\u0644\u0641 <span>a_b</span></p><p> </p><p><a href=2>ten</a> <a href=3>eleven</a></p></div>"""
_PAGES = [_NESTED, *(page(layout, words) for layout in LAYOUTS.values() for words in WORDINGS)]


def _with_nested_links() -> lxml.html.HtmlElement:
    """What parsers do not make, but the splitting of lines may."""
    tree = lxml.html.fromstring(_NESTED)
    for place in (tree.find(".//p//a"), tree.find(".//p//a/i")):
        inner = lxml.html.Element("a")
        inner.text, inner.tail = "inner", "tail"
        place.append(inner)
    tree.find(".//p//i").append(lxml.html.fromstring("<p>last <a>link</a></p>"))
    return tree


@pytest.mark.parametrize("tree", [_with_nested_links(), *map(lxml.html.fromstring, _PAGES)])
def test_paragraphs_alone_measure_what_they_do_with_all(tree: lxml.html.HtmlElement) -> None:
    ours, all_sizes = measure_paragraphs(tree), measure(tree)
    assert ours.letters == {one: all_sizes.letters[one] for one in tree.iter("p")}
    assert ours.linked == {one: all_sizes.linked[one] for one in tree.iter("p")}


@pytest.mark.parametrize("least", [5, 20])
def test_short_paragraphs_are_empty_where_they_do_not_count(least: int) -> None:
    for tree in (_with_nested_links(), *map(lxml.html.fromstring, _PAGES)):
        ours, all_sizes = measure_paragraphs(tree, least), measure(tree)
        for one in tree.iter("p"):
            is_short = len(one.text_content()) < least
            assert ours.letters[one] == (0 if is_short else all_sizes.letters[one])
            assert not is_short or all_sizes.letters[one] < least
