from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.fetch.failures import Failure
from spiders.kinds.offer import Offer
from spiders.kinds.table import read_source
from spiders.reading.polls import (
    MAX_DEPTH,
    MAX_LOOKS,
    AnswerValidators,
    SourceReading,
    record,
    validators_key,
)
from spiders.tallies import of_look
from storage.database.session import open_database
from storage.records import Candidate, Fetched, Source, SourceKind
from storage.sources.frontier import offer
from storage.sources.ledger import LEFT
from storage.sources.states import source_state
from tests.spiders.answers import NOW, source

SEEN = AnswerValidators("key", '"1"', None)
FAILED = Failure("http_500", "a.org answers 500", transient=True)


def reading(kind: SourceKind = SourceKind.FEED, **values: object) -> SourceReading:
    return SourceReading(source(kind, **values))


def test_validators_of_an_index_are_not_kept_for_its_parts_change_without_it() -> None:
    found = reading(SourceKind.SITEMAP)
    assert found.take(Offer(more=("https://a.org/1.xml",)), SEEN, 0) == ["https://a.org/1.xml"]
    assert found.validators == []
    found.take(Offer((Candidate("https://a.org/1"),)), SEEN, 1)
    assert found.validators == [SEEN]


def test_an_answer_that_could_not_be_read_is_asked_for_in_full_again() -> None:
    found = reading()
    found.take(Offer(problem="html: a web page"), SEEN, 0)
    assert found.validators == []
    assert found.failed


def test_indexes_of_indexes_end() -> None:
    assert reading(SourceKind.SITEMAP).take(Offer(more=("https://a.org/x",)), SEEN, MAX_DEPTH) == []
    many = tuple(f"https://a.org/{n}" for n in range(100))
    found = reading(SourceKind.SITEMAP)
    assert len(found.with_room(found.take(Offer(more=many), SEEN, 0))) == MAX_LOOKS


def test_documents_under_endless_addresses_are_bounded_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spiders.reading.polls.MOST_CANDIDATES", 5)
    found = reading(SourceKind.SITEMAP)
    for part in range(3):
        many = tuple(Candidate(f"https://a.org/1?rnd={part}{n}") for n in range(3))
        found.take(Offer(many), SEEN, 1, unseen=())  # their key is known
    assert (len(found.candidates), found.overflow, found.full) == (5, 4, True)
    assert found.line is not None
    assert found.line.startswith("cut: 4 documents beyond the first 5 of one look left out")
    assert of_look(found, 5, 0, NOW).names[LEFT, "beyond_max_items"] == 4


def test_one_part_that_fails_is_told_but_fails_no_source_that_gave_documents() -> None:
    found = reading(SourceKind.SITEMAP)
    found.take(Offer((Candidate("https://a.org/1"),)), SEEN, 1)
    found.failure = FAILED
    assert not found.failed
    assert found.line == "http_500: a.org answers 500"


def test_a_changed_pattern_sees_the_whole_listing_again() -> None:
    before = Source("s", SourceKind.LISTING, "https://a.org/", link_pattern="/a/")
    after = Source("s", SourceKind.LISTING, "https://a.org/", link_pattern="/b/")
    assert validators_key(before, before.url) != validators_key(after, after.url)


def test_how_long_a_server_asked_us_to_wait_is_kept(tmp_path: Path) -> None:
    found = reading()
    found.failure = Failure("paused", "later", transient=True, until_at=NOW + timedelta(hours=5))
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.begin() as s:
        assert record(s, found, NOW) == (0, 0)
        state = source_state(s, found.source.id)
    database.close()
    assert (state.last_poll_at, state.not_before_at, state.due_at) == (
        NOW,
        NOW + timedelta(hours=5),
        None,
    )
    assert (state.failures, state.last_error) == (1, "paused: later")


def test_a_feed_with_more_than_is_taken_says_so() -> None:
    items = "".join(
        f"<item><link>https://a.org/{n}</link><title>n</title></item>" for n in range(7)
    )
    body = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    one = source(SourceKind.FEED, max_items=5)
    found = SourceReading(one)
    answer = Fetched(one.url, one.url, "application/rss+xml", body, NOW)
    found.take(read_source(answer, one), AnswerValidators("k", None, None), 0)
    assert (len(found.candidates), found.failed) == (5, False)
    assert (
        found.line == "cut: 2 documents beyond the first 5 left out; raise max_items to take them"
    )


def test_a_source_teaches_nothing_of_a_site_that_is_not_its_own(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    victim = [Candidate(f"https://b.org/article.php?id=10000{n}", f"Story {n}") for n in range(9)]
    for look in ("a71c44", "b90d11"):
        found = reading()
        false = (Candidate(f"https://b.org/{n}?id={look}", f"Headline {n}") for n in range(9))
        found.take(Offer(tuple(false)), SEEN, 0)
        with database.begin() as s:
            record(s, found, NOW)
    with database.begin() as s:
        assert offer(s, "b", victim, NOW) == 9
    database.close()


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("https://www.a.org/1", True),
        ("https://feeds.a.org:8080/1", True),
        ("https://b.org/a.org", False),
    ],
)
def test_what_is_of_the_site_of_a_source(url: str, is_own: bool) -> None:
    found = reading()
    found.candidates = [Candidate(url)]
    assert bool(found.of_its_site()) is is_own
