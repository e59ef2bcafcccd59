"""Logging in on both databases: what is counted, and how long one waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from scheduler.access.accounts import (
    FREE_OF_NAME,
    LONGEST_WAIT,
    Attempt,
    Refused,
    log_in,
    wait_after,
)
from scheduler.access.passwords import hash_of_password
from scheduler.access.secret_values import stored_hash
from storage.database.session import Database
from storage.users import logins, users
from storage.users.accounts import Role
from tests.storage.given import NOW

PASSWORD = "four unrelated words"
HERE = "192.0.2.1"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_of_password(PASSWORD)


@pytest.fixture
def with_user(database: Database, password_hash: str) -> Database:
    with database.begin() as s:
        users.add_user(s, "Amina", Role.READER, password_hash, NOW)
    return database


def test_the_right_password_begins_a_session(with_user: Database) -> None:
    made = log_in(with_user, Attempt("amina", PASSWORD, HERE, NOW))
    assert isinstance(made, str)
    with with_user.read() as s:
        found = logins.session_of(s, stored_hash(made))
        assert found
        assert (found[0].name, found[0].last_login_at) == ("Amina", NOW)


def test_many_guesses_at_once_are_no_way_around_the_count(with_user: Database) -> None:
    def guess(number: int) -> bool:
        answer = log_in(with_user, Attempt("amina", f"guess {number}", HERE, NOW))
        return isinstance(answer, Refused) and answer.wait_s is None

    with ThreadPoolExecutor(8) as pool:
        tried = sum(pool.map(guess, range(16)))
    assert tried == FREE_OF_NAME


def test_old_sessions_are_forgotten_with_the_next_login(with_user: Database) -> None:
    old = log_in(with_user, Attempt("amina", PASSWORD, HERE, NOW))
    log_in(with_user, Attempt("amina", PASSWORD, HERE, NOW + timedelta(days=30)))
    with with_user.read() as s:
        assert logins.session_of(s, stored_hash(str(old))) is None


def test_an_address_of_ipv6_is_counted_by_its_network(with_user: Database) -> None:
    for number in range(20):
        log_in(with_user, Attempt(f"user{number}", "guess", f"2001:db8::{number:x}", NOW))
    answer = log_in(with_user, Attempt("amina", PASSWORD, "2001:db8::ffff", NOW))
    assert isinstance(answer, Refused)
    assert answer.wait_s is not None
    assert isinstance(log_in(with_user, Attempt("amina", PASSWORD, "2001:db8:0:1::1", NOW)), str)


def test_a_clock_that_was_set_back_shuts_nobody_out(with_user: Database) -> None:
    for _ in range(FREE_OF_NAME):
        log_in(with_user, Attempt("amina", "guess", HERE, NOW))
    assert isinstance(
        log_in(with_user, Attempt("amina", PASSWORD, HERE, NOW - timedelta(days=9))), str
    )


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (9, 16), (14, 512), (15, 900)]
)
def test_waits_grow_up_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert wait_after(failures, free=5) == timedelta(seconds=seconds)
    assert wait_after(10**6, free=5) == LONGEST_WAIT
