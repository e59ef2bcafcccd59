"""The tables of access: users, their sessions and tokens, and attempts to log in.

Of what lets somebody in, only hashes are stored: who reads the database can log in nowhere with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.columns import HASH, NUMBERED_ONCE, Base, Choice
from storage.users.accounts import Role, TokenScope


def to_user() -> ForeignKey:
    return ForeignKey("users.id", ondelete="CASCADE")


class Users(Base):
    """Who may use the page. `name_key` is the name as it is compared: without upper case. With the
    password hash "" nobody logs in: a link has to set a password first, or a proxy logs them in.
    `address` is of mail and `language` of page and mails, "" if the user has chosen none.
    """

    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role] = mapped_column(Choice(Role))
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    address: Mapped[str]
    language: Mapped[str] = mapped_column(String(16))


class Sessions(Base):
    """Who is logged in, by the hash of what the browser's cookie holds."""

    token_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    user_id: Mapped[int] = mapped_column(to_user(), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]


class Tokens(Base):
    """What programs log in with, for a user; an id is never given again."""

    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(to_user(), index=True)
    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    scope: Mapped[TokenScope] = mapped_column(Choice(TokenScope))
    note: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class LoginAttempts(Base):
    """Failed attempts to log in, by name and by address; `key` is a hash, so of any length."""

    key: Mapped[str] = mapped_column(HASH, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    blocked_until_at: Mapped[datetime | None]


class Letters(Base):
    """Mails that somebody made the page write, both sides as hashes, so that nobody is flooded."""

    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(HASH, index=True)
    requester_hash: Mapped[str] = mapped_column(HASH, index=True)
    sent_at: Mapped[datetime] = mapped_column(index=True)


class PasswordLinks(Base):
    """Links of admins with which a user sets a password, once, by the hash of their secret."""

    token_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    user_id: Mapped[int] = mapped_column(to_user(), index=True)
    expires_at: Mapped[datetime]


class Notes(Base):
    """What persons noted about agreements, for the team. Without a reference to the agreement: a
    merger removes its row, and the note goes on with the heir.
    """

    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(index=True)
    who: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]
