"""Subscribing: the form that makes a subscription of what the page shows, and what is done with it
afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from scheduler.access.login import network
from scheduler.configuration.query import written
from scheduler.configuration.user_subscriptions import mail_channel
from scheduler.notify.subscriptions.making import (
    LONGEST_NAME,
    LetterRefused,
    Made,
    Maker,
    Wanted,
    ask_to_confirm,
    make,
    new_feed_secret,
    would_have_sent,
)
from scheduler.schedule.digest_periods import WEEKDAYS
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line
from scheduler.views.words.page import PageSentence
from scheduler.web.site.access.gate import Visitor
from scheduler.web.site.addresses import (
    Forbidden,
    NotHere,
    query_at,
    wishes_of,
)
from scheduler.web.site.filters.controls import called, in_words
from scheduler.web.site.rendering import check_form, page, see, served_by, visitor_of, words_for
from storage.errors import AccordwatchError, ConfigurationError, DatabaseError
from storage.filter import Filter, described
from storage.notifications import user_subscriptions
from storage.subscription import SubscriptionKind, UserSubscription
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

ACTION = "/subscribe"
_LONGEST_SELECTION = 8000


@router.get(ACTION)
def subscribe_form(request: Request) -> Response:
    """The form for the selection of this address."""
    words = words_for(request)
    selected = _selected_by(request.url.query, words)
    wanted = words.say("comma").join(values for _, values in selected["wants"])
    name = line(wanted or words.say("page.subscription.everything"), LONGEST_NAME)
    return _form(request, selected, {**_EMPTY, "name": name, "language": words.language})


@router.post(ACTION)
async def subscribe(request: Request) -> Response:
    """Make the subscription, or show the form again with what is in the way."""
    form = await request.form()
    return await run_in_threadpool(_subscribe, request, form)


def _subscribe(request: Request, form: FormData) -> Response:
    visitor, served = visitor_of(request), served_by(request)
    if not visitor.is_form_token(ACTION, str(form.get("token", ""))):
        raise Forbidden
    selection = str(form.get("selection", ""))[:_LONGEST_SELECTION]
    selected = _selected_by(selection, words_for(request))
    typed = {name: form.get(name) for name in _EMPTY}
    filled = {name: one[:300] for name, one in typed.items() if isinstance(one, str)}
    filled = {**_EMPTY, **filled}
    wanted = Wanted(
        kind=filled["kind"],
        filter=selected["filter"],
        name=filled["name"],
        address=filled["address"],
        rate=_rate(filled),
        timezone=filled["timezone"],
        language=filled["language"],
    )
    base, maker = page_address(request), _maker_of(request)
    try:
        made = make(served.database, served.chosen, wanted, maker, base, served.now())
    except DatabaseError:
        raise
    except AccordwatchError as error:
        return _form(request, selected, filled, _why_not(error))
    return _made(request, made)


def _rate(filled: Mapping[str, str]) -> str:
    """The rate as the configuration writes it."""
    rate = filled["rate"]
    if rate in ("immediately", "hourly"):
        return rate
    on = {"weekly": f" on {filled['weekday']}", "monthly": " on 1"}.get(rate, "")
    return f"{rate}{on} at {filled['at']}"


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
    check_form(request, f"{ACTION}/{number}", token)
    kept = _own(request, number)
    if deed == "renew" and kept.kind is SubscriptionKind.FEED:
        return _made(request, Made(kept, new_feed_secret(served.database, number)))
    if deed == "again" and kept.confirmed_at is None:
        counted = _maker_of(request).network
        ask_to_confirm(served.database, served.chosen, kept, counted, served.now())
    elif deed in ("pause", "resume", "end"):
        do(request, number, deed)
    else:
        raise NotHere
    return see(request, f"/subscriptions?deed={deed}")


def do(request: Request, number: int, deed: str) -> None:
    """Pause, resume or end a subscription."""
    served = served_by(request)
    with served.database.begin() as s:
        if deed == "end":
            user_subscriptions.end(s, number)
        else:
            user_subscriptions.set_paused(s, number, served.now() if deed == "pause" else None)


def may_change(visitor: Visitor, kept: UserSubscription) -> bool:
    """Whether it is the visitor's own, or the visitor looks after all of them."""
    own = visitor.user_id
    return visitor.may(Role.ADMIN) or (own is not None and kept.user_id == own)


def _own(request: Request, number: int) -> UserSubscription:
    """The subscription, if who asks may change it. Raises NotHere otherwise: whose it is, is
    nobody's business.
    """
    with served_by(request).database.read() as s:
        kept = user_subscriptions.numbered(s, number)
        if kept is None or not may_change(visitor_of(request), kept):
            raise NotHere
        return kept


def _form(
    request: Request,
    selected: Mapping[str, Any],
    filled: Mapping[str, str],
    fault: PageSentence | None = None,
) -> Response:
    served, visitor = served_by(request), visitor_of(request)
    words = words_for(request)
    with served.database.read() as s:
        items = would_have_sent(s, selected["filter"], served.now())
        return page(
            request,
            s,
            "subscriptions/subscribe.html.j2",
            422 if fault else 200,
            selected=selected,
            filled=filled,
            would=words.count("page.people.would", items),
            fault=fault.in_words(words.language) if fault else "",
            # By mail only where there is a server that sends it.
            ways=_WAYS if mail_channel(served.chosen) is not None else _WAYS[1:],
            rates=RATES,
            weekdays=[(day, words.weekday(place)) for place, day in enumerate(WEEKDAYS)],
            zones=ZONES,
            token=visitor.form_token(ACTION),
        )


def _made(request: Request, made: Made) -> Response:
    base = page_address(request) or str(request.base_url).rstrip("/")
    is_feed = made.kept.kind is SubscriptionKind.FEED
    with served_by(request).database.read() as s:
        return page(
            request,
            s,
            "subscriptions/made.html.j2",
            kept=made.kept,
            feed=f"{base}/feeds/{made.secret}/feed.atom" if is_feed else "",
        )


def page_address(request: Request) -> str:
    """The address of the page: the configured one, else the one that was asked for. "" where it
    answers to any name: then the name in a mail would be one that a stranger chose.
    """
    served = served_by(request)
    configured = served.chosen.settings.people.address.rstrip("/")
    if configured:
        return configured
    if served.reach.is_wide and not served.reach.names:
        return ""
    port, server = request.url.port, request.scope.get("server")
    if port is not None and (server is None or port != server[1]):
        return ""  # a port that is not ours leads to somebody else on this host
    return str(request.base_url).rstrip("/")


def _maker_of(request: Request) -> Maker:
    """Who asks, as the maker of a subscription; letters are counted by who, or from where."""
    visitor = visitor_of(request)
    client = request.client.host if request.client else ""
    counted = f"user {visitor.name}" if visitor.name else f"network {network(client)}"
    return Maker(visitor.name or "", visitor.user_id, counted)


RATES = ("immediately", "hourly", "daily", "weekly", "monthly")
# The zones that are offered first; any other can be typed.
ZONES = (
    *("UTC", "Europe/London", "Europe/Madrid", "Europe/Paris", "Europe/Brussels", "Europe/Berlin"),
    *("Europe/Rome", "Europe/Zurich", "Europe/Athens", "Europe/Istanbul", "Africa/Casablanca"),
    *("Africa/Algiers", "Africa/Tunis", "Africa/Tripoli", "Africa/Cairo", "Africa/Dakar"),
    *("Africa/Bamako", "Africa/Niamey", "Africa/Lagos", "Africa/Nairobi", "Africa/Addis_Ababa"),
    *("Asia/Beirut", "Asia/Amman", "Asia/Riyadh", "Asia/Dhaka", "Asia/Manila"),
    *("America/New_York", "America/Mexico_City", "America/Bogota", "Australia/Sydney"),
)


_WAYS = tuple(SubscriptionKind)  # by which people are told: mail first
_EMPTY = {
    "kind": SubscriptionKind.MAIL.value,
    "address": "",
    "name": "",
    "rate": "weekly",
    "weekday": WEEKDAYS[0],
    "at": "07:00",
    "timezone": "UTC",
    "language": "en",
}


def _selected_by(address: str, words: Labels) -> dict[str, Any]:
    """The selection of an address, of the register, of a search, or one agreement: as an address
    and as the configuration write it, in words, and what of it a subscription has no room for.
    Raises QueryError.
    """
    selection, wishes = query_at(address), wishes_of(QueryParams(address)).parameters
    left_out = [*selection.left_out(), *(name for name, value in wishes.items() if value)]
    return {
        "address": urlencode(selection.parameters),
        "filter": selection.subscription_filter,
        "wants": list(wants_in_words(selection, words)),
        "without": [called(name, words) for name in left_out],
    }


def wants_in_words(flt: Filter, words: Labels) -> Iterator[tuple[str, str]]:
    """The parts of a filter, as (name, values): ("Parties", "Morocco and Niger")."""
    for attribute, shown in described().items():
        value = getattr(flt, attribute)
        values = value if isinstance(value, tuple) else () if value in ("", None) else (value,)
        said = [in_words(shown.name, written(one), words) for one in values]
        if said and shown.subscribed:
            yield called(shown.name, words), line(words.say("comma").join(said), 400)
