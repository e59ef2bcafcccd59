"""Which documents are official: those of sources that the configuration marks so.

The database knows these sources since the register says of each agreement whether an official
document tells it, and a curator's decision is stored without the configuration at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from storage.database.statements import IDS, plain, rows_of
from storage.documents.tables import OfficialSources
from storage.records import Source

_OFFICIAL = plain(OfficialSources)


@dataclass(frozen=True, slots=True)
class Official:
    """Sources whose documents are official, and their hosts.

    A document is official if one of the sources led to it, or if it stands on the host of one: what
    was imported, or found by way of a newspaper, has no such source.
    """

    source_ids: frozenset[str]
    hosts: frozenset[str]

    def published(self, source_id: str | None, url: str | None) -> bool:
        """Whether a document with this source and address is official."""
        return source_id in self.source_ids or host_of(url or "") in self.hosts


def official_of(sources: Iterable[Source]) -> Official:
    """Return the official ones of configured sources."""
    hosts = _hosts_of(sources)
    return Official(frozenset(hosts), frozenset(hosts.values()) - {""})


def official_among(s: Session, places: Iterable[tuple[str | None, str | None]]) -> Official:
    """Return those official sources that the database knows which may have published documents
    with these sources and addresses.
    """
    pairs = list(places)
    source_ids = {source_id for source_id, _ in pairs if source_id}
    hosts = {host_of(url) for _, url in pairs if url} - {""}
    return Official(
        frozenset(row.source_id for row in rows_of(s, _WITH_IDS, source_ids)),
        frozenset(row.host for row in rows_of(s, _WITH_HOSTS, hosts)),
    )


def is_noted(s: Session, sources: Iterable[Source]) -> bool:
    """Whether the database knows the official ones of these sources, and no others."""
    return {row.source_id: row.host for row in s.execute(_ALL)} == _hosts_of(sources)


def note_official(s: Session, sources: Iterable[Source]) -> None:
    """Let the database know the official ones of these sources, and no others."""
    s.execute(delete(_OFFICIAL))
    rows = [{"source_id": one, "host": host} for one, host in _hosts_of(sources).items()]
    if rows:
        s.execute(insert(_OFFICIAL), rows)


def _hosts_of(sources: Iterable[Source]) -> dict[str, str]:
    return {source.id: host_of(source.url) for source in sources if source.official}


_ALL = select(_OFFICIAL.c.source_id, _OFFICIAL.c.host)
_WITH_IDS = select(_OFFICIAL.c.source_id).where(_OFFICIAL.c.source_id.in_(IDS))
_WITH_HOSTS = select(_OFFICIAL.c.host).where(_OFFICIAL.c.host.in_(IDS))


def host_of(url: str) -> str:
    """Return the host of an address without "www."; "" if it has none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
