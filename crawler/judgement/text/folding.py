"""Fold text to one spelling: case, accents, ligatures and Arabic letter forms go away.

Folded text is words between single spaces, with a space at both ends, so that `" term "` finds a
word. A table from code points to none, one or more code points does the work (150-240 MB/s in
NumPy, against 10-20 MB/s for normalization and regular expressions). An offset array leads back to
the original. Sentences and paragraphs are cut from the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from crawler.judgement.text.grammar import Grammar
from storage.letters import ARABIC, translation

_SPACE = 32
_OTHER_LETTER = 1  # the byte of every letter that none of our languages writes
# Dense part of the table: Latin to general punctuation, Arabic presentation forms, full width.
_DENSE = 0x10000
_EAGER = (range(0x3000), range(0xA640, 0xAC00), range(0xF900, _DENSE))


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text: `offsets[i]` is where `text[i]` stood in the original. `bytes_` is the same text
    with one byte for each code point, for the automaton.
    """

    text: str
    offsets: npt.NDArray[np.int32]
    bytes_: bytes

    def cut(self, position: int) -> tuple[str, str]:
        """Return what was folded up to a position of the original, and what is behind it."""
        end = int(self.offsets.searchsorted(position, side="right"))
        return self.text[:end].strip(), self.text[end:].strip()


@cache
def _tables() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return the folded code point of each (0: none, -1: several, or outside), and the byte of the
    automaton's alphabet for each folded one.
    """
    single = np.full(_DENSE + 1, -1, dtype=np.int32)
    table = translation()
    for block in _EAGER:
        for code_point in block:
            folded = table[code_point]
            if len(folded) < 2:
                single[code_point] = ord(folded) if folded else 0
    byte = np.full(_DENSE + 1, _OTHER_LETTER, dtype=np.uint8)
    for character in "abcdefghijklmnopqrstuvwxyz0123456789 ":
        byte[ord(character)] = ord(character)
    for position, code_point in enumerate(ARABIC):
        byte[code_point] = 128 + position
    return single, byte


def term_bytes(folded: str) -> bytes:
    return _bytes_of(_code_points(folded))


def fold(text: str) -> Folded:
    """Fold `text` and keep for each folded character where it came from."""
    codes = _code_points(text)
    folded = _tables()[0].take(codes, mode="clip")
    origins = np.arange(len(codes), dtype=np.int32)
    least = folded.min() if len(codes) else 1
    if least < 0:
        where = np.flatnonzero(folded < 0)
        distinct, index = np.unique(codes[where], return_inverse=True)
        texts = [translation()[int(code_point)] for code_point in distinct]
        lengths = np.ones(len(codes), dtype=np.int64)
        lengths[where] = np.array([len(text) for text in texts], dtype=np.int64)[index]
        spread = np.repeat(folded, lengths)
        flat = "".join(texts[i] for i in index)
        spread[spread < 0] = _code_points(flat)
        folded, origins = spread, np.repeat(origins, lengths)
    if least <= 0:
        remaining = np.flatnonzero(folded)
        folded, origins = folded[remaining], origins[remaining]
    # A space at both ends; of neighbouring spaces the first stays.
    spaced = np.full(len(folded) + 2, _SPACE, dtype=np.int32)
    spaced[1:-1] = folded
    offsets = np.empty(len(folded) + 2, dtype=np.int32)
    offsets[0], offsets[1:-1], offsets[-1] = 0, origins, len(codes)
    blank = spaced == _SPACE
    doubled = np.zeros(len(spaced), dtype=np.bool_)
    np.logical_and(blank[1:], blank[:-1], out=doubled[1:])
    remaining = np.flatnonzero(np.logical_not(doubled, out=doubled))
    spaced, offsets = spaced[remaining], offsets[remaining]
    return Folded(spaced.tobytes().decode("utf-32-le"), offsets, _bytes_of(spaced))


def _code_points(text: str) -> npt.NDArray[np.int32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<i4")


def _bytes_of(folded: npt.NDArray[np.int32]) -> bytes:
    return _tables()[1].take(folded, mode="clip").tobytes()


# --- sentences and paragraphs ---------------------------------------------------------------------

# A new line, or a run of closing marks. It starts with a set of characters, so that the search
# skips what is none of them, and takes a run as a whole, so that a megabyte of dots is one.
_STOP = re.compile(r"[.!?…؟۔\n](?:(?<=\n)|[.!?…؟۔]*+[\"'”’»)\]›]*+)")
_LONGEST = 12  # characters before a dot that can hold an abbreviation
_BEFORE_WORD = "('’«\"“"


def boundaries(text: str, grammar: Grammar) -> Iterator[tuple[int, bool]]:
    """Yield the indexes where new sentences start, in order, and whether a new line makes each."""
    for stop in _STOP.finditer(text):
        start, end = stop.span()
        if text[start] == "\n":
            yield end, True
        elif text[end : end + 1].isspace() and (
            text[start:end] != "." or not _is_no_end(text, start, end, grammar)
        ):
            yield end, False


def _is_no_end(text: str, dot: int, end: int, grammar: Grammar) -> bool:
    """Return whether a dot ends no sentence, as behind an initial."""
    following = text[end : end + 3].lstrip()[:1]
    if following.islower():
        return True
    words = text[max(0, dot - _LONGEST) : dot].split()
    if not words:
        return False
    word = words[-1].lstrip(_BEFORE_WORD)
    if len(word) == 1:
        return word.isalpha() or grammar.ordinal_dots
    if grammar.ordinal_dots and len(word) == 2 and word.isdecimal():
        return True
    return word.lower() in grammar.abbreviations
