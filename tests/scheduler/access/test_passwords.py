"""Passwords and their hashes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import extract_parameters

from scheduler.access import passwords
from scheduler.access.passwords import hash_of_password, is_right
from storage.errors import ConfigurationError
from tests.warm.passwords import hashed_in_earnest

PASSWORD = "quatre mots é"


@pytest.fixture(autouse=True)
def in_earnest() -> Iterator[None]:
    with hashed_in_earnest():
        yield


def test_a_password_fits_its_own_hash_alone() -> None:
    password_hash = hash_of_password(PASSWORD)
    assert is_right(password_hash, PASSWORD)
    assert not is_right(password_hash, PASSWORD + " ")
    assert not is_right("no hash", PASSWORD)
    assert hash_of_password(PASSWORD) != password_hash  # each has a salt of its own


def test_an_accent_is_the_same_whichever_way_it_was_typed() -> None:
    assert is_right(hash_of_password(PASSWORD), "quatre mots e\u0301")


def test_an_unknown_name_costs_what_a_known_one_costs() -> None:
    assert not is_right(None, PASSWORD)
    assert extract_parameters(passwords.NOBODY) == extract_parameters(hash_of_password(PASSWORD))


def test_half_a_character_is_a_password_like_any_other() -> None:
    password_hash = hash_of_password(f"{PASSWORD} \ud800")
    assert is_right(password_hash, f"{PASSWORD} \ud800")
    assert not is_right(password_hash, f"{PASSWORD} \ud801")


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "qwertyuiop12",
        "passwordpassword",
        "accordwatch1",
        "Accordwatch2026",
        "aminaaminaamina",
        "amina@benali.example",
        "x" * 1000,
    ],
)
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    with pytest.raises(ConfigurationError, match="among the first that are guessed"):
        hash_of_password(password, "amina@benali.example")


@pytest.mark.parametrize("password", ["four unrelated words", "کتاب رود ابر سنگ", PASSWORD * 70])
def test_words_of_any_alphabet_and_length_are_one(password: str) -> None:
    assert is_right(hash_of_password(password, "amina@benali.example"), password)


@pytest.mark.parametrize("password_hash", [None, ""])
def test_nothing_is_right_where_there_is_no_password(
    monkeypatch: pytest.MonkeyPatch, password_hash: str | None
) -> None:
    """Not even that of the hash which stands in for one, should anybody find it."""
    monkeypatch.setattr(passwords, "NOBODY", hash_of_password(PASSWORD))
    assert not is_right(password_hash, PASSWORD)
