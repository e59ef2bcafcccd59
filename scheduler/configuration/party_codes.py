"""Which party codes there are, to check what people type: ISO 3166-1 alpha-2 codes of states, and
the codes of bodies such as EU.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

import babel
from babel import Locale

from crawler.disk_cache import cached_or_built
from crawler.judgement.text.letters import fold_text
from crawler.located_yaml import shipped_yaml
from scheduler.words.labels import BODIES, body_codes, body_names
from storage.languages import LANGUAGES

# CLDR also has codes for tests, for regions of the world and for "unknown".
_NO_STATES = frozenset({"EZ", "QO", "XA", "XB", "ZZ"})
# Abbreviations that people write for states which have another code.
_OTHER_NAMES = Path(str(files("scheduler.words"))) / "party-names.yaml"
_ARTICLES = frozenset({"the", "la", "le", "les", "l", "el", "los", "il", "gli", "o", "a", "die"})
_LEAST_COMPARED = 4  # letters; shorter words are like too many others
_LIKENESS = 0.8  # difflib's ratio: one letter in five may be wrong
_COMPARED = 8  # names that are near; most are the same one in several languages
_MEANT = {"UK": "GB", "USA": "US", "UAE": "AE", "EL": "GR"}


def party_codes() -> frozenset[str]:
    """Every code that an agreement's `parties` can hold."""
    return _names().codes


def _all_codes() -> frozenset[str]:
    states = {
        code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()
    }
    return frozenset(states - _NO_STATES) | body_codes()


def party_meant(written: str) -> str | None:
    """The code that a person means who writes a code in small letters, an abbreviation, or the name
    of a state or body in one of our languages; None if it is none of these.
    """
    upper = written.strip().upper()
    if upper in _MEANT or upper in party_codes():
        return _MEANT.get(upper, upper)
    return code_of_name(fold_text(written).strip())


def code_of_name(folded: str) -> str | None:
    """The code of a state or body with this folded name, with an article or without."""
    names = _by_name()
    named = names.get(folded)
    if named is None:
        article, _, rest = folded.partition(" ")
        named = names.get(rest) if article in _ARTICLES else None
    return None if named is None else named[1]


def party_fault(written: str) -> str | None:
    """What is wrong with a party code, and which one may be meant; None if the code exists."""
    if written in party_codes():
        return None
    meant, near = party_meant(written), nearest_parties(written)
    hint = f"did you mean {meant}?" if meant else "write one like MA or EU"
    if not meant and near:
        code, name = next(iter(near.items()))
        hint = f"did you mean {name} ({code})?"
    return f"{written!r} is not a party code; {hint}"


def nearest_parties(written: str) -> dict[str, str]:
    """The names that are written most like this one, by their codes, the nearest first."""
    folded, known = fold_text(written).strip(), _by_name()
    if len(folded) < _LEAST_COMPARED:
        return {}
    nearest: dict[str, str] = {}
    for near in get_close_matches(folded, known, _COMPARED, _LIKENESS):
        name, code = known[near]
        nearest.setdefault(code, name)
    return nearest


def corridor_meant(written: str) -> str | None:
    """The pair of codes, IT-TN, that a person means who writes codes or names with a dash between
    them; None if it is none. Some names have a dash of their own.
    """
    plain = written.replace("–", "-").replace("—", "-")
    for place in (place for place, sign in enumerate(plain) if sign == "-"):
        first, second = party_meant(plain[:place]), party_meant(plain[place + 1 :])
        if first and second:
            return f"{first}-{second}"
    return None


def corridor_fault(written: str) -> str | None:
    """What is wrong with a pair of party codes such as IT-TN; None if nothing is."""
    first, dash, second = written.partition("-")
    if not (first and dash and second):
        return f"{written!r} should be two party codes with a dash, like IT-TN"
    return party_fault(first) or party_fault(second)


@cache
def longest_name() -> int:
    """How many words the longest name of a party has."""
    return max(len(name.split()) for name in _by_name())


@dataclass(frozen=True, slots=True)
class _Names:
    """All party codes, and (name, code) of states and bodies by their folded names."""

    codes: frozenset[str]
    by_name: dict[str, tuple[str, str]]


@cache
def _names() -> _Names:
    """The names in all our languages. Looking for them in the data of Babel takes 0.1 s."""
    files = (Path(__file__), _OTHER_NAMES, BODIES)
    parts = [babel.__version__.encode(), *(path.read_bytes() for path in files)]
    return cached_or_built("names", parts, _read_names, [_Names])


def _by_name() -> dict[str, tuple[str, str]]:
    return _names().by_name


def _read_names() -> _Names:
    codes = _all_codes()
    found: dict[str, tuple[str, str]] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in codes:
                found.setdefault(_folded(name), (name, code))
    for code, names in body_names().items():
        found |= {_folded(name): (name, code) for name in names.values()}
    for code, others in shipped_yaml(_OTHER_NAMES).items():
        found |= {_folded(name): (name, code) for name in others}
    return _Names(codes, found)


def _folded(name: str) -> str:
    return fold_text(name).strip()
