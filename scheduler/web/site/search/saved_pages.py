"""Saved searches: all of them, one with its newest hits, saving one and removing it."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from scheduler.searching.saving import save
from scheduler.web.site.asked import kept_query, wishes_of
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import Forbidden, NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.search.hits import hits
from scheduler.web.site.search.saved_views import (
    ACTION,
    LONGEST_ADDRESS,
    REMOVAL,
    saved_view,
    subscription_of,
)
from scheduler.words.page import words_of
from storage import queries
from storage.access.records import Role
from storage.search.counting import overview
from storage.search.saved import remove_search, search_named, searches

router = APIRouter(include_in_schema=False)

_SHOWN = 10  # of its newest hits


@router.get(ACTION)
def all_searches(request: Request) -> Response:
    """The saved searches by their names."""
    words = words_of(language_for(request))
    with served_by(request).database.read() as s:
        lines = [saved_view(one, words) for one in searches(s, visitor_of(request).user_id)]
        token = visitor_of(request).form_token(REMOVAL)
        return page(request, s, "search/searches.html.j2", lines=lines, token=token)


@router.post(ACTION)
def save_search(
    request: Request,
    name: str = Form(max_length=1000),
    selection: str = Form(max_length=LONGEST_ADDRESS),
    token: str = Form(max_length=64),
    alone: str = Form("", max_length=5),
) -> Response:
    """Keep a selection under a name, and show it. What a reader saves is for the reader alone."""
    visitor, served = visitor_of(request), served_by(request)
    if visitor.name is None or not visitor.is_form_token(ACTION, token):
        raise Forbidden
    is_own = bool(alone) or not visitor.may(Role.EDITOR)
    owner_id = visitor.user_id if is_own else None
    given = QueryParams(selection)
    wanted, wishes = kept_query(selection), wishes_of(given)
    pairs = [*wanted.parameters, *((name, v) for name, v in wishes.parameters.items() if v)]
    database = served.database
    address, now = urlencode(pairs), served.now()
    saved = save(database, name, address, wanted.filter, visitor.name, now, owner_id)
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}{ACTION}/{quote(saved.name)}?saved=1", 303)


@router.post(REMOVAL)
def forget_search(
    request: Request, name: str = Form(max_length=1000), token: str = Form(max_length=64)
) -> Response:
    """Remove a saved search."""
    visitor, served = visitor_of(request), served_by(request)
    if visitor.name is None or not visitor.is_form_token(REMOVAL, token):
        raise Forbidden
    with served.database.begin() as s:
        found = search_named(s, name, visitor.user_id)
        if found is None or (found.owner_id is None and not visitor.may(Role.EDITOR)):
            raise NotHere
        remove_search(s, name, found.owner_id)
    return RedirectResponse(request.scope.get("root_path", "") + ACTION, 303)


@router.get("/searches/{search_name}")
def one_search(request: Request, search_name: str) -> Response:
    """One saved search: its newest hits, its feeds, and what it would be as a subscription."""
    words, served = words_of(language_for(request)), served_by(request)
    with served.database.read() as s:
        saved = search_named(s, search_name, visitor_of(request).user_id)
        if saved is None:
            raise NotHere
        given = QueryParams(saved.address)
        flt, wishes = kept_query(saved.address).filter, wishes_of(given)
        found = queries.search(s, flt, everything=wishes.everything, limit=_SHOWN)
        return page(
            request,
            s,
            "search/saved_search.html.j2",
            one=saved_view(saved, words),
            total=overview.count_documents(s, flt, everything=wishes.everything),
            hits=hits(s, list(found), flt.words, words),
            subscription=subscription_of(saved, served.chosen, words),
            is_new=request.query_params.get("saved") == "1",
            token=visitor_of(request).form_token(REMOVAL),
        )
