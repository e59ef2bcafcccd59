"""Fold text to one spelling: case, accents, ligatures and Arabic letter forms go away.

Folded text is words between single spaces, with a space at both ends, so that `" term "` finds a
word. A table from code points to none, one or more code points does the work (150-240 MB/s in
NumPy, against 10-20 MB/s for normalization and regular expressions). An offset array leads back to
the original.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

_SPACE = 32
_OTHER_LETTER = 1  # the byte of every letter that none of our languages writes
_LETTERS = {
    "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "گ": "ك", "ٱ": "ا",
    "پ": "ب", "چ": "ج", "ژ": "ز", "ڤ": "ف", "ء": "", "ـ": "", "ʿ": "", "ʾ": "", "ʻ": "", "ʼ": " ",
}  # fmt: skip
_ARABIC = range(0x0621, 0x064B)
_WRITABLE = re.compile(r"[\x00-\x7f\u0621-\u064a]*")
# Dense part of the table: Latin to general punctuation, Arabic presentation forms, full width.
_DENSE = 0x10000
_EAGER = (range(0x3000), range(0xA640, 0xAC00), range(0xF900, _DENSE))


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text, with the way back.

    `offsets[i]` is the index in the original text of the character that gave `text[i]`. `bytes_` is
    the same text with one byte for each code point, for the automaton.
    """

    text: str
    offsets: npt.NDArray[np.int32]
    bytes_: bytes


@dataclass(frozen=True, slots=True)
class _Tables:
    # Code point -> folded code point; 0 for none, -1 for several or one outside the table.
    single: npt.NDArray[np.int32]
    byte: npt.NDArray[np.uint8]  # folded code point -> byte of the automaton's alphabet


class _Translation(dict[int, str]):
    def __missing__(self, code_point: int) -> str:
        folded = self[code_point] = fold_character(chr(code_point))
        return folded


def fold_character(character: str) -> str:
    """Return what one character becomes.

    That is "" for marks and invisible characters, " " for all that is no letter or digit, and
    otherwise letters.
    """
    if character in _LETTERS:
        return _LETTERS[character]
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category in ("Cs", "Cn", "Co"):
        return " "
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return _only_letters(plain)


def _only_letters(plain: str) -> str:
    out = []
    for piece in plain:
        if unicodedata.category(piece) in ("Mn", "Me", "Cf"):
            continue
        if piece in _LETTERS:
            out.append(_LETTERS[piece])
        elif (digit := unicodedata.decimal(piece, None)) is not None:
            out.append(str(digit))
        else:
            out.append(piece if piece.isalnum() else " ")
    joined = "".join(out)
    return joined if joined.strip() or not joined else " "


@cache
def _translation() -> _Translation:
    return _Translation()


@cache
def _tables() -> _Tables:
    single = np.full(_DENSE + 1, -1, dtype=np.int32)
    translation = _translation()
    for block in _EAGER:
        for code_point in block:
            folded = translation[code_point]
            if len(folded) < 2:
                single[code_point] = ord(folded) if folded else 0
    byte = np.full(_DENSE + 1, _OTHER_LETTER, dtype=np.uint8)
    for character in "abcdefghijklmnopqrstuvwxyz0123456789 ":
        byte[ord(character)] = ord(character)
    for position, code_point in enumerate(_ARABIC):
        byte[code_point] = 128 + position
    return _Tables(single, byte)


def fold_text(text: str) -> str:
    """Fold a term, a name or a query, without offsets and without spaces at the ends."""
    return " ".join(text.translate(_translation()).split())


def is_writable(folded: str) -> bool:
    """Return whether all letters of a folded term belong to the alphabets of our languages."""
    return folded.isascii() or _WRITABLE.fullmatch(folded) is not None


def term_bytes(folded: str) -> bytes:
    """Return a folded term in the automaton's alphabet."""
    return _bytes_of(_code_points(folded))


def fold(text: str) -> Folded:
    """Fold `text` and keep for each folded character where it came from."""
    codes = _code_points(text)
    folded = _tables().single.take(codes, mode="clip")
    origins = np.arange(len(codes), dtype=np.int32)
    least = folded.min() if len(codes) else 1
    if least < 0:
        folded, origins = _expand(codes, folded, origins)
    if least <= 0:
        kept = np.flatnonzero(folded)
        folded, origins = folded[kept], origins[kept]
    # A space at both ends; of neighbouring spaces the first stays.
    spaced = np.full(len(folded) + 2, _SPACE, dtype=np.int32)
    spaced[1:-1] = folded
    offsets = np.empty(len(folded) + 2, dtype=np.int32)
    offsets[0], offsets[1:-1], offsets[-1] = 0, origins, len(codes)
    blank = spaced == _SPACE
    doubled = np.zeros(len(spaced), dtype=np.bool_)
    np.logical_and(blank[1:], blank[:-1], out=doubled[1:])
    kept = np.flatnonzero(np.logical_not(doubled, out=doubled))
    spaced, offsets = spaced[kept], offsets[kept]
    return Folded(spaced.tobytes().decode("utf-32-le"), offsets, _bytes_of(spaced))


def _code_points(text: str) -> npt.NDArray[np.int32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<i4")


def _bytes_of(folded: npt.NDArray[np.int32]) -> bytes:
    return _tables().byte.take(folded, mode="clip").tobytes()


def _expand(
    codes: npt.NDArray[np.int32], folded: npt.NDArray[np.int32], origins: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Fill in the characters that fold to several, or that stand outside the dense table."""
    where = np.flatnonzero(folded < 0)
    distinct, index = np.unique(codes[where], return_inverse=True)
    texts = [_translation()[int(code_point)] for code_point in distinct]
    lengths = np.ones(len(codes), dtype=np.int64)
    lengths[where] = np.array([len(text) for text in texts], dtype=np.int64)[index]
    spread = np.repeat(folded, lengths)
    flat = "".join(texts[i] for i in index)
    spread[spread < 0] = _code_points(flat)
    return spread, np.repeat(origins, lengths)
