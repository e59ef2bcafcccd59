"""Passwords: which are good enough, and their hashes by Argon2id (RFC 9106)."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from storage.errors import ConfigurationError

# The second choice of RFC 9106, section 4: 64 MiB, three passes, four lanes. A login costs 0.1 s
# to 0.3 s, and a guess on a graphics card costs its memory.
TIME_COST, MEMORY_KIB, LANES = 3, 64 * 1024, 4
SHORTEST = 12  # characters; a login alone, without a second factor, stands behind it
LONGEST = 1024
# The hash of a password that nobody has: for an unknown name, as much is computed as for a user.
NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$2dPy24xYkw++y+Z9tnETsQ"
    "$hQPbnAbekWOy3bRh0hrvU1qH2HDxh4muKVWZM/isfkE"
)


def hash_of_password(password: str) -> str:
    """The hash to keep. Raises ConfigurationError for a password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigurationError(
            f"the password has {len(password)} characters; choose one of {SHORTEST} to {LONGEST}, "
            "such as four words that have nothing to do with each other"
        )
    return _hasher().hash(_bytes(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. The hash is None where there is no user, and "" where one who
    was invited has chosen no password yet: nothing is right then, but the check takes as long, so
    that nobody learns from the time which users exist.
    """
    try:
        matches = _hasher().verify(password_hash or NOBODY, _bytes(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return matches and bool(password_hash) and len(password) <= LONGEST


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)


def _bytes(password: str) -> bytes:
    """The same bytes for what looks the same, whichever keyboard composed it."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
