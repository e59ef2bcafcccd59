from __future__ import annotations

from datetime import timedelta

from spiders.reading.records import (
    LONGEST,
    SHORTEST,
    UNPROVEN,
    patience,
    same_validators,
    wants_full_look,
)
from storage.sources.manners import Validators
from storage.sources.states import Poll
from tests.spiders.answers import NOW

HOUR = timedelta(hours=1)


def polls(*hours: float) -> list[Poll]:
    """Hourly polls for four days, with news at these hours."""
    return [Poll(NOW + hour * HOUR, True, 10, int(hour in hours), None) for hour in range(96)]


def test_a_source_may_be_unchanged_for_as_long_as_it_was_before() -> None:
    assert patience(polls(0, 5, 12, 15)) == 7 * HOUR
    assert patience(reversed(polls(0, 5, 12, 15))) == 7 * HOUR


def test_no_source_may_be_unchanged_for_more_than_a_day_or_must_be_looked_at_every_minute() -> None:
    assert patience(polls(0, 90)) == LONGEST
    assert patience([Poll(NOW + n * HOUR / 60, True, 10, 1, None) for n in range(9)]) == SHORTEST


def test_a_source_that_was_never_seen_to_change_has_to_prove_it_soon() -> None:
    assert patience(polls(0)) == patience([]) == UNPROVEN


def test_validators_that_lied_are_not_sent_for_a_week() -> None:
    known = Validators('"1"', saved_at=NOW, distrusted_at=NOW)
    assert wants_full_look(known, NOW + timedelta(days=6), timedelta(days=30))
    assert not wants_full_look(known, NOW + timedelta(days=8), timedelta(days=30))


def test_the_etag_decides_where_there_is_one() -> None:
    assert same_validators(Validators('"1"', "Monday"), '"1"', "Tuesday")
    assert not same_validators(Validators('"1"', "Monday"), '"2"', "Monday")
    assert same_validators(Validators(None, "Monday"), None, "Monday")
    assert not same_validators(Validators(), None, None)
