"""Bringing the glyphs of a typeset line into reading order.

A PDF says where each glyph is, but not in which order they are read: some programs store Arabic
from left to right, some from right to left, some letter by letter. The positions are the same for
all of them, so the order is derived from these, by reversing the Unicode bidirectional algorithm
(UAX #9).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_RIGHT_TO_LEFT = ("R", "AL")
# Unicode's bidirectional classes -> ours.
_CLASSES = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N", "CS": "S"}
# As a share of the font size. A space is at least 0.2 wide, of which the swash of a last letter
# takes up to 0.04. Within words, letters that do not join are up to 0.1 apart.
_WORD_GAP = 0.15
# The same to the right of a letter with a vowel sign. Programs that store the two as one give it
# the width of the sign, which is too small by a third of the line's height.
_GAP_BESIDE_MARK = 0.45
# What is read from left to right within a line of Arabic: Latin words with everything between them,
# and numbers with their separators (UAX #9, rule W4: a single one between two numbers).
_LEFT_TO_RIGHT_RUN = re.compile("L(?:[LNSX]*[LN])?|N+(?:SN+)*|.")
_RIGHT_TO_LEFT_RUN = re.compile("R(?:[RNSX]*R)?|.")
_BRACKETS = dict(zip("()[]{}«»‹›", ")(][}{»«›‹", strict=True))
_OPENING = frozenset("([{«‹")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A letter with its position, in points from the left of the page.

    `middle` is the middle of its ink, `left` and `right` are the edges of its box, and `size` is
    the height of this box.
    """

    text: str
    middle: float
    left: float
    right: float
    size: float


def is_right_to_left(text: str) -> bool:
    """Whether a text contains a letter of a script that is written from right to left."""
    return any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)


def reading_order(lines: Sequence[Sequence[Glyph]]) -> list[str]:
    """Return the text of each line of a page.

    A line has the direction of its first and last letter. If these differ, it has the direction of
    most letters of the page.
    """
    letters = "".join(_class_of(glyph.text) for line in lines for glyph in line)
    usual = "R" if letters.count("R") >= letters.count("L") else "L"
    return [_line_in_order(line, usual) for line in lines]


def _line_in_order(line: Sequence[Glyph], usual: str) -> str:
    cells = _cells(line)
    classes = "".join(map(_class_of, cells))
    letters = [one for one in classes if one in "LR"] or [usual]
    direction = letters[0] if letters[0] == letters[-1] else usual
    if direction == "R":
        return _with_brackets(_turned(cells))
    runs = (cells[found.start() : found.end()] for found in _RIGHT_TO_LEFT_RUN.finditer(classes))
    return _with_brackets("".join(map(_turned, runs)))


def _turned(cells: Sequence[str]) -> str:
    """Return the text of cells, which are given from left to right, as read from right to left."""
    classes = "".join(map(_class_of, cells))
    found = _LEFT_TO_RIGHT_RUN.finditer(classes)
    runs = ["".join(cells[run.start() : run.end()]) for run in found]
    return "".join(reversed(runs))


def _cells(glyphs: Sequence[Glyph]) -> list[str]:
    """Return letters with their marks, and spaces, from left to right."""
    bases = sorted((one for one in glyphs if not _is_mark(one)), key=lambda one: one.middle)
    if not bases:
        return ["".join(one.text for one in glyphs)] if glyphs else []
    marks: dict[int, str] = {}
    for mark in filter(_is_mark, glyphs):
        nearest = _nearest(bases, mark.middle)
        marks[nearest] = marks.get(nearest, "") + mark.text
    size = max(one.size for one in bases)
    cells = [bases[0].text + marks.get(0, "")]
    for number, (before, glyph) in enumerate(pairwise(bases), 1):
        gap = _GAP_BESIDE_MARK if number - 1 in marks else _WORD_GAP
        if glyph.left - before.right > gap * size:
            cells.append(" ")
        cells.append(glyph.text + marks.get(number, ""))
    return cells


def _nearest(bases: Sequence[Glyph], middle: float) -> int:
    after = bisect_left(bases, middle, key=lambda one: one.middle)
    around = range(max(0, after - 1), min(len(bases), after + 1))
    return min(around, key=lambda index: abs(bases[index].middle - middle))


def _with_brackets(text: str) -> str:
    """Correct brackets. Some programs store the one that is meant, and some its mirror image.

    The spaces beside a bracket show whether it opens or closes. If these do not tell, it closes if
    another one is open.
    """
    characters, is_open = list(text), False
    for index, character in enumerate(characters):
        if character in _BRACKETS:
            after_space = not text[:index] or text[index - 1].isspace()
            before_space = not text[index + 1 :] or not text[index + 1].isalnum()
            opens = after_space if after_space != before_space else not is_open
            characters[index] = (
                character if opens == (character in _OPENING) else _BRACKETS[character]
            )
            is_open = opens
    return "".join(characters)


def _is_mark(glyph: Glyph) -> bool:
    return unicodedata.category(glyph.text[0]) == "Mn"


def _class_of(cell: str) -> str:
    """Return the class of a cell: L, R, N for numbers, S for their separators, X for the rest."""
    return _CLASSES.get(unicodedata.bidirectional(cell[0]), "X")
