"""Trafilatura's own removal of what is mostly links against ours, which asks fewer elements."""

from copy import deepcopy

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trafilatura import htmlprocessing, main_extractor

from crawler.extract.page import html
from crawler.extract.selection import link_density
from crawler.extract.selection.link_density import where_links_are

_THEIRS = htmlprocessing.delete_by_link_density
_TAGS = ("div", "list", "p")
_TEXTS = st.sampled_from(
    ["", " \n ", "Rabat", "They signed it. ", "Two ministers met. " * 6, "word " * 80, " x" * 1_500]
)
# Tag, text, tail, and how far up its parent is.
_ELEMENTS = st.tuples(
    st.sampled_from([*_TAGS, *["ref"] * 4, "item", "td", "graphic"]),
    _TEXTS,
    _TEXTS,
    st.integers(0, 4),
)
_LINK = "They signed it in Rabat. " * 2
_EXAMPLES = {
    "a long link": [("p", "a" * 15, "", 0), ("ref", "word " * 40, "", 0)],
    "a farm": [("div", "", "", 0), *[("ref", _LINK, "", place) for place in range(10)]],
    "a box": [
        ("p", "word " * 80, "", 0),
        ("div", "", "", 1),
        *[("ref", _LINK, "", place) for place in range(3)],
    ],
    # Without its list, which goes first, the element is a box, too.
    "a box at a second look": [
        ("div", "o" * 30, "", 0),
        *[("ref", _LINK, "", place) for place in range(3)],
        ("list", "o" * 35, "", 3),
        ("ref", "They signed it. " * 13, "", 0),
    ],
    "a paragraph beside another": [
        ("p", "", "", 0),
        ("ref", "They signed it. ", "", 0),
        ("ref", "Rabat", "", 1),
        ("p", "", "", 3),
    ],
    "a box beside another": [
        ("div", "", "", 0),
        ("ref", "They signed it. " * 5, "", 0),
        ("ref", "Rabat", "", 1),
        ("div", "", "", 3),
    ],
    "a box that is the last": [
        ("div", "", "", 0),
        ("ref", "They signed it. " * 18, "", 0),
        ("ref", "Rabat", "", 1),
    ],
    "a link that grows": [("p", "a" * 15, "", 0), ("ref", "Rabat", "", 0)],
}


def _tree(elements: list[tuple[str, str, str, int]]) -> lxml.html.HtmlElement:
    root = lxml.html.Element("div")
    made = [root]
    for tag, text, tail, above in elements:
        element = lxml.html.Element(tag)
        element.text, element.tail = text, tail
        made[max(0, len(made) - 1 - above)].append(element)
        made.append(element)
    return root


@pytest.mark.parametrize("elements", _EXAMPLES.values(), ids=_EXAMPLES)
def test_links_are_removed_as_trafilatura_does(elements: list[tuple[str, str, str, int]]) -> None:
    assert _is_removed_alike(elements)


@given(st.lists(_ELEMENTS, max_size=25))
@settings(deadline=None)
def test_what_is_removed_is_what_trafilatura_removes(
    elements: list[tuple[str, str, str, int]],
) -> None:
    _is_removed_alike(elements)


def _is_removed_alike(elements: list[tuple[str, str, str, int]]) -> bool:
    """Compare the two, and return whether anything was removed."""
    removed = False
    ours = where_links_are(_THEIRS)
    root = _tree(elements)
    for subtree in [root, *root.iter(*_TAGS)][:3]:
        theirs_of_it, ours_of_it = deepcopy(root), deepcopy(root)
        place = root.getroottree().getpath(subtree)
        part, our_part = (one.getroottree().xpath(place)[0] for one in (theirs_of_it, ours_of_it))
        for _ in range(2):  # as often as the same part of a page is asked for
            for tag in _TAGS * 2:
                for asked, delete in ((part, _THEIRS), (our_part, ours)):
                    assert delete(asked, tag, backtracking=tag == "div") is asked
                assert lxml.html.tostring(our_part) == lxml.html.tostring(part)
                assert lxml.html.tostring(ours_of_it) == lxml.html.tostring(theirs_of_it)
            removed |= len([*theirs_of_it.iter()]) < len([*root.iter()])
            for whole in (theirs_of_it, ours_of_it):
                for link in list(whole.iter("ref"))[:3]:
                    link.text = "They signed it in Rabat. " * 9
    return removed


def test_what_changed_nothing_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    undecided = link_density._undecided

    def counted(tree: lxml.html.HtmlElement, tag: str) -> list[lxml.html.HtmlElement]:
        asked.append(tag)
        return undecided(tree, tag)

    monkeypatch.setattr(link_density, "_undecided", counted)
    delete = where_links_are(_THEIRS)
    prose = _tree([("p", "word " * 80, "", 0), ("ref", "Rabat", "", 0)])
    for tag in _TAGS * 2:
        delete(prose, tag)
    assert asked == [*_TAGS]


def test_precision_is_left_to_trafilatura() -> None:
    seen: list[object] = []

    def theirs(tree: object, tag: str, *, favor_precision: bool) -> None:
        seen.append((tree, tag, favor_precision))

    root = _tree([])
    where_links_are(theirs)(root, "div", favor_precision=True)
    assert seen == [(root, "div", True)]


def test_trafilatura_asks_ours() -> None:
    html._trafilatura()
    assert vars(main_extractor)["delete_by_link_density"].__module__ == link_density.__name__
