"""The sums of the ledger add up: nothing that was offered goes uncounted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from spiders.crawl_run import _give_up
from spiders.fetch.responses import Failure
from spiders.kinds.offer import Offer
from spiders.reading.polls import of_settled, record
from spiders.reading.source_reading import Arrival, Settled, SourceAnswer, SourceReading
from spiders.report import RunReport
from spiders.spec import CrawlSpec
from spiders.writer import DocumentStore
from storage.database.session import Database, Session, open_database
from storage.records import Candidate
from storage.source import Source, SourceKind
from storage.sources.frontier import FrontierRow, retry
from storage.sources.ledger import Tally, tallies, total
from storage.sources.manners import Validators
from storage.sources.revisits import offer_due
from storage.sources.states import start_run
from storage.sources.tables import Frontier
from tests.spiders.crawls import crawl, source, spec
from tests.spiders.servers import Site, bad_site
from tests.storage.given import NOW, judged
from tests.storage.leased import claim

HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Iterator[Site]:
    with bad_site() as running:
        yield running


def counted(database: Database) -> dict[str, Tally]:
    with database.read() as s:
        found = tallies(s, NOW.date().replace(year=2020))
    return {source_id: total(quarters.values()) for source_id, quarters in found.items()}


def unexplained(database: Database) -> dict[str, int]:
    """Documents of each source that were put on the frontier, and of which nobody knows what became."""
    with database.read() as s:
        is_open = Frontier.state.in_(("waiting", "leased"))
        rows = select(Frontier.source_id, func.count()).where(is_open)
        waiting = {row[0]: row[1] for row in s.execute(rows.group_by(Frontier.source_id))}
    return {
        source_id: tally.new
        + tally.again
        - sum(tally.outcomes.values())
        - waiting.pop(source_id, 0)
        for source_id, tally in counted(database).items()
    } | waiting


def test_what_a_crawl_with_mishaps_did_not_store_has_a_reason(site: Site, tmp_path: Path) -> None:
    paths = ("/mishaps", "/walls", "/paged", "/long-feed", "/feed", "/gone")
    pages = [source(site, "/watched", SourceKind.PAGE)]
    many = source(site, "/many", max_items=5)
    wanted = spec(tmp_path, site, [*(source(site, path) for path in paths), *pages, many])
    for _ in range(3):
        crawl(wanted)
    database = open_database(wanted.database_url)
    assert set(unexplained(database).values()) == {0}
    found = counted(database)
    database.close()
    assert found["mishaps"].outcomes == dict.fromkeys(
        ("too_large", "redirect_loop", "private_address", "http_410", "encrypted"), 1
    ) | {"robots": 1, "stored": 1}
    assert (found["gone"].polls, found["gone"].polls_failed) == (3, 3)
    assert found["paged"].outcomes == {"stored": 1, "later_page": 1}
    assert found["watched"].outcomes == {"stored": 1, "changed": 1}
    assert found["long-feed"].left == {"long_address": 1}
    assert found["many"].left == {"beyond_max_items": 35}
    assert found["many"].new == found["many"].outcomes["stored"] == 5


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_add_up_whatever_happens_to_documents(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    sources = [Source(name, SourceKind.FEED, f"https://{name}.example/feed") for name in "ab"]
    now = datetime.now(UTC)  # the clock by which documents are stored
    with database.begin() as s:
        start_run(s, now)
    for _ in range(60):
        now += random.random() * 20 * HOUR
        with database.begin() as s:
            happen(s, random, sources, now)
        assert not any(unexplained(database).values())
    told = total(counted(database).values())
    database.close()
    assert told.new > 0 < told.again
    assert told.outcomes.keys() >= {"stored", "http_404"}


def test_stored_texts_that_are_cut_are_counted() -> None:
    arrivals = [Arrival(judged(n, is_cut=n < 3), "a", from_file=True) for n in range(1, 6)]
    settled = [
        Settled(arrival, None, "duplicate" if n == 0 else "stored")
        for n, arrival in enumerate(arrivals)
    ]
    assert total(map(of_settled, settled)).cut == 1


def happen(s: Session, random: Random, sources: list[Source], now: datetime) -> None:
    """One of the things that happen in a crawl."""
    what = random.choice(
        ("look", "look", "store", "store", "fail", "later", "again", "failed look")
    )
    if what in ("look", "failed look"):
        reading = SourceReading(random.choice(sources))
        if what == "failed look":
            failure = Failure("http_500", "answers 500", transient=True)
            reading = reading.after(SourceAnswer(reading.source.url, failure=failure))
        else:
            found = tuple(Candidate(f"https://x.example/{random.randrange(300)}") for _ in range(9))
            answer = SourceAnswer(reading.source.url, validators=Validators(), offer=Offer(found))
            reading = reading.after(answer)
        record(s, reading, now)
    elif what == "again":
        offer_due(s, [source.id for source in sources], now)
    else:
        settle(s, random, claim(s, random.randrange(1, 9), now, 60), what, now)


def settle(s: Session, random: Random, rows: list[FrontierRow], what: str, now: datetime) -> None:
    if what == "store":
        documents = [
            judged(
                random.randrange(60),
                relevant=False,
                near_miss=True,
                external_id=None,
                url=row.url,
            )
            for row in rows
        ]
        arrivals = [
            Arrival(document, row.source_id, row)
            for document, row in zip(documents, rows, strict=True)
        ]
        spec = CrawlSpec(database_url="sqlite://", sources=())
        DocumentStore(spec, 1, RunReport(())).store(s, arrivals)
    for row in rows if what != "store" else ():
        if what == "fail":
            _give_up(s, row, Failure("http_404", "answers 404", transient=False), now)
        else:
            retry(s, row.id, now + HOUR, "http_503")
