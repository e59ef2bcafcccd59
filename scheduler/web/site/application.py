"""The page and the API as one ASGI application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from scheduler.configuration.query import LISTS, Misread, QueryError
from scheduler.views.words.labels import labels_of
from scheduler.views.words.lines import isolated
from scheduler.views.words.page import DEFAULT, called
from scheduler.views.words.phrases import in_words
from scheduler.web.operations import Operated, routes
from scheduler.web.site import api, api_sources, api_subscriptions
from scheduler.web.site.addresses import (
    Forbidden,
    Link,
    NotHere,
    Prefix,
    TrustedProxy,
    Untidy,
    own_path,
)
from scheduler.web.site.api import PREFIX, only_known_parameters
from scheduler.web.site.context import Context
from scheduler.web.site.counting import count_page
from scheduler.web.site.editing import decisions_page, forms, review_page
from scheduler.web.site.gate import DATABASE, NOBODY, Endpoint, Gate, NobodyYet, Way, endpoints_of
from scheduler.web.site.guard import Compressed, Guard
from scheduler.web.site.installation import Installation
from scheduler.web.site.pages import (
    account_page,
    briefing_page,
    login_page,
    new_entry_page,
    news_pages,
    parties_page,
    register_pages,
    rules_page,
    search_page,
    source_page,
    sources_page,
    subscriptions_page,
)
from scheduler.web.site.pages.rules_page import LoadedRules
from scheduler.web.site.selection import choice_of_columns, form_of, shown_columns
from storage.errors import AccordwatchError, DatabaseError
from storage.phrases import Phrase
from storage.users.accounts import Role

STATIC = Path(__file__).parent / "static"
_API = "/api/"
_PASSWORDS_AT_ONCE = 2  # each check takes 64 MiB and all cores for a moment
_DESCRIPTION = """What Accordwatch has stored, as the objects that its command line prints.

Lists come page by page: follow `next`. An answer that has not changed since the `ETag` that
`If-None-Match` names is a 304. Faults are problem objects (RFC 9457)."""

# This only describes it; the gate demands it.
_TOKENS = "A token of `accordwatch tokens add`, needed as soon as there are users."


_PAGES = (
    login_page,
    account_page,
    register_pages,
    briefing_page,
    parties_page,
    count_page,
    news_pages,
    search_page,
    forms,
    decisions_page,
    new_entry_page,
    review_page,
    sources_page,
    source_page,
    subscriptions_page,
    rules_page,
)


# Who may enter where a route is not one of FastAPI's, which have dependencies.
_WITHOUT_DEPENDENCIES = {
    "/static/{path:path}": (None, Way.PAGE),
    "/healthz": (None, Way.PAGE),
    "/unsubscribe": (None, Way.PAGE),
    "/metrics": (Role.READER, Way.API),
    f"{PREFIX}/openapi.json": (Role.READER, Way.API),
}


def create_site(served: Installation) -> FastAPI:
    return furnished(with_addresses(), served)


def with_addresses() -> FastAPI:
    """An application that answers at all addresses, and serves no installation yet."""
    app = FastAPI(
        title="Accordwatch",
        version="1",
        description=_DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    for page in _PAGES:
        app.include_router(page.router, dependencies=[Depends(Way.PAGE)])
    for feeds in (news_pages.feeds, parties_page.feeds, subscriptions_page.feeds):
        app.include_router(feeds, dependencies=[Depends(Way.FEED)])
    for router in (
        api.router,
        api.documents_router,
        api_sources.router,
        api_subscriptions.router,
    ):
        app.include_router(
            router,
            prefix=PREFIX,
            responses=_described_problems(),
            dependencies=[
                Security(HTTPBearer(auto_error=False, description=_TOKENS)),
                Depends(Way.API),
                Depends(only_known_parameters),
            ],
        )
    app.router.routes.extend(routes())
    app.mount("/static", _Static(directory=STATIC), name="static")
    for kind in (HTTPException, RequestValidationError, AccordwatchError):
        app.add_exception_handler(kind, _failed)
    app.add_exception_handler(QueryError, _misread)
    endpoints(app)
    return app


def furnished(app: FastAPI, served: Installation) -> FastAPI:
    """Let the application serve this installation."""
    app.state.served = served
    app.state.operated = Operated(served.database, lambda: served.chosen)
    app.state.rules = LoadedRules(served.rules, served.chosen.rule_files)
    app.state.password_checks = CapacityLimiter(_PASSWORDS_AT_ONCE)
    app.add_middleware(Gate, served=served, refuse=_problem, endpoints=endpoints(app))
    app.add_middleware(Compressed)
    app.add_middleware(Guard, reach=served.reach, failed=_problem)
    app.add_middleware(Prefix, root_path=served.reach.root_path)
    reach = served.reach
    app.add_middleware(TrustedProxy, proxies=reach.proxies, login_header=reach.login_header)
    return app


def endpoints(app: FastAPI) -> tuple[Endpoint, ...]:
    """All addresses of the application, each with who may enter. Raises UndeclaredError."""
    return endpoints_of(app, _WITHOUT_DEPENDENCIES)


class _Static(StaticFiles):
    """Style sheets may be cached for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


def _failed(request: Request, error: Exception) -> Response:
    """The answer to what a handler raised."""
    code, headers, reason = 409, None, str(error)
    match error:
        case Untidy():
            return RedirectResponse(str(error), error.code)
        case NotHere():
            code, reason = 404, ""
        case Forbidden():
            form = "This page may only be read, or the form is older than the page: load it again."
            code, reason = (
                403,
                Phrase(form),
            )
        case NobodyYet():
            code, reason = 503, NOBODY
        case DatabaseError():  # whose sentence names files and hosts
            context = Context.of(request)
            is_private, visitor = context.served.reach.is_private, context.somebody
            may_know = is_private if visitor is None else visitor.may(Role.ADMIN)
            code, reason = 503, reason if may_know else DATABASE
        case HTTPException():
            code, headers, reason = error.status_code, error.headers, str(error.detail)
            if code in (404, 405):  # the router's, which says it in English
                form = "This address does not accept this kind of request."
                reason = Phrase(form) if code == 405 else ""
        case RequestValidationError():
            found = ((".".join(map(str, one["loc"][1:])), one["msg"]) for one in error.errors())
            detail = "; ".join(f"{where}: {what}" for where, what in found)
            shown = Phrase(
                "The form could not be read ({detail}). Load the page again; nothing was changed.",
                detail=isolated(detail, "rtl"),
            )
            code, reason = 422, detail if _is_api(request) else shown
    return _problem(request, code, reason, headers)


def _is_api(request: Request) -> bool:
    return own_path(request).startswith(_API)


def _problem(
    request: Request,
    code: int,
    reason: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """What went wrong: an object in English for programs, a page in the reader's language."""
    context, is_api = Context.of(request), _is_api(request)
    if isinstance(reason, Phrase):
        reason = in_words(reason, DEFAULT if is_api else context.language)
    if is_api:
        return _problem_object(request, code, reason, headers)
    if context.is_partial:
        answer: Response = context.page(None, "trouble.html.j2", code, reason=reason)
    else:
        values = {"code_shown": code, "reason": reason}
        htmlresponse = None
        if context.somebody is not None:  # its footer says what is stored
            with suppress(DatabaseError), context.read() as s:
                htmlresponse = context.page(s, "problem.html.j2", code, **values)
        answer = htmlresponse or context.page(None, "problem.html.j2", code, **values)
    answer.headers.update(headers or {})
    return answer


# --- problems for programs, and queries that are not understood -----------------------------------

_PROBLEM_TYPE = "application/problem+json"
_STRING = {"type": "string"}
_MISREAD = {
    **dict.fromkeys(("parameter", "value", "key"), _STRING),
    "near": {"type": "array", "items": _STRING},
}
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "instance"), _STRING),
        "status": {"type": "integer"},
        "misread": {
            "description": "Each thing that is not understood, and what it may mean.",
            "type": "array",
            "items": {"type": "object", "required": list(_MISREAD), "properties": _MISREAD},
        },
    },
}


_MEANINGS = {
    401: "Log in with a token: `Authorization: Bearer`.",
    403: "The token's user or scope may not do this.",
    404: "Nothing is stored under this address.",
    409: "What was decided does not wait any more.",
    411: "The request does not say how long its body is, or sends it in chunks.",
    413: "The body is too long.",
    415: "The body is not in UTF-8.",
    421: "The request names a host that this page does not answer to.",
    422: "A parameter means nothing; the detail says which and what would.",
    503: "The database does not answer.",
}


def _described_problems() -> dict[int | str, dict[str, Any]]:
    """What every address of the API may answer besides 200, for its description."""
    of_problems = {"content": {_PROBLEM_TYPE: {"schema": _SCHEMA}}}
    problems: dict[int | str, dict[str, Any]] = {
        code: {"description": why, **of_problems} for code, why in _MEANINGS.items()
    }
    return problems | {304: {"description": "Not changed since the ETag that was named."}}


def _problem_object(
    request: Request,
    code: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem whose title is that of the status code; `more` are members that few have."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
    }
    if said := detail or _MEANINGS.get(code):
        problem["detail"] = said
    problem["instance"] = request.url.path
    return JSONResponse({**problem, **(more or {})}, code, headers, media_type=_PROBLEM_TYPE)


class Fault(NamedTuple):
    """What was not understood, the number that its field refers to, and what may be meant."""

    number: int
    misread: Misread
    sentence: str
    near: Sequence[Link]


def _misread(request: Request, error: Exception) -> Response:
    """A problem object for programs (422); for people the form, with what is not understood."""
    query_error, path = cast(QueryError, error), own_path(request)
    if path.startswith("/api/") or path.endswith("/feed.atom") or "format" in request.query_params:
        detail = " ".join(query_error.sentences(labels_of(DEFAULT), str))
        more = {"misread": [misread.as_json for misread in query_error.misread]}
        return _problem_object(request, 422, detail, more=more)
    context, query = Context.of(request), query_error.understood
    words = context.words
    faults = [
        Fault(
            number,
            misread,
            misread.sentence(words, called(misread.name, words)),
            list(_near(request, misread)),
        )
        for number, misread in enumerate(query_error.misread)
    ]
    shown = {
        **form_of(context, query, path),
        "columns": _columns(context) if path == "/" else None,
        "path": path,
        "faults": faults,
        "misread": {fault.misread.name: fault for fault in faults},
    }
    with context.read() as s:
        return context.page(s, "filters/misread.html.j2", 422, **shown)


def _columns(context: Context) -> dict[str, Any]:
    written = [value for name, value in context.parameters if name == "columns"]
    return choice_of_columns(context, shown_columns(written))


def _near(request: Request, misread: Misread) -> Iterator[Link]:
    """The same address with what may be meant, for each thing that may be."""
    pairs = request.query_params.multi_items()
    for near in misread.near:
        if misread.name in LISTS:
            meant = [
                (
                    name,
                    ",".join(near if part == misread.value else part for part in value.split(",")),
                )
                if name == misread.name
                else (name, value)
                for name, value in pairs
            ]
        elif misread.name:
            meant = [
                (name, near if (name, value) == misread.pair else value) for name, value in pairs
            ]
        else:
            meant = [(near if name == misread.value else name, value) for name, value in pairs]
        if meant != pairs:
            yield Link(near, f"{own_path(request)}?{urlencode(meant)}")
