"""Answers that are sent once: an ETag of what would be sent, and 304 for who has it (RFC 9110)."""

from __future__ import annotations

import hashlib

from fastapi import Request
from starlette.responses import Response


def conditional(request: Request, body: bytes, media_type: str) -> Response:
    """The body, or 304 without it if `If-None-Match` names it."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = {one.strip().removeprefix("W/") for one in _tags(request)}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _tags(request: Request) -> list[str]:
    return request.headers.get("if-none-match", "").split(",")
