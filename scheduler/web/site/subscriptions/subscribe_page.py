"""Being told: the form that makes a subscription of what the page shows, and what is done with it
afterwards.
"""

from __future__ import annotations

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from scheduler.configuration.config import Configuration
from scheduler.configuration.people import mail_channel
from scheduler.notify.letters import LetterRefused
from scheduler.schedule.digest_periods import WEEKDAYS
from scheduler.subscriptions.making import (
    Made,
    ask_to_confirm,
    make,
    new_feed_secret,
    would_have_told,
)
from scheduler.web.site.access.visitor import Visitor
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import Forbidden, NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.subscriptions.reached import maker_of, page_address
from scheduler.web.site.subscriptions.subscribing import (
    RATES,
    ZONES,
    FilledForm,
    Selected,
    empty_form,
    filled_by,
    selected_by,
)
from scheduler.words.page import PageSentence, words_of
from storage.access.records import Role
from storage.errors import AccordwatchError, ConfigurationError, DatabaseError
from storage.telling import people
from storage.telling.receivers import PersonsSubscription, ToldBy

router = APIRouter(include_in_schema=False)

ACTION = "/subscribe"
_LONGEST_SELECTION = 8000


@router.get(ACTION)
def subscribe_form(request: Request) -> Response:
    """The form for the selection of this address."""
    words = words_of(language_for(request))
    selected = selected_by(request.url.query, words)
    return _form(request, selected, empty_form(request, selected, words))


@router.post(ACTION)
async def subscribe(request: Request) -> Response:
    """Make the subscription, or show the form again with what is in the way."""
    form = await request.form()
    return await run_in_threadpool(_subscribe, request, form)


def _subscribe(request: Request, form: FormData) -> Response:
    visitor, served = visitor_of(request), served_by(request)
    if not visitor.is_form_token(ACTION, str(form.get("token", ""))):
        raise Forbidden
    written = str(form.get("selection", ""))[:_LONGEST_SELECTION]
    selected = selected_by(written, words_of(language_for(request)))
    filled = filled_by(form)
    maker = maker_of(request)
    try:
        made = make(
            served.database,
            served.chosen,
            filled.wanted(selected),
            maker,
            page_address(request),
            served.now(),
        )
    except DatabaseError:
        raise
    except AccordwatchError as error:
        return _form(request, selected, filled, _why_not(error))
    return _made(request, made)


def _why_not(error: AccordwatchError) -> PageSentence:
    if isinstance(error, LetterRefused):
        return error.said
    if isinstance(error, ConfigurationError):
        return PageSentence("people.faults.filter", {"why": str(error)})
    return PageSentence("people.faults.not_sent")


@router.post("/subscribe/{number}")
def change(
    request: Request,
    number: int,
    deed: str = Form("", max_length=20),
    token: str = Form("", max_length=64),
) -> Response:
    """Pause, resume or end a subscription, send its mail again, or give its feed another
    address.
    """
    served = served_by(request)
    if not visitor_of(request).is_form_token(f"{ACTION}/{number}", token):
        raise Forbidden
    kept = _own(request, number)
    if deed == "renew" and kept.kind is ToldBy.FEED:
        return _made(request, Made(kept, new_feed_secret(served.database, number)))
    if deed == "again" and kept.confirmed_at is None:
        network = maker_of(request).network
        ask_to_confirm(served.database, served.chosen, kept, network, served.now())
    elif deed in ("pause", "resume", "end"):
        do(request, number, deed)
    else:
        raise NotHere
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/subscriptions?deed={deed}", 303)


def do(request: Request, number: int, deed: str) -> None:
    """Pause, resume or end a subscription."""
    served = served_by(request)
    with served.database.begin() as s:
        if deed == "end":
            people.end(s, number)
        else:
            people.set_paused(s, number, served.now() if deed == "pause" else None)


def may_change(visitor: Visitor, kept: PersonsSubscription) -> bool:
    """Whether it is the visitor's own, or the visitor looks after all of them."""
    own = visitor.user_id
    return visitor.may(Role.ADMIN) or (own is not None and kept.user_id == own)


def _own(request: Request, number: int) -> PersonsSubscription:
    """The subscription, if who asks may change it. Raises NotHere otherwise: whose it is, is
    nobody's business.
    """
    with served_by(request).database.read() as s:
        kept = people.numbered(s, number)
        if kept is None or not may_change(visitor_of(request), kept):
            raise NotHere
        return kept


def _form(
    request: Request, selected: Selected, filled: FilledForm, fault: PageSentence | None = None
) -> Response:
    served, visitor = served_by(request), visitor_of(request)
    words = words_of(language_for(request))
    with served.database.read() as s:
        told = would_have_told(s, selected.filter, served.now())
        return page(
            request,
            s,
            "subscriptions/subscribe.html.j2",
            422 if fault else 200,
            selected=selected,
            filled=filled,
            would=words.count("page.people.would", told),
            fault=fault.in_words(words.language) if fault else "",
            ways=_ways(served.chosen),
            rates=RATES,
            weekdays=[(day, words.weekday(place)) for place, day in enumerate(WEEKDAYS)],
            zones=ZONES,
            token=visitor.form_token(ACTION),
        )


def _ways(chosen: Configuration) -> list[str]:
    """By what who asks may be told: by mail only where there is a server that sends it."""
    ways = [ToldBy.MAIL.value] if mail_channel(chosen) is not None else []
    return [*ways, ToldBy.FEED.value]


def _made(request: Request, made: Made) -> Response:
    base = page_address(request) or str(request.base_url).rstrip("/")
    feed = f"{base}/feeds/{made.secret}" if made.kept.kind is ToldBy.FEED else ""
    with served_by(request).database.read() as s:
        return page(
            request,
            s,
            "subscriptions/made.html.j2",
            kept=made.kept,
            feeds=[f"{feed}/feed.{form}" for form in ("atom", "rss", "json")] if feed else [],
        )
