"""Passwords that are hashed in a moment, for tests: hundreds of them begin with users who log in.

What a hash costs is part of it, so that a password is also compared in a moment. The tests of
passwords have the real hasher.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher

from scheduler.access import passwords

real_hasher, real_nobody = passwords._hasher, passwords.NOBODY


@cache
def quick_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def hash_quickly() -> None:
    """Have this process, and those that are forked from it, hash passwords without much work."""
    passwords._hasher = quick_hasher
    passwords.NOBODY = quick_hasher().hash(b"a password that nobody has")


@contextmanager
def hashed_in_earnest() -> Iterator[None]:
    """Hash passwords as the product does, inside."""
    quick = passwords._hasher, passwords.NOBODY
    passwords._hasher, passwords.NOBODY = real_hasher, real_nobody
    yield
    passwords._hasher, passwords.NOBODY = quick
