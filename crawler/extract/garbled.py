"""Texts that were decoded with the wrong character set, such as "RÃ©union" for "Réunion"."""

from __future__ import annotations

import re

# How Windows-1252 shows the bytes of UTF-8 that follow the first one of a character.
_FOLLOWING = "".join(
    bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xC0)
)
# First bytes of accented Latin letters, punctuation and Arabic letters; and what stands for bytes
# that are no character at all.
_BROKEN = re.compile(f"[ÃØÙ][{re.escape(_FOLLOWING)}]|â€|\ufffd")
_READ = 4000  # characters; a wrong character set breaks the beginning of a text as well
_LEAST = 3  # one may be a slip of the author, or stand in a quotation
_SHARE = 1 / 400  # of the characters; French has an accent in about 30


def is_garbled(text: str) -> bool:
    """Whether so many characters are broken that words of the text will not be found."""
    read = text[:_READ]
    broken = sum(1 for _ in _BROKEN.finditer(read))
    return broken >= max(_LEAST, len(read) * _SHARE)
