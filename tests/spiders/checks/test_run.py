"""Sources are tried once, politely, on real servers: twenty sites, and one of mishaps."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from spiders.checks.process import host_by_host
from spiders.checks.source_tries import check_sources, failed, offered
from spiders.fetch.settings import CrawlSettings
from spiders.kinds.offer import Offer
from storage.records import Candidate
from storage.source import Source, SourceKind
from storage.sources.tables import SourceCheck
from tests.localweb.web import Asked, local_web
from tests.spiders.hosts import NOTHING, Answer, Request, host
from tests.spiders.servers import Site, bad_site

EMPTY = {"empty-news", "empty-feed"}


@dataclass(frozen=True, slots=True)
class Checked:
    found: dict[str, SourceCheck]
    asked: list[Asked]
    answers: int


@pytest.fixture(scope="module")
def twenty() -> Iterator[Checked]:
    with local_web() as web:
        crawl = CrawlSettings(allow_private=tuple(web.addresses.values()), timeout_s=20)
        checks = list(check_sources(list(web.sources.values()), crawl))
        yield Checked({check.source_id: check for check in checks}, web.asked(), len(checks))


def test_each_source_is_checked_once(twenty: Checked) -> None:
    assert twenty.answers == len(twenty.found) == 20


def test_all_sites_are_alive_and_offer_what_they_have(twenty: Checked) -> None:
    assert [name for name, check in twenty.found.items() if not check.alive] == []
    assert {name for name, check in twenty.found.items() if check.items == 0} == EMPTY
    assert twenty.found["empty-feed"].problem == "offers nothing now"


def test_robots_and_the_source_are_asked_for_and_nothing_else(twenty: Checked) -> None:
    paths = defaultdict(list)
    for row in twenty.asked:
        paths[row.site].append(row.path)
    assert {len(asked) for asked in paths.values()} == {2}
    assert {asked[0] for asked in paths.values()} == {"/robots.txt"}


def test_a_host_answers_one_request_at_a_time_though_it_has_several_sources() -> None:
    def slow(request: Request) -> Answer:
        time.sleep(0.2)
        return NOTHING

    with host(slow) as server:
        several = [feed(server.site(), f"/feed/{number}") for number in range(4)]
        checks = tried(server.site(), *several)
        busy = sorted((request.began_s, request.ended_s) for request in server.asked)
    assert [check.alive for check in checks.values()] == [False] * 4
    assert len(busy) == 5
    assert all(after[0] >= before[1] for before, after in pairwise(busy))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


def feed(site: Site, path: str, **more: object) -> Source:
    values = {"id": path.strip("/").replace("/", "-"), "kind": SourceKind.FEED, **more}
    return Source(url=site.url(path), **values)  # type: ignore[arg-type]  # they are its fields


def tried(site: Site, *sources: Source) -> dict[str, SourceCheck]:
    crawl = CrawlSettings(allow_private=(site.host,), timeout_s=2, delay_s=0, max_bytes=100_000)
    return {check.source_id: check for check in check_sources(sources, crawl)}


def test_what_is_not_alive_says_why(site: Site) -> None:
    paths = ("/feed", "/gone", "/empty", "/html-feed", "/bomb", "/loop", "/forbidden/feed")
    checks = tried(site, *(feed(site, path) for path in paths))
    dead = {name: check.problem or "" for name, check in checks.items() if not check.alive}
    assert {name: problem.split(":")[0] for name, problem in dead.items()} == {
        "gone": "http_410",
        "empty": "empty",
        "html-feed": "html",
        "bomb": "too_large",
        "loop": "redirect_loop",
        "forbidden-feed": "robots",
    }
    assert [name for name, check in checks.items() if check.alive] == ["feed"]
    assert not any(path.startswith("/forbidden") for path in site.paths())


def test_what_must_not_be_asked_is_not_asked_by_a_check_either(site: Site) -> None:
    private = Source("metadata", SourceKind.FEED, "http://169.254.169.254/latest/meta-data/")
    checks = tried(site, private, *(feed(site, path) for path in ("/to-loopback", "/to-file")))
    reasons = {name: (check.problem or "").split(":")[0] for name, check in checks.items()}
    assert reasons == {
        "metadata": "private_address",
        "to-loopback": "private_address",
        "to-file": "http_302",
    }


def test_a_wall_is_not_alive_whatever_answers_there(site: Site) -> None:
    listing = feed(site, "/parked", id="listing", kind=SourceKind.LISTING)
    checks = tried(site, feed(site, "/challenge"), listing)
    assert [check.alive for check in checks.values()] == [False, False]
    problems = {name: (check.problem or "").split(":")[0] for name, check in checks.items()}
    assert problems == {"challenge": "challenge", "listing": "parked"}


def test_a_failure_that_may_pass_is_asked_for_twice_and_another_once(site: Site) -> None:
    before = Counter(site.paths())
    tried(site, feed(site, "/refused"), feed(site, "/gone"))
    asked = Counter(site.paths()) - before
    assert (asked["/refused"], asked["/gone"]) == (2, 1)


def test_one_part_of_an_index_is_read(site: Site) -> None:
    before = Counter(site.paths())
    index = feed(site, "/index.xml", id="index", kind=SourceKind.SITEMAP)
    check = tried(site, index)["index"]
    asked = Counter(site.paths()) - before
    assert (check.alive, check.items > 0) == (True, True)
    assert sum(asked[path] for path in ("/part1.xml", "/part2.xml", "/gone")) == 1


def test_a_child_that_cannot_begin_leaves_no_source_without_a_word(site: Site) -> None:
    crawl = CrawlSettings(allow_private=(site.host,)).model_copy(update={"ca_file": "/nowhere"})
    (check,) = check_sources([feed(site, "/feed")], crawl)
    assert not check.alive
    assert "ended before it came to this source" in str(check.problem)
    assert "/nowhere" in str(check.problem)


def test_hosts_take_turns() -> None:
    urls = ("http://a.org/1", "http://a.org/2", "http://b.org/1", "http://c.org/1")
    sources = [Source(url, SourceKind.FEED, url) for url in urls]
    assert [source.url for source in host_by_host(sources)] == [
        "http://a.org/1",
        "http://b.org/1",
        "http://c.org/1",
        "http://a.org/2",
    ]


NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TODAY = NOW.date()
FEED = Source("a", SourceKind.FEED, "https://a.example/feed", language="fr")
FRENCH = (
    "Le ministre de l'intérieur reçoit son homologue à Rabat",
    "Les deux pays parlent du retour de leurs ressortissants",
    "Une commission mixte se réunira au printemps prochain",
    "La presse du pays voisin salue un texte attendu depuis longtemps",
)


def candidates(*days: date | None, titles: tuple[str, ...] = FRENCH) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(f"https://a.example/{number}", titles[number % len(titles)], day)
        for number, day in enumerate(days)
    )


def test_a_source_that_offers_documents_is_alive() -> None:
    yesterday = TODAY - timedelta(days=1)
    check = offered(FEED, Offer(candidates(TODAY, yesterday, yesterday, yesterday)), NOW)
    assert (check.alive, check.items, check.newest_on) == (True, 4, TODAY)
    assert (check.language, check.problem) == ("fr", None)
    assert (check.source_id, check.url, check.checked_at) == ("a", FEED.url, NOW)


def test_an_offer_that_failed_is_not_alive_and_says_why() -> None:
    check = offered(FEED, Offer(problem="html: a web page came instead of a feed"), NOW)
    assert (check.alive, check.items) == (False, 0)
    assert check.problem == "html: a web page came instead of a feed"


def test_what_went_wrong_is_said_without_the_address() -> None:
    check = failed(FEED, f"http_404: {FEED.url}: answers 404", NOW)
    assert (check.alive, check.problem) == (False, "http_404: answers 404")


@pytest.mark.parametrize(
    ("offer", "problem"),
    [
        (Offer(), "offers nothing now"),
        (
            Offer(candidates(date(2026, 9, 1), date(2026, 8, 1))),
            "its newest document is 87 days old",
        ),
        (Offer(candidates(None, None)), "none of its documents has a day"),
        (
            Offer(candidates(TODAY, date(2099, 1, 1))),
            "has a document of 2099-01-01, which is in the future",
        ),
        (Offer(candidates(TODAY), problem="truncated: it broke off"), "truncated: it broke off"),
    ],
)
def test_what_is_odd_about_a_living_source_is_named(offer: Offer, problem: str) -> None:
    check = offered(FEED, offer, NOW)
    assert (check.alive, check.problem) == (True, problem)


def test_a_day_in_the_future_is_not_the_newest() -> None:
    check = offered(FEED, Offer(candidates(TODAY, date(2099, 1, 1))), NOW)
    assert check.newest_on == TODAY


def test_titles_in_another_language_than_the_configured_one_are_named() -> None:
    spanish = Source("a", SourceKind.FEED, FEED.url, language="es")
    check = offered(spanish, Offer(candidates(TODAY, TODAY, TODAY, TODAY)), NOW)
    assert check.problem == "its titles are in fr, not es"


def test_too_few_titles_tell_no_language() -> None:
    spanish = Source("a", SourceKind.FEED, FEED.url, language="es")
    check = offered(spanish, Offer(candidates(TODAY)), NOW)
    assert (check.language, check.problem) == (None, None)


def test_a_listing_needs_no_days() -> None:
    listing = Source("a", SourceKind.LISTING, "https://a.example/news")
    assert offered(listing, Offer(candidates(None, None)), NOW).problem is None
