"""The gate that every request passes: who asks, and whether they may."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scheduler.web.site.access.doors import Door, Way, door_at
from scheduler.web.site.access.own_addresses import own_path
from scheduler.web.site.access.visitor import (
    NobodyYet,
    RefusedToken,
    Visitor,
    note_visit,
    visitor_who_asks,
)
from scheduler.web.site.installation import Installation
from scheduler.words.page import PageSentence
from storage.errors import DatabaseError

Refuse = Callable[[Request, int, str | PageSentence, Mapping[str, str] | None], Response]

READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What a stranger hears instead of the reason, which names files and hosts of the installation.
DATABASE = PageSentence("problem.database")
NOBODY = PageSentence("problem.nobody")
_log = logging.getLogger(__name__)


class Gate:
    """ASGI middleware: deny by default. `refuse` makes the answer to those who may not pass."""

    def __init__(self, app: ASGIApp, served: Installation, refuse: Refuse) -> None:
        self._app, self._served, self._refuse = app, served, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        door = door_at(request.method, own_path(request))
        if door.need is None:
            await self._app(scope, receive, send)
            return
        now = self._served.now()
        answer = await run_in_threadpool(self._answer, request, door, now)
        await (answer or self._app)(scope, receive, send)
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        if visitor is not None and visitor.stale is not None:
            # Nobody waits for this, nor, where a crawl is writing, for the crawl.
            await run_in_threadpool(self._note, visitor, now)

    def _answer(self, request: Request, door: Door, now: datetime) -> Response | None:
        """What refuses the request; None if it may pass."""
        served = self._served
        try:
            visitor = visitor_who_asks(served, request, door.way, now)
        except RefusedToken as error:
            if served.access_log is not None:
                address = request.client.host if request.client else ""
                served.access_log.token_refused(str(error), address, now)
            return self._refuse(request, 401, str(error), _challenge(door.way, is_wrong=True))
        except NobodyYet:
            return self._refuse(request, 503, NOBODY, None)
        except DatabaseError as error:
            _log.warning("cannot tell who asks: %s", error)
            return self._refuse(
                request, 503, str(error) if served.reach.is_private else DATABASE, None
            )
        if visitor is None:
            return self._stranger(request, door)
        request.state.visitor = visitor
        return self._forbidden(request, door, visitor)

    def _stranger(self, request: Request, door: Door) -> Response:
        if door.way is not Way.PAGE:
            return self._refuse(request, 401, "log in with a token", _challenge(door.way))
        return to_login(request)

    def _forbidden(self, request: Request, door: Door, visitor: Visitor) -> Response | None:
        if door.need is not None and not visitor.may(door.need):
            return self._refuse(request, 403, _too_little(door, visitor), None)
        # A cookie is sent along by the browser whoever made the request, a token is not.
        changes = request.method not in READING and not door.leads_nowhere
        if changes and door.way is Way.API and visitor.way != "token":
            said = "a program changes something with a token of the scope edit only"
            return self._refuse(request, 403, said, None)
        return None

    def _note(self, visitor: Visitor, now: datetime) -> None:
        with suppress(DatabaseError):  # who reads a locked database has read it
            note_visit(self._served, visitor, now)


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


def _too_little(door: Door, visitor: Visitor) -> PageSentence:
    if visitor.is_local:
        return PageSentence("problem.only_reads")
    roles = {
        "role": PageSentence(f"login.roles.{visitor.role}"),
        "need": PageSentence(f"login.roles.{door.need}"),
    }
    key = "problem.token_too_little" if visitor.way == "token" else "problem.too_little"
    return PageSentence(key, {"name": visitor.name or "", **roles})


def _challenge(way: Way, *, is_wrong: bool = False) -> dict[str, str]:
    """How programs may log in (RFC 6750, RFC 7617)."""
    bearer = 'Bearer realm="Accordwatch"' + (', error="invalid_token"' if is_wrong else "")
    if way is Way.FEED:
        return {"WWW-Authenticate": f'Basic realm="Accordwatch", charset="UTF-8", {bearer}'}
    return {"WWW-Authenticate": bearer}
