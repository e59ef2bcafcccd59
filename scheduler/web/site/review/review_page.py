"""The queue of what the judge was unsure about, the audit of what it was silent about, and a
person's answers. With script, an answer is swapped into its place; without, the page loads anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from scheduler.curation import PartiesMissingError
from scheduler.web.site.editing import card_form
from scheduler.web.site.editing.acting import check_token, leave
from scheduler.web.site.editing.decision_words import decision_line, in_words
from scheduler.web.site.language import language_for
from scheduler.web.site.moments import moment
from scheduler.web.site.numbers import row_number
from scheduler.web.site.problems import NotHere
from scheduler.web.site.rendering import is_partial, page, served_by, visitor_of
from scheduler.web.site.review.answering import AnsweredError, decide, drawn
from scheduler.web.site.review.remaining import left_for_audit, left_for_review
from scheduler.words.labels import Labels, direction_of
from scheduler.words.lines import line, percent, web_address
from scheduler.words.page import words_of
from storage.database.session import Session
from storage.register.decisions import decision
from storage.review import review_queue
from storage.review.review_queue import QueuedDocument
from storage.search import document_rows

router = APIRouter(include_in_schema=False)

PAGE = 20
ACTION = "/review"


@router.get("/review")
def review(request: Request, after: str = "", audit: str = "") -> Response:
    """What waits, the most probable first; on wish what was drawn for the audit."""
    served, words = served_by(request), words_of(language_for(request))
    with served.database.read() as s:
        silent = drawn(s, served)
        if audit:
            found, older = [one.document for one in silent], None
            notes = left_for_audit(s, len(silent), _audits(request), words)
        else:
            waiting = review_queue.waiting(s, PAGE + 1, row_number(after))
            found, notes = waiting[:PAGE], [left_for_review(s, words)]
            older = f"?after={found[-1].document_id}" if waiting[PAGE:] else None
        return page(
            request,
            s,
            "review/review.html.j2",
            lines=_lines(s, found, words),
            notes=notes,
            older=older,
            is_first=not row_number(after),
            is_audit=bool(audit),
            drawn=len(silent),
            token=visitor_of(request).form_token(ACTION),
        )


@router.get("/review/{number}")
def one(request: Request, number: str) -> Response:
    """One document that waits, with the fields of its card to be corrected."""
    with served_by(request).database.read() as s:
        return _item(request, s, number)


@router.post("/review")
async def answer(request: Request) -> Response:
    """Keep an answer as a decision, and show what waits next."""
    async with request.form(max_fields=50, max_part_size=64 * 1024) as form:
        return await run_in_threadpool(_answer, request, form)


def _answer(request: Request, form: FormData) -> Response:
    words, served = words_of(language_for(request)), served_by(request)
    number, says = str(form.get("document", "")), form.get("says")
    document = row_number(number)
    if not document or says not in ("yes", "no"):
        raise HTTPException(422, words.say("page.edit.unreadable"))
    who = check_token(request, ACTION, str(form.get("token", "")))
    written = card_form.read_card(form, words)
    if says == "yes" and written.faults:
        return _again(request, number, written.values, written.faults)
    try:
        decided = decide(served, document, is_report=says == "yes", who=who, fields=written.changes)
    except AnsweredError as error:
        said = words.say(
            "page.queue.faster",
            said=in_words(error.by, words),
            who=line(error.by.who, 80),
            moment=moment(error.by.at, words),
        )
        raise HTTPException(409, said) from error
    except PartiesMissingError:
        faults = {"parties": words.say("page.edit.faults.parties")}
        return _again(request, number, written.values, faults)
    if not is_partial(request):
        return leave(request, "/review?audit=1" if form.get("audit") else ACTION, [decided])
    with served.database.read() as s:
        found = decision(s, decided)
        if found is None:
            raise NotHere
        taken = decision_line(found, visitor_of(request), True, words)
        return _partial(request, s, "review/answered.html.j2", answered=taken, number=document)


def reopened(request: Request, number: str, undone: int) -> Response:
    """The place of a document whose answer was undone. If the rules of today do not ask about it
    any more, it only says so.
    """
    document = row_number(number) or 0
    with served_by(request).database.read() as s:
        if _asked(request, s, document) is not None:
            return _item(request, s, number, undone=True)
        words, found = words_of(language_for(request)), decision(s, undone)
        if found is None:
            raise NotHere
        taken = decision_line(found, visitor_of(request), True, words)
        return _partial(request, s, "review/answered.html.j2", answered=taken, number=document)


def _again(
    request: Request, number: str, values: Mapping[str, str], faults: Mapping[str, str]
) -> Response:
    """The document with its fields, and what is wrong with them. With script it takes the place of
    the one before: htmx swaps a 422 as it does a 200.
    """
    with served_by(request).database.read() as s:
        return _item(request, s, number, values, faults)


def _item(
    request: Request,
    s: Session,
    number: str,
    values: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    *,
    undone: bool = False,
) -> Response:
    words, document = words_of(language_for(request)), row_number(number) or 0
    found = _asked(request, s, document)
    if found is None:
        return _elsewhere(request, s, document)
    was = card_form.as_written(found.card)
    shown: dict[str, Any] = {
        "line": _lines(s, [found], words)[0],
        "is_audit": not review_queue.is_waiting(s, document),
        "token": visitor_of(request).form_token(ACTION),
        "card": card_form.inputs(was | dict(values or {}), faults or {}, words),
        "was": was,
        "with_fields": not undone,
        "undone": undone,
    }
    code = 422 if faults else 200
    if is_partial(request):
        return _partial(request, s, "review/item.html.j2", code, **shown)
    return page(request, s, "review/one.html.j2", code, **shown)


def _asked(request: Request, s: Session, document: int) -> QueuedDocument | None:
    """The document, if it waits for review or for the audit."""
    silent = {one.document.document_id: one.document for one in drawn(s, served_by(request))}
    return review_queue.waiting_one(s, document) or silent.get(document)


def _elsewhere(request: Request, s: Session, document: int) -> Response:
    """The answer for a document that does not wait, or no longer: it can still be read."""
    if not document_rows.report_rows(s, [document]):
        raise NotHere
    if is_partial(request):
        words = words_of(language_for(request))
        raise HTTPException(409, words.say("page.queue.not_waiting", document=document))
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/documents/{document}", 302)


def _partial(
    request: Request, s: Session, template: str, code: int = 200, **values: Any
) -> Response:
    words = words_of(language_for(request))
    waiting = review_queue.count_waiting(s)
    return page(
        request, s, template, code, left=left_for_review(s, words), waiting=waiting, **values
    )


def _audits(request: Request) -> bool:
    return served_by(request).chosen.settings.alerts.audit_per_week > 0


def _lines(s: Session, found: Sequence[QueuedDocument], words: Labels) -> list[dict[str, Any]]:
    rows = document_rows.report_rows(s, [one.document_id for one in found])
    return [
        {
            "id": one.document_id,
            "title": line(one.title, 240) or words.say("untitled"),
            "direction": direction_of(one.language),
            "language": one.language,
            "outlet": line(one.outlet or "", 80),
            "on": words.day(one.published_on) if one.published_on else "",
            "url": web_address(one.url),
            "percent": "" if one.probability is None else percent(one.probability),
            "parties": [(code, words.short_party(code)) for code in one.card.parties],
            "status": words.status(one.card.status, None) if one.card.status else "",
            "quote": line(rows[one.document_id].quote, 600),
        }
        for one in found
    ]
