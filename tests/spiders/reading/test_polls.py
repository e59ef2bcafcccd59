from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from spiders.fetch.responses import Failure
from spiders.kinds.offer import Offer
from spiders.kinds.sitemap import MAX_DEPTH
from spiders.kinds.table import read_source
from spiders.reading.polls import of_look, record, validators_key
from spiders.reading.source_reading import (
    LONGEST,
    MAX_LOOKS,
    SHORTEST,
    UNPROVEN,
    SourceAnswer,
    SourceReading,
    patience,
    same_validators,
    wants_full_look,
)
from storage.records import Candidate, Fetched
from storage.source import Source, SourceKind
from storage.sources.manners import Validators
from storage.sources.states import source_state
from storage.sources.tables import Poll
from tests.spiders.answers import NOW, source
from tests.storage.opened import session

SEEN = Validators('"1"')
FAILED = Failure("http_500", "a.org answers 500", transient=True)


def reading(kind: SourceKind = SourceKind.FEED, **values: object) -> SourceReading:
    return SourceReading(source(kind, **values))


def offered(*urls: str, depth: int = 0, **values: Any) -> SourceAnswer:
    offer = Offer(tuple(Candidate(url) for url in urls), **values)
    return SourceAnswer("https://a.org/feed", depth, validators=SEEN, offer=offer)


def test_validators_of_an_index_are_not_kept_for_its_parts_change_without_it() -> None:
    index = reading(SourceKind.SITEMAP).after(offered(more=("https://a.org/1.xml",)))
    assert index.further() == ["https://a.org/1.xml"]
    assert index.read_whole() == []
    part = offered("https://a.org/1", depth=1)
    assert index.after(part).read_whole() == [part]


def test_an_answer_that_could_not_be_read_is_asked_for_in_full_again() -> None:
    found = reading().after(offered(problem="html: a web page"))
    assert found.read_whole() == []
    assert found.failed


def test_indexes_of_indexes_end() -> None:
    empty = reading(SourceKind.SITEMAP)
    assert empty.after(offered(more=("https://a.org/x",), depth=MAX_DEPTH)).further() == []
    found = empty.after(offered(more=tuple(f"https://a.org/{n}" for n in range(100))))
    assert len(found.with_room(found.further())) == MAX_LOOKS - 1  # one was asked for


def test_documents_under_endless_addresses_are_bounded_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spiders.reading.source_reading.MOST_CANDIDATES", 5)
    found = reading(SourceKind.SITEMAP)
    for part in range(3):
        many = offered(*(f"https://a.org/1?rnd={part}{n}" for n in range(3)), depth=1)
        found = found.after(replace(many, unseen=()))  # their key is known
    assert (len(found.candidates), found.beyond_limits, found.full) == (5, 4, True)
    assert found.line is not None
    assert found.line.startswith("cut: 4 documents beyond the first 5 of one look left out")
    assert of_look(found, 5, 0, NOW).left["beyond_max_items"] == 4


def test_one_part_that_fails_is_reported_but_fails_no_source_that_gave_documents() -> None:
    found = reading(SourceKind.SITEMAP).after(offered("https://a.org/1", depth=1))
    found = found.after(SourceAnswer("https://a.org/2.xml", 1, failure=FAILED))
    assert not found.failed
    assert found.line == "http_500: a.org answers 500"


def test_a_source_that_moves_on_is_known_at_its_newest_address_alone() -> None:
    url, second, third = (f"https://{name}.org/feed" for name in "abc")
    begun = SourceReading(Source("s", SourceKind.FEED, url), known_at=second)
    assert begun.address_of(url) == second
    same = begun.after(SourceAnswer(url, address=second, not_modified=True))
    assert (same.moved_to, same.moved_now) == (second, False)
    on = begun.after(SourceAnswer(url, address=second, moved_to=third, validators=SEEN))
    assert (on.moved_to, on.moved_now) == (third, True)
    back = begun.after(SourceAnswer(url, validators=SEEN))  # asked for where it was
    assert (back.moved_to, back.moved_now) == (None, False)


def test_a_changed_pattern_sees_the_whole_listing_again() -> None:
    before = Source("s", SourceKind.LISTING, "https://a.org/", link_pattern="/a/")
    after = Source("s", SourceKind.LISTING, "https://a.org/", link_pattern="/b/")
    assert validators_key(before, before.url) != validators_key(after, after.url)


def test_how_long_a_server_asked_us_to_wait_is_kept(tmp_path: Path) -> None:
    paused = Failure("paused", "later", transient=True, until_at=NOW + timedelta(hours=5))
    found = reading().after(SourceAnswer("https://a.org/feed", failure=paused))
    with session(f"sqlite:///{tmp_path / 'a.db'}") as s:
        assert record(s, found, NOW) == (0, 0)
        state = source_state(s, found.source.id)
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
    fetched = Fetched(one.url, one.url, "application/rss+xml", body, NOW)
    answer = SourceAnswer(one.url, validators=SEEN, offer=read_source(fetched, one))
    found = SourceReading(one).after(answer)
    assert (len(found.candidates), found.failed) == (5, False)
    assert (
        found.line == "cut: 2 documents beyond the first 5 left out; raise max_items to take them"
    )


HOUR = timedelta(hours=1)


def polls(*hours: float) -> list[Poll]:
    """Hourly polls for four days, with news at these hours."""
    return [Poll(NOW + hour * HOUR, True, 10, int(hour in hours)) for hour in range(96)]


def test_a_source_may_be_unchanged_for_as_long_as_it_was_before() -> None:
    assert patience(polls(0, 5, 12, 15)) == 7 * HOUR
    assert patience(reversed(polls(0, 5, 12, 15))) == 7 * HOUR


def test_no_source_may_be_unchanged_for_more_than_a_day_or_must_be_looked_at_every_minute() -> None:
    assert patience(polls(0, 90)) == LONGEST
    assert patience([Poll(NOW + n * HOUR / 60, True, 10, 1) for n in range(9)]) == SHORTEST


def test_a_source_that_was_never_seen_to_change_has_to_prove_it_soon() -> None:
    assert patience(polls(0)) == patience([]) == UNPROVEN


def test_validators_that_lied_are_not_sent_for_a_week() -> None:
    known = Validators('"1"', saved_at=NOW, distrusted_at=NOW)
    assert wants_full_look(known, NOW + timedelta(days=6), timedelta(days=30))
    assert not wants_full_look(known, NOW + timedelta(days=8), timedelta(days=30))


def test_the_etag_decides_where_there_is_one() -> None:
    assert same_validators(Validators('"1"', "Monday"), Validators('"1"', "Tuesday"))
    assert not same_validators(Validators('"1"', "Monday"), Validators('"2"', "Monday"))
    assert same_validators(Validators(None, "Monday"), Validators(None, "Monday"))
    assert not same_validators(Validators(), Validators())
