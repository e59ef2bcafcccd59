"""Trafilatura's own expressions against ours that remember, on pages made of what these ask for."""

import importlib.util
import re
from importlib import import_module
from itertools import chain, product
from types import ModuleType

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
import pytest
import trafilatura.xpaths
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import XPath  # type: ignore[import-untyped]  # no stubs that fit lxml 6

from crawler.extract.page import cached_paths
from crawler.extract.page.cached_paths import Reader, all_of, first_of
from crawler.extract.page.html import article_text


def _as_installed() -> ModuleType:
    """Trafilatura's module, read anew: that which was imported may hold ours already."""
    spec = importlib.util.spec_from_file_location("as_installed", trafilatura.xpaths.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_THEIRS = _as_installed()
_LISTS = (
    _THEIRS.RAW_TREE_PRUNE_XPATH,
    _THEIRS.REMOVE_COMMENTS_AND_LISTS_XPATH,
    _THEIRS.OVERALL_DISCARD_XPATH,
    _THEIRS.TEASER_DISCARD_XPATH,
    _THEIRS.DISCARD_IMAGE_ELEMENTS,
)
_USERS = ("core", "main_extractor")
_SOURCES = "".join(path.path for path in chain(*_LISTS, _THEIRS.BODY_XPATH))
_NAMES = sorted({*re.findall(r"@([a-z-]+)", _SOURCES), "data-other"})
_TAGS = sorted({*re.findall(r"(?:self::|\.//)(\w+)", _SOURCES), "a", "td"})
_TEXTS = re.findall(r"'([^']*)'", _SOURCES)


def _words(pattern: str) -> list[str]:
    """Words that a regular expression of theirs finds, one for each alternative."""
    first_of_group = re.sub(r"\(\?:([^|)]*)[^)]*\)", r"\1", pattern)
    first_letter = re.sub(r"\[(.)[^]]*\]", r"\1", re.sub(r"\(\?!\w+\)", "", first_of_group))
    return [word for word in re.sub(r"[?^$]", "", first_letter).split("|") if word]


_WORDS = sorted(set(chain.from_iterable(map(_words, _TEXTS))))
_VALUES = st.lists(st.sampled_from([*_WORDS, "a", "b-c", "Teaser", "NAV"]), max_size=3).map(
    " ".join
)
# Lists of pairs, since the order of attributes counts.
_ELEMENTS = st.tuples(
    st.sampled_from(_TAGS),
    st.lists(st.tuples(st.sampled_from(_NAMES), _VALUES), max_size=4, unique_by=lambda one: one[0]),
    st.integers(0, 5),
)


@st.composite
def _trees(draw: st.DrawFn) -> lxml.html.HtmlElement:
    root = lxml.html.Element("body")
    made = [root]
    for tag, attributes, above in draw(st.lists(_ELEMENTS, max_size=25)):
        element = lxml.html.Element(tag)
        for name, value in attributes:
            element.set(name, value)
        made[max(0, len(made) - 1 - above)].append(element)
        made.append(element)
    return root


@given(_trees())
@settings(max_examples=30, deadline=None)
def test_what_is_remembered_is_what_the_expressions_select(tree: lxml.html.HtmlElement) -> None:
    _assert_same(tree)


def test_each_word_that_the_expressions_ask_for_is_found() -> None:
    root = lxml.html.Element("body")
    for word, name, tag, inside in product(_WORDS, ("class", "id"), ("div",), ("h1", "p")):
        element = lxml.html.Element(tag, {name: word})
        element.append(lxml.html.Element(inside))
        root.append(element)
    _assert_same(root)


def _assert_same(tree: lxml.html.HtmlElement) -> None:
    for paths, ours in zip(_LISTS, _ALL, strict=True):
        assert list(chain(*(path(tree) for path in ours))) == list(
            chain(*(path(tree) for path in paths))
        )
    for path, ours_of_it in zip(_THEIRS.BODY_XPATH, _FIRST, strict=True):
        assert list(ours_of_it(tree))[:1] == path(tree)[:1]


_ALL = [all_of(paths) for paths in _LISTS]
_FIRST = [first_of(path) for path in _THEIRS.BODY_XPATH]


def test_the_expressions_that_take_time_are_remembered() -> None:
    assert not [one for ours in _ALL for one in ours if isinstance(one, XPath)]
    left = [path.path for path in _FIRST if isinstance(path, XPath)]
    assert not any("re:test" in source for source in left)


def test_trafilatura_asks_what_is_remembered() -> None:
    article_text(lxml.html.fromstring("<html><body><p>One</p></body></html>"), "https://a.example/")
    core, extractor = (vars(import_module(f"trafilatura.{name}")) for name in _USERS)
    held = [
        *core["RAW_TREE_PRUNE_XPATH"],
        *core["REMOVE_COMMENTS_AND_LISTS_XPATH"],
        *extractor["OVERALL_DISCARD_XPATH"],
        *extractor["TEASER_DISCARD_XPATH"],
        *extractor["DISCARD_IMAGE_ELEMENTS"],
        extractor["BODY_XPATH"][0],
    ]
    assert not [one for one in held if isinstance(one, XPath)]


@pytest.mark.parametrize(
    "source",
    [
        ".//*[self::div][2]",
        ".//*[self::div][position() < 3][@class='a']",
        ".//*[self::div][string-length(@class)]",
        ".//*[not(@class)]",
        ".//*[self::div][re:test(@class, 'a|')]",
        ".//*[self::div][../@class='a']",
        ".//*[self::div][count(.//p)]",
        ".//*[self::div][rel='me']",
        ".//*[self::div][@class='a']/p",
        ".//*[self::div][@class='a']|.//p",
        ".//div[@class='a']",
        "//*[@class='a']",
        ".//*",
    ],
)
def test_expressions_of_another_form_stay_as_they_are(source: str) -> None:
    path = XPath(source, namespaces={"re": _THEIRS.REGEXP_NS})
    assert all_of([path]) == [path]
    first = XPath(f"({source})[1]", namespaces={"re": _THEIRS.REGEXP_NS})
    assert first_of(first) is first


@pytest.mark.parametrize(
    "condition",
    [
        "re:test(@class, 'one', 'i')",
        "re:test(@class, 'one', 'x')",
        "contains(@class, 'one') and @id",
        "@id='b' or @class='one' and not(@id)",
        "(@id='b' or @class='one') and not(@id='c' or contains(@class, 'two'))",
        "contains(translate(@class, 'ONE', 'on'), 'on')",
        "contains(translate(@class, 'O', 'o'), 'oN')",
        "contains(translate(@class, 'NO', 'no'), 'onE')",
        'starts-with(@class|@id, "on")',
        "@id][not(.//i) or @class='one'",
        "not(.//i)][self::p][@class",
        "self::p][not(@class)",
        "self::p or @class='one'",
    ],
)
def test_conditions_mean_what_they_mean_in_xpath(condition: str) -> None:
    classes = ("", "class='one'", "class='one two'", "class='ONE'", "class=''")
    ids = ("", "id='b'", "id='c'", "id='one'")
    pairs = [*product(classes, ids), *product(ids, classes)]
    ends = [*product(("p", "div"), ("<i>1</i>", ""))]
    page = "".join(
        f"<{tag} {one} {other}>{inner}</{tag}>" for one, other in pairs for tag, inner in ends
    )
    tree = lxml.html.fromstring(f"<div>{page}</div>")
    path = XPath(f".//*[{condition}]", namespaces={"re": _THEIRS.REGEXP_NS})
    (ours,) = all_of([path])
    assert not isinstance(ours, XPath)
    assert ours(tree) == path(tree) == ours(tree)
    first = XPath(f"(.//*[{condition}])[1]", namespaces={"re": _THEIRS.REGEXP_NS})
    assert not isinstance(first_of(first), XPath)
    assert first_of(first)(tree) == first(tree)


def test_the_first_attribute_on_the_page_counts() -> None:
    path = XPath(".//*[re:test(@id|@class, '^a')]", namespaces={"re": _THEIRS.REGEXP_NS})
    ours = all_of([path])[0]
    page = "<div><p id='a' class='b'>1</p><p class='b' id='a'>2</p><p class='a'>3</p></div>"
    assert [one.text for one in ours(lxml.html.fromstring(page))] == ["1", "3"]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_paths, "_MOST_VALUES", 10)
    path = XPath(".//*[contains(@class, 'a1')]")
    ours = all_of([path])[0]
    page = "".join(f"<p class='a{number}'></p>" for number in range(200))
    tree = lxml.html.fromstring(f"<div>{page}</div>")
    assert ours(tree) == path(tree)
    held = ours._fits._held  # type: ignore[attr-defined]  # what nobody else may see
    assert len(held["class"]) <= 10


def test_what_is_written_twice_is_asked_once() -> None:
    reader = Reader()
    with_id = reader.read("self::div and (contains(@class, 'nav') or @id='a')")
    without = reader.read("not(contains(@class, 'nav')) or starts-with(@class, 'nav')")
    assert len(reader.tests) == 3
    assert [with_id("div", held) for held in range(4)] == [False, True, True, True]
    assert [without("div", held) for held in (0, 1, 2, 5)] == [True, False, True, True]
