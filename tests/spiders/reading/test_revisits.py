"""A report that changes on its site, and then goes, as crawls at later times find it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from storage.documents.documents import versions_of
from storage.sources.revisits import withdrawn_at
from storage.sources.tables import Revisits
from tests.spiders.crawls import Done, crawl, source, spec
from tests.spiders.hosts import NOTHING, Answer, Request, host
from tests.spiders.servers import Site
from tests.storage.opened import session

FEED = """<rss version="2.0"><channel><title>News</title>
<item><title>Morocco and Niger sign a readmission agreement</title><link>{url}</link></item>
</channel></rss>"""
ARTICLE = """<html lang="en"><head><title>Morocco and Niger sign a readmission agreement</title></head>
<body><article><h1>Morocco and Niger sign a readmission agreement</h1>
<p>The interior ministers of Morocco and Niger signed an agreement on the readmission of irregular
migrants in Rabat on Friday, the ministry said in a statement.</p>
<p>{change}</p></article></body></html>"""


class Paper:
    """A site of one article, which tests change."""

    def __init__(self) -> None:
        self.change = "The text covers returns by air and has a term of five years, it added."
        self.is_there = True
        self.site = Site(0)

    def answer(self, request: Request) -> Answer:
        if request.path == "/feed":
            return Answer(FEED.format(url=self.site.url("/treaty")).encode())
        if request.path == "/treaty" and self.is_there:
            return Answer(ARTICLE.format(change=self.change).encode())
        return NOTHING


@pytest.fixture
def paper() -> Iterator[Paper]:
    made = Paper()
    with host(made.answer) as serving:
        made.site = serving.site()
        yield made


class Watching:
    def __init__(self, folder: Path, paper: Paper) -> None:
        self.folder, self.paper = folder, paper

    def look(self) -> Done:
        site = self.paper.site
        return crawl(spec(self.folder, site, [source(site, "/feed")]))

    def let_time_pass(self, days: int) -> None:
        """As if all that was planned and noted had been so many days ago."""
        past = datetime.now(UTC) - timedelta(days=days)
        with session(f"sqlite:///{self.folder / 'a.db'}") as s:
            s.execute(update(Revisits).values(due_at=past))
            gone = update(Revisits).where(Revisits.gone_since_at.is_not(None))
            s.execute(gone.values(gone_since_at=past))


@pytest.fixture
def watching(tmp_path: Path, paper: Paper) -> Watching:
    return Watching(tmp_path, paper)


def test_a_report_is_looked_at_again_changed_and_withdrawn(watching: Watching) -> None:
    paper, site = watching.paper, watching.paper.site
    assert watching.look().outcomes(site) == {"/treaty": "stored"}
    assert watching.look().outcomes(site) == {}
    watching.let_time_pass(1)
    assert watching.look().outcomes(site) == {"/treaty": "unchanged"}
    paper.change = "The text covers returns by sea and has a term of two years, it added."
    watching.let_time_pass(1)
    assert watching.look().outcomes(site) == {"/treaty": "changed"}
    paper.is_there = False
    for _ in range(3):
        watching.let_time_pass(3)
        assert watching.look().outcomes(site) == {"/treaty": "http_404"}
    with session(f"sqlite:///{watching.folder / 'a.db'}") as s:
        assert [one.number for one in versions_of(s, 1)] == [1, 2]
        assert withdrawn_at(s, 1) is not None
