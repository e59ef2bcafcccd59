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
    _TAGS, st.sampled_from(["", "Rabat", "They signed it. " * 9]), st.integers(0, 4)
)


def _tree(elements: list[tuple[str, str, int]]) -> lxml.html.HtmlElement:
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
    elements: list[tuple[str, str, int]], focus: str
) -> None:
    html._trafilatura()
    options = Extractor(recall=focus == "recall", comments=False)
    theirs: Any = htmlprocessing.tree_cleaning
    ours: Any = vars(core)["tree_cleaning"]
    assert ours is not theirs
    tree = _tree(elements)
    left = theirs(deepcopy(tree), options)
    assert lxml.html.tostring(ours(deepcopy(tree), options)) == lxml.html.tostring(left)


def test_a_copy_has_the_tags_of_the_page_that_is_cleaned() -> None:
    tags = PresentTags(["aside", "form", "nav"])
    assert _copied(tags, "<div><nav></nav><aside></aside><p></p></div>") == ["aside", "nav"]
    assert tags.copy() == ["aside", "form", "nav"]


@pytest.mark.parametrize("source", ["<div><p></p></div>", "<div><form></form></div>"])
def test_a_copy_is_never_empty_where_one_tag_is_taken_out(source: str) -> None:
    assert _copied(PresentTags(["aside", "form"]), source) == ["aside", "form"]


def _copied(tags: PresentTags, source: str) -> list[str]:
    """What a copy of the list holds while a page is cleaned."""
    copies = []

    def theirs(tree: lxml.html.HtmlElement, options: None) -> lxml.html.HtmlElement:
        copies.append(tags.copy())
        return tree

    page = lxml.html.fromstring(source)
    assert tags.cleaning(theirs)(page, None) is page
    return copies[0]


def test_trafilatura_cleans_with_ours() -> None:
    html._trafilatura()
    for module in (core, external):
        assert "PresentTags" in vars(module)["tree_cleaning"].__qualname__
    assert isinstance(vars(htmlprocessing)["MANUALLY_CLEANED"], PresentTags)
    assert vars(htmlprocessing)["MANUALLY_CLEANED"] == _CLEANED
