"""`/api/v1/agreements`: the register."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from scheduler.views.agreements import AGREEMENTS, PENDING, entries_of, pending_entries
from scheduler.views.changes import CHANGES, DAYS, begins, changes_since
from scheduler.web.site.api.selection import (
    FILTERS,
    AfterAgreement,
    Asked,
    Limit,
    Responses,
    answers_with,
    json_answer,
    list_page,
)
from scheduler.web.site.filters.addresses import NotHere, language_for
from scheduler.web.site.rendering import served_by
from scheduler.web.site.search.counted import columns_of
from storage import queries
from storage.search import counts

_MOVED: Responses = {
    301: {"description": "It was merged into the agreement that `Location` names."}
}
router = APIRouter(tags=["agreements"])


@router.get("/agreements", openapi_extra=FILTERS, responses=answers_with(AGREEMENTS))
def agreements(
    request: Request,
    selection: Asked,
    sort: Annotated[
        Literal["reported", "day"], Query(description="Reported last first, or latest step first.")
    ] = "reported",
    limit: Limit = 50,
    after: AfterAgreement = None,
) -> Response:
    """The agreements of a selection, the one reported last first."""
    with served_by(request).database.read() as s:
        found = queries.agreements(s, selection.filter, limit + 1, after, sort == "day")
        entries = entries_of(s, found, language_for(request))
    return list_page(request, list(map(AGREEMENTS.row, entries)), limit, "id")


@router.get(
    "/agreements/{agreement_id}", responses={**answers_with(AGREEMENTS, alone=True), **_MOVED}
)
def agreement(request: Request, agreement_id: str) -> Response:
    """One agreement. One that was merged leads to the one that it became (301)."""
    with served_by(request).database.read() as s:
        found = queries.agreement(s, agreement_id)
        if found is None:
            raise NotHere
        if found.id != agreement_id:
            root = request.scope.get("root_path", "")
            return RedirectResponse(f"{root}/api/v1/agreements/{found.id}", 301)
        (entry,) = entries_of(s, [found], language_for(request))
    return json_answer(request, AGREEMENTS.row(entry))


@router.get("/changes", openapi_extra=FILTERS, responses=answers_with(CHANGES))
def changes(
    request: Request,
    selection: Asked,
    days: Annotated[int, Query(ge=1, le=36_500, description="Learnt in so many days.")] = DAYS,
    limit: Limit = 50,
) -> Response:
    """New agreements, and new steps of known ones, the one last learnt of first. `since` is the day
    since which they were learnt (UTC), in the place of `days`; `more` is how many were left out.
    """
    flt, language = selection.filter, language_for(request)
    since = begins(flt.since, days, served_by(request).now())
    with served_by(request).database.read() as s:
        found = changes_since(s, flt, since, limit, language)
    rows = list(map(CHANGES.row, found.lines[:limit]))
    more = found.more + len(found.lines) - len(rows)
    return json_answer(request, {"since": since, "items": rows, "more": more})


@router.get("/pending", openapi_extra=FILTERS, responses=answers_with(PENDING))
def pending(
    request: Request,
    selection: Asked,
    sort: Annotated[
        Literal["newest", "longest"], Query(description="Signed last first, or the oldest.")
    ] = "newest",
    limit: Limit = 50,
    after: AfterAgreement = None,
) -> Response:
    """What was signed or concluded, and is neither ratified nor in force, as far as is reported."""
    flt, language, served = selection.filter, language_for(request), served_by(request)
    today, longest = served.now().date(), sort == "longest"
    with served.database.read() as s:
        found = pending_entries(s, flt, today, language, limit + 1, after, longest_first=longest)
    return list_page(request, list(map(PENDING.row, found)), limit, "id")


@router.get("/facets", openapi_extra=FILTERS)
def facets(request: Request, selection: Asked) -> Response:
    """How many agreements of a selection have each party, topic, status, text and certainty."""
    chosen = selection.filter
    with served_by(request).database.read() as s:
        has = counts.agreement_overview(s, chosen, 300, columns_of(served_by(request), s))
        found = {one.name: dict(one.counts) for one in has.facets}
        return json_answer(request, {"total": has.total, **found})


@router.get("/corridors")
def corridors(request: Request) -> Response:
    """Each two parties of the register, with how many agreements both take part in, and the
    texts of how many are published.
    """
    with served_by(request).database.read() as s:
        found = columns_of(served_by(request), s).corridors
    rows = [
        {
            "parties": [one.one, one.other],
            "agreements": one.agreements,
            "with_text": one.with_text,
        }
        for one in found
    ]
    return json_answer(request, {"items": rows, "next": None})
