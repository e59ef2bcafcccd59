"""Which documents are official: those of sources that the configuration marks so, and pages of the
treaty series and gazettes that come with us; and to which official sources pages give credit.

The database knows these sources since the register shows of each agreement whether an official
document reports it, and a curator's decision is stored without the configuration at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, delete, func, insert, literal, or_, select

from storage.addresses import is_gazette, is_series, official_places, version_of_places
from storage.database import sql
from storage.database.columns import record_of
from storage.database.session import Session
from storage.documents.tables import Documents, Matches, OfficialSources
from storage.register.entry import Credit
from storage.register.list_rows import is_listed
from storage.source import Source


@dataclass(frozen=True, slots=True)
class Official:
    """Sources whose documents are official, and their hosts; `series` are those sources that are
    treaty series. A document is official if one of the sources led to it, or if it stands on the
    host of one: what was imported, or found by way of a newspaper, has no such source.
    """

    source_ids: frozenset[str]
    hosts: frozenset[str]
    series: frozenset[str] = frozenset()

    def published(self, source_id: str | None, url: str | None) -> bool:
        """Whether a document with this source and address is official."""
        return (
            source_id in self.source_ids
            or host_of(url or "") in self.hosts
            or is_series(url)
            or is_gazette(url)
        )

    def has_texts(self, source_id: str | None, url: str | None) -> bool:
        """Whether a document with this source and address is a page of a treaty series."""
        return source_id in self.series or is_series(url)


def published_officially(source_id: Any, url: Any) -> ColumnElement[bool]:
    """The condition that a document with this source and address is official, for SQL."""
    place, host = func.replace(url, "://www.", "://"), OfficialSources.host
    below = place.like(literal("%://").concat(host).concat("/%"))
    on_host = select(host).where(host != "", below)
    shipped = (place.like(f"%://{one}%") for one in official_places())
    of_source = source_id.in_(select(OfficialSources.source_id))
    return or_(of_source, on_host.exists(), *shipped)


def official_of(sources: Iterable[Source]) -> Official:
    noted = [one for one in _noted_of(sources) if one.source_id != _VERSION]
    return Official(
        frozenset(one.source_id for one in noted),
        frozenset(one.host for one in noted) - {""},
        frozenset(one.source_id for one in noted if one.texts),
    )


def official_among(s: Session, places: Iterable[tuple[str | None, str | None]]) -> Official:
    """Return the known official sources that may have published documents with these places."""
    pairs = list(places)
    source_ids = {source_id for source_id, _ in pairs if source_id}
    hosts = {host_of(url) for _, url in pairs if url} - {""}
    found = sql.values_by(s, OfficialSources.source_id, OfficialSources.texts, source_ids)
    return Official(
        frozenset(found),
        frozenset(sql.values_among(s, OfficialSources.host, OfficialSources.host, hosts)),
        frozenset(source_id for source_id, texts in found.items() if texts),
    )


def is_noted(s: Session, sources: Iterable[Source]) -> bool:
    """Whether the database has the official ones of these sources alone, and today's places."""
    stored = s.execute(select(sql.plain(OfficialSources)))
    return {OfficialSources(*row) for row in stored} == _noted_of(sources)


def note_official(s: Session, sources: Iterable[Source]) -> None:
    s.execute(delete(OfficialSources))
    s.execute(insert(OfficialSources), [asdict(one) for one in _noted_of(sources)])


# The row without a source has the places of texts that the register was last computed with. No
# document has this source or host.
_VERSION = ""


def _noted_of(sources: Iterable[Source]) -> set[OfficialSources]:
    return {
        OfficialSources(_VERSION, f"places {version_of_places()}", False),
        *(
            OfficialSources(source.id, host_of(source.url), source.publishes_texts)
            for source in sources
            if source.official
        ),
    }


def host_of(url: str) -> str:
    """Return the host of an address without "www."; "" if it has none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


# --- what documents are worth as evidence of an agreement -----------------------------------------


def credits_of(s: Session, document_ids: Iterable[int]) -> Mapping[int, Credit]:
    """Return the credit of each of these documents that was judged, without confirmations."""
    rows = list(sql.rows_of(s, _CREDITS, document_ids))
    official = official_among(s, ((row.source_id, row.url) for row in rows))
    return {
        row.document_id: record_of(
            Credit,
            row._asdict()
            | {
                "outlet": row.outlet or host_of(row.url or ""),
                "official": official.published(row.source_id, row.url),
                "listed": is_listed(row.source_id),
                "is_text_place": official.has_texts(row.source_id, row.url),
            },
        )
        for row in rows
    }


def clues_of(s: Session, document_ids: Iterable[int]) -> Mapping[int, Sequence[str]]:
    return sql.values_by(s, Matches.document_id, Matches.clues, document_ids)


_CREDITS = (
    select(
        Documents.id.label("document_id"),
        Documents.outlet,
        Documents.url,
        Documents.source_id,
        Documents.title,
        Documents.published_on,
        Matches.copy_group,
        Matches.probability,
        Matches.second_reading.label("reading"),
        Matches.status,
        Matches.happened_on,
    )
    .join(Matches, Matches.document_id == Documents.id)
    .where(Documents.id.in_(sql.IDS))
)
