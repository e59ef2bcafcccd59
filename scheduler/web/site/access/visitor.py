"""Who asks: found by the session of a browser or the token of a program, anew with each request."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from starlette.requests import HTTPConnection

from scheduler.access.login import holds
from scheduler.access.secret_values import is_session, is_token, kept_hash
from scheduler.web.site.access.doors import Way
from scheduler.web.site.installation import Installation
from storage.access import sessions, tokens, users
from storage.access.records import Role
from storage.database.session import Session, check_version
from storage.errors import AccordwatchError, DatabaseError

COOKIE = "accordwatch_session"
# A session's last request is noted at most so often, a token's once a day: reading stays reading.
_NOTED_EVERY = timedelta(minutes=10)
_TOKEN_NOTED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who may do what. `name` is None for somebody at this machine who only reads, and `user_id`
    for anybody at this machine.

    `key` signs the forms of this visitor alone. `stale` is what should be noted as used now.
    """

    name: str | None
    roles: frozenset[Role]
    way: Literal["local", "session", "token", "proxy"]
    key: bytes = field(default=b"", repr=False)
    stale: str | int | None = field(default=None, repr=False)
    user_id: int | None = None

    def may(self, need: Role) -> bool:
        return need in self.roles

    @property
    def is_local(self) -> bool:
        return self.way == "local"

    @property
    def role(self) -> Role:
        """The highest of the roles."""
        return max(self.roles, key=list(Role).index)

    def form_token(self, action: str) -> str:
        """The token that this visitor's form to `action` carries."""
        return hmac.new(self.key, action.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, action: str, token: str) -> bool:
        """Whether a form came back with its token (compared in constant time)."""
        expected = self.form_token(action).encode()
        return hmac.compare_digest(expected, token.encode("utf-8", "replace"))


class RefusedToken(AccordwatchError):
    """A request came with a token or password that lets nobody in."""


class NobodyYet(DatabaseError):
    """The page is open to others than this machine, and there are no users any more."""


def visitor_who_asks(
    served: Installation, request: HTTPConnection, way: Way, now: datetime
) -> Visitor | None:
    """Who asks; None for a stranger. Raises RefusedToken, or DatabaseError if it cannot be known.

    What stands in the Authorization header counts alone, where programs may ask: a wrong token is
    not forgiven because of a cookie.
    """
    with served.database.read() as s:
        check_version(s)
        if not users.is_anybody(s):
            return _local(served)
        given = request.headers.get("authorization", "")
        if given and way is not Way.PAGE:
            return _by_token(s, given, way, now)
        named = request.scope.get("proxy_login", "")
        if named:
            return _by_proxy(s, named, served.secret)
        return _by_session(s, request.cookies.get(COOKIE, ""), now)


def note_visit(served: Installation, visitor: Visitor, now: datetime) -> None:
    """Note that a session or a token was used."""
    if visitor.stale is None:
        return
    with served.database.begin() as s:
        if isinstance(visitor.stale, int):
            tokens.note_used(s, visitor.stale, now)
        else:
            sessions.note_seen(s, visitor.stale, now)


def _local(served: Installation) -> Visitor:
    if not served.reach.is_private:
        raise NobodyYet("there are no users any more")
    roles = {Role.READER, Role.ADMIN} | ({Role.EDITOR} if served.editor else set())
    return Visitor(served.editor, frozenset(roles), "local", served.secret)


def _by_proxy(s: Session, name: str, secret: bytes) -> Visitor | None:
    """Whom a trusted proxy has logged in; what they may do is ours to say, and a stranger there is
    one here.
    """
    found = users.user_named(s, name)
    if found is None:
        return None
    user, key = found[0], hmac.new(secret, f"proxy {found[0].id}".encode(), hashlib.sha256)
    return Visitor(user.name, user.role.included, "proxy", key.digest(), user_id=user.id)


def _by_session(s: Session, value: str, now: datetime) -> Visitor | None:
    if not is_session(value):
        return None
    found = sessions.session_of(s, kept_hash(value))
    if found is None or not holds(found, now):
        return None
    stale = kept_hash(value) if now - found.seen_at > _NOTED_EVERY else None
    roles = found.user.role.included
    user = found.user
    return Visitor(user.name, roles, "session", value.encode(), stale, user.id)


def _by_token(s: Session, given: str, way: Way, now: datetime) -> Visitor:
    scheme, _, rest = given.partition(" ")
    name: str | None = None
    if scheme.lower() == "bearer":
        value = rest.strip()
    elif scheme.lower() == "basic" and way is Way.FEED:
        name, value = _basic(rest.strip())
    else:
        raise RefusedToken("log in with Authorization: Bearer and a token")
    found = tokens.token_of(s, kept_hash(value)) if is_token(value) else None
    is_own = name is None or (found and users.name_key(found.user.name) == users.name_key(name))
    if found is None or not is_own:
        raise RefusedToken("this token is not known")
    if found.has_expired(now):
        raise RefusedToken("this token has expired")
    is_stale = found.used_at is None or now - found.used_at > _TOKEN_NOTED_EVERY
    stale = found.id if is_stale else None
    return Visitor(found.user.name, found.roles, "token", stale=stale, user_id=found.user.id)


def _basic(encoded: str) -> tuple[str, str]:
    try:
        written = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    name, _, password = written.partition(":")
    return name, password
