"""The page and the API as one ASGI application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from scheduler.configuration.query import QueryError
from scheduler.views.words.lines import isolated
from scheduler.views.words.page import DEFAULT, PageSentence
from scheduler.web.operations import Operated, routes
from scheduler.web.site import api
from scheduler.web.site.access import doors, pages
from scheduler.web.site.access.gate import DATABASE, NOBODY, Gate, NobodyYet
from scheduler.web.site.addresses import (
    Forbidden,
    NotHere,
    Prefix,
    TrustedProxy,
    language_for,
    own_path,
)
from scheduler.web.site.api import PREFIX, only_known_parameters
from scheduler.web.site.editing import agreement_forms, decisions_page, report_forms
from scheduler.web.site.filters.problems import described_problems, misread, problem_answer
from scheduler.web.site.guard import Compressed, Guard
from scheduler.web.site.installation import Installation
from scheduler.web.site.register import (
    changes_page,
    corridor_page,
    feeds,
    register_pages,
)
from scheduler.web.site.rendering import is_partial, page, served_by, visitor_if_any
from scheduler.web.site.review import review_page
from scheduler.web.site.rules import rules_page
from scheduler.web.site.rules.rules_page import LoadedRules
from scheduler.web.site.search import document_page, search_page
from scheduler.web.site.sources import adding_page, runs_page, sources_page
from scheduler.web.site.subscriptions import subscribe_page, subscriptions_page
from storage.errors import AccordwatchError, DatabaseError
from storage.users.records import Role

_STATIC = Path(__file__).parent / "static"
_API = "/api/"
_PASSWORDS_AT_ONCE = 2  # each check takes 64 MiB and all cores for a moment
_DESCRIPTION = """What Accordwatch has stored, as the objects that its command line prints.

Lists come page by page: follow `next`. An answer that has not changed since the `ETag` that
`If-None-Match` names is a 304. Faults are problem objects (RFC 9457)."""

# This only describes it; the gate is what asks.
_TOKENS = "A token of `accordwatch tokens add`, needed as soon as there are users."


_PAGES = (
    pages,
    register_pages,
    corridor_page,
    changes_page,
    search_page,
    document_page,
    agreement_forms,
    report_forms,
    decisions_page,
    review_page,
    sources_page,
    adding_page,
    runs_page,
    subscriptions_page,
    subscribe_page,
    rules_page,
    feeds,
)


def create_site(served: Installation) -> FastAPI:
    """The application that serves one installation."""
    return furnished(with_addresses(), served)


def with_addresses() -> FastAPI:
    """An application that answers at all addresses, and serves no installation yet."""
    app = FastAPI(
        title="Accordwatch",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    for one in _PAGES:
        app.include_router(one.router)
    for router in (api.router, api.documents_router, api.sources_router):
        app.include_router(
            router,
            prefix=PREFIX,
            responses=described_problems(),
            dependencies=[
                Security(HTTPBearer(auto_error=False, description=_TOKENS)),
                Depends(only_known_parameters),
            ],
        )
    app.router.routes.extend(routes())
    app.mount("/static", _Static(directory=_STATIC), name="static")
    app.add_exception_handler(NotHere, _not_here)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(QueryError, misread)
    app.add_exception_handler(AccordwatchError, _failed)
    doors.check(_addresses(app))
    return app


def furnished(app: FastAPI, served: Installation) -> FastAPI:
    """Let the application serve this installation."""
    app.state.served = served
    app.state.operated = Operated(served.database, lambda: served.chosen)
    app.state.rules = LoadedRules(served.rules, served.chosen.rule_files)
    app.state.password_checks = CapacityLimiter(_PASSWORDS_AT_ONCE)
    app.add_middleware(Gate, served=served, refuse=_problem)
    app.add_middleware(Compressed)
    app.add_middleware(Guard, reach=served.reach, failed=_problem)
    app.add_middleware(Prefix, root_path=served.reach.root_path)
    reach = served.reach
    app.add_middleware(TrustedProxy, proxies=reach.proxies, login_header=reach.login_header)
    return app


def _addresses(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Each method and path of the application."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount):
            yield "GET", f"{route.path}/{{path:path}}"
            continue
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, str(route.path)


class _Static(StaticFiles):
    """Style sheets may be kept for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


def _not_here(request: Request, error: Exception) -> Response:
    return _problem(request, 404, "")


def _refused(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    said: str | PageSentence = str(error.detail) if isinstance(error, HTTPException) else ""
    if code in (404, 405):  # the router's, which says it in English
        said = PageSentence("problem.method") if code == 405 else ""
    headers = error.headers if isinstance(error, HTTPException) else None
    return _problem(request, code, said, headers)


def _unreadable(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    detail = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in found)
    said = PageSentence("problem.unreadable", {"detail": isolated(detail, "rtl")})
    return _problem(request, 422, detail if _is_api(request) else said)


def _failed(request: Request, error: Exception) -> Response:
    code = 403 if isinstance(error, Forbidden) else 503 if isinstance(error, DatabaseError) else 409
    said: str | PageSentence = str(error)
    if isinstance(error, Forbidden):
        said = PageSentence("problem.forbidden")
    elif isinstance(error, NobodyYet):
        said = NOBODY
    elif isinstance(error, DatabaseError) and not _may_know(request):
        said = DATABASE
    return _problem(request, code, said)


def _may_know(request: Request) -> bool:
    """Whether the sentence may name files and hosts of the installation."""
    visitor = visitor_if_any(request)
    if visitor is None:
        return served_by(request).reach.is_private
    return visitor.may(Role.ADMIN)


def _is_api(request: Request) -> bool:
    return own_path(request).startswith(_API)


def _problem(
    request: Request, code: int, said: str | PageSentence, headers: Mapping[str, str] | None = None
) -> Response:
    """What went wrong: an object in English for programs, a page in the reader's language."""
    language = DEFAULT if _is_api(request) else language_for(request)
    said = said if isinstance(said, str) else said.in_words(language)
    if _is_api(request):
        return problem_answer(request, code, said, headers)
    if is_partial(request):
        answer: Response = page(request, None, "trouble.html.j2", code, said=said)
    else:
        answer = _problem_page(request, code, said)
    answer.headers.update(headers or {})
    return answer


def _problem_page(request: Request, code: int, said: str) -> Response:
    """Strangers do not learn from its footer what is stored."""
    shown = partial(
        page, request, template="problem.html.j2", code=code, code_shown=code, said=said
    )
    if visitor_if_any(request) is not None:
        with suppress(DatabaseError), served_by(request).database.read() as s:
            return shown(s)
    return shown(None)
