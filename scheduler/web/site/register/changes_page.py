"""What is new: in the last day, week or month, or since a day, by when it was learnt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.views.agreements import PENDING
from scheduler.views.changes import CHANGES, DAYS, Changes, Learned, begins, changes_since
from scheduler.views.entry import (
    certainty_name,
    entry_line,
    stage_of,
    status_name,
    step_with_day,
    with_status,
)
from scheduler.views.register_entries import Entry, pending_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line as one_line
from scheduler.views.words.page import moment, words_of
from scheduler.web.site.addresses import language_for, query_in, requested_address, tidied
from scheduler.web.site.download import (
    Form,
    about_file,
    all_pending,
    download,
    download_links,
    wanted_form,
)
from scheduler.web.site.filters.controls import chosen, controls_of
from scheduler.web.site.installation import source_names
from scheduler.web.site.register.feeds import (
    ENTRIES,
    Feed,
    FeedEntry,
    atom,
    json_feed,
    rss,
    unless_known,
)
from scheduler.web.site.rendering import page, served_by
from storage.database.session import Session
from storage.news import oldest_report
from storage.records import NewsKind
from storage.search.waiting import count_waiting

router = APIRouter(include_in_schema=False)

PATH = "/changes"
SPANS = (1, DAYS, 30)  # days that the page offers
MOST = 100  # agreements, and steps, on the page; the command line has no limit
_LONGEST_QUOTE = 600
_ALL = 1_000_000  # as good as no limit; a file has all


@router.get(PATH)
def changes(request: Request) -> Response:
    """New agreements and new steps, the one last learnt of first."""
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, days = _query(request), _days(request)
    form = wanted_form(request)
    if form is not None:
        return _file(request, selection, form)
    with served_by(request).database.read() as s:
        found = _found(request, s, selection, MOST)
        shown = _shown(request, selection, days, found)
        return page(request, s, "register/changes.html.j2", **shown)


@router.get(f"{PATH}/feed.atom")
def changes_atom(request: Request) -> Response:
    """What is new as an Atom feed."""
    return _feed(request, atom)


@router.get(f"{PATH}/feed.rss")
def changes_rss(request: Request) -> Response:
    """What is new as an RSS feed."""
    return _feed(request, rss)


@router.get(f"{PATH}/feed.json")
def changes_json(request: Request) -> Response:
    """What is new as a JSON Feed."""
    return _feed(request, json_feed)


def _file(request: Request, selection: Query, form: Form) -> Response:
    with served_by(request).database.read() as s:
        found = _found(request, s, selection, _ALL)
    given = [] if selection.since else [("days", str(_days(request)))]
    about = about_file(request, "changes", [*selection.parameters, *given])
    return download(form, about, CHANGES, found.lines)


def _query(request: Request) -> Query:
    return query_in(request, days=tuple(map(str, SPANS)))


def _days(request: Request) -> int:
    written = request.query_params.get("days", "")
    is_known = written in map(str, SPANS)
    return int(written) if is_known else DAYS


def _found(request: Request, s: Session, selection: Query, most: int) -> Changes:
    since = begins(selection.since, _days(request), served_by(request).now())
    return changes_since(s, selection.filter, since, most, language_for(request))


def _shown(request: Request, selection: Query, days: int, found: Changes) -> dict[str, Any]:
    words = words_of(language_for(request))
    others = {"days": str(days) if days != DAYS and not selection.since else None}
    spans = [
        (
            words.count("learnt.days", span),
            selection.address(PATH, since=None, days=str(span)),
            span == days and not selection.since,
        )
        for span in SPANS
    ]
    query = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "lang"])
    return {
        "selection": selection,
        "since": selection.since,
        "spans": spans,
        "controls": controls_of(selection, words, source_names(served_by(request))),
        "days": others["days"],
        "chosen": chosen(selection, others, words, PATH),
        "heading": words.say("learnt.since", moment=moment(found.since, words)),
        "counted": words.count("learnt.counted", len(found.lines)),
        "lines": [_line(one, words) for one in found.lines],
        "more": found.more,
        "feed": f"?{query}" if query else "",
        "downloads": download_links(lambda form: selection.address(PATH, **others, format=form)),
    }


def _line(one: Learned, words: Labels) -> dict[str, Any]:
    step, line = one.step, entry_line(one.agreement, one.entry.given, words)
    return {
        "line": line,
        "kind": one.news(words),
        "dates": one.dates(words),
        "is_step": one.kind is NewsKind.NEW_STEP,
        "status": status_name(step.status, one.agreement, words) if step else line.status,
        "stage": stage_of(step.status) if step else line.stage,
        "on": words.day(step.on) if step and step.on else words.say("page.undated"),
        "learnt": moment(one.learnt_at, words),
        "learnt_at": one.learnt_at.isoformat(),
        "quote": one_line(step.quote, _LONGEST_QUOTE) if step else "",
    }


def _feed(request: Request, write: Callable[[Request, Feed], Response]) -> Response:
    today = served_by(request).now().astimezone(UTC).date()  # what is new grows old by the day
    return unless_known(request, write, _made, today.isoformat())


def _made(request: Request) -> Feed:
    words, selection = words_of(language_for(request)), _query(request)
    home = str(request.base_url).rstrip("/")
    with served_by(request).database.read() as s:
        found = _found(request, s, selection, ENTRIES)
    entries = [_entry(home, one, words) for one in found.lines[:ENTRIES]]
    title, here = f"Accordwatch: {words.say('page.menu.changes')}", requested_address(request)
    query = here.partition("?")[2]  # quoted, whatever was asked for
    url = home + PATH + (f"?{query}" if query else "")
    return Feed(title, url, here, words.language, entries)


def _entry(home: str, one: Learned, words: Labels) -> FeedEntry:
    step, agreement = one.step, one.agreement
    given, sure = one.entry.given, certainty_name(agreement.certainty, words)
    name = with_status(one.name, one.status, agreement.instrument, words, is_given=bool(given))
    is_step = one.kind is NewsKind.NEW_STEP and step is not None
    own = f":step:{oldest_report(step)}" if is_step and step else ""
    said = step_with_day(step, words) if step else agreement.title
    at: datetime = one.learnt_at
    return FeedEntry(
        id=f"urn:accordwatch:{agreement.id}{own}",
        url=f"{home}/agreements/{agreement.id}",
        title=f"{one.news(words)}{words.say('colon')}{name}",
        summary=" ".join(filter(None, (f"[{sure}]", one.dates(words), said))),
        published_at=at,
        updated_at=at,
        certainty=sure,
    )


# --- what waits for ratification or entry into force ----------------------------------------------

PENDING_PATH = "/pending"
PAGE = 50
LONGEST = "longest"


@router.get(PENDING_PATH)
def pending(request: Request) -> Response:
    """The agreements of a selection that wait, the one signed last first, or the oldest."""
    tidy = tidied(request)
    if tidy is not None:
        return tidy
    selection, form = query_in(request, after=(), sort=("newest", LONGEST)), wanted_form(request)
    if form is not None:
        return _pending_file(request, selection, form)
    with served_by(request).database.read() as s:
        return page(request, s, "register/pending.html.j2", **_pending_shown(request, s, selection))


def today_of(request: Request) -> date:
    """The day of the request, in UTC."""
    return served_by(request).now().astimezone(UTC).date()


def is_longest_first(request: Request) -> bool:
    return request.query_params.get("sort") == LONGEST


def _pending_shown(request: Request, s: Session, selection: Query) -> dict[str, Any]:
    words, longest = words_of(language_for(request)), is_longest_first(request)
    after, today = request.query_params.get("after"), today_of(request)
    flt = selection.filter
    found = pending_entries(s, flt, today, words.language, PAGE + 1, after, longest_first=longest)
    shown, sort = found[:PAGE], LONGEST if longest else None
    last = shown[-1].agreement.id if shown else None
    return {
        "selection": selection,
        "chosen": chosen(selection, {"sort": sort}, words, PENDING_PATH),
        "controls": controls_of(selection, words, source_names(served_by(request))),
        "total": count_waiting(s, selection.filter),
        "lines": [_pending_line(one, words) for one in shown],
        "orders": [
            (
                words.say(f"page.pending.{name}"),
                selection.address(PENDING_PATH, sort=value),
                value == sort,
            )
            for name, value in (("newest", None), ("longest", LONGEST))
        ],
        "older": selection.address(PENDING_PATH, sort=sort, after=last) if found[PAGE:] else None,
        "is_first": after is None,
        "newest": selection.address(PENDING_PATH, sort=sort),
        "downloads": download_links(
            lambda form: selection.address(PENDING_PATH, sort=sort, format=form)
        ),
    }


def _pending_line(one: Entry, words: Labels) -> dict[str, Any]:
    since, days, state = one.pending_since, one.days_pending, one.agreement.text_state
    return {
        "line": entry_line(one.agreement, one.given, words),
        "day": since,
        "since": words.day(since) if since else words.say("page.undated"),
        "days": words.count("page.pending.days", days) if days is not None else "",
        "text": words.say(f"page.text_states.{state}") if state else "",
        "has_text": state == "published",
    }


def _pending_file(request: Request, selection: Query, form: Form) -> Response:
    longest, language = is_longest_first(request), language_for(request)
    given = [("sort", LONGEST)] if longest else []
    about = about_file(request, "pending", [*selection.parameters, *given])
    database, today = served_by(request).database, today_of(request)
    found = all_pending(database, selection.filter, language, today, longest_first=longest)
    return download(form, about, PENDING, found)
