"""Sites of a month that is played: what each offers, how it is built, and what is odd about it.

An article is published at a time of its own and stands on its site from then on. Everything is
computed from the name of the site, so that the truth needs no record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from storage.source import Source, SourceKind
from tests.localweb.articles import Article, articles

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = {
    "rss": SourceKind.FEED,
    "atom": SourceKind.FEED,
    "json": SourceKind.FEED,
    "news": SourceKind.SITEMAP,
    "index": SourceKind.SITEMAP,
    "listing": SourceKind.LISTING,
}


@dataclass(frozen=True)
class Site:
    """One host. `per_day` is how many articles it publishes; `odd` what is odd about it:

    answers: etag (validators as they should be), stale (the same validators whatever it serves),
        consent (a page that must be passed once, with a cookie), challenge (the first answer for
        each article), busy (429 now and then), cut (answers that break off), slow, delay
        (Crawl-delay), forbidden (some articles are disallowed by robots.txt)
    addresses: session, tracking, guid (other ids at each look), twins (AMP), moved (redirects),
        alias (two addresses, one canonical)
    what it offers beside articles: gone (pages that say "not found" with 200), parked, sections
    pages: parts (two pages an article), latin1, undated
    """

    name: str
    offer: str = "rss"
    page: str = "blog"
    language: str = "en"
    per_day: float = 2.0
    odd: tuple[str, ...] = ()

    def published(self, days: int) -> list[tuple[datetime, Article]]:
        """All articles of a month of so many days with their times, the oldest first."""
        chance, at = Random(self.name), BEGIN
        times = []
        while (at := at + timedelta(days=chance.expovariate(self.per_day))) < BEGIN + timedelta(
            days=days
        ):
            times.append(at)
        made = articles(self.name, self.language, len(times))
        return list(zip(times, reversed(made), strict=True))

    def is_forbidden(self, number: int) -> bool:
        return "forbidden" in self.odd and number % 5 == 0

    def source(self, address: str) -> Source:
        return Source(
            self.name, KINDS[self.offer], f"http://{address}/start", language=self.language
        )


def number_of(article: Article) -> int:
    return int(article.path.removeprefix("/news/").removesuffix(".html"))


def _sites() -> tuple[Site, ...]:
    return (
        Site("plain", per_day=6),
        Site("plain-fr", language="fr", per_day=4),
        Site("plain-es", language="es", page="portal"),
        Site("rare", per_day=0.2),
        Site("etag", odd=("etag",), per_day=3),
        Site("etag-atom", offer="atom", odd=("etag",)),
        Site("stale", odd=("stale",), per_day=3),
        Site("stale-news", offer="news", odd=("stale",)),
        Site("atom", offer="atom", page="portal"),
        Site("json", offer="json", per_day=3),
        Site("json-script", offer="json", page="script", language="fr"),
        Site("news", offer="news", page="script"),
        Site("index", offer="index", per_day=3),
        Site("index-etag", offer="index", odd=("etag",), language="es"),
        Site("listing", offer="listing", per_day=3),
        Site("listing-busy", offer="listing", per_day=12),
        Site("listing-sections", offer="listing", page="portal", odd=("sections",)),
        Site("listing-breaks", offer="listing", page="breaks", language="fr"),
        Site("breaks", page="breaks"),
        Site("script", page="script", per_day=4),
        Site("consent", odd=("consent",)),
        Site("consent-listing", offer="listing", odd=("consent",)),
        Site("challenge", odd=("challenge",), per_day=1),
        Site("busy", odd=("busy",)),
        Site("cut", odd=("cut",)),
        Site("slow", odd=("slow",)),
        Site("delay", odd=("delay",)),
        Site("forbidden", odd=("forbidden",), per_day=3),
        Site("session", odd=("session",), per_day=3),
        Site("session-listing", offer="listing", odd=("session",)),
        Site("tracking", odd=("tracking",), per_day=3),
        Site("guid", odd=("guid",), per_day=3),
        Site("twins", odd=("twins",), per_day=3),
        Site("moved", odd=("moved",)),
        Site("alias", odd=("alias",), per_day=3),
        Site("gone", odd=("gone",)),
        Site("parked", odd=("parked",)),
        Site("parts", odd=("parts",)),
        Site("latin1", language="es", odd=("latin1",)),
        Site("undated", odd=("undated",), page="breaks"),
    )


FORTY = _sites()


def many(count: int) -> tuple[Site, ...]:
    """So many sites: the forty again and again under other names."""
    found = []
    for number in range(count):
        again, at = divmod(number, len(FORTY))
        one = FORTY[at]
        name = one.name if not again else f"{one.name}-{again + 1}"
        found.append(Site(name, one.offer, one.page, one.language, one.per_day, one.odd))
    return tuple(found)
