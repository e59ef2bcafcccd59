"""The queue of what the judge was unsure about, and a person's answers."""

from __future__ import annotations

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler import curation
from scheduler.curation import Curator
from scheduler.digest.labels import direction_of
from scheduler.digest.lines import line, percent, web_address
from scheduler.web.site.guard import form_token, is_token
from scheduler.web.site.pages.problems import Forbidden
from scheduler.web.site.pages.rendering import page, served_by
from scheduler.web.site.words import language_for, words_of
from storage import queries, review_queue
from storage.errors import AccordwatchError

router = APIRouter(include_in_schema=False)

PAGE = 20
ACTION = "/review"


@router.get("/review")
def review(request: Request, done: int | None = None) -> Response:
    """What waits, the most probable first."""
    served, words = served_by(request), words_of(language_for(request))
    with served.database.read() as s:
        waiting = review_queue.waiting(s, PAGE)
        rows = queries.report_rows(s, [one.document_id for one in waiting])
        lines = [
            {
                "id": one.document_id,
                "title": line(one.title, 240) or words.say("untitled"),
                "direction": direction_of(one.language),
                "outlet": line(one.outlet or "", 80),
                "on": words.day(one.published_on) if one.published_on else "",
                "url": web_address(one.url),
                "percent": "" if one.probability is None else percent(one.probability),
                "parties": [(code, words.short_party(code)) for code in one.card.parties],
                "quote": line(rows[one.document_id].quote, 600),
            }
            for one in waiting
        ]
        token = form_token(served.secret, ACTION)
        return page(request, s, "review.html.j2", lines=lines, token=token, done=done)


@router.post("/review")
def answer(
    request: Request,
    document: int = Form(ge=1, le=2**53),
    says: str = Form(pattern="^(yes|no)$"),
    token: str = Form(max_length=64),
) -> Response:
    """Keep an answer as a decision, and show what waits next."""
    served = served_by(request)
    if served.editor is None or not is_token(served.secret, ACTION, token):
        raise Forbidden
    subscriptions = tuple(served.chosen.subscriptions)
    curator = Curator(served.editor, "reviewed", served.now(), subscriptions, served.rules)
    with served.database.begin() as s:
        if not review_queue.is_waiting(s, document):
            raise AccordwatchError(f"document {document} does not wait for review any more")
        if says == "yes":
            number = curation.set_relevant(s, document, {}, curator).number
        else:
            number = curation.set_irrelevant(s, document, curator).number
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}{ACTION}?done={number}", 303)
