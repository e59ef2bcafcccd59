"""The queue of what the judge was unsure about, and a person's answers."""

from __future__ import annotations

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler import curation
from scheduler.curation import Curator
from scheduler.digest.labels import direction_of
from scheduler.digest.lines import line, percent, web_address
from scheduler.web.site.installation import Installation
from scheduler.web.site.pages.problems import Forbidden
from scheduler.web.site.pages.rendering import page, served_by, visitor_of
from scheduler.web.site.words import language_for, words_of
from storage import queries, review_queue
from storage.errors import AccordwatchError

router = APIRouter(include_in_schema=False)

PAGE = 20
ACTION = "/review"


@router.get("/review")
def review(request: Request) -> Response:
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
        token = visitor_of(request).form_token(ACTION)
        return page(request, s, "review.html.j2", lines=lines, token=token)


@router.post("/review")
def answer(
    request: Request,
    document: int = Form(ge=1, le=2**53),
    says: str = Form(pattern="^(yes|no)$"),
    token: str = Form(max_length=64),
) -> Response:
    """Keep an answer as a decision, and show what waits next."""
    visitor = visitor_of(request)
    if visitor.name is None or not visitor.is_form_token(ACTION, token):
        raise Forbidden
    number = decide(served_by(request), document, is_report=says == "yes", who=visitor.name)
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}{ACTION}?done={number}", 303)


def decide(served: Installation, document: int, *, is_report: bool, who: str) -> int:
    """Keep a person's answer as a decision, and return its number. Raises AccordwatchError if the
    document does not wait.
    """
    subscriptions = tuple(served.chosen.subscriptions)
    curator = Curator(who, "reviewed", served.now(), subscriptions, served.rules)
    with served.database.begin() as s:
        if not review_queue.is_waiting(s, document):
            raise AccordwatchError(f"document {document} does not wait for review any more")
        if is_report:
            return curation.set_relevant(s, document, {}, curator).number
        return curation.set_irrelevant(s, document, curator).number
