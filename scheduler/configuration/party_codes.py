"""Which party codes there are, to check what people type: ISO 3166-1 alpha-2 codes of states, and
the codes of bodies such as EU.
"""

from __future__ import annotations

from functools import cache

from babel import Locale

from crawler.judgement.text.folding import fold_text
from scheduler.words.labels import body_codes
from storage.languages import LANGUAGES

# CLDR also has codes for tests, for regions of the world and for "unknown".
_NO_STATES = frozenset({"EZ", "QO", "XA", "XB", "ZZ"})
# Abbreviations that people write for states which have another code.
_MEANT = {"UK": "GB", "USA": "US", "UAE": "AE", "EL": "GR"}


@cache
def party_codes() -> frozenset[str]:
    """Every code that an agreement's `parties` can hold."""
    states = {
        code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()
    }
    return frozenset(states - _NO_STATES) | body_codes()


def party_meant(written: str) -> str | None:
    """The code that a person means who writes a code in small letters, an abbreviation, or the name
    of a state in one of our languages; None if it is none of these.
    """
    upper = written.upper()
    return _MEANT.get(upper) or (
        upper if upper in party_codes() else _by_name().get(fold_text(written))
    )


def party_fault(written: str) -> str | None:
    """What is wrong with a party code, and which one may be meant; None if the code exists."""
    if written in party_codes():
        return None
    meant = party_meant(written)
    hint = f"did you mean {meant}?" if meant else "write one like MA or EU"
    return f"{written!r} is not a party code; {hint}"


def corridor_fault(written: str) -> str | None:
    """What is wrong with a pair of party codes such as IT-TN; None if nothing is."""
    first, dash, second = written.partition("-")
    if not (first and dash and second):
        return f"{written!r} should be two party codes with a dash, like IT-TN"
    return party_fault(first) or party_fault(second)


@cache
def _by_name() -> dict[str, str]:
    """Codes of states, by their folded names in each of our languages."""
    return {
        fold_text(name): code
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if code in party_codes()
    }
