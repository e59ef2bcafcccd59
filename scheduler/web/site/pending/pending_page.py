"""What waits for ratification or entry into force, with the days, as a page and as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.searching.pending import (
    COLUMNS,
    LONGEST,
    days_waiting,
    pending_rows,
    waiting_since,
)
from scheduler.web.site.asked import asked, tidied
from scheduler.web.site.download.forms import (
    Form,
    about_file,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.filters.controls import controls_of
from scheduler.web.site.language import language_for
from scheduler.web.site.register.agreement_views import agreement_line
from scheduler.web.site.rendering import page, served_by
from scheduler.web.site.search.choices import chosen
from scheduler.web.site.sources.current import source_names
from scheduler.words.labels import Labels
from scheduler.words.page import words_of
from storage.database.session import Database, Session
from storage.filter import Filter
from storage.register.given_names import given_names
from storage.register.records import Agreement
from storage.search.waiting import count_waiting, waiting

router = APIRouter(include_in_schema=False)

PATH = "/pending"
PAGE = 50
_READ = 500  # rows of a file that are read in one transaction


@router.get(PATH)
def pending(request: Request) -> Response:
    """The agreements of a selection that wait, the one signed last first, or the oldest."""
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, form = asked(request, after=(), sort=("newest", LONGEST)), wanted_form(request)
    if form is not None:
        return _file(request, selection, form)
    with served_by(request).database.read() as s:
        return page(request, s, "pending/pending.html.j2", **_shown(request, s, selection))


def today_of(request: Request) -> date:
    """The day of the request, in UTC."""
    return served_by(request).now().astimezone(UTC).date()


def is_longest_first(request: Request) -> bool:
    return request.query_params.get("sort") == LONGEST


def _shown(request: Request, s: Session, selection: Query) -> dict[str, Any]:
    words, longest = words_of(language_for(request)), is_longest_first(request)
    after, today = request.query_params.get("after"), today_of(request)
    found = waiting(s, selection.filter, PAGE + 1, after, longest_first=longest)
    shown, sort = found[:PAGE], LONGEST if longest else None
    given = given_names(s, [one.id for one in shown])
    return {
        "selection": selection,
        "chosen": chosen(selection, {"sort": sort}, words, PATH),
        "controls": controls_of(selection, words, source_names(served_by(request))),
        "total": count_waiting(s, selection.filter),
        "lines": [_line(one, given.get(one.id), today, words) for one in shown],
        "orders": [
            (words.say(f"page.pending.{name}"), selection.address(PATH, sort=value), value == sort)
            for name, value in (("newest", None), ("longest", LONGEST))
        ],
        "older": selection.address(PATH, sort=sort, after=shown[-1].id) if found[PAGE:] else None,
        "is_first": after is None,
        "newest": selection.address(PATH, sort=sort),
        "downloads": download_links(lambda form: selection.address(PATH, sort=sort, format=form)),
    }


def _line(one: Agreement, given: str | None, today: date, words: Labels) -> dict[str, Any]:
    since, days = waiting_since(one), days_waiting(one, today)
    return {
        "line": agreement_line(one, given, words),
        "instrument": words.instrument(one.instrument) if one.instrument else "",
        "day": since,
        "since": words.day(since) if since else words.say("page.undated"),
        "days": words.count("page.pending.days", days) if days is not None else "",
        "text": words.say(f"page.text_states.{one.text_state}") if one.text_state else "",
        "has_text": one.text_state == "published",
    }


def _file(request: Request, selection: Query, form: Form) -> Response:
    longest = is_longest_first(request)
    given = [("sort", LONGEST)] if longest else []
    about = about_file(request, "pending", [*selection.parameters, *given])
    words = words_of(language_for(request))
    rows = _rows(
        served_by(request).database, selection.filter, today_of(request), words, longest=longest
    )
    return download(form, about, rows, COLUMNS)


def _rows(
    database: Database, flt: Filter, today: date, words: Labels, *, longest: bool
) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        with database.read() as s:
            found = waiting(s, flt, _READ, after, longest_first=longest)
            given = given_names(s, [one.id for one in found])
        yield from pending_rows(found, given, today, words)
        if len(found) < _READ:
            return
        after = found[-1].id
