"""Saved searches as feeds: a document an entry, the one that came in last first."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from scheduler.searching.snippets import Snippet, with_snippets
from scheduler.web.site.access.own_addresses import asked_address
from scheduler.web.site.asked import kept_query, wishes_of
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import NotHere
from scheduler.web.site.register.feeds import (
    ENTRIES,
    NEVER,
    Feed,
    FeedEntry,
    atom,
    dated,
    json_feed,
    rss,
)
from scheduler.web.site.rendering import served_by, visitor_of
from scheduler.web.site.search.saved_views import saved_view
from scheduler.words.labels import Labels
from scheduler.words.lines import line
from scheduler.words.page import words_of
from storage import queries
from storage.search.document_rows import DocumentRow
from storage.search.saved import search_named

router = APIRouter(include_in_schema=False)


@router.get("/searches/{search_name}/feed.atom")
def saved_atom(request: Request, search_name: str) -> Response:
    """The newest documents of a saved search as an Atom feed."""
    return atom(request, _feed(request, search_name))


@router.get("/searches/{search_name}/feed.rss")
def saved_rss(request: Request, search_name: str) -> Response:
    """The newest documents of a saved search as an RSS feed."""
    return rss(request, _feed(request, search_name))


@router.get("/searches/{search_name}/feed.json")
def saved_json(request: Request, search_name: str) -> Response:
    """The newest documents of a saved search as a JSON Feed."""
    return json_feed(request, _feed(request, search_name))


def _feed(request: Request, name: str) -> Feed:
    words, home = words_of(language_for(request)), str(request.base_url).rstrip("/")
    with served_by(request).database.read() as s:
        saved = search_named(s, name, visitor_of(request).user_id)
        if saved is None:
            raise NotHere
        given = QueryParams(saved.address)
        flt, everything = kept_query(saved.address).filter, wishes_of(given).everything
        rows = queries.stored_last(s, flt, ENTRIES, everything=everything)
        entries = [
            _entry(home, row, found, words) for row, found in with_snippets(s, rows, flt.words)
        ]
    page = home + saved_view(saved, words).path
    return Feed(f"Accordwatch: {saved.name}", page, asked_address(request), words.language, entries)


def _entry(home: str, row: DocumentRow, found: Snippet, words: Labels) -> FeedEntry:
    text = " … ".join(one.text for one in found if one.zone == "text") or row.quote
    came_at = row.first_seen_at or NEVER
    return FeedEntry(
        id=f"urn:accordwatch:document:{row.id}",
        url=f"{home}/documents/{row.id}",
        title=line(row.title, 300) or words.say("untitled"),
        summary=dated(row.event_date or row.published_on, text, words),
        published_at=came_at,
        updated_at=came_at,
    )
