"""Who may use the page, and what for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a user may do; each role may also do what those before it may."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def included(self) -> frozenset[Role]:
        roles = list(Role)
        return frozenset(roles[: roles.index(self) + 1])


class TokenScope(StrEnum):
    """What a token may do at most, whatever its user may."""

    READ = "read"
    EDIT = "edit"

    @property
    def role(self) -> Role:
        return Role.READER if self is TokenScope.READ else Role.EDITOR


@dataclass(frozen=True, slots=True)
class User:
    """`seen_at` is true to ten minutes; `address` and `language` are "" where none is chosen."""

    id: int
    name: str
    role: Role
    created_at: datetime
    last_login_at: datetime | None = None
    seen_at: datetime | None = None
    address: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a user, as both stand now; the token itself is not stored."""

    id: int
    user: User
    scope: TokenScope
    note: str
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @property
    def roles(self) -> frozenset[Role]:
        """What it may do: no more than its scope, and no more than its user."""
        return self.scope.role.included & self.user.role.included
