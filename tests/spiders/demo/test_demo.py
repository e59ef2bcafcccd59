"""The demo's site is crawled as the demo does it: its own configuration, real requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.located_yaml import parse_yaml
from spiders.catalog.sources import SourceSettings
from spiders.demo.server import demo_configuration
from spiders.demo.site import load_articles
from spiders.fetch.settings import CrawlSettings
from spiders.spec import CrawlSpec
from storage.filter import Filter
from storage.lists.queries import search
from tests.spiders.crawls import Done, crawl
from tests.spiders.servers import Site, running
from tests.storage.opened import session


@pytest.fixture(scope="module")
def configuration() -> Iterator[dict[str, Any]]:
    with running("spiders.demo", "--port", "0") as address:
        yield parse_yaml(demo_configuration(address), "accordwatch.yaml").data


@pytest.fixture(scope="module")
def wanted(configuration: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> CrawlSpec:
    return CrawlSpec(
        database_url=f"sqlite:///{tmp_path_factory.mktemp('demo') / 'a.db'}",
        sources=tuple(SourceSettings(**values).to_source() for values in configuration["sources"]),
        crawl=CrawlSettings.model_validate(configuration["crawl"]),
        max_age_days=configuration["alerts"]["max_age_days"],
    )


@pytest.fixture(scope="module")
def first(wanted: CrawlSpec) -> Done:
    """The first crawl; what it stored stands in the database that is wanted."""
    return crawl(wanted)


def test_the_articles_are_forty_in_seven_languages() -> None:
    articles = load_articles()
    assert len(articles) == 40
    assert {article.language for article in articles} == {"fr", "en", "ar", "es", "it", "pt", "de"}


def test_everything_is_crawled_and_every_mishap_named(wanted: CrawlSpec, first: Done) -> None:
    assert first.code == 0, first.stderr
    assert first.report["totals"]["skipped"] == {
        "empty": 1,
        "encrypted": 1,
        "http_404": 1,
        "scanned": 1,
        "redirect_loop": 1,
        "robots": 1,
        "too_large": 1,
    }
    with session(wanted.database_url) as s:
        rows = {row.title: row for row in search(s, Filter(), everything=True, limit=None)}
    for article in load_articles():
        assert rows[article.title].language == article.language, article.external_id
        if article.published_on is not None:
            assert rows[article.title].published_on == article.published_on, article.external_id
    assert {rows[article.title].outlet for article in load_articles()} == {
        "Courrier du Fleuve",
        "نافذة الجنوب",
        "The Corridor Monitor",
        "Boletín de Acuerdos",
    }


def test_the_three_reports_from_rabat_are_found(wanted: CrawlSpec, first: Done) -> None:
    assert first.code == 0, first.stderr
    with session(wanted.database_url) as s:
        relevant = list(search(s, Filter(parties=("MA", "NE")), limit=None))
    assert {row.language for row in relevant} == {"fr", "ar", "en"}
    assert {row.published_on for row in relevant} == {date(2025, 7, 28), date(2025, 7, 29)}


def test_crawled_again_nothing_is_fetched_or_stored_twice(wanted: CrawlSpec, first: Done) -> None:
    assert first.report["totals"]["stored"] > 0
    again = crawl(wanted)
    assert again.code == 0
    assert again.report["totals"]["new"] == 0
    assert again.report["totals"]["stored"] == 0


def test_the_page_of_the_old_charset_is_what_it_says_it_is_not(
    configuration: dict[str, Any],
) -> None:
    site = Site(urlsplit(configuration["sources"][1]["url"]).port or 0)
    body = site.get("/news/ar-047.html")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert "العيون" in body.decode("windows-1256")


def test_a_taken_port_is_one_line() -> None:
    import subprocess
    import sys

    with running("spiders.demo", "--port", "0") as address:
        port = str(urlsplit(address).port)
        command = [sys.executable, "-m", "spiders.demo", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
