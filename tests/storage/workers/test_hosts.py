"""Leases of hosts: never two runs at one host, and nothing to be known of a run that died."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from storage.database.session import Database
from storage.sources.manners import pause
from storage.workers.queue import claim, leave, renew
from tests.conftest import ON_POSTGRESQL

pytestmark = ON_POSTGRESQL

ONE, TWO = "one.example:443", "two.example:443"
LEASE_S = 0.3


def asked(
    database: Database, run_id: int, *hosts: str, lease_s: float = 60
) -> tuple[frozenset[str], dict[str, float], dict[str, datetime]]:
    with database.beside() as s:
        return claim(s, dict.fromkeys(hosts, 0.0), run_id, f"worker {run_id}", lease_s)


def test_a_host_is_held_by_one_run(database: Database) -> None:
    assert asked(database, 1, ONE, TWO)[0] == {ONE, TWO}
    ours, busy_s, _ = asked(database, 2, ONE, "three.example:443")
    assert ours == {"three.example:443"}
    assert 59 < busy_s[ONE] <= 60
    assert asked(database, 1, ONE)[0] == {ONE}  # it may ask again for what is its own


def test_a_row_that_is_being_claimed_is_not_waited_for(database: Database) -> None:
    asked(database, 1, ONE, TWO, lease_s=0)
    with database.beside() as s:
        assert claim(s, {ONE: 0.0}, 2, "worker 2", 60)[0] == {ONE}
        assert asked(database, 3, ONE, TWO)[0] == {TWO}


def test_a_host_that_was_left_is_free_after_its_delay(database: Database) -> None:
    asked(database, 1, ONE)
    with database.beside() as s:
        leave(s, {ONE: LEASE_S}, 1)
    assert asked(database, 2, ONE)[0] == frozenset()
    time.sleep(LEASE_S)
    assert asked(database, 2, ONE)[0] == {ONE}


def test_a_host_at_which_a_run_died_is_free_after_its_lease_and_its_delay(
    database: Database,
) -> None:
    asked(database, 1, ONE, lease_s=0)
    with database.beside() as s:
        assert renew(s, {ONE: LEASE_S}, 1, LEASE_S) == {ONE}
    time.sleep(LEASE_S)
    assert asked(database, 2, ONE)[0] == frozenset()
    time.sleep(LEASE_S)
    assert asked(database, 2, ONE)[0] == {ONE}
    with database.beside() as s:
        assert renew(s, {ONE: 0.0}, 1, 60) == set()  # it comes back, and finds it lost
        leave(s, {ONE: 0.0}, 1)
    assert asked(database, 3, ONE)[0] == frozenset()


def test_who_takes_a_host_hears_what_it_asked_of_another(database: Database) -> None:
    until_at = datetime.now(UTC) + timedelta(minutes=5)
    with database.begin() as s:
        pause(s, ONE, until_at)
    assert asked(database, 1, ONE, TWO)[2] == {ONE: until_at}


def test_a_lease_is_renewed_while_others_write(database: Database) -> None:
    with database.begin():  # holds the lock of writers
        assert asked(database, 1, ONE)[0] == {ONE}
