"""Which parameters change at each poll, as told by what a source offers under the same headlines.

The names of sessions and of guards against caches are known (`storage.addresses.keys`), and each
system invents others. A parameter is one of these if, at two looks in a row, all headlines that
were offered at both came with another value of it. It must not be what tells articles apart: an
article keeps its number, and what is left of the addresses has to differ from headline to headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from storage.addresses.keys import key_of
from storage.records import Candidate

_ENOUGH = 3  # headlines; two columns of a daily ("Weather") may return under new addresses
_SHARE = 0.5  # of the headlines now offered; a session stands in all addresses
_LEAST_VALUE = 6  # characters; a shorter value may number the issues of a gazette
_MOST = 500  # headlines that are kept and compared; a sitemap has a hundred thousand of them
_DAY = re.compile(r"(?:19|20)\d\d[-./]?\d\d[-./]?\d\d.*|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d")


def by_headline(candidates: Iterable[Candidate]) -> dict[str, str]:
    """Return the keys that have parameters, by headline. Headlines with two keys are left out."""
    found: dict[str, str] = {}
    twice = set()
    for candidate in candidates:
        key, title = key_of(candidate.url), candidate.title or ""
        if len(found) == _MOST:
            break
        if "?" in key and title:
            twice |= {title} if found.setdefault(title, key) != key else set()
    return {title: key for title, key in found.items() if title not in twice}


def changing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the parameters whose values changed between two looks under all headlines of both.

    Both looks give the key of an address by its headline. If too few headlines came again, the
    list is empty.
    """
    both = [(before[title], now[title]) for title in now if title in before]
    if len(both) < max(_ENOUGH, _SHARE * len(now)):
        return []
    names = set.intersection(*(set(_values(old)) & set(_values(new)) for old, new in both))
    return [name for name in sorted(names) if _changes(name, both)]


def _changes(name: str, both: Sequence[tuple[str, str]]) -> bool:
    for old, new in both:
        values = (_values(old)[name], _values(new)[name])
        if values[0] == values[1] or not all(map(_is_no_number, values)):
            return False
    left = [without(new, frozenset({name})) for _, new in both]
    return len(set(left)) == len(left)


def _is_no_number(value: str) -> bool:
    return len(value) >= _LEAST_VALUE and not _DAY.fullmatch(value)


def _values(key: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in urlsplit(key).query.split("&") if pair)
    return {name: value for name, _, value in pairs}


def without(key: str, names: frozenset[str] | None) -> str:
    """Return a key without the parameters of these names."""
    if not names:
        return key
    parts = urlsplit(key)
    pairs = parts.query.split("&")
    query = "&".join(pair for pair in pairs if pair.partition("=")[0] not in names)
    return urlunsplit(parts._replace(query=query))
