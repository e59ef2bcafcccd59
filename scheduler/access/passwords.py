"""Passwords: which are good enough, their hashes by Argon2id (RFC 9106), and the links that set
one.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # it ships no types

from scheduler.access.secret_values import new_session, stored_hash
from storage.database.session import Database
from storage.errors import ConfigurationError
from storage.users import users

# The second choice of RFC 9106, section 4: 64 MiB, three passes, four lanes. A login costs 0.1 s
# to 0.3 s, and a guess on a graphics card costs its memory.
TIME_COST, MEMORY_KIB, LANES = 3, 64 * 1024, 4
SHORTEST = 12  # characters; a login alone, without a second factor, stands behind it
LONGEST = 1024
# Of zxcvbn's scale from 0 to 4: below, some million guesses find it, however long it is.
_LEAST_SCORE = 2
_ESTIMATED = 72  # characters; the library takes no more, and these settle it
LINKS = "/password"  # below it stand the links
LINK_LASTS = timedelta(days=3)  # so that one that is handed over on a Friday works on Monday
_OUR_WORDS = ("accordwatch", "accord", "watch", "agreement", "migration")
# The hash of a password that nobody has: for an unknown name, as much is computed as for a user.
NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$2dPy24xYkw++y+Z9tnETsQ"
    "$hQPbnAbekWOy3bRh0hrvU1qH2HDxh4muKVWZM/isfkE"
)


def hash_of_password(password: str, name: str = "") -> str:
    """The hash to store of a password. Raises ConfigurationError for one that is too short or too
    long, or among the first that are guessed, as names, rows of keys and repetitions are.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigurationError(
            f"the password has {len(password)} characters; choose one of {SHORTEST} to {LONGEST}, "
            "such as four words that have nothing to do with each other"
        )
    # Its word lists are loaded where a password is chosen, and nowhere else.
    known = [word for word in (name, *re.split("[@.]", name)) if word]
    estimate = zxcvbn(password[:_ESTIMATED], user_inputs=[*known, *_OUR_WORDS])
    if int(estimate["score"]) < _LEAST_SCORE:
        raise ConfigurationError(
            "the password is among the first that are guessed; choose another one, such as four "
            "words that have nothing to do with each other"
        )
    return _hasher().hash(_bytes(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. The hash is None where there is no user, and "" where one
    who was added has chosen no password yet: nothing is right then, but the check takes as long, so
    that nobody learns from the time which users exist.
    """
    try:
        matches = _hasher().verify(password_hash or NOBODY, _bytes(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return matches and bool(password_hash) and len(password) <= LONGEST


def new_link(database: Database, name: str, now: datetime) -> str | None:
    """The path of a new link with which a user sets a password, once; None if there is no user of
    this name. Only its hash is stored, and setting a password by whatever way ends it.
    """
    secret = new_session()
    with database.begin() as s:
        account = users.user_named(s, name)
        if account is None:
            return None
        users.add_link(s, account[0].id, stored_hash(secret), now + LINK_LASTS, now)
    return f"{LINKS}/{secret}"


def set_by_link(database: Database, secret: str, password: str, now: datetime) -> str | None:
    """Set the password of the user whose link this is, and return the name; None if the link is
    none any more. Raises ConfigurationError for a password that cannot be taken.
    """
    with database.read() as s:
        asking = users.user_of_link(s, stored_hash(secret), now)
    if asking is None:
        return None
    password_hash = hash_of_password(password, asking.name)
    with database.begin() as s:
        user = users.user_of_link(s, stored_hash(secret), now)
        if user is None or not users.set_password(s, user.name, password_hash):
            return None
    return user.name


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)


def _bytes(password: str) -> bytes:
    """The same bytes for what looks the same, whichever keyboard composed it."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
