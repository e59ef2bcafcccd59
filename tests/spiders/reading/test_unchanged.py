"""What an unchanged source costs, and what one run learnt from a site for the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from spiders.spec import CrawlSpec
from storage.database.session import Session
from storage.documents.documents import versions_of
from storage.sources.manners import cached_robots, save_robots
from storage.sources.revisits import withdrawn_at
from storage.sources.states import source_state
from storage.sources.tables import CachedRobots, Frontier, Revisits, SourceState, ValidatorRows
from tests.spiders.crawls import Done, crawl, source, spec
from tests.spiders.hosts import NOTHING, Answer, Answers, Host, Request, feed_of, host, page_of, to
from tests.spiders.servers import Site
from tests.storage.opened import session

CONDITIONAL = "if-none-match"


@dataclass
class Feed:
    """A feed whose items and manners a test changes between two runs."""

    items: list[str] = field(default_factory=lambda: ["/a", "/b"])
    etag: str | None = '"1"'
    says_unchanged: Callable[[Request, Feed], bool] = lambda request, feed: (
        request.headers.get(CONDITIONAL) == feed.etag
    )
    path: str = "/feed"
    moved: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer:
        if request.path in self.moved:
            return to(self.moved[request.path], 301)
        if request.path != self.path:
            return NOTHING if request.path in ("/robots.txt", "/feed") else page_of(request.path)
        if self.etag and CONDITIONAL in request.headers and self.says_unchanged(request, self):
            return Answer(status=304)
        return feed_of(*self.items, **({"ETag": self.etag} if self.etag else {}))


@dataclass
class Watch:
    """A source on a host, looked at again and again."""

    host: Host
    wanted: CrawlSpec

    def look(self) -> Done:
        self.host.asked.clear()
        return crawl(self.wanted)

    def requests(self) -> list[tuple[str, str | None]]:
        return [(request.path, request.headers.get(CONDITIONAL)) for request in self.host.asked]

    def change(self, work: Callable[[Session], object]) -> None:
        with session(self.wanted.database_url) as s:
            work(s)

    def pass_time(self, by: timedelta) -> None:
        """Makes the last full look older."""
        with session(self.wanted.database_url) as s:
            move_validators(s, -by)
            s.execute(update(SourceState).values(moved_at=None))


def watch(folder: Path, running: Host) -> Watch:
    return Watch(running, spec(folder, running.site(), [source(running.site(), "/feed")]))


@pytest.mark.parametrize("etag", ['"1"', None])
def test_an_unchanged_feed_costs_one_request_and_is_not_read(
    tmp_path: Path, etag: str | None
) -> None:
    with host(Feed(etag=etag)) as running:
        watched = watch(tmp_path, running)
        watched.look()
        watched.change(lambda s: s.execute(delete(Frontier)))  # whatever is read would be new
        again = watched.look()
    assert watched.requests() == [("/feed", etag)]
    assert again.report["totals"]["offered"] == 2
    assert again.report["totals"]["new"] == 0


def test_a_feed_that_moved_for_good_is_asked_for_at_its_new_address(tmp_path: Path) -> None:
    feed = Feed(path="/new", moved={"/feed": "/old", "/old": "/new"})
    with host(feed) as running:
        watched = watch(tmp_path, running)
        first = watched.look()
        again = watched.look()
    new = running.url("/new")
    assert first.problems() == [
        f"moved: {running.url('/feed')} answers at {new} now; change its url"
    ]
    assert again.problems() == []
    assert watched.requests() == [("/new", '"1"')]
    watched.change(lambda s: check_moved(s, running.url("/feed"), new))


def check_moved(s: Session, url: str, new: str) -> None:
    assert source_state(s, "feed").moved(url) == new
    assert source_state(s, "feed").moved(f"{url}/other") is None  # its address was changed


def test_a_feed_that_moved_back_is_found_there(tmp_path: Path) -> None:
    feed = Feed(path="/new", moved={"/feed": "/new"})
    with host(feed) as running:
        watched = watch(tmp_path, running)
        watched.look()
        feed.path, feed.moved, feed.items = "/feed", {}, ["/c"]
        back = watched.look()
    assert back.outcomes(running.site()) == {"/c": "stored"}, back.problems()
    watched.change(lambda s: check_not_moved(s, running.url("/feed")))


def check_not_moved(s: Session, url: str) -> None:
    assert source_state(s, "feed").moved(url) is None


def test_a_page_that_is_no_feed_is_no_new_address(tmp_path: Path) -> None:
    with host(Feed(path="/none", moved={"/feed": "/parked"})) as running:
        watched = watch(tmp_path, running)
        done = watched.look()
    assert done.report["failed_sources"] == ["feed"]
    watched.change(lambda s: check_not_moved(s, running.url("/feed")))


def always(request: Request, feed: Feed) -> bool:
    return True


def test_a_server_whose_etag_never_changes_is_caught_by_a_full_look_and_believed_no_more(
    tmp_path: Path,
) -> None:
    feed = Feed()
    with host(feed) as running:
        watched = watch(tmp_path, running)
        watched.look()
        feed.items = ["/c", "/a", "/b"]
        assert watched.look().report["totals"]["new"] == 0
        watched.pass_time(timedelta(hours=3))
        assert watched.look().outcomes(running.site()) == {"/c": "stored"}
        feed.items = ["/d", "/c", "/a"]
        assert watched.look().outcomes(running.site()) == {"/d": "stored"}
        assert watched.requests() == [("/feed", None), ("/d", None)]


def test_a_server_that_calls_everything_unchanged_is_caught_by_asking_once_more(
    tmp_path: Path,
) -> None:
    feed = Feed(says_unchanged=always)
    with host(feed) as running:
        watched = watch(tmp_path, running)
        watched.look()
        feed.items, feed.etag = ["/c", "/a", "/b"], '"2"'
        watched.pass_time(timedelta(hours=3))
        watched.look()
        assert [r for r in watched.requests() if r[0] == "/feed"] == [
            ("/feed", None),
            ("/feed", '"1"'),
        ]
        watched.look()
        assert watched.requests() == [("/feed", None)]
        watched.pass_time(timedelta(days=8))
        watched.change(fresh_validators)
        watched.look()
        assert watched.requests() == [("/feed", '"2"')]  # after a week it is believed again


def fresh_validators(s: Session) -> None:
    move_validators(s, timedelta(days=8), distrusted=False)


def move_validators(s: Session, by: timedelta, *, distrusted: bool = True) -> None:
    statement = select(ValidatorRows.url_hash, ValidatorRows.saved_at, ValidatorRows.distrusted_at)
    for url_hash, saved_at, distrusted_at in s.execute(statement).all():
        assert saved_at is not None
        moved = {"saved_at": saved_at + by}
        if distrusted and distrusted_at is not None:
            moved["distrusted_at"] = distrusted_at + by
        s.execute(update(ValidatorRows).where(ValidatorRows.url_hash == url_hash).values(moved))


def test_an_honest_server_that_has_news_at_a_full_look_is_still_believed(tmp_path: Path) -> None:
    feed = Feed()
    with host(feed) as running:
        watched = watch(tmp_path, running)
        watched.look()
        feed.items, feed.etag = ["/c", "/a", "/b"], '"2"'
        watched.pass_time(timedelta(hours=3))
        watched.look()
        watched.look()
    assert watched.requests() == [("/feed", '"2"')]


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
        assert [version.number for version in versions_of(s, 1)] == [1, 2]
        assert withdrawn_at(s, 1) is not None


RULES = b"User-agent: *\nDisallow: /closed/\n"


def site(robots: Answer) -> Answers:
    def answers(request: Request) -> Answer:
        if request.path == "/robots.txt":
            return robots
        return feed_of("/open/a", "/closed/b") if request.path == "/feed" else page_of(request.path)

    return answers


def test_a_new_run_does_not_ask_for_the_rules_and_obeys_them(tmp_path: Path) -> None:
    with host(site(Answer(RULES))) as running:
        wanted = spec(tmp_path, running.site(), [source(running.site(), "/feed")])
        first = crawl(wanted)
        forget_documents(wanted)
        again = crawl(wanted)
    assert again.code == 0
    outcomes = {"/open/a": "stored", "/closed/b": "robots"}
    assert first.outcomes(running.site()) == outcomes
    assert again.outcomes(running.site()) == {"/open/a": "duplicate", "/closed/b": "robots"}
    assert running.paths().count("/robots.txt") == 1


def test_rules_are_asked_for_again_when_their_time_is_over(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with host(site(Answer(RULES))) as running:
        wanted = spec(tmp_path, running.site(), [source(running.site(), "/feed")])
        save(wanted, running, "", now - timedelta(days=2), now - timedelta(days=1))
        done = crawl(wanted)
        cached = known(wanted, running)
    assert done.outcomes(running.site())["/closed/b"] == "robots"
    assert cached.rules is not None
    assert "/closed/" in cached.rules
    assert cached.fresh_until_at is not None
    assert cached.fresh_until_at > now + timedelta(hours=23)


def test_a_failing_server_is_left_alone_though_its_rules_were_known(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with host(site(Answer(status=500))) as running:
        wanted = spec(tmp_path, running.site(), [source(running.site(), "/feed")])
        save(wanted, running, "", now - timedelta(days=2), now - timedelta(days=1))
        done = crawl(wanted)
        assert known(wanted, running).failing_since_at is not None
        crawl(wanted)
    assert done.report["failed_sources"] == ["feed"]
    assert set(running.paths()) == {"/robots.txt"}


def test_after_half_a_day_of_failures_the_last_rules_hold_again(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    lines = "User-agent: *\nDisallow: /closed/"
    since = now - timedelta(hours=13)
    with host(site(Answer(status=500))) as running:
        wanted = spec(tmp_path, running.site(), [source(running.site(), "/feed")])
        save(wanted, running, lines, since, since + timedelta(hours=1), since)
        done = crawl(wanted)
    assert done.outcomes(running.site()) == {"/open/a": "stored", "/closed/b": "robots"}


def origin(of: Host) -> str:
    return f"http://{of.name}"


def save(wanted: CrawlSpec, of: Host, lines: str, *times: datetime) -> None:
    with session(wanted.database_url) as s:
        save_robots(s, CachedRobots(origin(of), lines, *times))


def known(wanted: CrawlSpec, of: Host) -> CachedRobots:
    with session(wanted.database_url) as s:
        return cached_robots(s, origin(of))


def forget_documents(wanted: CrawlSpec) -> None:
    """Empties the frontier and forgets the feed, so that everything is fetched again."""
    with session(wanted.database_url) as s:
        s.execute(delete(Frontier))
        s.execute(delete(ValidatorRows))
