"""XPath expressions that cache their results by the attributes of elements.

Trafilatura recognises menus, comments and articles by tags, classes and ids, with long regular
expressions that lxml asks Python for, at each element of a page. A page repeats its classes, and a
site repeats those of its pages, so that most answers are known. Only expressions that look at an
element's own tag and attributes are taken over; others stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import lxml.html  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from lxml.etree import XPath  # type: ignore[import-untyped]  # the same

Element: TypeAlias = lxml.html.HtmlElement
Select: TypeAlias = Callable[[Element], Sequence[Element]]

_NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
# Values of attributes in one process, for each group of expressions: five megabytes in all after
# pages of 366 sites. A page of a site that was not seen before has 250, and a crawl reads its sites
# in turn: a hundred have room, which takes 7 % less time than room for twenty.
_MOST_VALUES = 16_384
_LONGEST_VALUE = 300  # characters; a longer one is a picture in a style, or the state of a script

_PREDICATE = re.compile(r"""\s*\[((?:'[^']*'|"[^"]*"|[^\[\]'"])*)\]""")
_FIRST = re.compile(r"\((.*)\)\[1\]|(.*\])\s*\[1\]", re.DOTALL)
_INSIDE = re.compile(r"\.//[a-z][a-z0-9]*")  # any such element inside
_TAGS = re.compile(r"\s*self::[a-z0-9]+(?:\s+or\s+self::[a-z0-9]+)*\s*")


@dataclass(frozen=True, slots=True)
class _Path:
    """A path `.//*[...][...]`: tags ("*" for all), predicates of the element and its inside."""

    tags: Sequence[str]
    own: Sequence[str]
    inside: Sequence[str]


def all_of(paths: Sequence[XPath]) -> list[Select]:
    """Return expressions that select what `paths` do, in one pass if their form allows it."""
    try:
        return [_AllOf([_parsed_path(path.path) for path in paths])]
    except ValueError:
        return list(paths)


def first_of(path: XPath) -> Select:
    """Return an expression that selects the first element of `(.//*[...])[1]` or `.//*[...][1]`, in
    page order, and no other; `path` itself if it is of another form.
    """
    as_it_is: Select = path
    match = _FIRST.fullmatch(path.path.strip())
    try:
        return _FirstOf(_parsed_path(match[1] or match[2])) if match else as_it_is
    except ValueError:
        return as_it_is


def _parsed_path(source: str) -> _Path:
    """Take a path apart. Raises ValueError if it is of another form."""
    steps = source.strip().removeprefix(".//*")
    predicates = [match[1] for match in _PREDICATE.finditer(steps)]
    if not source.strip().startswith(".//*[") or _PREDICATE.sub("", steps).strip():
        raise ValueError(f"not a path of descendants: {source}")
    inside = [predicate for predicate in predicates if _INSIDE.search(predicate)]
    for one in inside:
        Reader().read(_INSIDE.sub("@inside", one))  # which fails if it is a position
    own = [predicate for predicate in predicates if predicate not in inside]
    named = (re.findall(r"self::(\w+)", one) for one in own if _TAGS.fullmatch(one))
    return _Path(next(named, ["*"]), own, inside)


class _Fits:
    """Which of some paths an element fits, as far as its own tag and attributes decide it."""

    def __init__(self, paths: Sequence[_Path]) -> None:
        reader = Reader()
        self._conditions = [[reader.read(one) for one in path.own] for path in paths]
        self._tests: Sequence[Test] = reader.tests
        tags = set(chain.from_iterable(path.tags for path in paths))
        if self._numbers("*", 0):
            raise ValueError("it does not depend on tags or attributes")
        self._bare = {tag for tag in reader.tags if self._numbers(tag, 0)}  # without attributes
        self._tags = ["*"] if "*" in tags else sorted(tags)
        names = set(chain.from_iterable(test.attributes for test in reader.tests))
        # By attribute: the tests that hold for a value, and those that no later attribute decides.
        self._held: dict[str, dict[str, int]] = {name: {} for name in names}
        self._decided = {name: self._decided_by(name) for name in names}
        self._tests_of = {
            name: [
                (1 << number, test.holds)
                for number, test in enumerate(reader.tests)
                if name in test.attributes
            ]
            for name in names
        }
        self._known: dict[tuple[str, int], Sequence[int]] = {}
        self._values = 0

    def fitting(self, tree: Element) -> Iterator[tuple[Element, Sequence[int]]]:
        """Yield the elements in `tree` that fit a path, with the numbers of the paths."""
        held_by, decided_by, bare = self._held, self._decided, self._bare
        for element in tree.iterdescendants(*self._tags):
            held = decided = 0
            for name, value in element.items():
                known = held_by.get(name)
                if known is None:
                    continue
                holding = known.get(value)
                if holding is None:
                    holding = self._learn(name, value)
                if holding:
                    held |= holding & ~decided
                decided |= decided_by[name]
            if (held or (bare and element.tag in bare)) and (
                numbers := self._numbers_of(element.tag, held)
            ):
                yield element, numbers

    def _learn(self, name: str, value: str) -> int:
        holding = 0
        for bit, holds in self._tests_of[name]:
            if holds(value):
                holding |= bit
        if len(value) <= _LONGEST_VALUE:
            if self._values >= _MOST_VALUES:
                self._values = 0
                for values in self._held.values():
                    values.clear()
            self._held[name][value] = holding
            self._values += 1
        return holding

    def _decided_by(self, name: str) -> int:
        """Return the tests of several attributes, of which this is one."""
        of_several = (
            number
            for number, test in enumerate(self._tests)
            if name in test.attributes and len(test.attributes) > 1
        )
        return sum(1 << number for number in of_several)

    def _numbers_of(self, tag: str, held: int) -> Sequence[int]:
        numbers = self._known.get((tag, held))
        if numbers is None:
            if len(self._known) >= _MOST_VALUES:  # a page may name its tags as it likes
                self._known.clear()
            numbers = self._known[tag, held] = self._numbers(tag, held)
        return numbers

    def _numbers(self, tag: str, held: int) -> Sequence[int]:
        def fits(conditions: Sequence[Condition]) -> bool:
            return all(condition(tag, held) for condition in conditions)

        return tuple(number for number, one in enumerate(self._conditions) if fits(one))


class _AllOf:
    def __init__(self, paths: Sequence[_Path]) -> None:
        self._fits = _Fits(paths)
        self._inside = [_inside_test(path) for path in paths]

    def __call__(self, tree: Element) -> list[Element]:
        elements: list[list[Element]] = [[] for _ in self._inside]
        for element, numbers in self._fits.fitting(tree):
            for number in numbers:
                inside = self._inside[number]
                if inside is None or inside(element):
                    elements[number].append(element)
        return [*chain.from_iterable(elements)]


class _FirstOf:
    def __init__(self, path: _Path) -> None:
        self._fits = _Fits([path])
        self._inside = _inside_test(path)

    def __call__(self, tree: Element) -> list[Element]:
        for element, _ in self._fits.fitting(tree):
            if self._inside is None or self._inside(element):
                return [element]
        return []


def _inside_test(path: _Path) -> XPath | None:
    """Return the expression that asks an element for what is inside, if there is one."""
    if not path.inside:
        return None
    predicates = "".join(f"[{one}]" for one in path.inside)
    return XPath(f"boolean(self::*{predicates})", namespaces=_NAMESPACES, smart_strings=False)


# --- conditions of XPath on an element's own tag and attributes -----------------------------------

# Whether an element fits, by its tag and its tests: bit n is set if test n holds.
Condition: TypeAlias = Callable[[str, int], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|@(?P<attribute>[a-z-]+)|self::(?P<tag>[a-z0-9]+)"""
    r"""|(?P<word>(?:and|or)(?=[\s(])|not|contains|starts-with|translate|re:test|[(),|=]))\s*"""
)


@dataclass(frozen=True, slots=True)
class Test:
    """A test of the value of the first of some attributes; without any it does not hold."""

    attributes: frozenset[str]
    holds: Callable[[str], object]


class Reader:
    """Reads conditions, and collects their tests and the tags that they name."""

    def __init__(self) -> None:
        self.tests: list[Test] = []
        self.tags: set[str] = set()
        self._tokens: list[tuple[str, str]] = []
        self._numbers: dict[tuple[tuple[str, str], ...], int] = {}  # of tests, by their tokens

    def read(self, source: str) -> Condition:
        """Return the condition. Raises ValueError for another form, such as a position."""
        self._tokens = [*_tokens(source)][::-1]
        condition = self._any_of()
        if self._tokens:
            raise ValueError(f"not expected: {self._tokens[-1]}")
        return condition

    def _any_of(self) -> Condition:
        parts = [self._all_of()]
        while self._next_is("or"):
            parts.append(self._all_of())
        return lambda tag, held: any(part(tag, held) for part in parts)

    def _all_of(self) -> Condition:
        parts = [self._one()]
        while self._next_is("and"):
            parts.append(self._one())
        return lambda tag, held: all(part(tag, held) for part in parts)

    def _one(self) -> Condition:
        if self._next_is("not"):
            denied = self._bracketed()
            return lambda tag, held: not denied(tag, held)
        if self._tokens and self._tokens[-1] == ("word", "("):
            return self._bracketed()
        if self._tokens and self._tokens[-1][0] == "tag":
            own = self._tokens.pop()[1]
            self.tags.add(own)
            return lambda tag, held: tag == own
        tokens = self._tokens.copy()
        test = self._test()
        number = self._numbers.setdefault(tuple(tokens[len(self._tokens) :]), len(self.tests))
        if number == len(self.tests):  # one that was not read before
            self.tests.append(test)
        bit = 1 << number
        return lambda tag, held: bool(held & bit)

    def _bracketed(self) -> Condition:
        self._expect("(")
        condition = self._any_of()
        self._expect(")")
        return condition

    def _test(self) -> Test:
        for name in ("re:test", "contains", "starts-with"):
            if self._next_is(name):
                return self._function(name)
        attribute = self._take("attribute")
        if not self._next_is("="):
            return Test(frozenset([attribute]), lambda value: True)
        wanted = self._take("text")
        return Test(frozenset([attribute]), lambda value: value == wanted)

    def _function(self, name: str) -> Test:
        """Read `name(@id|@class, 'text')`. An attribute that is missing is an empty text to it."""
        self._expect("(")
        attributes, prepared = self._operand()
        self._expect(",")
        wanted = self._take("text")
        holds: Callable[[str], object]
        if name == "re:test":
            flags = re.IGNORECASE if self._next_is(",") and "i" in self._take("text") else 0
            holds = re.compile(wanted, flags).search
        elif name == "contains":
            holds = lambda value: wanted in value  # noqa: E731
        else:
            holds = lambda value: value.startswith(wanted)  # noqa: E731
        self._expect(")")
        if prepared is not None:
            return self._never_without(attributes, lambda value: holds(prepared(value)))
        return self._never_without(attributes, holds)

    def _never_without(self, attributes: frozenset[str], holds: Callable[[str], object]) -> Test:
        if holds(""):
            raise ValueError("it holds without the attribute")
        return Test(attributes, holds)

    def _operand(self) -> tuple[frozenset[str], Callable[[str], str] | None]:
        """Read `@id|@class` or `translate(@id, 'T', 't')`."""
        if not self._next_is("translate"):
            return self._attributes(), None
        self._expect("(")
        attributes = self._attributes()
        self._expect(",")
        before = self._take("text")
        self._expect(",")
        after = self._take("text")
        self._expect(")")
        if len(before) == len(after) == 1:  # as in most, and ten times as fast
            return attributes, lambda value: value.replace(before, after)
        table: dict[int, str | None] = {}
        for place, letter in enumerate(before):
            table.setdefault(ord(letter), after[place] if place < len(after) else None)
        return attributes, lambda value: value.translate(table)

    def _attributes(self) -> frozenset[str]:
        attributes = [self._take("attribute")]
        while self._next_is("|"):
            attributes.append(self._take("attribute"))
        return frozenset(attributes)

    def _next_is(self, word: str) -> bool:
        """Whether the next token is this word, which is then taken."""
        is_next = bool(self._tokens) and self._tokens[-1] == ("word", word)
        if is_next:
            self._tokens.pop()
        return is_next

    def _expect(self, word: str) -> None:
        if not self._next_is(word):
            raise ValueError(f"expected: {word}")

    def _take(self, kind: str) -> str:
        if not self._tokens or self._tokens[-1][0] != kind:
            raise ValueError(f"expected: {kind}")
        return self._tokens.pop()[1]


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(source):
        match = _TOKEN.match(source, place)
        if match is None:
            raise ValueError(f"not known: {source[place : place + 20]}")
        kind = match.lastgroup or ""
        yield kind, match[kind][1:-1] if kind == "text" else match[kind]
        place = match.end()
