"""Tokens of programs, found by their hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from storage.access.records import Token, TokenScope
from storage.access.tables import Tokens, Users
from storage.access.users import USER_COLUMNS, user_of
from storage.database.session import Session
from storage.database.statements import rows_changed


def add_token(
    s: Session,
    token_hash: str,
    user_id: int,
    scope: TokenScope,
    note: str,
    now: datetime,
    expires_at: datetime | None,
) -> int:
    """Keep a token of a user, and return its id."""
    values = {
        "token_hash": token_hash,
        "user_id": user_id,
        "scope": scope.value,
        "note": note,
        "created_at": now,
        "expires_at": expires_at,
    }
    number: int = s.execute(insert(Tokens).values(values).returning(Tokens.id)).scalar_one()
    return number


def token_of(s: Session, token_hash: str) -> Token | None:
    """Return the token with this hash, even if it has expired, or None."""
    row = s.execute(_rows().where(Tokens.token_hash == token_hash)).one_or_none()
    return None if row is None else _token(row)


def tokens(s: Session) -> list[Token]:
    """All tokens, the oldest first."""
    return [_token(row) for row in s.execute(_rows().order_by(Tokens.id))]


def remove_token(s: Session, number: int) -> bool:
    """Remove a token. Returns False if there is none with this id."""
    result = s.execute(delete(Tokens).where(Tokens.id == number))
    return rows_changed(result) > 0


def note_used(s: Session, number: int, now: datetime) -> None:
    s.execute(update(Tokens).where(Tokens.id == number).values(used_at=now))


def _rows() -> Select[*tuple[Any, ...]]:
    own = (Tokens.id, Tokens.scope, Tokens.note)
    times = (Tokens.created_at, Tokens.expires_at, Tokens.used_at)
    return select(*own, *times, *USER_COLUMNS).join(Users, Users.id == Tokens.user_id)


def _token(row: Any) -> Token:
    number, scope, note, created_at, expires_at, used_at, *user = row
    return Token(
        id=number,
        user=user_of(*user),
        scope=TokenScope(scope),
        note=note,
        created_at=created_at,
        expires_at=expires_at,
        used_at=used_at,
    )
