"""What waits when the clock is set."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.database.session import Database
from storage.maintenance.retention import move_waits
from storage.notifications import deliveries, digests, incidents
from storage.notifications.incidents import Incident
from storage.notifications.outbox import queue_notice
from storage.records import Candidate, NewsKind
from storage.sources.frontier import done, next_due_at, offer, retry
from storage.subscription import Subscription
from tests.storage.given import NOW
from tests.storage.leased import claim, in_flight

DAY, MINUTES = timedelta(days=1), timedelta(minutes=10)
WATCHER = Subscription(
    id="ops", channels=("file",), news=(NewsKind.SOURCE_HEALTH,), rate="immediately"
)


@pytest.mark.parametrize("by", [DAY, -DAY])
def test_documents_and_deliveries_wait_as_long_as_before(database: Database, by: timedelta) -> None:
    with database.begin() as s:
        offer(s, "a", [Candidate("https://a.example/1"), Candidate("https://a.example/2")], NOW)
        (one, _two) = claim(s, 2, NOW, lease_s=60)
        retry(s, one.id, NOW + MINUTES, "timeout")
        queue_notice(s, [WATCHER], NewsKind.SOURCE_HEALTH, "a disk is full", NOW)
        claimed = digests.claim_digest(s, WATCHER, NOW, None)
        assert claimed is not None
        deliveries.failed(s, claimed.deliveries[0].id, NOW, "no answer", NOW + MINUTES)
    with database.begin() as s:
        assert move_waits(s, NOW, by) == 3
    with database.read() as s:
        assert next_due_at(s) == NOW + by + timedelta(seconds=60)
        assert deliveries.next_try_at(s) == NOW + by + MINUTES
        assert in_flight(s) == 1


def test_a_trouble_has_lasted_as_long_as_before(database: Database) -> None:
    with database.begin() as s:
        unheard = Incident("disk", "full", NOW - MINUTES, NOW - MINUTES)
        incidents.keep(s, [unheard, Incident("runs", "none", NOW - MINUTES, NOW, notified_at=NOW)])
        move_waits(s, NOW, DAY)
        disk, runs = incidents.incidents(s)["disk"], incidents.incidents(s)["runs"]
    assert (disk.began_at, disk.seen_at, disk.notified_at) == (
        NOW + DAY - MINUTES,
        NOW + DAY - MINUTES,
        None,
    )
    assert (runs.began_at, runs.seen_at, runs.notified_at) == (
        NOW + DAY - MINUTES,
        NOW + DAY,
        NOW + DAY,
    )


def test_what_is_due_or_done_is_left_alone(database: Database) -> None:
    with database.begin() as s:
        offer(s, "a", [Candidate("https://a.example/1"), Candidate("https://a.example/2")], NOW)
        (one,) = claim(s, 1, NOW, lease_s=600)
        done(s, one.id, "stored")
        assert move_waits(s, NOW, DAY) == 0
        assert next_due_at(s) == NOW
