"""The links in mails: whoever reads the mailbox confirms, pauses, resumes or ends a subscription,
without an account.

A GET only asks: programs that look at mails open what they find. The POST of a mail program that
unsubscribes with one click (RFC 8058) pauses, so that a slip of the finger can be taken back.
"""

from __future__ import annotations

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from scheduler.configuration.people import signed, with_people
from scheduler.subscriptions.making import confirm
from scheduler.web.site.language import language_for
from scheduler.web.site.rendering import page, served_by
from scheduler.web.site.subscriptions.subscribe_page import do
from scheduler.words.page import words_of
from storage.telling.receivers import PersonsSubscription

router = APIRouter(include_in_schema=False)


@router.get("/mail/{signature}")
def look(request: Request, signature: str) -> Response:
    """What is mailed to whom, and what can be done about it."""
    return _page(request, signature)


@router.post("/mail/{signature}")
def act(request: Request, signature: str, deed: str = Form("pause", max_length=20)) -> Response:
    """Do it. The signature in the address is what allows it."""
    served = served_by(request)
    with served.database.read() as s:
        kept = signed(s, signature)
    if kept is None:
        return _page(request, signature)
    if deed == "confirm":
        confirm(served.database, served.chosen, kept.id, served.now())
    elif deed in ("pause", "resume", "end"):
        do(request, kept.id, deed)
    return _page(request, signature, deed)


def _page(request: Request, signature: str, deed: str = "") -> Response:
    served = served_by(request)
    with served.database.read() as s:
        kept = signed(s, signature)
        known = with_people(s, served.chosen).people if kept else ()
    personal = next((one for one in known if kept is not None and one.kept.id == kept.id), None)
    is_known = personal is not None or deed == "end"
    return page(
        request,
        None,
        "subscriptions/mail_link.html.j2",
        200 if is_known else 404,
        one=personal,
        rhythm=_rhythm(request, personal.kept) if personal else "",
        deed=deed,
        address=f"/mail/{signature}",
    )


def _rhythm(request: Request, kept: PersonsSubscription) -> str:
    return words_of(language_for(request)).rate(kept.rate, kept.timezone)
