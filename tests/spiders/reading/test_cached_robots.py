"""What one run learned from a robots.txt, the next one knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete

from spiders.spec import CrawlSpec
from storage.sources.manners import cached_robots, save_robots
from storage.sources.tables import CachedRobots, Frontier, ValidatorRows
from tests.spiders.crawls import crawl, source, spec
from tests.spiders.hosts import Answer, Answers, Host, Request, feed_of, host, page_of
from tests.storage.opened import session

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
