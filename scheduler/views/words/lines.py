"""Text from outside, made safe for one line: without control and direction characters, without line
breaks, and not too long.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

# Joiners shape letters (Persian, emoji). Every other format character only hides the text around it
# or changes its direction.
_JOINERS = frozenset("\u200c\u200d")
# Unicode categories: control, format, surrogate, private use, unassigned, line and paragraph ends.
_HARMFUL = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_JOINER = "\u200d"
# A couple in emoji with two tones of skin takes nine; Hebrew with accents, or Tibetan, five.
_TALLEST = 12
_ISOLATE, _END = "\u2068", "\u2069"


def clean(text: str) -> str:
    """`text` on one line, with spaces collapsed, without control and direction characters, and
    without towers of marks.
    """
    if text.isprintable():  # most are, and nothing printable is harmful
        return " ".join(without_towers(text).split())
    spaced = (" " if character.isspace() else character for character in text)
    harmless = "".join(
        character
        for character in spaced
        if character in _JOINERS or unicodedata.category(character) not in _HARMFUL
    )
    return " ".join(without_towers(harmless).split())


def initial(text: str) -> str:
    """`text` with a capital at its beginning, and as it is behind that: "EU states"."""
    return text[:1].upper() + text[1:]


def without_towers(text: str) -> str:
    """`text`, in which no character carries more than a few marks or is joined with more than a few
    others: no line can be broken within such a tower, so that it would stand out of the page.
    """
    if text.isascii():
        return text
    remaining, height, is_joined = [], 0, False
    for character in text:
        is_mark = unicodedata.category(character) in ("Mn", "Me") or character == _JOINER
        height = height + 1 if is_mark or is_joined else 0
        is_joined = character == _JOINER
        if height <= _TALLEST:
            remaining.append(character)
    return "".join(remaining)


def cut(text: str, limit: int) -> str:
    """`text`; if it is too long, the whole words that fit into `limit`, and an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > limit // 2 else head).rstrip(" ,;:.–-") + "…"


def line(text: str, limit: int) -> str:
    """`text`, cleaned and then cut to `limit` characters."""
    # A title may have megabytes, and what comes after four times the limit cannot matter.
    return _line(text[: 4 * limit], limit)


@lru_cache(maxsize=1024)  # a mail says everything twice
def _line(text: str, limit: int) -> str:
    return cut(clean(text), limit)


def percent(share: float) -> str:
    """Whole percents, but never 0 % or 100 %, which nobody can know."""
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")


def isolated(text: str, direction: str) -> str:
    """`text` for a plain-text line of the direction "ltr" or "rtl". If it has another direction, it
    is isolated (UAX #9, section 2.4: first-strong isolate), so that neither changes the other.
    """
    if direction == "ltr" and text.isascii():
        return text
    against = ("R", "AL") if direction == "ltr" else ("L",)
    turned = any(unicodedata.bidirectional(character) in against for character in text)
    return f"{_ISOLATE}{text}{_END}" if turned else text


def web_address(url: str | None) -> str | None:
    """`url` if a page or mail may link to it: http or https, without characters that would end an
    attribute, and without a name and password, which others would see, or take for the host.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and parts.netloc and "@" not in parts.netloc
    is_one_line = all(unicodedata.category(character) not in ("Cc", "Cf") for character in url)
    is_safe = not set(url) & set(" <>\"'\n\r\t") and is_one_line
    return url if is_web and is_safe else None


def shown(text: str) -> str:
    """`text` without what garbles a terminal: control and direction characters; lines stay."""
    return "".join(character for character in text if character.isprintable() or character == "\n")
