"""Text from outside, made safe for a line of ours: no control or direction characters, no line breaks, not too long."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

# Joiners shape letters (Persian, emoji); every other format character only hides or turns what stands around it.
_JOINERS = frozenset("\u200c\u200d")
_ISOLATE, _END = "\u2068", "\u2069"


def clean(text: str) -> str:
    """`text` on one line, its spaces collapsed, without characters that control or turn."""
    kept = (" " if character.isspace() else character for character in text)
    return " ".join("".join(character for character in kept if _is_harmless(character)).split())


def cut(text: str, limit: int) -> str:
    """`text`, or as many of its whole words as fit into `limit` characters, and an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = head.rpartition(" ")[0]
    return (at_word if len(at_word) > limit // 2 else head).rstrip(" ,;:.–-") + "…"


def line(text: str, limit: int) -> str:
    """Both: clean, then cut."""
    # What comes after four times the limit cannot matter, and a title may have megabytes.
    return cut(clean(text[: 4 * limit]), limit)


def percent(share: float) -> str:
    """Whole percents; never 0 % or 100 %, which nobody can know."""
    return (
        "<1 %" if share < 0.01 else ">99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")
    )


def isolated(text: str, direction: str) -> str:
    """`text` within a plain-text line of another direction ("ltr", "rtl"), so that neither turns the other.

    Unicode UAX #9, section 2.4: first-strong isolate.
    """
    against = ("R", "AL") if direction == "ltr" else ("L",)
    turned = any(unicodedata.bidirectional(character) in against for character in text)
    return f"{_ISOLATE}{text}{_END}" if turned else text


def web_address(url: str | None) -> str | None:
    """`url` if it is one that a mail may link to: http or https, without anything that would end the attribute."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_plain = (
        parts.scheme in ("http", "https") and parts.netloc and not set(url) & set(" <>\"'\n\r\t")
    )
    return url if is_plain and _is_one_line(url) else None


def _is_one_line(url: str) -> bool:
    return all(unicodedata.category(character) not in ("Cc", "Cf") for character in url)


def _is_harmless(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in (
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Cn",
        "Zl",
        "Zp",
    )
