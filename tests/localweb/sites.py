"""Sites as descriptions: what each offers, how it is built, how it behaves. Later webs are longer
tables of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from storage.source import Source, SourceKind
from tests.localweb.articles import Article, articles
from tests.localweb.pages import teaser

KINDS = {
    "rss": SourceKind.FEED,
    "atom": SourceKind.FEED,
    "json": SourceKind.FEED,
    "news": SourceKind.SITEMAP,
    "listing": SourceKind.LISTING,
}
START = "/start"  # the feed, sitemap or listing


@dataclass(frozen=True)
class Site:
    """One host. `offer` and `page` are names in `tests.localweb.pages`; numbers in the behaviour
    are those of articles.

    `crawl_delay_s` is what robots.txt asks for; `answer_s` how long each answer takes; `busy` the
    article that is refused with 429 and `retry_after_s` the first time; `broken_off` the article
    whose gzip ends early the first time.
    """

    name: str
    offer: str = "rss"
    page: str = "blog"
    language: str = "en"
    count: int = 3
    crawl_delay_s: float | None = None
    answer_s: float = 0.0
    busy: int | None = None
    retry_after_s: int = 3
    broken_off: int | None = None

    @cached_property
    def articles(self) -> tuple[Article, ...]:
        return articles(self.name, self.language, self.count)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The truth: what each page says, by its path."""
        return {article.path: "\n".join(article.paragraphs) for article in self.articles}

    @cached_property
    def teasers(self) -> tuple[str, ...]:
        """What stands beside each article and is no part of any."""
        return tuple(map(teaser, self.articles))

    def path_of(self, number: int) -> str:
        return next(
            article.path for article in self.articles if article.path == f"/news/{number}.html"
        )

    def source(self, address: str) -> Source:
        """The site as a source, at the host and port that serve it."""
        return Source(
            self.name, KINDS[self.offer], f"http://{address}{START}", language=self.language
        )


# Twenty sites, each built differently; the last five misbehave.
TWENTY = (
    Site("plain"),
    Site("plain-fr", language="fr"),
    Site("json", offer="json", language="es"),
    Site("atom", offer="atom"),
    Site("atom-portal", offer="atom", page="portal", language="fr"),
    Site("portal", page="portal"),
    Site("portal-news", offer="news", page="portal", language="es"),
    Site("script", page="script"),
    Site("script-news", offer="news", page="script"),
    Site("script-listing", offer="listing", page="script", language="fr"),
    Site("listing", offer="listing"),
    Site("listing-portal", offer="listing", page="portal"),
    Site("news", offer="news", language="fr"),
    Site("breaks", page="breaks"),
    Site("breaks-listing", offer="listing", page="breaks"),
    Site("slow", count=4, crawl_delay_s=1.5, answer_s=0.1),
    Site("busy", busy=3),
    Site("broken-off", page="portal", broken_off=2),
    Site("empty-feed", count=0),
    Site("empty-news", offer="news", count=0),
)


def site(name: str) -> Site:
    """One of the twenty."""
    return next(site for site in TWENTY if site.name == name)
