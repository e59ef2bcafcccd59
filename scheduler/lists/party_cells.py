"""Which states and bodies a cell names: codes and names in our languages, with anything between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from babel.core import get_global

from crawler.judgement.text.terms import spellings
from crawler.located_yaml import shipped_yaml
from scheduler.configuration.party_codes import party_codes, party_meant
from scheduler.lists.words import party_names, plain

_AROUND = " .,;()[]*\u200f\u200e\"'“”«»"
# What stands between parties, the surest first.
_CUTS = (
    re.compile(r"([;|/\n\t]|\s[-–—]\s|[–—])"),
    re.compile("(,)"),
    re.compile(r"(\s+(?:and|et|y|e|und|with|avec|con|com|mit)\s+|\s*&\s*|\s+و\s*)", re.IGNORECASE),
    re.compile("(-)"),
)
# "Moldova, Republic of": the way in which the United Nations sort states
_TURNED = re.compile(r"([^,;]+),\s*([^,;]+\b(?:of|of the|de|della|du))", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_STYLE = re.compile(
    r"(?:the |la |le |el |il |die )?"
    r"(?:arab |federal |federative |hashemite |islamic |united |socialist )*"
    r"(?:republic|kingdom|state|federation|union|republique|royaume|republica|reino|repubblica"
    r"|regno|republik|konigreich)"
    r"(?: of the| of| de la| du| des| de| del| della| di| da| do)? "
)
_Names = Callable[[str], str | None]


class UnknownPartyError(ValueError):
    """A part of a cell names no state or body; `str()` of the error is that part."""


@lru_cache(10_000)  # lists name the same partners again and again
def parties_in(cell: str) -> tuple[str, ...]:
    """The codes of a cell, sorted. Raises UnknownPartyError."""
    try:
        found = set(_codes(cell, _quick))
    except UnknownPartyError:
        found = set(_codes(cell, _thorough))
    return tuple(sorted(found))


def _codes(text: str, names: _Names) -> Iterator[str]:
    said = text.strip(_AROUND)
    if not said:
        return
    whole = _code(text.strip(), names)
    if whole is not None:
        yield whole
        return
    for cut in _CUTS:
        pieces = cut.split(said)  # with what stands between them
        if len(pieces) > 1:
            yield from _of_pieces(pieces, names)
            return
    raise UnknownPartyError(said)


def _of_pieces(pieces: Sequence[str], names: _Names) -> Iterator[str]:
    """The codes of pieces. Neighbours that are a name only together stay together, as in "Bosnia
    and Herzegovina and Serbia".
    """
    index = 0
    while index < len(pieces):
        for last in range(len(pieces), index + 2, -2):
            code = _code("".join(pieces[index:last]), names)
            if code is not None:
                yield code
                index = last + 1
                break
        else:
            yield from _codes(pieces[index], names)
            index += 2


def _code(name: str, names: _Names) -> str | None:
    turned = _TURNED.fullmatch(name.strip())
    if turned:
        return _code(f"{turned[2]} {turned[1]}", names) or _code(turned[1], names)
    name = _IN_BRACKETS.sub("", name).strip(_AROUND)
    found = names(name)
    if found or any(mark in name for mark in ";,|/"):
        return found
    short = _STYLE.sub("", plain(name), count=1) if _STYLE.match(plain(name)) else name
    return names(short) if short != name else None


def _quick(name: str) -> str | None:
    if len(name) == 3 and name.isupper() and name.isascii():
        states = get_global("territory_aliases").get(name, ())
        if len(states) == 1 and states[0] in party_codes():
            return str(states[0])
    # "de" and "es" are words, "DE" and "ES" are codes
    meant = party_meant(name) if len(name) > 2 or name.isupper() else None
    return meant or party_names().get(plain(name))


def _thorough(name: str) -> str | None:
    return _quick(name) or _gazetteer().get(plain(name))


@cache
def _gazetteer() -> dict[str, str]:
    """The codes of the names that the gazetteer writes out, in all languages. It is large: four
    seconds are spent only on a list that needs it.
    """
    found: dict[str, str] = {}
    folder = Path(str(files("crawler.judgement"))) / "gazetteer"
    for file in (folder / "bodies.yaml", *sorted(folder.glob("states-*.yaml"))):
        for concept, body in shipped_yaml(file)["concepts"].items():
            kind, _, code = str(concept).partition(".")
            if kind in ("state", "body"):
                for terms in body["terms"].values():
                    for name in _spelt(terms):
                        found.setdefault(plain(name), code)
    return found


def _spelt(terms: Sequence[object]) -> Iterator[str]:
    for term in terms:
        written = str(term["term"] if isinstance(term, dict) else term)
        if "*" not in written:
            yield from spellings(written)
