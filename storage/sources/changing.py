"""The parameters of each site that change at each poll, as they were learnt.

`storage.addresses.parameters` says how they are recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update

from storage.addresses.hosts import site_of
from storage.addresses.keys import key_of
from storage.addresses.parameters import by_headline, changing, without
from storage.database.session import Session
from storage.database.statements import chunks, hash_of, put, upsert
from storage.records import Candidate
from storage.sources.tables import ChangingParameters, Frontier, LastOffers

Names = Mapping[str, frozenset[str]]  # the changing parameters of each site


def keys_of(s: Session, urls: Iterable[str]) -> dict[str, str]:
    """Return the hash of each address's key, without the parameters that are known to change."""
    found = {url: key_of(url) for url in urls}
    sites = {site_of(url) for url, key in found.items() if "?" in key}
    names = _known(s, sites)
    return {url: hash_of(without(key, names.get(site_of(url)))) for url, key in found.items()}


def learn(s: Session, source_id: str, candidates: Iterable[Candidate], now: datetime) -> None:
    """Compare what a source offers with what it offered last, and learn what changes.

    Documents that were offered under the old values are found by what is left from now on.
    """
    offered = by_headline(candidates)
    if not offered:
        return
    before: dict[str, str] = dict(
        s.scalar(select(LastOffers.offers).where(LastOffers.source_id == source_id)) or {}
    )
    if before == offered:
        return
    put(s, LastOffers, "source_id", {"source_id": source_id, "offers": offered})
    old_keys = [before[title] for title in offered if title in before]
    for name in changing(before, offered):
        _note(s, name, old_keys, now)


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
        former, new = hash_of(without(key, names)), hash_of(without(key, names | {name}))
        taken = select(Frontier.id).where(Frontier.url_hash == new)
        if s.scalar(taken) is None:
            s.execute(update(Frontier).where(Frontier.url_hash == former).values(url_hash=new))
