"""What is new in the last day, week or month, or since a day, by when it was learnt; what waits for
ratification or entry into force; and feeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.responses import Response

from scheduler.configuration.query import Query
from scheduler.notify.digest.build import AnswerLinks
from scheduler.views.agreements import PENDING
from scheduler.views.changes import CHANGES, DAYS, ChangeKind, Learned, begins, changes_since
from scheduler.views.decisions import correction_in_words, decider_in_words
from scheduler.views.entry import grade_name, status_name, step_with_day, titled
from scheduler.views.register_entries import named_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.names import name_of
from scheduler.views.words.page import filters_in_words, moment
from scheduler.web.site.addresses import requested_address
from scheduler.web.site.context import Context, InContext, agreement_at, state_tag, tagged
from scheduler.web.site.download import all_pending, download, wanted_form
from scheduler.web.site.gate import READER
from scheduler.web.site.parameters import Selection, choice
from scheduler.web.site.rendering import rendered
from scheduler.web.site.selection import form_of, left_out
from storage.database.session import Session
from storage.filter import DaysOf, Filter
from storage.lists import queries
from storage.lists.news import learnt_of, newest_agreements, oldest_report
from storage.provision import months_after
from storage.register.agreements import shown_stamp
from storage.register.decisions import given_names
from storage.register.entry import Step
from storage.search.document_rows import DocumentRow, report_rows

router, feeds = APIRouter(include_in_schema=False), APIRouter(include_in_schema=False)

PATH = "/changes"
SPANS = (1, DAYS, 30)  # days that the page offers
MOST = 100  # agreements, and steps, on the page; the command line has no limit
_ALL = 1_000_000  # as good as no limit; a file has all


async def _days(days: Annotated[str, choice(tuple(map(str, SPANS)))] = "") -> int:
    return int(days) if days else DAYS


Days = Annotated[int, Depends(_days)]


@router.get(PATH, dependencies=[READER])
def changes(context: InContext, selection: Selection, days: Days, format: str = "") -> Response:
    """New agreements and new steps, the one last learnt of first."""
    form = wanted_form(format)
    with context.read() as s:
        if form is None:
            shown = _shown(context, s, selection, days)
            return context.page(s, "register/changes.html.j2", **shown)
        changes_found, _ = _found(context, s, selection, days, _ALL)
    given = [] if selection.since else [("days", str(days))]
    return download(context, form, CHANGES, [*selection.parameters, *given], changes_found)


@feeds.get(f"{PATH}/feed.atom", dependencies=[READER])
def changes_feed(context: InContext, selection: Selection, days: Days) -> Response:
    """What is new as a feed."""

    def feed() -> Response:
        words, home = context.words, context.home
        with context.read() as s:
            changes_found, _ = _found(context, s, selection, days, ENTRIES)
            rows = _reports(s, (learned.step for learned in changes_found[:ENTRIES]))
        entries = [_entry(home, learned, words, rows) for learned in changes_found[:ENTRIES]]
        title = f"Accordwatch: {words.say('What is new')}"
        # Quoted, whatever was asked for.
        _, _, query = requested_address(context.request).partition("?")
        return atom(context, title, home + PATH + (f"?{query}" if query else ""), entries)

    # What is new grows old by the day.
    return unless_known(context, feed, _today(context).isoformat())


def _today(context: Context) -> date:
    """The day of the context, in UTC."""
    return context.now().astimezone(UTC).date()


def _begins(context: Context, selection: Query, days: int) -> datetime:
    return begins(selection.filter, days, context.now())


def _found(
    context: Context, s: Session, selection: Query, days: int, most: int
) -> tuple[list[Learned], int]:
    since = _begins(context, selection, days)
    return changes_since(s, selection.filter, since, most, context.language)


def _shown(context: Context, s: Session, selection: Query, days: int) -> dict[str, Any]:
    words, (changes_found, more) = context.words, _found(context, s, selection, days, MOST)
    others = {"days": str(days) if days != DAYS and not selection.since else None}
    query = urlencode([pair for pair in context.parameters if pair[0] != "lang"])
    begin = _begins(context, selection, days)
    return {
        **form_of(context, selection, PATH, others),
        "spans": SPANS,
        "span": None if selection.since else days,
        "days": others["days"],
        "heading": words.say("Added since {moment}", moment=moment(begin, words)),
        "happened_at": selection.but(since=begin.date()).address("/"),
        "lines": changes_found,
        "more": more,
        "feed": f"?{query}" if query else "",
    }


def _reports(s: Session, steps: Iterable[Step | None]) -> Rows:
    return report_rows(s, {number for step in steps if step for number in step.document_ids})


def _entry(home: str, learned: Learned, words: Labels, rows: Rows) -> FeedEntry:
    step, agreement, sure = (
        learned.step,
        learned.agreement,
        grade_name(learned.agreement.grade, words),
    )
    name = titled(agreement, learned.entry.given, learned.status, words)
    is_step = learned.kind is ChangeKind.NEW_STEP and step is not None
    own = f":step:{oldest_report(step)}" if is_step and step else ""
    text = step_with_day(step, words, rows) if step else agreement.title
    if learned.correction is not None:
        own = f":correction:{learned.correction.id}"
        sentences = (correction_in_words, decider_in_words)
        text = " · ".join(say(learned.correction, words) for say in sentences)
    return {
        "id": f"urn:accordwatch:{agreement.id}{own}",
        "url": f"{home}/agreements/{agreement.id}",
        "title": f"{learned.news(words)}{words.say(': ')}{name}",
        "summary": " ".join(filter(None, (f"[{sure}]", learned.dates(words), text))),
        "published_at": learned.learnt_at,
        "updated_at": learned.learnt_at,
        "category": sure,
    }


# --- what waits for ratification or entry into force ----------------------------------------------

PENDING_PATH = "/pending"
PAGE = 50
LONGEST = "longest"


@router.get(PENDING_PATH, dependencies=[READER])
def pending(
    context: InContext,
    selection: Selection,
    sort: Annotated[str, choice(("newest", LONGEST))] = "",
    after: str | None = None,
    format: str = "",
) -> Response:
    """The agreements of a selection that wait, the one signed last first, or the oldest."""
    form, longest = wanted_form(format), sort == LONGEST
    language, today = context.language, _today(context)
    with context.read() as s:
        listed = queries.as_listed(s, selection)
    flt = listed.filter
    if form is not None:
        given = [("sort", LONGEST)] if longest else []
        rows = all_pending(context.served.database, flt, language, today, longest_first=longest)
        return download(context, form, PENDING, [*listed.parameters, *given], rows)
    with context.read() as s:
        agreements = queries.waiting(s, flt, PAGE + 1, after, longest_first=longest)
        entries = named_entries(s, agreements, language, today)
        shown, order = entries[:PAGE], LONGEST if longest else None
        last = shown[-1].agreement.id if shown else None
        more = selection.address(PENDING_PATH, sort=order, after=last) if entries[PAGE:] else None
        return context.page(
            s,
            "register/pending.html.j2",
            **form_of(context, selection, PENDING_PATH, {"sort": order}),
            **left_out(s, selection, PENDING_PATH, True, sort=order),
            total=queries.count_waiting(s, flt),
            lines=shown,
            sort=order,
            older=more,
            is_first=after is None,
            newest=selection.address(PENDING_PATH, sort=order),
            expiring_at=selection.but(
                by=DaysOf.EXPIRES, since=today, until=months_after(today, 6)
            ).address("/"),
        )


# --- feeds of any selection of the register, and of one agreement, as Atom (RFC 4287) -------------
# An agreement is an entry, published when the register learnt of it and updated when it learnt of
# its last step, whenever that happened: a reader shows by these moments what is new. The day of the
# event stands in the text.

ENTRIES = 50
_PROGRAM = version("accordwatch")  # the next one may write the same agreements differently
Answering = Callable[[Session, datetime], AnswerLinks | None]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # Atom wants a moment of a feed without entries too


# Its id, url, title and summary, when it was published and updated, and perhaps its category (how
# sure it is, in a word) and answers: what can be said of it by one click, with addresses.
FeedEntry = dict[str, Any]
Rows = Mapping[int, DocumentRow]


@feeds.get("/feed.json", dependencies=[READER])
@feeds.get("/feed.atom", dependencies=[READER])
def register_feed(context: InContext, selection: Selection) -> Response:
    words = context.words
    chosen = selection.query or filters_in_words(selection.parameters, words)
    title = f"Accordwatch: {chosen or words.say('Register')}"
    path = selection.address("/")
    with context.read() as s:
        flt = queries.as_listed(s, selection.filter)
    return unless_known(context, lambda: feed_of(context, flt, title, path))


@feeds.get("/agreements/{agreement_id}/feed.atom", dependencies=[READER])
def agreement_feed(context: InContext, agreement_id: str) -> Response:
    words = context.words

    def life() -> Response:
        with context.read() as s:
            agreement = agreement_at(s, agreement_id)
            name = name_of(agreement, given_names(s, [agreement.id]).get(agreement.id), words)
            learnt, rows = learnt_of(s, [agreement])[agreement.id], _reports(s, agreement.history)
        url = f"{str(context.request.base_url).rstrip('/')}/agreements/{agreement.id}"
        entries: list[FeedEntry] = [
            {
                # Its first report names it: its place changes with each earlier step that is found.
                "id": f"urn:accordwatch:{agreement.id}:step:{oldest_report(step)}",
                "url": url,
                "title": name + words.say(": ") + status_name(step.status, agreement, words),
                "summary": step_with_day(step, words, rows),
                "published_at": published_at,
                "updated_at": at,
            }
            for step, at, published_at in zip(
                agreement.history, learnt.steps, learnt.published_at, strict=True
            )
        ]
        entries.reverse()
        entries.sort(key=lambda entry: entry["updated_at"], reverse=True)
        return atom(context, f"Accordwatch: {name}", url, entries)

    return unless_known(context, life)


def unless_known(context: Context, make: Callable[[], Response], *others: str) -> Response:
    """Return the feed that `make` makes, or 304 to a client that has it. `others` change with what
    the feed shows beside the register.

    Most clients have it, so the answer is found without making the feed.
    """
    with context.read() as s:
        shown = shown_stamp(s)
    tag = state_tag(shown, str(context.request.url), context.language, _PROGRAM, *others)
    return context.not_modified(tag) or tagged(make(), tag)


def feed_of(
    context: Context,
    flt: Filter,
    title: str,
    path: str,
    answering: Answering | None = None,
) -> Response:
    """The newest agreements that fit a filter; `path` is the page that shows them all. `answering`
    makes the links by which a subscriber says whether an entry is right.
    """
    words = context.words
    with context.read() as s:
        newest = newest_agreements(s, flt, ENTRIES)
        entries_found = named_entries(s, [told.agreement for told in newest], words.language)
        rows = _reports(s, (told.step for told in newest))
        links = [answering(s, told.learnt.last_at) if answering else None for told in newest]
    home, entries = context.home, []
    for named, told, links_for in zip(entries_found, newest, links, strict=True):
        agreement = told.agreement
        sure = grade_name(agreement.grade, words)
        summary = step_with_day(told.step, words, rows) if told.step else agreement.title
        entry: FeedEntry = {
            "id": f"urn:accordwatch:{agreement.id}",
            "url": f"{home}/agreements/{agreement.id}",
            "title": titled(agreement, named.given, told.status, words),
            "summary": f"[{sure}] {summary}",
            "published_at": min(told.learnt.published_at, default=told.learnt.minted_at),
            "updated_at": told.at,
            "category": sure,
            "answers": [
                (words.term(f"answers.{name}"), address)
                for name, address in (links_for(agreement.id) if links_for else ())
            ],
        }
        entries.append(entry)
    return atom(context, title, home + path, entries)


def atom(context: Context, title: str, url: str, entries: Sequence[FeedEntry]) -> Response:
    """The feed of these entries; `url` is the page that shows them."""
    here = requested_address(context.request)
    if context.request.url.path.endswith(".json"):
        return _json_feed(context, title, url, here, entries)
    body = rendered(
        "register/feed.atom.j2",
        here=here,
        title=title,
        url=url,
        updated_at=max((entry["updated_at"] for entry in entries), default=NEVER),
        entries=entries,
        words=context.words,
        say=context.words.say,
    )
    return context.conditional(body.encode(), "application/atom+xml; charset=utf-8")


def _json_feed(
    context: Context, title: str, url: str, here: str, entries: Sequence[FeedEntry]
) -> Response:
    """The same as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1)."""
    items = [
        {
            "id": entry["id"],
            "url": entry["url"],
            "title": entry["title"],
            "content_text": entry["summary"],
            "date_published": entry["published_at"].isoformat(),
            "date_modified": entry["updated_at"].isoformat(),
            "tags": [entry["category"]] if entry.get("category") else [],
        }
        for entry in entries
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": url}
    feed = head | {"feed_url": here, "language": context.language, "items": items}
    body = json.dumps(feed, ensure_ascii=False).encode()
    return context.conditional(body, "application/feed+json")
