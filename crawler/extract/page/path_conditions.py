"""Reading conditions of XPath that look at nothing but an element's own tag and attributes.

Such as `self::div and (@id='story' or re:test(@class, 'nav|menu'))`. They are taken apart into
tests of single attributes, whose answers can be remembered, and a function that combines these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

# Whether an element fits, by its tag and its tests: bit n is set if test n holds.
Condition: TypeAlias = Callable[[str, int], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|@(?P<attribute>[a-z-]+)|self::(?P<tag>[a-z0-9]+)"""
    r"""|(?P<word>(?:and|or)(?=[\s(])|not|contains|starts-with|translate|re:test|[(),|=]))\s*"""
)


@dataclass(frozen=True, slots=True)
class Test:
    """A test of an attribute's value. Of several attributes, that counts which the page writes
    first. Without any of them it does not hold.
    """

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
        """Return the condition. Raises ValueError for one of another form, which may be a right one
        of XPath: a position, a function that is not known here, a look at other elements.
        """
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
        found = [self._take("attribute")]
        while self._next_is("|"):
            found.append(self._take("attribute"))
        return frozenset(found)

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
        found = _TOKEN.match(source, place)
        if found is None:
            raise ValueError(f"not known: {source[place : place + 20]}")
        kind = found.lastgroup or ""
        yield kind, found[kind][1:-1] if kind == "text" else found[kind]
        place = found.end()
