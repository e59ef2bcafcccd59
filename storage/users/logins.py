"""What lets in: sessions of browsers and tokens of programs, as hashes; and attempts to log in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select

from storage.database import sql
from storage.database.session import Session
from storage.users.accounts import Token, TokenScope, User
from storage.users.tables import LoginAttempts, Sessions, Tokens, Users
from storage.users.users import USER_COLUMNS


def start_session(s: Session, token_hash: str, user_id: int, now: datetime) -> None:
    sql.add(s, Sessions, token_hash=token_hash, user_id=user_id, created_at=now, seen_at=now)


def session_of(s: Session, token_hash: str) -> tuple[User, datetime, datetime] | None:
    """(its user, when it began, when it was seen last) of a session, however old; or None."""
    columns = (*USER_COLUMNS, Sessions.created_at, Sessions.seen_at)
    rows = select(*columns).join(Users, Users.id == Sessions.user_id)
    row = s.execute(rows.where(Sessions.token_hash == token_hash)).one_or_none()
    return None if row is None else (User(*row[:-2]), row[-2], row[-1])


def note_seen(s: Session, token_hash: str, now: datetime) -> None:
    sql.change(s, Sessions, Sessions.token_hash == token_hash, seen_at=now)


def end_session(s: Session, token_hash: str) -> None:
    sql.remove(s, Sessions, Sessions.token_hash == token_hash)


def end_sessions(s: Session, user_id: int) -> None:
    sql.remove(s, Sessions, Sessions.user_id == user_id)


def forget_sessions(s: Session, begun_before: datetime) -> None:
    sql.remove(s, Sessions, Sessions.created_at < begun_before)


class NewToken(NamedTuple):
    scope: TokenScope
    note: str
    created_at: datetime
    expires_at: datetime | None


def add_token(s: Session, user_id: int, token_hash: str, made: NewToken) -> int:
    return sql.add(s, Tokens, user_id=user_id, token_hash=token_hash, **made._asdict())


def token_of(s: Session, token_hash: str) -> Token | None:
    row = s.execute(_rows().where(Tokens.token_hash == token_hash)).one_or_none()
    return None if row is None else _token(row)


def tokens(s: Session, user_id: int | None = None) -> list[Token]:
    return [_token(row) for row in s.execute(_rows().where(*_of(user_id)).order_by(Tokens.id))]


def remove_token(s: Session, number: int, user_id: int | None = None) -> bool:
    """Remove a token of anybody, or of a user. Returns False if there is none with this id."""
    return sql.remove(s, Tokens, Tokens.id == number, *_of(user_id)) > 0


def _of(user_id: int | None) -> list[ColumnElement[bool]]:
    return [] if user_id is None else [Tokens.user_id == user_id]


def note_used(s: Session, number: int, now: datetime) -> None:
    sql.change(s, Tokens, Tokens.id == number, used_at=now)


def _rows() -> Select[*tuple[Any, ...]]:
    own = (Tokens.id, Tokens.scope, Tokens.note)
    times = (Tokens.created_at, Tokens.expires_at, Tokens.used_at)
    return select(*own, *times, *USER_COLUMNS).join(Users, Users.id == Tokens.user_id)


def _token(row: Any) -> Token:
    number, scope, note, created_at, expires_at, used_at, *user = row
    return Token(number, User(*user), scope, note, created_at, expires_at, used_at)


def attempts_of(s: Session, key: str) -> tuple[int, datetime | None] | None:
    """Return (how often it failed for a name or address, until when nothing is tried), or None."""
    statement = select(LoginAttempts.failures, LoginAttempts.blocked_until_at)
    row = s.execute(statement.where(LoginAttempts.key == key)).one_or_none()
    return None if row is None else (row.failures, row.blocked_until_at)


def put_attempts(
    s: Session, key: str, failures: int, now: datetime, blocked_until_at: datetime | None = None
) -> None:
    until = {"blocked_until_at": blocked_until_at}
    sql.put(s, LoginAttempts, key=key, failures=failures, last_at=now, **until)


def forget_attempts(s: Session, key: str) -> None:
    sql.remove(s, LoginAttempts, LoginAttempts.key == key)


def forget_old_attempts(s: Session, before: datetime) -> None:
    sql.remove(s, LoginAttempts, LoginAttempts.last_at < before)
