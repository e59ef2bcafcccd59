"""Fetching one URL for the command line, under the rules of a crawl."""

from __future__ import annotations

from spiders.fetch.session import FetchSession
from spiders.fetch.settings import CrawlSettings
from storage.records import Fetched


def fetch_once(url: str, settings: CrawlSettings) -> Fetched:
    """Fetch `url`, following redirects, up to crawl.max_bytes.

    Raises RefusedAddress (for the scheme, a private network or robots.txt) or FetchError, with one
    line that says why.
    """
    with FetchSession(settings.model_copy(update={"delay_s": 0.0})) as session:
        return session.get(url).fetched
