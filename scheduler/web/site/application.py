"""The page and the API as one ASGI application."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from scheduler.web.site import feeds
from scheduler.web.site.api import agreements, documents, others, problems
from scheduler.web.site.guard import Guard
from scheduler.web.site.installation import Installation
from scheduler.web.site.pages import documents as document_pages
from scheduler.web.site.pages import register, review, sources
from scheduler.web.site.pages.problems import Forbidden, NotHere
from scheduler.web.site.pages.rendering import page, served_by
from scheduler.web.site.pages.upkeep import runs
from storage.errors import AccordwatchError, DatabaseError

_STATIC = Path(__file__).parent / "static"
_API = "/api/"
_DESCRIPTION = """What Accordwatch has stored, as the objects that its command line prints.

Lists come page by page: follow `next`. An answer that has not changed since the `ETag` that
`If-None-Match` names is a 304. Faults are problem objects (RFC 9457)."""


def create_site(served: Installation) -> FastAPI:
    """The application that serves one installation."""
    app = FastAPI(
        title="Accordwatch",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.served = served
    for pages in (register, document_pages, review, sources, runs, feeds):
        app.include_router(pages.router)
    for parts in (agreements, documents, others):
        app.include_router(parts.router, prefix="/api/v1", responses=problems.described())
    app.mount("/static", _Static(directory=_STATIC), name="static")
    app.add_exception_handler(NotHere, _not_here)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(AccordwatchError, _failed)
    app.add_middleware(Guard)
    return app


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
    said = "" if code == 404 else str(error.detail) if isinstance(error, HTTPException) else ""
    headers = error.headers if isinstance(error, HTTPException) else None
    return _problem(request, code, said, headers)


def _unreadable(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    said = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in found)
    return _problem(request, 422, said)


def _failed(request: Request, error: Exception) -> Response:
    code = 403 if isinstance(error, Forbidden) else 503 if isinstance(error, DatabaseError) else 409
    said = _FORBIDDEN if isinstance(error, Forbidden) else str(error)
    return _problem(request, code, said)


_FORBIDDEN = "This page may only be read, or the form is older than the page: load it again."


def _problem(
    request: Request, code: int, said: str, headers: Mapping[str, str] | None = None
) -> Response:
    if request.url.path.startswith(request.scope.get("root_path", "") + _API):
        return problems.answer(request, code, said, headers)
    try:
        with served_by(request).database.read() as s:
            return page(request, s, "problem.html.j2", code, code_shown=code, said=said)
    except DatabaseError:
        return page(request, None, "problem.html.j2", code, code_shown=code, said=said)
