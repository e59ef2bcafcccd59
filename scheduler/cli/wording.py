"""Cards in words, for the terminal: names instead of codes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache


def names(codes: object) -> str:
    """("MA", "NE") -> "Morocco, Niger"; bodies stay as their code, none is "unknown"."""
    found = [party_name(str(code)) for code in codes] if isinstance(codes, Iterable) else []
    return ", ".join(found) or "unknown"


def party_name(code: str) -> str:
    return _territories().get(code, code) if len(code) == 2 and code != "EU" else code


def card_line(instrument: object, status: object) -> str:
    """("declaration", "signed") -> "declaration, signed"."""
    said = [str(part).replace("_", " ") for part in (instrument, status) if part]
    return ", ".join(said) or "unknown"


@cache
def _territories() -> dict[str, str]:
    from babel import Locale

    return dict(Locale("en").territories)
