"""The hosts of a crawl beside other crawls, with leases in a real database."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from spiders import leases as leasing
from spiders.leases import LEASE_S, HostLeases, leased
from storage.database.session import Database
from storage.records import Candidate
from storage.source import Source, SourceKind
from storage.sources.frontier import offer
from storage.sources.states import start_run
from storage.workers.queue import claim, leave
from tests.conftest import ON_POSTGRESQL
from tests.spiders.crawls import crawl, spec
from tests.spiders.made_site import made_site
from tests.spiders.servers import Site
from tests.storage.leased import claim as claim_rows

pytestmark = ON_POSTGRESQL

ONE = "one.example:443"


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that last for half a second."""
    for name, seconds in (("LEASE_S", 0.6), ("SEND_S", 0.3), ("RENEW_S", 0.1), ("PATIENCE_S", 3.0)):
        monkeypatch.setattr(leasing, name, seconds)


def test_a_crawl_waits_for_a_host_until_another_leaves_it(database: Database, brief: None) -> None:
    first, second = (
        HostLeases(database, 1, "first", lambda _: 0.2),
        HostLeases(database, 2, "second", lambda _: 0.2),
    )
    assert first.begin({ONE}) == {ONE}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(second.begin, {ONE})
        time.sleep(0.8)  # longer than a lease, which is renewed
        assert first.holds(ONE)
        assert not waiting.done()
        first.close()
        left_s = time.monotonic()
        assert waiting.result() == {ONE}
        assert time.monotonic() - left_s >= 0.2  # its delay
    second.close()


def test_what_another_holds_for_long_is_asked_for_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "PATIENCE_S", 0.0)
    with database.beside() as s:
        claim(s, {ONE: 0.0}, 1, "first", 60)
    until_at = asyncio.run(HostLeases(database, 2, "second", lambda _: 0.0).hold(ONE))
    assert until_at is not None
    assert timedelta(seconds=50) < until_at - datetime.now(UTC) <= timedelta(seconds=60)


def test_a_host_of_a_run_that_dies_at_once_rests_for_the_delay_of_its_sources(
    database: Database,
) -> None:
    sources = [
        Source(name, SourceKind.FEED, f"https://one.example/{name}", delay_s=delay_s)
        for name, delay_s in (("slow", 100.0), ("quick", 2.0), ("other", None))
    ]
    at = {"database_url": database.url, "worker": "killed", "run_id": 1}
    wanted = spec(Path(), Site(1), sources).model_copy(update=at)
    with leased(database, wanted), database.beside() as s:
        busy_s = claim(s, {ONE: 0.0}, 2, "second", 60)[1][ONE]
    assert LEASE_S + 100 < busy_s <= LEASE_S + 100.25


def test_a_lease_that_was_lost_is_no_reason_to_ask(database: Database, brief: None) -> None:
    leases = HostLeases(database, 1, "first", lambda _: 0.0)
    leases.begin({ONE})
    with database.beside() as s:
        leave(s, {ONE: 0.0}, 1)  # as if it had run out
        claim(s, {ONE: 0.0}, 2, "second", 60)
    time.sleep(0.3)
    assert not leases.holds(ONE)
    leases.close()
    with database.beside() as s:
        assert claim(s, {ONE: 0.0}, 2, "second", 60)[0] == {ONE}


def test_a_crawl_that_cannot_renew_stops_asking(database: Database, brief: None) -> None:
    leases = HostLeases(database, 1, "first", lambda _: 0.0)
    leases.begin({ONE})
    assert leases.holds(ONE)
    leases._done.set()
    time.sleep(0.35)
    assert not leases.holds(ONE)


def test_a_host_that_is_being_left_is_not_taken_for_held(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = HostLeases(database, 1, "first", lambda _: 0.0)
    leases._claim({ONE})
    monkeypatch.setattr(leasing, "IDLE_S", -1.0)
    with ThreadPoolExecutor(1) as pool:

        def leave_late(*given: Any) -> None:
            again.append(pool.submit(leases._claim, {ONE}))  # a link leads there once more
            time.sleep(0.2)
            leave(*given)

        again: list[Future[Any]] = []
        monkeypatch.setattr(leasing, "leave", leave_late)
        leases._leave_idle()
        assert again[0].result() == {}
    assert leases.holds(ONE)
    with database.beside() as s:
        assert claim(s, {ONE: 0.0}, 2, "second", 60)[0] == frozenset()


def test_a_worker_goes_on_with_what_a_dead_one_had_claimed(database: Database) -> None:
    with made_site() as site:
        link = f"<item><title>One</title><link>{site.url('/news/1')}</link></item>"
        site.put("/feed", f"<rss version='2.0'><channel>{link}</channel></rss>", "text/xml")
        source = Source("news", SourceKind.FEED, site.url("/feed"))
        now = datetime.now(UTC)
        with database.begin() as s:
            run_id = start_run(s, now)
            offer(s, "news", [Candidate(site.url("/news/2"))], now)
            offer(s, "elsewhere", [Candidate("http://elsewhere.example/1")], now)
            assert len(claim_rows(s, 10, now, 900)) == 2
        with database.beside() as s:
            claim(s, {site.host: 0.0}, 99, "dead", 1.0)
        ours = {"database_url": database.url, "worker": "ours", "run_id": run_id}
        at = Site(int(site.host.partition(":")[2]))
        wanted = spec(Path(), at, [source]).model_copy(update=ours)
        done = crawl(wanted)
        assert done.code == 0, done.stderr
        assert sorted(done.outcomes(at)) == ["/news/1", "/news/2"]
    with database.begin() as s:
        later = datetime.now(UTC) + timedelta(minutes=5)
        assert claim_rows(s, 10, later, 900) == []  # what is elsewhere is still another's
        assert claim(s, {site.host: 0.0}, 100, "next", 60)[0] == {site.host}
