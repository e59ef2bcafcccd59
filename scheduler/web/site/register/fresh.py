"""What is new since a reader was here: their browser remembers when they marked all as seen.

The cookie holds a moment and nothing else. Of users the moment is kept with their account, too, so
that it is the same on each of their machines.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from scheduler.web.site.language import language_for
from scheduler.web.site.moments import moment
from scheduler.web.site.problems import Forbidden
from scheduler.web.site.register.agreement_views import agreement_line, stage_of, status_name
from scheduler.web.site.rendering import served_by, set_cookie, visitor_of
from scheduler.words.labels import Labels
from scheduler.words.page import words_of
from storage.access import users
from storage.database.session import Session
from storage.news import news_since
from storage.register.given_names import given_names
from storage.register.records import Agreement

router = APIRouter(include_in_schema=False)

COOKIE = "accordwatch_seen"
ACTION = "/seen"
MOST = 8
_YEAR_S = 365 * 24 * 3600
_SLACK = timedelta(minutes=5)  # between the clocks of two starts of this page


def news_for(request: Request, s: Session) -> dict[str, Any] | None:
    """What the first page says of the time since the reader marked all as seen; None for who comes
    for the first time.
    """
    since, words = _last_seen(request, s), words_of(language_for(request))
    if since is None:
        return None
    found = news_since(s, since, MOST)
    agreements = [*found.agreements, *(agreement for agreement, _ in found.steps)]
    names = given_names(s, [one.id for one in agreements])
    return {
        "since": moment(since, words),
        "until": int(served_by(request).now().timestamp()),
        "token": visitor_of(request).form_token(ACTION),
        "agreements": [agreement_line(one, names.get(one.id), words) for one in found.agreements],
        "steps": [_step(one, at, names.get(one.id), words) for one, at in found.steps],
        "more": found.more_agreements + found.more_steps,
    }


def _step(found: Agreement, position: int, given: str | None, words: Labels) -> dict[str, Any]:
    step = found.history[position]
    return {
        "line": agreement_line(found, given, words),
        "status": status_name(step.status, found, words),
        "stage": stage_of(step.status),
        "on": words.day(step.on) if step.on else "",
    }


def begin_to_remember(request: Request, answer: Response) -> None:
    """Note the first visit, so that the next one can say what is new."""
    if _last_seen(request, None) is None:
        _remember(request, answer, served_by(request).now())


@router.post(ACTION)
def mark_as_seen(
    request: Request, until: int = Form(ge=0, le=2**33), token: str = Form(max_length=64)
) -> Response:
    """All that the page showed is seen: what has come in since it was made is not."""
    if not visitor_of(request).is_form_token(ACTION, token):
        raise Forbidden
    answer = RedirectResponse(request.scope.get("root_path", "") + "/", 303)
    at = min(datetime.fromtimestamp(until, UTC), served_by(request).now())
    _remember(request, answer, at)
    own = visitor_of(request).user_id
    if own is not None:
        with served_by(request).database.begin() as s:
            users.note_seen(s, own, at)
    return answer


def _last_seen(request: Request, s: Session | None) -> datetime | None:
    """When the user marked all as seen, on whichever machine; else what the cookie says: None where
    it is missing, broken, or in the future.
    """
    own = visitor_of(request).user_id
    marked_at = users.seen_at(s, own) if s is not None and own is not None else None
    if marked_at is not None:
        return marked_at
    written = request.cookies.get(COOKIE, "")
    if not (written.isascii() and written.isdigit() and len(written) <= 10):
        return None
    seen_at = datetime.fromtimestamp(int(written), UTC)
    return seen_at if seen_at <= served_by(request).now() + _SLACK else None


def _remember(request: Request, answer: Response, at: datetime) -> None:
    set_cookie(request, answer, COOKIE, str(int(at.timestamp())), _YEAR_S)
