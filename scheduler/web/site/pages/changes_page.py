"""What is new: in the last day, week or month, or since a day, by when it was learnt."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.views.agreements import PENDING
from scheduler.views.changes import CHANGES, DAYS, Changes, Learned, begins, changes_since
from scheduler.views.entry import entry_line, stage_of, status_name, step_with_day, with_status
from scheduler.views.register_entries import pending_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line as one_line
from scheduler.views.words.page import moment
from scheduler.web.site.addresses import language_for, query_in, requested_address
from scheduler.web.site.controls import form_of
from scheduler.web.site.download import all_pending, download, wanted_form
from scheduler.web.site.pages.feeds import ENTRIES, FeedEntry, atom, unless_known
from scheduler.web.site.rendering import page, served_by, words_for
from storage.database.session import Session
from storage.news import oldest_report
from storage.queries import count_waiting
from storage.records import NewsKind

router = APIRouter(include_in_schema=False)

PATH = "/changes"
SPANS = (1, DAYS, 30)  # days that the page offers
MOST = 100  # agreements, and steps, on the page; the command line has no limit
_LONGEST_QUOTE = 600
_ALL = 1_000_000  # as good as no limit; a file has all


@router.get(PATH)
def changes(request: Request) -> Response:
    """New agreements and new steps, the one last learnt of first."""
    selection, days, form = _query(request), _days(request), wanted_form(request)
    with served_by(request).database.read() as s:
        if form is None:
            found = _found(request, s, selection, MOST)
            shown = _shown(request, selection, days, found)
            return page(request, s, "register/changes.html.j2", **shown)
        found = _found(request, s, selection, _ALL)
    given = [] if selection.since else [("days", str(days))]
    return download(request, form, CHANGES, [*selection.parameters, *given], found.lines)


@router.get(f"{PATH}/feed.atom")
def changes_feed(request: Request) -> Response:
    """What is new as a feed."""
    today = _today(request)  # what is new grows old by the day
    return unless_known(request, lambda: _feed(request), today.isoformat())


def _query(request: Request) -> Query:
    return query_in(request, days=tuple(map(str, SPANS)))


def _days(request: Request) -> int:
    written = request.query_params.get("days", "")
    return int(written) if written in map(str, SPANS) else DAYS


def _today(request: Request) -> date:
    """The day of the request, in UTC."""
    return served_by(request).now().astimezone(UTC).date()


def _found(request: Request, s: Session, selection: Query, most: int) -> Changes:
    since = begins(selection.since, _days(request), served_by(request).now())
    return changes_since(s, selection.filter, since, most, language_for(request))


def _shown(request: Request, selection: Query, days: int, found: Changes) -> dict[str, Any]:
    words = words_for(request)
    others = {"days": str(days) if days != DAYS and not selection.since else None}
    query = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "lang"])
    return {
        **form_of(request, selection, PATH, others),
        "spans": [
            (
                words.count("learnt.days", span),
                selection.address(PATH, since=None, days=str(span)),
                span == days and not selection.since,
            )
            for span in SPANS
        ],
        "days": others["days"],
        "heading": words.say("learnt.since", moment=moment(found.since, words)),
        "lines": [_line(one, words) for one in found.lines],
        "more": found.more,
        "feed": f"?{query}" if query else "",
    }


def _line(one: Learned, words: Labels) -> dict[str, Any]:
    step, line = one.step, entry_line(one.agreement, one.entry.given, words)
    return {
        "line": line,
        "news": one,
        "status": status_name(step.status, one.agreement, words) if step else line.status,
        "stage": stage_of(step.status) if step else line.stage,
        "learnt": moment(one.learnt_at, words),
        "quote": one_line(step.quote, _LONGEST_QUOTE) if step else "",
    }


def _feed(request: Request) -> Response:
    words, selection = words_for(request), _query(request)
    home = str(request.base_url).rstrip("/")
    with served_by(request).database.read() as s:
        found = _found(request, s, selection, ENTRIES)
    entries = [_entry(home, one, words) for one in found.lines[:ENTRIES]]
    title = f"Accordwatch: {words.say('page.menu.changes')}"
    query = requested_address(request).partition("?")[2]  # quoted, whatever was asked for
    return atom(request, title, home + PATH + (f"?{query}" if query else ""), words, entries)


def _entry(home: str, one: Learned, words: Labels) -> FeedEntry:
    step, agreement, given = one.step, one.agreement, one.entry.given
    sure = entry_line(agreement, given, words).grade_name
    name = with_status(one.name, one.status, agreement.instrument, words, is_given=bool(given))
    is_step = one.kind is NewsKind.NEW_STEP and step is not None
    own = f":step:{oldest_report(step)}" if is_step and step else ""
    said = step_with_day(step, words) if step else agreement.title
    return FeedEntry(
        id=f"urn:accordwatch:{agreement.id}{own}",
        url=f"{home}/agreements/{agreement.id}",
        title=f"{one.news(words)}{words.say('colon')}{name}",
        summary=" ".join(filter(None, (f"[{sure}]", one.dates(words), said))),
        published_at=one.learnt_at,
        updated_at=one.learnt_at,
        category=sure,
    )


# --- what waits for ratification or entry into force ----------------------------------------------

PENDING_PATH = "/pending"
PAGE = 50
LONGEST = "longest"


@router.get(PENDING_PATH)
def pending(request: Request) -> Response:
    """The agreements of a selection that wait, the one signed last first, or the oldest."""
    selection, form = query_in(request, after=(), sort=("newest", LONGEST)), wanted_form(request)
    served, longest = served_by(request), request.query_params.get("sort") == LONGEST
    if form is not None:
        given = [("sort", LONGEST)] if longest else []
        language, today = language_for(request), _today(request)
        found = all_pending(
            served.database, selection.filter, language, today, longest_first=longest
        )
        return download(request, form, PENDING, [*selection.parameters, *given], found)
    with served.database.read() as s:
        shown = _pending_shown(request, s, selection, longest=longest)
        return page(request, s, "register/pending.html.j2", **shown)


def _pending_shown(
    request: Request, s: Session, selection: Query, *, longest: bool
) -> dict[str, Any]:
    words, after, today = words_for(request), request.query_params.get("after"), _today(request)
    flt = selection.filter
    found = pending_entries(s, flt, today, words.language, PAGE + 1, after, longest_first=longest)
    shown, sort = found[:PAGE], LONGEST if longest else None
    last = shown[-1].agreement.id if shown else None
    return {
        **form_of(request, selection, PENDING_PATH, {"sort": sort}),
        "total": count_waiting(s, flt),
        "lines": [(one, entry_line(one.agreement, one.given, words)) for one in shown],
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
    }
