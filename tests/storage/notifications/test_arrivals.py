"""Since when subscriptions want what they want, and which reports were fresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.database.session import Database
from storage.filter import Filter
from storage.notifications.outbox import (
    begin,
    fresh_arrivals,
    running,
)
from storage.records import NewsKind, Status
from storage.subscription import Subscription
from tests.storage.filing import put
from tests.storage.given import NOW, judged

OFFICE = Subscription("office", channels=("file",))
LATER = NOW + timedelta(days=3)


def test_a_subscription_begins_when_it_is_first_seen(database: Database) -> None:
    with database.begin() as s:
        assert running(s, [OFFICE]) == {}
        begin(s, [OFFICE], NOW)
        assert begin(s, [OFFICE], LATER) == running(s, [OFFICE]) == {"office": NOW}


@pytest.mark.parametrize(
    "changed",
    [
        replace(OFFICE, filter=Filter(parties=("MA",))),
        replace(OFFICE, filter=Filter(statuses=(Status.SIGNED,))),
        replace(OFFICE, news=(NewsKind.NEW_STEP,)),
    ],
)
def test_one_that_wants_something_else_begins_anew_but_was_seen_before(
    database: Database, changed: Subscription
) -> None:
    with database.begin() as s:
        begin(s, [OFFICE], NOW)
        assert running(s, [changed]) == {}
        assert begin(s, [changed], LATER) == running(s, [changed]) == {"office": LATER}


def test_its_name_rate_and_channels_are_not_what_it_wants(database: Database) -> None:
    with database.begin() as s:
        begin(s, [OFFICE], NOW)
        renamed = replace(
            OFFICE, name="The office", rate="hourly", channels=("mail",), language="fr", max_items=9
        )
        assert running(s, [renamed]) == {"office": NOW}


class LaterFilter(Filter):
    """The filter as a later version may have it."""

    later: tuple[str, ...] = ()


def test_a_field_that_filters_get_later_begins_no_subscription_anew(database: Database) -> None:
    office = replace(OFFICE, filter=Filter(parties=("MA",), since=NOW.date()))
    values = dict(office.filter)
    upgraded = replace(office, filter=LaterFilter(**values))
    with database.begin() as s:
        begin(s, [office], NOW)
        assert begin(s, [upgraded], LATER) == {"office": NOW}
        edited = replace(office, filter=LaterFilter(**values, later=("said",)))
        assert begin(s, [edited], LATER) == {"office": LATER}


def test_fresh_reports_are_those_of_the_last_days_when_they_came_in(database: Database) -> None:
    with database.begin() as s:
        old = judged(1, published_on=NOW.date() - timedelta(days=31))
        put(s, [old, judged(2)], max_age_days=30)
        assert fresh_arrivals(s, NOW) == [2]
        assert fresh_arrivals(s, LATER) == []
