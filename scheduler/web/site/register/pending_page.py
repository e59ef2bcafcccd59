"""What waits for ratification or entry into force, with the days, as a page and as files."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.views.agreements import PENDING, Entry, pending_entries
from scheduler.views.entry import entry_line
from scheduler.views.words.labels import Labels
from scheduler.views.words.page import words_of
from scheduler.web.site.download.forms import (
    Form,
    about_file,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.download.rows import all_pending
from scheduler.web.site.filters.addresses import language_for, query_in, tidied
from scheduler.web.site.filters.controls import controls_of
from scheduler.web.site.installation import source_names
from scheduler.web.site.rendering import page, served_by
from scheduler.web.site.search.choices import chosen
from storage.database.session import Session
from storage.search.waiting import count_waiting

router = APIRouter(include_in_schema=False)

PATH = "/pending"
PAGE = 50
LONGEST = "longest"


@router.get(PATH)
def pending(request: Request) -> Response:
    """The agreements of a selection that wait, the one signed last first, or the oldest."""
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, form = query_in(request, after=(), sort=("newest", LONGEST)), wanted_form(request)
    if form is not None:
        return _file(request, selection, form)
    with served_by(request).database.read() as s:
        return page(request, s, "register/pending.html.j2", **_shown(request, s, selection))


def today_of(request: Request) -> date:
    """The day of the request, in UTC."""
    return served_by(request).now().astimezone(UTC).date()


def is_longest_first(request: Request) -> bool:
    return request.query_params.get("sort") == LONGEST


def _shown(request: Request, s: Session, selection: Query) -> dict[str, Any]:
    words, longest = words_of(language_for(request)), is_longest_first(request)
    after, today = request.query_params.get("after"), today_of(request)
    flt = selection.filter
    found = pending_entries(s, flt, today, words.language, PAGE + 1, after, longest_first=longest)
    shown, sort = found[:PAGE], LONGEST if longest else None
    last = shown[-1].agreement.id if shown else None
    return {
        "selection": selection,
        "chosen": chosen(selection, {"sort": sort}, words, PATH),
        "controls": controls_of(selection, words, source_names(served_by(request))),
        "total": count_waiting(s, selection.filter),
        "lines": [_line(one, words) for one in shown],
        "orders": [
            (words.say(f"page.pending.{name}"), selection.address(PATH, sort=value), value == sort)
            for name, value in (("newest", None), ("longest", LONGEST))
        ],
        "older": selection.address(PATH, sort=sort, after=last) if found[PAGE:] else None,
        "is_first": after is None,
        "newest": selection.address(PATH, sort=sort),
        "downloads": download_links(lambda form: selection.address(PATH, sort=sort, format=form)),
    }


def _line(one: Entry, words: Labels) -> dict[str, Any]:
    since, days, state = one.pending_since, one.days_pending, one.agreement.text_state
    return {
        "line": entry_line(one.agreement, one.given, words),
        "day": since,
        "since": words.day(since) if since else words.say("page.undated"),
        "days": words.count("page.pending.days", days) if days is not None else "",
        "text": words.say(f"page.text_states.{state}") if state else "",
        "has_text": state == "published",
    }


def _file(request: Request, selection: Query, form: Form) -> Response:
    longest, language = is_longest_first(request), language_for(request)
    given = [("sort", LONGEST)] if longest else []
    about = about_file(request, "pending", [*selection.parameters, *given])
    database, today = served_by(request).database, today_of(request)
    found = all_pending(database, selection.filter, language, today, longest_first=longest)
    return download(form, about, PENDING, found)
