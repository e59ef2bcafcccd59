"""Users: adding, changing and removing them, and their notes about agreements.

Sessions and tokens go with their user. Notes go on with what an agreement became when it was merged
into another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from storage.database import sql
from storage.database.session import Session
from storage.register.agreements import number
from storage.register.tables import Aliases
from storage.users.accounts import Role, User
from storage.users.tables import Notes, PasswordLinks, Sessions, Users

USER_COLUMNS = sql.columns_of(User, Users)


def name_key(name: str) -> str:
    """A name as it is compared: "Amina" and "AMINA" are one user."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def add_user(s: Session, name: str, role: Role, password_hash: str, now: datetime) -> bool:
    """Add a user. Returns False if the name is taken. Nobody logs in with the hash ""."""
    values = {
        "name": name,
        "name_key": name_key(name),
        "role": role,
        "password_hash": password_hash,
        "created_at": now,
        "address": "",
        "language": "",
    }
    return sql.add_missing(s, Users, [values]) > 0


def is_anybody(s: Session) -> bool:
    return bool(s.scalar(select(exists().select_from(Users))))


def users(s: Session) -> list[User]:
    rows = s.execute(select(*USER_COLUMNS).order_by(Users.name_key))
    return [User(*row) for row in rows]


def user_named(s: Session, name: str) -> tuple[User, str] | None:
    """The user of this name and the hash of the password; None if there is none."""
    row = s.execute(select(*USER_COLUMNS, Users.password_hash).where(_is(name))).one_or_none()
    return None if row is None else (User(*row[:-1]), str(row[-1]))


def remove_user(s: Session, name: str) -> bool:
    """Remove a user with all sessions and tokens. Returns False if there is none of this name."""
    return sql.remove(s, Users, _is(name)) > 0


def other_admins(s: Session, user_id: int) -> int:
    """How many admins there are beside a user. They stay so until the transaction ends."""
    admins = select(Users.id).where(Users.role == Role.ADMIN).with_for_update()
    return sum(one != user_id for one in s.scalars(admins))


def set_contact(s: Session, user_id: int, address: str, language: str) -> None:
    """Keep a user's mail address and language; "" for none."""
    sql.change(s, Users, Users.id == user_id, address=address, language=language)


def set_role(s: Session, name: str, role: Role) -> bool:
    """Change what a user may do. Returns False if there is none of this name."""
    return sql.change(s, Users, _is(name), role=role) > 0


def set_password(s: Session, name: str, password_hash: str) -> bool:
    """Change a password, and end sessions and links of before. False if there is no such user."""
    own = select(Users.id).where(_is(name))
    sql.remove(s, Sessions, Sessions.user_id.in_(own))
    sql.remove(s, PasswordLinks, PasswordLinks.user_id.in_(own))
    return sql.change(s, Users, _is(name), password_hash=password_hash) > 0


def add_link(
    s: Session, user_id: int, token_hash: str, expires_at: datetime, now: datetime
) -> None:
    """Keep a link with which a user may set a password, in the place of an earlier one."""
    is_over = PasswordLinks.expires_at <= now
    sql.remove(s, PasswordLinks, or_(is_over, PasswordLinks.user_id == user_id))
    sql.add(s, PasswordLinks, token_hash=token_hash, user_id=user_id, expires_at=expires_at)


def user_of_link(s: Session, token_hash: str, now: datetime) -> User | None:
    """The user who may set a password with this link now, or None."""
    rows = select(*USER_COLUMNS).join(PasswordLinks, PasswordLinks.user_id == Users.id)
    lasting = rows.where(PasswordLinks.token_hash == token_hash, PasswordLinks.expires_at > now)
    row = s.execute(lasting).one_or_none()
    return None if row is None else User(*row)


def note_login(s: Session, user_id: int, now: datetime) -> None:
    sql.change(s, Users, Users.id == user_id, last_login_at=now, seen_at=now)


def note_visit(s: Session, user_id: int, now: datetime) -> None:
    sql.change(s, Users, Users.id == user_id, seen_at=now)


def _is(name: str) -> ColumnElement[bool]:
    return Users.name_key == name_key(name)


def add_note(s: Session, agreement_id: str, who: str, text: str, now: datetime) -> int:
    about = number(agreement_id)
    return sql.add(s, Notes, agreement_id=about, who=who, text=text, written_at=now)


def notes_about(s: Session, agreement_id: str) -> Sequence[Any]:
    """The notes about an agreement and those merged into it (id, who, text, written_at)."""
    notes = select(Notes.id, Notes.who, Notes.text, Notes.written_at)
    statement = notes.where(_about(Notes.agreement_id, agreement_id))
    return s.execute(statement.order_by(Notes.id)).all()


def remove_note(s: Session, note_id: int, who: str | None) -> bool:
    """Remove a note of `who`, or with None of anybody. Returns False if there is none."""
    is_own = true() if who is None else Notes.who == who
    return sql.remove(s, Notes, Notes.id == note_id, is_own) > 0


def _about(column: InstrumentedAttribute[int], agreement_id: str) -> ColumnElement[bool]:
    row_id = number(agreement_id)
    merged = select(Aliases.alias).where(Aliases.agreement_id == row_id)
    return or_(column == row_id, column.in_(merged))
