"""The gate that every request passes. It identifies the visitor anew with each request, by the
session of a browser or the token of a program, and checks the role that the address needs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal
from urllib.parse import quote, urlencode

from fastapi import Depends, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from scheduler.access.accounts import holds
from scheduler.access.secret_values import is_session, is_token, stored_hash
from scheduler.views.words.phrases import term_phrase
from scheduler.web.site.addresses import client_of, own_path
from scheduler.web.site.installation import Installation
from storage.database.session import Session, check_version
from storage.errors import AccordwatchError, DatabaseError
from storage.phrases import Phrase
from storage.users import logins, users
from storage.users.accounts import Role, User

COOKIE = "accordwatch_session"
# A session's last request is noted at most so often, a token's once a day: reading stays reading.
_NOTED_EVERY = timedelta(minutes=10)
_TOKEN_NOTED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who may do what. `name` is None for somebody at this machine who only reads, and `user_id`
    for anybody at this machine.

    `key` signs the forms of this visitor alone. `stale` is what should be noted as used now: the
    hash of a session, the id of a token, or "" for a user whom a proxy has logged in. `address` and
    `language` are those that the user has chosen, "" for none.
    """

    name: str | None
    roles: frozenset[Role]
    way: Literal["local", "session", "token", "proxy"]
    key: bytes = field(default=b"", repr=False)
    stale: str | int | None = field(default=None, repr=False)
    user_id: int | None = None
    address: str = field(default="", repr=False)
    language: str = ""

    def may(self, need: Role) -> bool:
        return need in self.roles

    @property
    def is_local(self) -> bool:
        return self.way == "local"

    @property
    def role(self) -> Role:
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


def identify_visitor(
    served: Installation, request: HTTPConnection, way: Way, now: datetime
) -> Visitor | None:
    """The visitor; None for a stranger. Raises RefusedToken, or DatabaseError if nobody can tell.

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
            return _by_proxy(s, named, served.secret, now)
        return _by_session(s, request.cookies.get(COOKIE, ""), now)


def _local(served: Installation) -> Visitor:
    if not served.reach.is_private:
        raise NobodyYet("there are no users any more")
    roles = {Role.READER, Role.ADMIN} | ({Role.EDITOR} if served.editor else set())
    return Visitor(served.editor, frozenset(roles), "local", served.secret)


def _by_proxy(s: Session, name: str, secret: bytes, now: datetime) -> Visitor | None:
    """Whom a trusted proxy has logged in, if we know them; what they may do is ours to say."""
    account = users.user_named(s, name)
    if account is None:
        return None
    user, key = account[0], hmac.new(secret, f"proxy {account[0].id}".encode(), hashlib.sha256)
    stale = "" if user.seen_at is None or now - user.seen_at > _NOTED_EVERY else None
    return _visitor(user, "proxy", key.digest(), stale)


def _by_session(s: Session, value: str, now: datetime) -> Visitor | None:
    if not is_session(value):
        return None
    session = logins.session_of(s, stored_hash(value))
    if session is None:
        return None
    user, created_at, seen_at = session
    if not holds(created_at, seen_at, now):
        return None
    stale = stored_hash(value) if now - seen_at > _NOTED_EVERY else None
    return _visitor(user, "session", value.encode(), stale)


def _visitor(
    user: User, way: Literal["session", "proxy"], key: bytes, stale: str | None
) -> Visitor:
    own = (user.id, user.address, user.language)
    return Visitor(user.name, user.role.included, way, key, stale, *own)


def _by_token(s: Session, given: str, way: Way, now: datetime) -> Visitor:
    scheme, _, rest = given.partition(" ")
    name: str | None = None
    if scheme.lower() == "bearer":
        value = rest.strip()
    elif scheme.lower() == "basic" and way is Way.FEED:
        name, value = _basic(rest.strip())
    else:
        raise RefusedToken("log in with Authorization: Bearer and a token")
    token = logins.token_of(s, stored_hash(value)) if is_token(value) else None
    is_own = name is None or (token and users.name_key(token.user.name) == users.name_key(name))
    if token is None or not is_own:
        raise RefusedToken("this token is not known")
    if token.has_expired(now):
        raise RefusedToken("this token has expired")
    is_stale = token.used_at is None or now - token.used_at > _TOKEN_NOTED_EVERY
    stale = token.id if is_stale else None
    user = token.user
    own = (user.id, user.address, user.language)
    return Visitor(user.name, token.roles, "token", b"", stale, *own)


def _basic(encoded: str) -> tuple[str, str]:
    try:
        written = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    name, _, password = written.partition(":")
    return name, password


Refuse = Callable[[Request, int, str, Mapping[str, str] | None], Response]

READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What a stranger reads instead of the reason, which names files and hosts of the installation.
DATABASE = Phrase("The database does not answer; “accordwatch doctor” on the server says why.")
NOBODY = Phrase(
    "Nobody can log in, since there are no users; add one on the server: "
    "accordwatch users add NAME --role admin"
)
_log = logging.getLogger(__name__)


class Gate:
    """ASGI middleware: deny by default. `refuse` makes the answer to those who may not pass."""

    def __init__(
        self, app: ASGIApp, served: Installation, refuse: Refuse, endpoints: Sequence[Endpoint]
    ) -> None:
        self._app, self._served, self._refuse = app, served, refuse
        self._patterns = [(endpoint, compile_path(endpoint.path)[0]) for endpoint in endpoints]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        endpoint = self._endpoint_at(request.method, own_path(request))
        if endpoint.need is None:
            await self._app(scope, receive, send)
            return
        now = self._served.now()
        answer = await run_in_threadpool(self._answer, request, endpoint, now)
        await (answer or self._app)(scope, receive, send)
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        if visitor is not None and visitor.stale is not None:
            # Nobody waits for this, nor, where a crawl is writing, for the crawl.
            await run_in_threadpool(self._note, visitor, now)

    def _answer(self, request: Request, endpoint: Endpoint, now: datetime) -> Response | None:
        """What refuses the request; None if it may pass."""
        served = self._served
        try:
            visitor = identify_visitor(served, request, endpoint.way, now)
        except RefusedToken as error:
            served.access_log.token_refused(str(error), client_of(request), now)
            return self._refuse(request, 401, str(error), _challenge(endpoint.way, is_wrong=True))
        except NobodyYet:
            return self._refuse(request, 503, NOBODY, None)
        except DatabaseError as error:
            _log.warning("cannot identify the visitor: %s", error)
            return self._refuse(
                request, 503, str(error) if served.reach.is_private else DATABASE, None
            )
        if visitor is None and endpoint.way is Way.PAGE:
            return to_login(request)
        if visitor is None:
            return self._refuse(request, 401, "log in with a token", _challenge(endpoint.way))
        request.state.visitor = visitor
        if endpoint.need is not None and not visitor.may(endpoint.need):
            return self._refuse(request, 403, _too_little(endpoint, visitor), None)
        # A cookie is sent along by the browser whoever made the request, a token is not. What is
        # no endpoint leads nowhere: the answer will be 404 or 405.
        is_there = any(endpoint is one for one, _ in self._patterns)
        changes = request.method not in READING and is_there
        if changes and endpoint.way is Way.API and visitor.way != "token":
            reason = "a program changes something with a token of the scope edit only"
            return self._refuse(request, 403, reason, None)
        return None

    def _endpoint_at(self, method: str, path: str) -> Endpoint:
        """The endpoint that a request comes to. Where several match, the one that needs most
        counts; what is at none is for those who may read.
        """
        wanted = "GET" if method == "HEAD" else method
        endpoints = [
            endpoint
            for endpoint, pattern in self._patterns
            if endpoint.method == wanted and pattern.match(path)
        ]
        if not endpoints:
            way = Way.API if path.startswith("/api/") else Way.PAGE
            return Endpoint(method, path, Role.READER, way)
        roles = [None, *Role]
        return max(endpoints, key=lambda endpoint: roles.index(endpoint.need))

    def _note(self, visitor: Visitor, now: datetime) -> None:
        """Note that a token was used, or that a user was here."""
        # Who reads a locked database has read it.
        with suppress(DatabaseError), self._served.database.begin() as s:
            if isinstance(visitor.stale, int):
                logins.note_used(s, visitor.stale, now)
                return
            if visitor.stale:
                logins.note_seen(s, visitor.stale, now)
            if visitor.user_id is not None:
                users.note_visit(s, visitor.user_id, now)


def to_login(request: Request) -> Response:
    """The way of a person to the login page, and back to where they wanted to go."""
    # Quoted anew, else a name with a question mark would lead back to half of itself.
    path = quote(own_path(request)) if request.method in READING else "/"
    wanted = f"{path}?{request.url.query}" if request.url.query else path
    query = "" if wanted == "/" or len(wanted) > 2000 else "?" + urlencode({"next": wanted})
    address = f"{request.scope.get('root_path', '')}/login{query}"
    if request.headers.get("hx-request") == "true":
        # A script would follow a redirect and put the login page into the middle of this one.
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _too_little(endpoint: Endpoint, visitor: Visitor) -> Phrase:
    if visitor.is_local:
        return Phrase("This page only reads; start it with --edit NAME to decide on it.")
    form = "{name} is {role}; this needs {need}."
    if visitor.way == "token":
        form = "{name} with this token is {role}; this needs {need}."
    role, need = (term_phrase(f"page.login.roles.{one}") for one in (visitor.role, endpoint.need))
    return Phrase(form, name=visitor.name or "", role=role, need=need)


def _challenge(way: Way, *, is_wrong: bool = False) -> dict[str, str]:
    """How programs may log in (RFC 6750, RFC 7617)."""
    bearer = 'Bearer realm="Accordwatch"' + (', error="invalid_token"' if is_wrong else "")
    if way is Way.FEED:
        return {"WWW-Authenticate": f'Basic realm="Accordwatch", charset="UTF-8", {bearer}'}
    return {"WWW-Authenticate": bearer}


# --- which role each address needs ----------------------------------------------------------------


class Way(Enum):
    """How visitors prove who they are: people by a session, programs by a token too. It is declared
    among the dependencies of a router.
    """

    PAGE = "page"
    API = "api"
    FEED = "feed"

    async def __call__(self) -> None:
        """The gate has seen to it before any route was looked for."""


@dataclass(frozen=True, slots=True)
class Need:
    """The role that an address needs, declared among the dependencies of its route. None where
    strangers may enter: to log in, or with an address that nobody can guess.
    """

    role: Role | None

    async def __call__(self) -> None:
        """The gate has seen to it before any route was looked for."""


ANYBODY, READER, EDITOR, ADMIN = (Depends(Need(role)) for role in (None, *Role))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address with a method, and what its route declares."""

    method: str
    path: str
    need: Role | None
    way: Way = Way.PAGE


class UndeclaredError(AccordwatchError):
    """A route of the application declares no role, or not how visitors prove it."""


def endpoints_of(
    app: FastAPI, others: Mapping[str, tuple[Role | None, Way]]
) -> tuple[Endpoint, ...]:
    """All addresses of an application. `others` says it of those whose routes have no dependencies.
    Raises UndeclaredError.
    """
    endpoints, undeclared = list[Endpoint](), set[str]()
    for route in iter_route_contexts(app.routes):
        is_mount = isinstance(route.original_route, Mount)
        path = f"{route.path}/{{path:path}}" if is_mount else str(route.path)
        declared = [one.dependency for one in getattr(route, "dependencies", ())]
        needs = [need.role for need in declared if isinstance(need, Need)]
        ways = [way for way in declared if isinstance(way, Way)]
        if path in others:
            needs, ways = [others[path][0]], [others[path][1]]
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            if len(needs) == len(ways) == 1:
                endpoints.append(Endpoint(method, path, needs[0], ways[0]))
            else:
                undeclared.add(f"{method} {path}")
    if undeclared:
        raise UndeclaredError(f"no role is declared for: {', '.join(sorted(undeclared))}")
    return tuple(endpoints)
