"""`/api/v1`: sources, runs and the review queue as JSON, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from scheduler.jobs.health.source_findings import changes_of_sources
from scheduler.schedule.sources_due import is_alive
from scheduler.searching.states import coverage_of, state_as_json, state_meant
from scheduler.views.columns import fields_row
from scheduler.views.documents import DUPLICATES, REVIEW
from scheduler.views.operations import RUNS
from scheduler.web.site.addresses import Forbidden, error_without_secrets, without_secrets
from scheduler.web.site.api import Number, json_answer
from scheduler.web.site.api_answers import Decided, Sources, State, Waiting, answers_with
from scheduler.web.site.context import InContext
from scheduler.web.site.editing.review_page import decide
from scheduler.web.site.gate import EDITOR, READER
from scheduler.web.site.installation import sources_now
from storage.review import review_queue
from storage.review.duplicates import duplicates
from storage.sources.ledger import Moment, Tally, by_day, tallies
from storage.sources.states import last_runs, source_states
from storage.users.accounts import Role

router = APIRouter(tags=["sources and runs"])

_LEDGER_DAYS = 28
_OF_SOURCE = ("id", "kind", "url", "name", "country", "language", "enabled")


@router.get("/sources", responses={200: {"model": Sources}}, dependencies=[READER])
def sources(context: InContext) -> Response:
    """The sources, with what came of their last look and, from the ledger, of the last four weeks
    (UTC), and what has changed in them. Only an admin who is logged in sees whole addresses: others
    see neither their parameters nor user and password.
    """
    may_see = context.visitor.may(Role.ADMIN)
    with context.read() as s:
        states, now = source_states(s), context.now()
        counted = tallies(s, now.date() - timedelta(days=_LEDGER_DAYS - 1))
        changes = changes_of_sources(s)
    items = []
    for source in sources_now(context.served):
        state = states.get(source.id)
        item = fields_row(source, *_OF_SOURCE)
        item["alive"] = is_alive(source, state, now, context.chosen.settings.monitor.failing_polls)
        if state is not None:
            item |= fields_row(state, "last_poll_at", "last_success_at", "failures")
            item |= fields_row(state, "last_error", "last_offered", "last_new")
        item |= {"changes": changes.get(source.id, []), "days": _days(counted.get(source.id, {}))}
        if not may_see:
            item["url"] = without_secrets(source.url)
            item["changes"] = [
                error_without_secrets(change, source.url) for change in item["changes"]
            ]
            if item.get("last_error"):
                item["last_error"] = error_without_secrets(item["last_error"], source.url)
        items.append(item)
    return json_answer(context, {"items": items, "next": None})


@router.get("/states/{party}", responses={200: {"model": State}}, dependencies=[READER])
def state(context: InContext, party: str) -> Response:
    """How complete the register is for a state or body: who watches it and reported it, how many
    agreements were found in reports and how many lists have, what was reviewed and what waits, and
    what the audit says is missed (of all states together).
    """
    with context.read() as s:
        sources = sources_now(context.served)
        coverage = coverage_of(s, state_meant(party), sources, context.now(), context.words)
    return json_answer(context, state_as_json(coverage, context.words))


def _days(counted: Mapping[Moment, Tally]) -> list[dict[str, Any]]:
    """The days of a source, the oldest first, with what became of the documents of each."""
    return [
        {
            "on": on,
            **fields_row(tally, "polls", "polls_failed", "offered", "new", "again"),
            **fields_row(tally, "matched", "reviewed", "outcomes", "left"),
        }
        for on, tally in by_day(counted).items()
    ]


@router.get("/runs", responses=answers_with(RUNS), dependencies=[READER])
def runs(context: InContext, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    """The last runs, newest first."""
    with context.read() as s:
        found = last_runs(s, limit)
    return json_answer(context, {"items": list(map(RUNS.row, found)), "next": None})


@router.get("/review", responses=answers_with(REVIEW, Waiting), dependencies=[READER])
def review(context: InContext, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Response:
    """What waits for a person, first what an answer would change most in the register."""
    with context.read() as s:
        found, waiting = review_queue.queue(s, limit), review_queue.count_queue(s)
    rows = list(map(REVIEW.row, found))
    return json_answer(context, {"waiting": waiting, "items": rows, "next": None})


@router.get("/review/duplicates", responses=answers_with(DUPLICATES), dependencies=[READER])
def review_duplicates(context: InContext) -> Response:
    """Entries that are perhaps one agreement, and reports that perhaps belong elsewhere."""
    with context.read() as s:
        rows = list(map(DUPLICATES.row, duplicates(s)))
    return json_answer(context, {"items": rows, "next": None})


class ReviewAnswer(BaseModel):
    """Whether a document reports a step."""

    relevant: bool


@router.post(
    "/review/{document_id}",
    status_code=201,
    responses={201: {"model": Decided}},
    dependencies=[EDITOR],
)
def answer(context: InContext, document_id: Number, reply: ReviewAnswer) -> Response:
    """Answer for a document that waits, with a token of the scope edit. The answer is a decision of
    the token's user; its number undoes it.
    """
    who = context.visitor.name
    if who is None:
        raise Forbidden
    number = decide(context, document_id, {} if reply.relevant else None, who)
    return JSONResponse({"decision": number}, 201)
