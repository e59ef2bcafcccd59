"""Parameters that change at each poll: learnt by what a source offers under the same headlines.

The names of sessions and of guards against caches are known (`address_keys`), and each system
invents others. A parameter is one of these if, at two looks in a row, all headlines that were
offered at both came with another value of it. It must not be what tells articles apart: an article
keeps its number, and what is left of the addresses has to differ from headline to headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.statements import chunks, hash_of, put, upsert
from storage.records import Candidate
from storage.sources.address_keys import key_of, site_of
from storage.sources.tables import ChangingParameters, Frontier, LastOffers

_ENOUGH = 3  # headlines; two columns of a daily ("Weather") may return under new addresses
_SHARE = 0.5  # of the headlines now offered; a session stands in all addresses
_LEAST_VALUE = 6  # characters; a shorter value may number the issues of a gazette
_MOST = 500  # headlines that are kept and compared; a sitemap has a hundred thousand of them
_DAY = re.compile(r"(?:19|20)\d\d[-./]?\d\d[-./]?\d\d.*|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d")

Names = Mapping[str, frozenset[str]]  # the changing parameters of each site


def keys_of(s: Session, urls: Iterable[str]) -> dict[str, str]:
    """Return the hash of each address's key, without the parameters that are known to change."""
    found = {url: key_of(url) for url in urls}
    sites = {site_of(url) for url, key in found.items() if "?" in key}
    names = _known(s, sites)
    return {url: hash_of(_without(key, names.get(site_of(url)))) for url, key in found.items()}


def learn(s: Session, source_id: str, candidates: Iterable[Candidate], now: datetime) -> None:
    """Compare what a source offers with what it offered last, and learn what changes.

    Documents that were offered under the old values are found by what is left from now on.
    """
    offered = _by_title(candidates)
    if not offered:
        return
    before: dict[str, str] = dict(
        s.scalar(select(LastOffers.offers).where(LastOffers.source_id == source_id)) or {}
    )
    if before == offered:
        return
    put(s, LastOffers, "source_id", {"source_id": source_id, "offers": offered})
    both = [(before[title], offered[title]) for title in offered if title in before]
    if len(both) < max(_ENOUGH, _SHARE * len(offered)):
        return
    for name in _changing(both):
        _note(s, name, [old for old, _ in both], now)


def _by_title(candidates: Iterable[Candidate]) -> dict[str, str]:
    """Return the keys that have parameters, by headline; without headlines that occur twice."""
    found: dict[str, str] = {}
    twice = set()
    for candidate in candidates:
        key, title = key_of(candidate.url), candidate.title or ""
        if len(found) == _MOST:
            break
        if "?" in key and title:
            twice |= {title} if found.setdefault(title, key) != key else set()
    return {title: key for title, key in found.items() if title not in twice}


def _changing(both: Sequence[tuple[str, str]]) -> list[str]:
    """Return the parameters with another value in each of the pairs of addresses."""
    names = set.intersection(*(set(_values(old)) & set(_values(new)) for old, new in both))
    return [name for name in sorted(names) if _changes(name, both)]


def _changes(name: str, both: Sequence[tuple[str, str]]) -> bool:
    for old, new in both:
        values = (_values(old)[name], _values(new)[name])
        if values[0] == values[1] or not all(map(_is_no_number, values)):
            return False
    left = [_without(new, frozenset({name})) for _, new in both]
    return len(set(left)) == len(left)


def _is_no_number(value: str) -> bool:
    return len(value) >= _LEAST_VALUE and not _DAY.fullmatch(value)


def _values(key: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in urlsplit(key).query.split("&") if pair)
    return {name: value for name, _, value in pairs}


def _without(key: str, names: frozenset[str] | None) -> str:
    if not names:
        return key
    parts = urlsplit(key)
    pairs = parts.query.split("&")
    query = "&".join(pair for pair in pairs if pair.partition("=")[0] not in names)
    return urlunsplit(parts._replace(query=query))


def _known(s: Session, sites: set[str]) -> Names:
    columns = (ChangingParameters.site, ChangingParameters.name)
    found: dict[str, set[str]] = {}
    for chunk in chunks(sites):
        for row in s.execute(select(*columns).where(ChangingParameters.site.in_(chunk))):
            found.setdefault(row.site, set()).add(row.name)
    return {site: frozenset(names) for site, names in found.items()}


def _note(s: Session, name: str, old_keys: Sequence[str], now: datetime) -> None:
    known = _known(s, {site_of(key) for key in old_keys})
    for key in old_keys:
        site = site_of(key)
        names = known.get(site, frozenset())
        row = {"site": site, "name": name, "learnt_at": now}
        s.execute(upsert(s, ChangingParameters).values(row).on_conflict_do_nothing())
        former, new = hash_of(_without(key, names)), hash_of(_without(key, names | {name}))
        taken = select(Frontier.id).where(Frontier.url_hash == new)
        if s.scalar(taken) is None:
            s.execute(update(Frontier).where(Frontier.url_hash == former).values(url_hash=new))
