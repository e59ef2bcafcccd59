"""`/healthz`: whether the page can answer, for a proxy or a container. It says nothing else, since
strangers may ask; what the daemon knows stands at its own `/healthz`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from scheduler.web.site.rendering import served_by
from storage.database.session import check_version
from storage.errors import DatabaseError

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz(request: Request) -> Response:
    """200 if the database answers, else 503."""
    try:
        with served_by(request).database.read() as s:
            check_version(s)
    except DatabaseError:
        return JSONResponse({"status": "failing", "database": "does not answer"}, 503)
    return JSONResponse({"status": "ok"})
