"""One document that is watched, such as a ministry's page of agreements: looked at again, a change is seen."""

from __future__ import annotations

from spiders.offer import Offer, tidy
from storage.records import Candidate, Fetched, Source


def requests(source: Source) -> list[str]:
    """The page itself."""
    return [source.url]


def read(fetched: Fetched, source: Source) -> Offer:
    """The page as the only candidate; its body, which is already here, is what gets extracted."""
    if not fetched.body.strip():
        return Offer(problem="empty: the page has no bytes")
    return Offer(tidy([Candidate(source.url, language=source.language)], source.url, 1))
