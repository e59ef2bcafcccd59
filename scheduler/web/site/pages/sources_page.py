"""The sources: which are alive, what came of their last look and of this week; looking at one now,
and pausing it; the runs, and what each brought; and how programs get the data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from scheduler.configuration.edit import enable_source
from scheduler.configuration.query import Query, check_value
from scheduler.jobs.crawl_process import QUIET_S
from scheduler.jobs.health.source_findings import changes_of_sources
from scheduler.schedule.sources_due import is_alive, look_soon
from scheduler.views.words.lines import clean, isolated, line, web_address
from scheduler.views.words.phrases import reason_in_words
from scheduler.web.site.addresses import NotHere, error_without_secrets, row_number, without_secrets
from scheduler.web.site.context import Context, InContext, Line, Word
from scheduler.web.site.download import FORMS as ENTRY_FORMS
from scheduler.web.site.download import download_links
from scheduler.web.site.gate import ADMIN, READER
from scheduler.web.site.installation import can_write, source_names, sources_now
from scheduler.web.site.parameters import choice
from storage.database.session import Session
from storage.documents.quarantine import all_set_aside
from storage.lists.coverage import volumes
from storage.records import Grade
from storage.source import Source
from storage.sources.ledger import Tally, total
from storage.sources.states import (
    add_source_decision,
    find_run,
    last_runs,
    last_source_decisions,
    source_states,
)
from storage.sources.tables import Deed, Run, SourceDecision
from storage.users.accounts import Role
from storage.workers.queue import runs_at_hosts

router = APIRouter(include_in_schema=False)

LOOK, PAUSE = "/sources/look", "/sources/pause"
LONGEST_REASON = 300
DAYS, WEEK = 28, 7
SPANS = (WEEK, DAYS, 365)  # days that numbers are of
# The columns that a reader may sort by, the least first: what never gave anything.
_SORTED_BY = {"checks": "polls", "new": "new", "assessed": "stored", "matched": "matched"}
_LONGEST_ERROR = 200
# Sources in trouble stand first, those that are switched off last.
_STATES = ("silent", "never", "alive", "disabled")


class SetAside(NamedTuple):
    """A document that our own code could not store."""

    url: str
    day: str
    source: str
    fault: str


@router.get("/sources", dependencies=[READER])
def sources(
    context: InContext,
    soon: str = "",
    added: str = "",
    paused: str = "",
    resumed: str = "",
    days: Annotated[str, choice(tuple(map(str, SPANS)))] = "",
    sort: Annotated[str, choice(tuple(_SORTED_BY))] = "",
) -> Response:
    """The sources, with what they gave in so many days. The other parameters name one to which
    something was just done.
    """
    check_value("days", days, tuple(map(str, SPANS)))
    check_value("sort", sort, tuple(_SORTED_BY))
    done = {"look.soon": soon, "trials.added": added}
    done |= {"trials.paused_now": paused, "trials.resumed_now": resumed}
    served, words = context.served, context.words
    visitor = context.visitor
    may_see = visitor.may(Role.ADMIN)  # what may be secret in addresses and errors
    with context.read() as s:
        now, there, names = context.now(), sources_now(served), dict(source_names(served))
        span = int(days or WEEK)
        first = now - timedelta(days=max(span, DAYS) - 1)
        tallies = volumes(s, first.replace(hour=0, minute=0, second=0, microsecond=0))
        last = now.date() - timedelta(days=WEEK)
        ids = {source.id for source in there}  # of no import, and of no source that is gone
        week = [tally for id in ids for on, tally in tallies.get(id, {}).items() if on > last]
        aside = []
        for url, source_id, fault, at in all_set_aside(s):
            if not may_see:
                url, fault = without_secrets(url), error_without_secrets(fault, url)
            name, day = names.get(source_id, source_id), words.day(at.date())
            aside.append(SetAside(url, day, name, line(fault, _LONGEST_ERROR)))
        may_act = visitor.name is not None and may_see
        decided = last_source_decisions(s) if may_see else {}
        lines = _lines(context, s, there, tallies, span)
        if sort:
            lines.sort(key=lambda one: getattr(one["sums"], _SORTED_BY[sort]))
        shown: dict[str, Any] = {
            "lines": lines,
            "span": span,
            "spans": SPANS,
            "sort": sort,
            "total": total(week),
            "aside": aside,
            "soon": _done_just_now(context, done),
            "may_add": may_see,
            "is_writable": can_write(served),
            "decided": decided,
            # Sources about which somebody decided and that are not there any more.
            "removed": [decision for key, decision in sorted(decided.items()) if key not in ids],
            "longest": LONGEST_REASON,
            "may_act": may_act,
        }
        return context.page(s, "sources/sources.html.j2", **shown)


@router.post(LOOK, dependencies=[ADMIN])
def look(context: InContext, source: Line = "", token: Word = "") -> Response:
    """Make a source due at once. The daemon looks at it soon, or the next run does."""
    context.check_decider(LOOK, token)
    wanted = known_source(context, source)
    if not wanted.enabled:
        raise NotHere
    with context.begin() as s:
        look_soon(s, wanted, context.now())
    return context.see(f"/sources?{urlencode({'soon': wanted.id})}")


@router.post(PAUSE, dependencies=[ADMIN])
def pause(
    context: InContext, source: Line = "", deed: Word = "", why: Line = "", token: Word = ""
) -> Response:
    """Switch a source off or on in the configuration, and store who did so and why."""
    who = context.check_decider(PAUSE, token)
    wanted = known_source(context, source)
    if deed not in (Deed.PAUSED, Deed.RESUMED):
        raise NotHere
    with context.begin() as s:  # a file that cannot be changed takes the decision back
        reason = clean(why)[:LONGEST_REASON]
        add_source_decision(s, SourceDecision(wanted.id, Deed(deed), who, reason, context.now()))
        enable_source(context.chosen.path, wanted.id, deed == Deed.RESUMED)
    return context.see(f"/sources?{urlencode({deed: wanted.id})}")


def known_source(context: Context, source_id: str) -> Source:
    """The configured source with this id. Raises NotHere."""
    source = next((one for one in sources_now(context.served) if one.id == source_id), None)
    if source is None:
        raise NotHere
    return source


def _done_just_now(context: Context, done: Mapping[str, str]) -> str:
    """What was just done to a source, by the key of the sentence; "" if nothing was."""
    words, names = context.words, dict(source_names(context.served))
    for sentence, source_id in done.items():
        name = names.get(source_id)
        if name is not None:
            return words.term(f"page.{sentence}", source=isolated(line(name, 120), words.direction))
    return ""


@router.get("/data", dependencies=[READER])
def data(context: InContext) -> Response:
    with context.read() as s:
        license, register = context.chosen.settings.dataset.license, Query(grades=tuple(Grade))
        whole = download_links(lambda form: register.address("/", format=form), ENTRY_FORMS)
        return context.page(s, "sources/data.html.j2", license=license, whole=whole)


# --- how each source is doing, and what it has brought --------------------------------------------


def _lines(
    context: Context,
    s: Session,
    sources: Sequence[Source],
    tallies: Mapping[str, Mapping[date, Tally]],
    span: int,
) -> list[dict[str, Any]]:
    """Each source with what is known of it, its state and trouble, what it gave in `span` days, and
    its last DAYS days.
    """
    words, states, may_see = context.words, source_states(s), context.visitor.may(Role.ADMIN)
    before = context.now().date() - timedelta(days=span)
    now, changes = context.now(), changes_of_sources(s, words.language)
    failing_polls = context.chosen.settings.monitor.failing_polls
    lines = []
    for source in sources:
        known, days = states.get(source.id), tallies.get(source.id, {})
        trouble = changes.get(source.id, [""])[0]  # in one that answers
        if known is not None and known.failures:
            trouble = reason_in_words(known.last_error or "", words.language)
        trouble = line(trouble, _LONGEST_ERROR)
        if not source.enabled:
            state = "disabled"
        elif known is None or known.last_poll_at is None:
            state = "never"
        else:
            state = "alive" if is_alive(source, known, now, failing_polls) else "silent"
        stored = {on: tally.stored for on, tally in days.items()}
        polled = {on: tally.polls for on, tally in days.items()}
        lines.append(
            {
                "source": source,
                "known": known,
                "name": source.name or source.id,
                "url": web_address(source.url if may_see else without_secrets(source.url)),
                "state": state,
                "trouble": trouble if may_see else error_without_secrets(trouble, source.url),
                "sums": total(tally for on, tally in days.items() if on > before),
                "days": sparkline(stored, polled, now.date(), words.direction),
            }
        )
    return sorted(lines, key=lambda one: (_STATES.index(one["state"]), one["name"].casefold()))


# --- a source's volume as small bars --------------------------------------------------------------

HEIGHT, BAR = 24, 4
_LEAST = 2  # so that a day with one document is seen beside one with hundreds


class DayBar(NamedTuple):
    x: int
    height: int
    kind: str  # "some" documents came on the day, or "none", or the source was "unseen"


def sparkline(
    stored: Mapping[date, int], polled: Mapping[date, int], today: date, direction: str
) -> dict[str, Any]:
    """The last DAYS days as bars; today stands where the reader's line ends."""
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    counts = [stored.get(day, 0) for day in days]
    most, bars = max(counts), []
    for place, (day, n) in enumerate(zip(days, counts, strict=True)):
        x = BAR * (place if direction == "ltr" else DAYS - 1 - place)
        height = max(_LEAST, round(HEIGHT * n / most)) if n else 1
        kind = "some" if n else "none" if polled.get(day) else "unseen"
        bars.append(DayBar(x, height, kind))
    return {"width": BAR * DAYS, "bars": bars, "total": sum(counts), "most": most}


# --- the runs, and what each brought --------------------------------------------------------------

PAGE = 30


@router.get("/runs", dependencies=[READER])
def runs(context: InContext, after: str = "") -> Response:
    last = row_number(after)
    with context.read() as s:
        latest = last_runs(s, PAGE + 1, last)
        shown = latest[:PAGE]
        return context.page(
            s,
            "sources/runs.html.j2",
            runs=shown,
            states=_states_of(context, s, shown),
            now=context.now(),
            older=f"?after={shown[-1].id}" if latest[PAGE:] else None,
            is_first=last is None,
        )


@router.get("/runs/{number}", dependencies=[READER])
def run(context: InContext, number: str) -> Response:
    """One run, source by source, with its problems."""
    run_id = row_number(number)
    with context.read() as s:
        crawl = find_run(s, run_id) if run_id else None
        if crawl is None:
            raise NotHere
        return context.page(
            s,
            "sources/run.html.j2",
            run=crawl,
            state=_states_of(context, s, [crawl])[crawl.id],
            now=context.now(),
            sources=_source_reports(context, crawl),
        )


def _states_of(context: Context, s: Session, found: Sequence[Run]) -> dict[int, str]:
    """What became of each run, by its id."""
    now = context.now()
    newest = next((one.id for one in last_runs(s, 1)), 0)
    # When something was last recorded that only a run records.
    polled = filter(None, (state.last_poll_at for state in source_states(s).values()))
    alive_at, at_hosts = max(polled, default=None), runs_at_hosts(s, now)
    return {one.id: state_of(one, newest, alive_at, now, at_hosts) for one in found}


def _source_reports(context: Context, crawl: Run) -> list[dict[str, Any]]:
    """What a run did with each source: first those that failed, then those with most news."""
    known = {source.id: source for source in sources_now(context.served)}
    may_see = context.visitor.may(Role.ADMIN)  # keys in addresses

    def visible(source_id: str, problem: str) -> str:
        url = known[source_id].url if source_id in known else ""
        return line(problem if may_see else error_without_secrets(problem, url), _LONGEST_PROBLEM)

    reports: Mapping[str, Mapping[str, Any]] = crawl.report.get("sources", {})
    lines = [
        {
            **report,
            "name": (known[key].name if key in known else "") or key,
            "problems": [visible(key, str(one)) for one in report.get("problems", ())],
        }
        for key, report in sorted(reports.items())
    ]
    return sorted(
        lines, key=lambda one: (not one.get("failed"), -one.get("relevant", 0), -one.get("new", 0))
    )


# A crawl that says nothing for QUIET_S is ended; some more for a slow disk.
_LIFELESS = timedelta(seconds=1.5 * QUIET_S)
_LONGEST_PROBLEM = 400


def state_of(
    run: Run, newest: int, alive_at: datetime | None, now: datetime, at_hosts: Collection[int] = ()
) -> str:
    """What became of a run.

    A run that did not end was killed, unless it is the newest one and something was still stored
    (`alive_at`) a short while ago, or it is one of those that stand at hosts. One that crashed, or
    whose crawl alone was killed, was closed.
    """
    if run.fault is not None:
        return "interrupted"
    if run.finished_at is not None:
        return "stopped" if run.report.get("stopped") else "ended"
    if run.id in at_hosts:
        return "running"
    last = max(run.started_at, alive_at or run.started_at)
    return "running" if run.id == newest and now - last < _LIFELESS else "interrupted"
