"""Reading one answer of a source that is tried: what it offers, or what stands in its place."""

from __future__ import annotations

from crawler.extract.articles.reasons import REASONS
from crawler.extract.extract import extract
from crawler.extract.kinds import find_kind
from spiders.kinds.offer import Offer
from spiders.kinds.table import read_source
from storage.errors import UnreadableError
from storage.records import DocumentKind, Fetched, Source, SourceKind

_OF_PAGES = (SourceKind.LISTING, SourceKind.PAGE)


def read(fetched: Fetched, source: Source) -> Offer:
    """What a source offers in this answer. A challenge, a parked domain or a suspended site offers
    nothing, whatever links are on it, and is told by its name.
    """
    offer = read_source(fetched, source)
    if (source.kind in _OF_PAGES or offer.failed) and (wall := _wall(fetched)) is not None:
        return Offer(problem=wall)
    return offer


def _wall(fetched: Fetched) -> str | None:
    if find_kind(fetched.body, fetched.content_type) is not DocumentKind.HTML:
        return None
    try:
        extract(fetched, watched=True)
    except UnreadableError as error:
        return f"{error.reason}: {error}" if error.reason in REASONS else None
    return None
