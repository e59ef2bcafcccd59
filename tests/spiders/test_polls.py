from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.fetch.failures import Failure
from spiders.offer import Offer
from spiders.polls import MAX_DEPTH, MAX_LOOKS, Poll, Seen, next_due, validators_key
from storage.records import Candidate, Source, SourceKind
from storage.sources import SourceState
from tests.spiders.answers import NOW, source

SEEN = Seen("key", '"1"', None)
FAILED = Failure("http_500", "a.org answers 500", transient=True)


def poll(kind: SourceKind = SourceKind.FEED, **values: object) -> Poll:
    return Poll(source(kind, **values))


def wait_h(found: Poll, failures: int = 0) -> float:
    return (next_due(found.source, SourceState("s", failures=failures), found, NOW) - NOW) / timedelta(hours=1)


def test_a_source_is_due_one_interval_later() -> None:
    assert wait_h(poll(every="2h")) == 2


@pytest.mark.parametrize(("failures", "hours"), [(0, 1), (1, 2), (3, 8), (9, 24), (500, 24)])
def test_each_failure_doubles_the_wait_up_to_a_day(failures: int, hours: int) -> None:
    found = poll()
    found.failure = FAILED
    assert wait_h(found, failures) == hours


def test_a_weekly_source_is_not_asked_daily_because_it_fails() -> None:
    found = poll(every="7d")
    found.failure = FAILED
    assert wait_h(found, 3) == 7 * 24


def test_a_server_that_asks_for_more_time_gets_it() -> None:
    found = poll()
    found.failure = Failure("paused", "later", transient=True, until_at=NOW + timedelta(hours=5))
    assert wait_h(found) == 5


def test_validators_of_an_index_are_not_kept_for_its_parts_change_without_it() -> None:
    found = poll(SourceKind.SITEMAP)
    assert found.take(Offer(more=("https://a.org/1.xml",)), SEEN, 0) == ["https://a.org/1.xml"]
    assert found.seen == []
    found.take(Offer((Candidate("https://a.org/1"),)), SEEN, 1)
    assert found.seen == [SEEN]


def test_an_answer_that_could_not_be_read_is_asked_for_in_full_again() -> None:
    found = poll()
    found.take(Offer(problem="html: a web page"), SEEN, 0)
    assert found.seen == []
    assert found.failed


def test_indexes_of_indexes_end() -> None:
    assert poll(SourceKind.SITEMAP).take(Offer(more=("https://a.org/x",)), SEEN, MAX_DEPTH) == []
    many = tuple(f"https://a.org/{n}" for n in range(100))
    assert len(poll(SourceKind.SITEMAP).take(Offer(more=many), SEEN, 0)) == MAX_LOOKS


def test_one_part_that_fails_is_told_but_fails_no_source_that_gave_documents() -> None:
    found = poll(SourceKind.SITEMAP)
    found.take(Offer((Candidate("https://a.org/1"),)), SEEN, 1)
    found.failure = FAILED
    assert not found.failed
    assert found.line == "http_500: a.org answers 500"


def test_a_changed_pattern_sees_the_whole_listing_again() -> None:
    before = Source("s", SourceKind.LISTING, "https://a.org/", link_pattern="/a/")
    after = Source("s", SourceKind.LISTING, "https://a.org/", link_pattern="/b/")
    assert validators_key(before, before.url) != validators_key(after, after.url)
