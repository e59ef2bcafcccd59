"""What is done to users and their tokens, by admins and themselves on the page and by the commands:
who may not be removed, what a token may do, and the password that somebody changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.access.login import Refused, log_in
from scheduler.access.passwords import hash_of_password
from scheduler.access.secret_values import new_token, stored_hash
from storage.database.session import Database, Session
from storage.errors import ConfigurationError
from storage.notifications.user_subscriptions import end_all_of, set_language
from storage.users import logins, users
from storage.users.records import Role, TokenScope, User

LONGEST_NOTE = 100
LONGEST_DAYS = 3660
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
    """Remove a user with all sessions, tokens and subscriptions. `by` and errors are those of
    `change_role`.
    """
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


def make_token(
    s: Session, user: User, scope: TokenScope, note: str, days: int | None, now: datetime
) -> tuple[int, str, datetime | None]:
    """Make a token with which a program acts for a user: its id, the token, which is not kept, and
    when it expires. Raises ConfigurationError if the user may not do so much, or has too many.
    """
    if scope is TokenScope.EDIT and Role.EDITOR not in user.role.included:
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
    made, note = new_token(), note.strip()[:LONGEST_NOTE]
    expires_at = None if days is None else now + timedelta(days=days)
    number = logins.add_token(s, stored_hash(made), user.id, scope, note, now, expires_at)
    return number, made, expires_at


def change_password(
    database: Database, name: str, password: str, new: str, address: str, now: datetime
) -> str | Refused:
    """Give a user who knows the `password` a `new` one. All sessions end, and another begins, whose
    value is returned. A wrong password counts as a failed login from `address`.

    Raises ConfigurationError for a new password that cannot be taken.
    """
    kept = hash_of_password(new, name)
    made = log_in(database, name, password, address, now)
    if isinstance(made, Refused):
        return made
    with database.begin() as s:
        found = users.user_named(s, name)
        if found is None:
            return Refused()
        users.set_password(s, name, kept)
        logins.start_session(s, stored_hash(made), found[0].id, now)
    return made


def set_contact(s: Session, user: User, address: str, language: str) -> None:
    """Keep a user's mail address and language. What the user has subscribed to at this address
    comes in this language from now on.
    """
    users.set_contact(s, user.id, address, language)
    if address and language:
        set_language(s, user.id, address, language)
