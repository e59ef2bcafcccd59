"""Faults as problem objects (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "application/problem+json"
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "misread": {
            "description": "Each thing that is not understood, and what it may mean.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "value", "key", "near"],
                "properties": {
                    "parameter": {"type": "string"},
                    "value": {"type": "string"},
                    "key": {"type": "string"},
                    "near": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def described() -> dict[int | str, dict[str, Any]]:
    """What every address of the API may answer besides 200, for its description."""
    of_problems = {"content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    said = {
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
    problems: dict[int | str, dict[str, Any]] = {
        code: {"description": why, **of_problems} for code, why in said.items()
    }
    return problems | {304: {"description": "Not changed since the ETag that was named."}}


def answer(
    request: Request,
    code: int,
    said: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem of the generic type, whose title is that of the status code; `more` are members
    that only some problems have.
    """
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
    }
    if said:
        found["detail"] = said
    found["instance"] = request.url.path
    return JSONResponse({**found, **(more or {})}, code, headers, media_type=MEDIA_TYPE)
