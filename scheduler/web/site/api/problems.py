"""Faults as problem objects (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "application/problem+json"


def answer(request: Request, code: int, said: str) -> Response:
    """A problem of the generic type, whose title is that of the status code."""
    found = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code}
    if said:
        found["detail"] = said
    return JSONResponse({**found, "instance": request.url.path}, code, media_type=MEDIA_TYPE)
