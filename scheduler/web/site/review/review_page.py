"""The queue of what the judge was unsure about, the audit of what it was silent about, and a
person's answers. With script, an answer is swapped into its place; without, the page loads anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from crawler.register.remainder import (
    LEAST_ANSWERS,
    Interval,
    Sampled,
    missed,
    most_left,
    per_10_000,
    recall,
)
from scheduler.decisions import curation
from scheduler.decisions.curation import PartiesMissingError
from scheduler.views.words.labels import Labels, direction_of
from scheduler.views.words.lines import line, percent, web_address
from scheduler.views.words.page import moment, words_of
from scheduler.web.site.addresses import NotHere, language_for, row_number
from scheduler.web.site.editing.acting import check_token, curator_for, leave
from scheduler.web.site.editing.decision_words import decision_line, in_words
from scheduler.web.site.editing.report_forms import card_as_written, card_inputs, read_card
from scheduler.web.site.installation import Installation
from scheduler.web.site.rendering import is_partial, page, served_by, visitor_of
from storage.database.session import Session
from storage.errors import AccordwatchError
from storage.register.decisions import decision, standing_of
from storage.register.records import Decision, PinKind
from storage.review import audit, review_queue
from storage.review.audit import AuditTally, Drawn, Group
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
    written = read_card(form, words)
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
    was = card_as_written(found.card)
    shown: dict[str, Any] = {
        "line": _lines(s, [found], words)[0],
        "is_audit": not review_queue.is_waiting(s, document),
        "token": visitor_of(request).form_token(ACTION),
        "card": card_inputs(was | dict(values or {}), faults or {}, words),
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


NO_REASON = "reviewed"  # kept where an editor gave none


class AnsweredError(AccordwatchError):
    """Somebody else answered first: `by` is their decision."""

    def __init__(self, said: str, by: Decision) -> None:
        super().__init__(said)
        self.by = by


def decide(
    served: Installation,
    document: int,
    *,
    is_report: bool,
    who: str,
    fields: Mapping[str, str] | None = None,
) -> int:
    """Keep a person's answer as a decision, and return its number. `fields` are those that the
    person corrected. Raises AccordwatchError if the document waits neither for review nor for the
    audit.
    """
    curator = curator_for(served, who, NO_REASON)
    with served.database.begin() as s:
        group = None if review_queue.is_waiting(s, document) else _group(s, served, document)
        if is_report:
            return curation.set_relevant(s, document, fields or {}, curator, group).number
        return curation.set_irrelevant(s, document, curator, group).number


def drawn(s: Session, served: Installation) -> list[Drawn]:
    """What waits for the audit, in the order in which it is asked."""
    return audit.waiting(s, served.chosen.settings.alerts.audit_per_week, served.now())


def _group(s: Session, served: Installation, document: int) -> Group:
    groups = {one.document.document_id: one.group for one in drawn(s, served)}
    return groups[document] if document in groups else _refuse(s, document)


def _refuse(s: Session, document: int) -> NoReturn:
    said = f"document {document} does not wait for review any more"
    for kind in (PinKind.RELEVANT, PinKind.IRRELEVANT):
        by = standing_of(s, document, kind)
        if by is not None:
            raise AnsweredError(said, by)
    raise AccordwatchError(said)


def left_for_review(s: Session, words: Labels) -> str:
    """How many documents wait, and how many of them report a step at most (95 %)."""
    left, answered = review_queue.count_waiting(s), review_queue.answered(s)
    if not left:
        return words.say("page.review_empty")
    said = words.count("page.queue.left", left)
    most = most_left(answered.answers, answered.relevant, left)
    if most is None:
        bound = words.say(
            "page.queue.too_few",
            answers=words.number(answered.answers),
            least=words.number(LEAST_ANSWERS),
        )
    else:
        bound = words.say(
            "page.queue.most",
            most=words.number(most),
            relevant=words.number(answered.relevant),
            answers=words.number(answered.answers),
        )
    return f"{said} {bound}"


def left_for_audit(s: Session, left: int, is_on: bool, words: Labels) -> list[str]:
    """How many silent documents wait, and how many reports the judge misses, as answers say."""
    if left:
        first = words.count("page.queue.audit_left", left)
    else:
        first = words.say("page.queue.audit_empty" if is_on else "page.queue.audit_off")
    return [first, *_estimate(audit.tally(s), words)]


def _estimate(tally: AuditTally, words: Labels) -> list[str]:
    if not tally.weeks:
        return [words.say("page.queue.audit_unanswered")]
    sampled = [Sampled(one.documents, one.answers, one.relevant) for one in tally.groups.values()]
    among_silent = missed(sampled)
    if among_silent is None:
        lacking = sum(one.lacking for one in sampled)
        return [words.count("page.queue.audit_lacking", lacking)]
    return _missed(tally, among_silent, words)


def _missed(tally: AuditTally, among_silent: Interval, words: Labels) -> list[str]:
    rate = per_10_000(among_silent, tally.documents)
    lines = [
        words.say(
            "page.queue.missed",
            likely=f"{rate.likely:.1f}",
            low=f"{rate.low:.1f}",
            high=f"{rate.high:.1f}",
            weeks="–".join(tally.weeks),
        )
    ]
    share = recall(among_silent, tally.found)
    if share is not None:
        lines.append(
            words.say(
                "page.queue.recall",
                likely=f"{share.likely:.2f}",
                low=f"{share.low:.2f}",
                high=f"{share.high:.2f}",
            )
        )
    return lines
