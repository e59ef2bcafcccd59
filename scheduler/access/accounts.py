"""Accounts: names of users, how often one may try to log in, whether the password is right, for how
long it holds, and the log of who was refused and who was let in; who may not be removed, what a
token may do, and the password that somebody changes.
"""

from __future__ import annotations

import getpass
import ipaddress
import json
import logging
import os
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.access import passwords
from scheduler.access.passwords import hash_of_password
from scheduler.access.secret_values import new_session, new_token, stored_hash
from storage.database.session import Database, Session
from storage.errors import ConfigurationError
from storage.notifications.user_subscriptions import end_all_of, set_language
from storage.users import logins, users
from storage.users.accounts import Role, TokenScope, User

IDLE = timedelta(hours=12)  # a working day without a request
LONGEST = timedelta(days=14)  # then the password is asked for again, come what may
# Attempts that cost no wait: a person mistypes, and an office may share one address.
FREE_OF_NAME, FREE_OF_ADDRESS = 5, 20
LONGEST_WAIT = timedelta(minutes=15)  # so that nobody is shut out for long by a stranger's guesses
_ATTEMPTS_COUNT_FOR = timedelta(days=1)
NAME = "access.log"
# Strangers must not be able to fill the disk; one more file remains, `access.log.1`.
_MOST_BYTES = 10 * 1024 * 1024
_LONGEST_NAME = 100
_log = logging.getLogger(__name__)
LONGEST_NAME = 64
_MARKS = "._-@+"  # a colon would end the name where a feed reader logs in (RFC 7617)


@dataclass(frozen=True, slots=True)
class Refused:
    """No session. `wait_s` is set if nothing was tried: so long, nothing will be. `locked_for_s`:
    for so long nothing is tried after this one that failed.
    """

    wait_s: int | None = None
    locked_for_s: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed to log in, from which address."""

    name: str
    password: str = field(repr=False)
    address: str
    at: datetime


def log_in(database: Database, attempt: Attempt) -> str | Refused:
    """Begin a session if the password is right. Returns what its cookie is to hold.

    An attempt is counted before the password is looked at, so that many at once are no way around
    the count. A name that is unknown costs as much as a wrong password.
    """
    name, now = attempt.name, attempt.at
    of_name = _key("name", users.name_key(name))
    of_address = _key("address", network(attempt.address))
    with database.begin() as s:
        wait = max(_wait(s, key, now) for key in (of_name, of_address))
        if wait > timedelta():
            return Refused(int(wait.total_seconds()) + 1)
        of_both = ((of_name, FREE_OF_NAME), (of_address, FREE_OF_ADDRESS))
        locked = max(_count(s, key, free, now) for key, free in of_both)
        account = users.user_named(s, name)
    known = None if account is None else account[1]
    if not passwords.is_right(known, attempt.password) or known is None:
        return Refused(locked_for_s=int(locked.total_seconds()))
    made = new_session()
    with database.begin() as s:
        account = users.user_named(s, name)
        if account is None or account[1] != known:  # removed or changed meanwhile
            return Refused()
        logins.forget_attempts(s, of_name)
        _give_back(s, of_address, now)
        logins.forget_sessions(s, now - LONGEST)
        logins.start_session(s, stored_hash(made), account[0].id, now)
        users.note_login(s, account[0].id, now)
    return made


def holds(created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session has neither been idle for too long nor reached its end."""
    return now - seen_at < IDLE and now - created_at < LONGEST


def wait_after(failures: int, free: int) -> timedelta:
    """How long nothing is tried after so many failures: 1, 2, 4 ... s after the free ones."""
    if failures < free:
        return timedelta()
    doublings = min(failures - free, 20)
    return min(timedelta(seconds=2**doublings), LONGEST_WAIT)


def network(address: str) -> str:
    """The address, or the /64 that one household or server has of IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def checked_name(written: str) -> str:
    """The name to store. Raises ConfigurationError for one that cannot be a name."""
    name = unicodedata.normalize("NFC", written.strip())
    is_good = all(one in _MARKS or unicodedata.category(one)[0] in "LMN" for one in name)
    if not name or len(name) > LONGEST_NAME or not is_good:
        shown = name if len(name) <= LONGEST_NAME else f"{name[:20]}..."
        raise ConfigurationError(
            f"{shown!r} cannot be a name: write up to {LONGEST_NAME} letters, digits or {_MARKS}"
        )
    return name


class AccessLog:
    """Writes lines into the file in `folder`, if there is one, and hands each to `echo` as well. A
    log that cannot be written keeps nobody from logging in.
    """

    def __init__(
        self, folder: Path | None = None, echo: Callable[[str], None] | None = None
    ) -> None:
        self._path, self._echo = folder and folder / NAME, echo

    def login_refused(self, refused: Refused, attempt: Attempt) -> None:
        """Note that somebody was not let in, or, after too many tries, that none was made."""
        if refused.wait_s is not None:
            event, end = "login not tried", f", locked for {refused.wait_s} s"
        else:
            locked = refused.locked_for_s
            event, end = "failed login", f", locked for {locked} s" if locked else ""
        self._of_login(event, attempt, end)

    def logged_in(self, attempt: Attempt) -> None:
        self._of_login("login", attempt)

    def _of_login(self, event: str, of: Attempt, end: str = "") -> None:
        self._write(f"{event} from {of.address or 'unknown'} for {_quoted(of.name)}{end}", of.at)

    def changed_on_page(self, what: str, name: str, admin: str, now: datetime) -> None:
        self._write(f"{what} for {_quoted(name)}, by {_quoted(admin)}", now)

    def password_set(self, name: str, address: str, now: datetime) -> None:
        self._write(f"password set by link from {address or 'unknown'} for {_quoted(name)}", now)

    def answered(self, what: str, receiver: Iterable[str], address: str, now: datetime) -> None:
        """Note what somebody decided by a link in a mail, chat message or feed, and to which
        subscription, channel and recipient it was sent.
        """
        who = _quoted(" ".join(filter(None, receiver)))
        self._write(f"answer {what} from {address or 'unknown'} for {who}", now)

    def token_refused(self, why: str, address: str, now: datetime) -> None:
        self._write(f"refused token from {address or 'unknown'}: {why}", now)

    def changed(self, what: str, name: str, now: datetime) -> None:
        """Note what was done on the command line to a user, and by which user of the system."""
        self._write(f"{what} for {_quoted(name)}, by {_quoted(_system_user())}", now)

    def _write(self, event: str, now: datetime) -> None:
        if self._echo is not None:
            self._echo(event)
        if self._path is None:
            return
        try:
            with suppress(FileNotFoundError):
                if self._path.stat().st_size >= _MOST_BYTES:
                    self._path.replace(self._path.with_name(f"{NAME}.1"))
            # Opened for each line, so that logrotate may move it, and processes may share it.
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {event}\n")
        except OSError as error:
            _log.warning("cannot write %s: %s; let it be written", self._path, error.strerror)


def _wait(s: Session, key: str, now: datetime) -> timedelta:
    found = logins.attempts_of(s, key)
    _, blocked_until_at = found or (0, None)
    if blocked_until_at is None:
        return timedelta()
    left = blocked_until_at - now
    # A clock that was set back must not shut anybody out for longer.
    return left if left <= LONGEST_WAIT else timedelta()


def _count(s: Session, key: str, free: int, now: datetime) -> timedelta:
    """Count an attempt, and return for how long none is tried after it."""
    logins.forget_old_attempts(s, now - _ATTEMPTS_COUNT_FOR)
    found = logins.attempts_of(s, key)
    before, _ = found or (0, None)
    failures = before + 1
    wait = wait_after(failures, free)
    logins.put_attempts(s, key, failures, now, now + wait if wait else None)
    return wait


def _give_back(s: Session, key: str, now: datetime) -> None:
    """Take the attempt that succeeded off the count, and no other: who has a password of their own
    shall not wipe out guesses at those of others.
    """
    found = logins.attempts_of(s, key)
    if found is not None:
        failures, _ = found
        logins.put_attempts(s, key, max(0, failures - 1), now)


def _key(kind: str, value: str) -> str:
    return stored_hash(f"{kind}:{value}")


def _quoted(name: str) -> str:
    return json.dumps(name[:_LONGEST_NAME])


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user that has no name
        return str(os.getuid())


# --- what admins, and users themselves, do to users and tokens ------------------------------------

LONGEST_NOTE = 100
MOST_TOKENS = 50  # of one user; far more than anybody tells apart


def change_role(s: Session, user: User, role: Role, by: int | None = None) -> None:
    """Change what a user may do. `by` is the admin who does so on the page; None on the command
    line, which can make another admin whenever none is left.

    Raises ConfigurationError if that is the user, or nobody else is an admin.
    """
    if by is not None and role is not Role.ADMIN:
        _check_not_needed(s, user, by)
    users.set_role(s, user.name, role)


def remove(s: Session, user: User, by: int | None = None) -> None:
    """Remove a user with all that is theirs. `by` and errors are those of `change_role`."""
    if by is not None:
        _check_not_needed(s, user, by)
    end_all_of(s, user.id)
    users.remove_user(s, user.name)


def _check_not_needed(s: Session, user: User, by: int) -> None:
    if user.id == by:
        raise ConfigurationError("only another admin can do this to {name}", name=user.name)
    if not users.other_admins(s, user.id):
        raise ConfigurationError(
            "{name} is the last admin; make somebody else an admin first", name=user.name
        )


def make_token(s: Session, user: User, wanted: logins.NewToken) -> tuple[int, str]:
    """Make a token with which a program acts for a user: its id, and the token (nothing stores it).
    Raises ConfigurationError if the user may not do so much, or has too many.
    """
    if wanted.scope is TokenScope.EDIT and Role.EDITOR not in user.role.included:
        raise ConfigurationError(
            "{name} is a reader, so a token cannot edit; let it read, or make {name} an editor",
            name=user.name,
        )
    if len(logins.tokens(s, user.id)) >= MOST_TOKENS:
        raise ConfigurationError(
            "{name} has {most} tokens, and no more are possible; remove one first",
            name=user.name,
            most=MOST_TOKENS,
        )
    made, note = new_token(), wanted.note.strip()[:LONGEST_NOTE]
    return logins.add_token(s, user.id, stored_hash(made), wanted._replace(note=note)), made


def change_password(database: Database, attempt: Attempt, new: str) -> str | Refused:
    """Give a user who knows the password a `new` one. All sessions end, and another begins, whose
    value is returned. A wrong password counts as a failed login.

    Raises ConfigurationError for a new password that cannot be taken.
    """
    password_hash = hash_of_password(new, attempt.name)
    made = log_in(database, attempt)
    if isinstance(made, Refused):
        return made
    with database.begin() as s:
        account = users.user_named(s, attempt.name)
        if account is None:
            return Refused()
        users.set_password(s, attempt.name, password_hash)
        logins.start_session(s, stored_hash(made), account[0].id, attempt.at)
    return made


def set_contact(s: Session, user: User, address: str, language: str) -> None:
    """Store a user's mail address and language. What the user has subscribed to at this address
    comes in this language from now on.
    """
    users.set_contact(s, user.id, address, language)
    if address and language:
        set_language(s, user.id, address, language)
