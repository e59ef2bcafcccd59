"""What a source costs that has not changed, and servers that call it unchanged though it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from spiders.spec import CrawlSpec
from storage.database.session import Session
from storage.sources.states import source_state
from storage.sources.tables import Frontier, SourceState, ValidatorRows
from tests.spiders.crawls import Done, crawl, source, spec
from tests.spiders.hosts import NOTHING, Answer, Host, Request, feed_of, host, page_of, to
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
    kept = select(ValidatorRows.url_hash, ValidatorRows.saved_at, ValidatorRows.distrusted_at)
    for url_hash, saved_at, distrusted_at in s.execute(kept).all():
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
