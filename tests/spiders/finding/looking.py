"""Looking for the sources of all the sites, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from spiders.fetch.session import FetchSession
from spiders.fetch.settings import CrawlSettings
from spiders.finding.finder import SiteSources, find
from storage.errors import FetchError
from tests.spiders.finding.sites import SITES, TODAY, Built
from tests.spiders.made_site import MadeSite, made_site


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found at a site: `best` as kind and address, `asked` by the site's own count."""

    built: Built
    best: tuple[str, str] | None
    found: SiteSources
    asked: list[str]

    @property
    def right(self) -> bool:
        return self.best in self.built.right


def outcome_of(built: Built, session: FetchSession, site: MadeSite, other: MadeSite) -> Outcome:
    try:
        found = find(site.url("/"), session, TODAY)
    except FetchError:
        found = SiteSources()
    best = None
    if found.sources:
        first = found.sources[0]
        url = first.url.removeprefix(site.url("")).replace(other.url(""), "other")
        best = (str(first.kind), url)
    return Outcome(built, best, found, [*site.asked, *other.asked])


@contextmanager
def all_sites() -> Iterator[list[tuple[Built, MadeSite, MadeSite]]]:
    """All sites, served until the end, each with a second host of its own."""
    with ExitStack() as stack:
        rows = []
        for built in SITES:
            site, other = (stack.enter_context(made_site(f"127.0.0.{n}")) for n in (1, 2))
            built.build(site, other)
            rows.append((built, site, other))
        yield rows


def look_at_all() -> list[Outcome]:
    with all_sites() as rows:
        hosts = [one.host for _, site, other in rows for one in (site, other)]
        settings = CrawlSettings.model_validate(
            {"allow_private": hosts, "delay_s": 0, "timeout_s": 10}
        )
        with FetchSession(settings) as session:
            return [outcome_of(built, session, site, other) for built, site, other in rows]
