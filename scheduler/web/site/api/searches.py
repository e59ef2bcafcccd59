"""`/api/v1/searches`: the searches that were saved under a name."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from scheduler.web.site.api.selection import json_answer
from scheduler.web.site.asked import kept_query, wishes_of
from scheduler.web.site.problems import NotHere
from scheduler.web.site.rendering import served_by, visitor_of
from storage.search.saved import SavedSearch, search_named, searches

router = APIRouter(tags=["documents"])


@router.get("/searches")
def saved_searches(request: Request) -> Response:
    """The saved searches, by their names. `documents` is the address of what they find, `filter`
    what a subscription to one would say, `items_a_week` what that would have told in the 52 weeks
    before it was saved.
    """
    with served_by(request).database.read() as s:
        items = [_row(request, one) for one in searches(s, visitor_of(request).user_id)]
    return json_answer(request, {"items": items, "next": None})


@router.get("/searches/{search_name}")
def saved_search(request: Request, search_name: str) -> Response:
    """One saved search."""
    with served_by(request).database.read() as s:
        found = search_named(s, search_name, visitor_of(request).user_id)
    if found is None:
        raise NotHere
    return json_answer(request, _row(request, found))


def _row(request: Request, saved: SavedSearch) -> dict[str, Any]:
    query, home = kept_query(saved.address), str(request.base_url).rstrip("/")
    wishes = wishes_of(QueryParams(saved.address)).parameters
    return {
        "name": saved.name,
        "documents": f"{home}/api/v1/documents" + (f"?{saved.address}" if saved.address else ""),
        "filter": query.told,
        "only_of_searches": [*query.left_out(), *(one for one, value in wishes.items() if value)],
        "items_last_year": saved.items,
        "items_a_week": round(saved.items_a_week, 2),
        "who": saved.who,
        "saved_at": saved.saved_at,
    }
