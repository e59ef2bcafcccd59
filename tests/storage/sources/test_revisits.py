"""Reports are looked at again, ever less often, and those that are gone are told apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from storage.database.session import Database, Session
from storage.records import Candidate
from storage.sources.frontier import done, offer
from storage.sources.revisits import (
    WAITS,
    note_gone,
    note_seen,
    offer_due,
    plan_revisits,
    withdrawn_at,
)
from storage.sources.tables import Revisits
from tests.storage.filing import put
from tests.storage.given import NOW, judged
from tests.storage.leased import claim

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def stored(database: Database) -> Database:
    with database.begin() as s:
        put(s, [judged(1)], max_age_days=30)
        plan_revisits(s, [(1, "fleuve")], NOW)
    return database


def due_at(s: Session) -> datetime | None:
    return s.scalar(select(Revisits.due_at))


def test_each_look_is_later_after_the_one_before_until_it_was_enough(stored: Database) -> None:
    at, waits = NOW, []
    with stored.begin() as s:
        while (next_at := due_at(s)) is not None:
            waits.append(next_at - at)
            at = next_at
            note_seen(s, 1, at, changed=False)
    assert tuple(waits) == WAITS
    assert all(one < other for one, other in pairwise(waits))


def test_a_text_that_changed_is_looked_at_from_the_beginning(stored: Database) -> None:
    with stored.begin() as s:
        note_seen(s, 1, NOW, changed=False)
        note_seen(s, 1, NOW + DAY, changed=True)
        assert due_at(s) == NOW + DAY + WAITS[0]
        assert not note_seen(s, 2, NOW, changed=False)  # nobody planned it


def test_what_is_due_is_put_on_the_frontier_of_its_source(stored: Database) -> None:
    later = NOW + 6 * HOUR
    with stored.begin() as s:
        assert offer_due(s, ["fleuve"], later - HOUR) == 0
        assert offer_due(s, ["other"], later) == 0
        assert offer_due(s, ["fleuve"], later) == 1
        (row,) = claim(s, 9, later, 60)
        assert (row.url, row.candidate.title) == (judged(1).document.url, judged(1).document.title)
        done(s, row.id, "unchanged", 1)
        assert offer_due(s, ["fleuve"], later) == 0  # not again while it is under way
        assert offer_due(s, ["fleuve"], later + DAY) == 1
        assert len(claim(s, 9, later + DAY, 60)) == 1


def test_a_report_whose_address_belongs_to_a_removed_source_is_looked_at_by_its_own(
    stored: Database,
) -> None:
    later = NOW + 6 * HOUR
    with stored.begin() as s:
        url = judged(1).document.url
        assert url is not None
        offer(s, "removed", [Candidate(url)], NOW)
        assert offer_due(s, ["fleuve"], later) == 1
        assert [row.source_id for row in claim(s, 9, later, 60, ["fleuve"])] == ["fleuve"]


def test_reports_of_sources_that_nobody_looks_at_are_looked_at_no_more(stored: Database) -> None:
    with stored.begin() as s:
        assert offer_due(s, ["other"], NOW + WAITS[-1]) == 0
        assert due_at(s) is not None
        offer_due(s, ["other"], NOW + WAITS[0] + WAITS[-1] + HOUR)
        assert due_at(s) is None


def test_a_page_is_withdrawn_when_it_was_gone_for_days(stored: Database) -> None:
    with stored.begin() as s:
        assert [note_gone(s, 1, NOW + hours * HOUR) for hours in (0, 1, 2, 3)] == [False] * 4
        assert withdrawn_at(s, 1) is None
        assert note_gone(s, 1, NOW + 2 * DAY)
        assert withdrawn_at(s, 1) == NOW + 2 * DAY
        assert not note_gone(s, 1, NOW + 3 * DAY)  # said once
        note_seen(s, 1, NOW + 4 * DAY, changed=False)
        assert withdrawn_at(s, 1) is None
        assert not note_gone(s, 2, NOW)
