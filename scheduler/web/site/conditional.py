"""Conditional answers: an ETag, and 304 for a client that has it (RFC 9110)."""

from __future__ import annotations

import hashlib

from fastapi import Request
from starlette.responses import Response


def conditional(request: Request, body: bytes, media_type: str) -> Response:
    """The body under a tag made of it, or 304 without it if `If-None-Match` names that."""
    # Weak, since an answer that is compressed on its way has the same tag.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    if "*" in _known(request):
        return tagged(Response(status_code=304), tag)
    return not_modified(request, tag) or tagged(Response(body, media_type=media_type), tag)


def state_tag(*parts: str) -> str:
    """A weak tag of what an answer is made from, to be known before the answer is made."""
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def not_modified(request: Request, tag: str) -> Response | None:
    """A 304 for a request that has what bears this tag; None for others."""
    if tag.removeprefix("W/") in _known(request):
        return tagged(Response(status_code=304), tag)
    return None


def tagged(answer: Response, tag: str) -> Response:
    """The answer with its tag, to be asked for again before it is used again."""
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _known(request: Request) -> set[str]:
    named = request.headers.get("if-none-match", "").split(",")
    return {one.strip().removeprefix("W/") for one in named}
