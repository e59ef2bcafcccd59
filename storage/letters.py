"""What letters become when text is folded, one by one: case, accents, ligatures and Arabic letter
forms go away. Names and queries are folded here, without NumPy; texts in
`crawler.judgement.text.folding`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import cache

_LETTERS = {
    "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "گ": "ك", "ٱ": "ا",
    "پ": "ب", "چ": "ج", "ژ": "ز", "ڤ": "ف", "ء": "", "ـ": "", "ʿ": "", "ʾ": "", "ʻ": "", "ʼ": " ",
}  # fmt: skip
_WESTERN = "cp1252"
_LONG = 100  # characters: what is shorter is folded as quickly letter by letter
ARABIC = range(0x0621, 0x064B)
_WRITABLE = re.compile(r"[\x00-\x7f\u0621-\u064a]*")


class _Translation(dict[int, str]):
    def __missing__(self, code_point: int) -> str:
        folded = self[code_point] = fold_character(chr(code_point))
        return folded


def fold_character(character: str) -> str:
    """Return what one character becomes. That is "" for marks and invisible characters, " " for all
    that is no letter or digit, and otherwise letters.
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
def translation() -> dict[int, str]:
    """Return what each code point becomes, which is found when it is first needed."""
    return _Translation()


def fold_text(text: str) -> str:
    """Fold a term, a name, a query or a text, without offsets and without spaces at the ends."""
    folded = _fold_western(text) if len(text) > _LONG else None
    return " ".join(text.translate(translation()).split()) if folded is None else folded


def _fold_western(text: str) -> str | None:
    """Fold a text in Latin letters; None if it has others."""
    try:
        written = text.encode(_WESTERN)
    except UnicodeEncodeError:
        return None
    single, nothing, several, alone, plain = _western()
    for byte in set(written.translate(None, alone)):
        written = written.replace(bytes((byte,)), several[byte])
    if written.translate(None, plain):
        return None
    folded = written.translate(single, nothing)
    return b" ".join(folded.split()).decode("ascii")


@cache
def _western() -> tuple[bytes, bytes, dict[int, bytes], bytes, bytes]:
    """Return the tables of the encoding of most texts in Latin letters, which are folded in half
    the time with them: what each byte becomes that becomes one; the bytes that become nothing;
    those that become several bytes; all that are not among these; and those that become letters
    without accents.
    """
    # Of the first half only letters and digits are anything.
    single = bytearray(b" " * 256)
    for character in string.ascii_letters + string.digits:
        single[ord(character)] = ord(character.lower())
    nothing, several, foreign = [], {}, []
    for byte in range(128, 256):
        folded = fold_character(bytes((byte,)).decode(_WESTERN, "replace"))
        if not folded.isascii():
            foreign.append(byte)
        elif len(folded) > 1:
            several[byte] = folded.encode("ascii")
        elif folded:
            single[byte] = ord(folded)
        else:
            nothing.append(byte)
    alone = bytes([byte for byte in range(256) if byte not in several])
    plain = bytes([byte for byte in range(256) if byte not in foreign])
    return bytes(single), bytes(nothing), several, alone, plain


def is_writable(folded: str) -> bool:
    """Return whether all letters of a folded term belong to the alphabets of our languages."""
    return folded.isascii() or _WRITABLE.fullmatch(folded) is not None
