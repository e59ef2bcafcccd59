"""Which documents are official: those of sources that the configuration marks so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlsplit

from storage.queries import DocumentRow
from storage.records import Source


class Official:
    """The official ones of the configured sources.

    A document is official if one of them led to it, or if it stands on the host of one: what was
    imported, or found by way of a newspaper, has no such source.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        marked = [source for source in sources if source.official]
        self._ids = {source.id for source in marked}
        self._hosts = {_host(source.url) for source in marked} - {""}

    def first_on(self, documents: Iterable[DocumentRow]) -> date | None:
        """The day of publication of the first official one; None if none has a day."""
        days = (row.published_on for row in documents if row.published_on and self._made(row))
        return min(days, default=None)

    def _made(self, row: DocumentRow) -> bool:
        return row.source_id in self._ids or _host(row.url or "") in self._hosts


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
