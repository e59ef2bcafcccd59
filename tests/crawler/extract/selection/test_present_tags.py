"""Trafilatura's own cleaning of a page against that which looks for the tags of the page alone."""

from copy import deepcopy
from typing import Any

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trafilatura import core, external, htmlprocessing
from trafilatura.settings import MANUALLY_CLEANED, Extractor

from crawler.extract.page import html
from crawler.extract.selection.present_tags import PresentTags

_CLEANED = [*MANUALLY_CLEANED]
_TAGS = st.sampled_from([*_CLEANED, *["p", "div", "table", "span", "b"] * 4])
_ELEMENTS = st.tuples(
    _TAGS, st.sampled_from([None, "Rabat", "They signed it. " * 9]), st.integers(0, 4)
)


def _tree(elements: list[tuple[str, str | None, int]]) -> lxml.html.HtmlElement:
    root = lxml.html.Element("html")
    made = [root]
    for tag, text, above in elements:
        element = lxml.html.Element(tag)
        element.text = element.tail = text
        made[max(0, len(made) - 1 - above)].append(element)
        made.append(element)
    return root


@given(st.lists(_ELEMENTS, max_size=25), st.sampled_from(["balanced", "recall"]))
@settings(deadline=None)
def test_what_is_left_is_what_trafilatura_leaves(
    elements: list[tuple[str, str | None, int]], focus: str
) -> None:
    _compare(_tree(elements), focus)


_PROSE = "<p>They signed it in Rabat.</p>"
_PAGES = {
    "an element in another of its tag": "<nav>a<b><nav>b</nav></b>c</nav>{}<nav>d</nav>",
    "the same in another that goes before": "{}<aside><nav>a<nav>b</nav></nav></aside>e<nav>c</nav>",
    "the same in a form that stays": "<form>{}<nav>a<nav>b</nav></nav></form><nav>c</nav>",
    "a figure with a table": "<figure>{}<nav><table><tr><td>2024</table></nav></figure><figure>",
    "a formula": "<math alttext='x'><mi>x</mi></math>{}<nav>a</nav>",
    "a formula in a button": "<button><math alttext='x'></math></button>{}<nav>a</nav>b",
}


@pytest.mark.parametrize("source", _PAGES.values(), ids=_PAGES)
@pytest.mark.parametrize("focus", ["balanced", "recall"])
def test_what_is_kept_or_overlooked_is_what_trafilatura_does(source: str, focus: str) -> None:
    _compare(lxml.html.document_fromstring(source.format(_PROSE)), focus)


def test_images_keep_what_is_around_them() -> None:
    page = lxml.html.document_fromstring(f"{_PROSE}<figure><img src='a.png'></figure>")
    assert "img" in _compare(page, "balanced", images=True)


def _compare(tree: lxml.html.HtmlElement, focus: str, *, images: bool = False) -> str:
    """Compare the two, and return what is left."""
    html._trafilatura()
    options = Extractor(recall=focus == "recall", comments=False, images=images)
    theirs: Any = htmlprocessing.tree_cleaning
    ours: Any = vars(core)["tree_cleaning"]
    assert ours is not theirs
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(htmlprocessing, "MANUALLY_CLEANED", _CLEANED)
        left: str = lxml.html.tostring(theirs(deepcopy(tree), options), encoding="unicode")
    assert lxml.html.tostring(ours(deepcopy(tree), options), encoding="unicode") == left
    return left


def test_most_of_a_page_is_removed_at_once() -> None:
    tags = PresentTags(["aside", "form", "nav"])
    source = "<div><nav>a</nav>b<form><aside><nav><nav></nav></nav>c</aside></form><p></p></div>"
    assert _cleaned(tags, source) == (["form"], "<div>b<form></form><p></p></div>")
    assert tags.copy() == ["aside", "form", "nav"]


def test_a_copy_has_the_tags_of_the_page_that_is_cleaned() -> None:
    source = "<div><nav><nav></nav></nav><aside></aside><p></p></div>"
    tags = PresentTags(["aside", "form", "nav"])
    assert _cleaned(tags, source) == (["aside", "nav"], source)


@pytest.mark.parametrize("source", ["<div><p></p></div>", "<div><form></form></div>"])
def test_a_copy_is_never_empty_where_trafilatura_may_take_back(source: str) -> None:
    assert _cleaned(PresentTags(["aside", "form"]), source, "recall") == (["aside", "form"], source)


def _cleaned(tags: PresentTags, source: str, focus: str = "balanced") -> tuple[list[str], str]:
    """What a copy of the list holds, and the page, when Trafilatura begins to clean it."""
    begun = []

    def theirs(tree: lxml.html.HtmlElement, options: Extractor) -> lxml.html.HtmlElement:
        begun.append((tags.copy(), lxml.html.tostring(tree, encoding="unicode")))
        return tree

    page = lxml.html.fromstring(source)
    assert tags.cleaning(theirs)(page, Extractor(recall=focus == "recall")) is page
    return begun[0]


def test_trafilatura_cleans_with_ours() -> None:
    html._trafilatura()
    for module in (core, external):
        assert "PresentTags" in vars(module)["tree_cleaning"].__qualname__
    assert isinstance(vars(htmlprocessing)["MANUALLY_CLEANED"], PresentTags)
    assert vars(htmlprocessing)["MANUALLY_CLEANED"] == _CLEANED
