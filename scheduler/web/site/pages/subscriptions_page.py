"""The subscriptions: how each stands and what it would send; the form that makes one of what the
page shows, what is done with it afterwards, the links in mails, and the feed with a secret address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter
from starlette.responses import Response

from scheduler.access.accounts import network
from scheduler.access.secret_values import stored_hash
from scheduler.configuration.query import query_of
from scheduler.configuration.user_subscriptions import signed, with_users
from scheduler.notify.answers import LASTS, links_of_feed
from scheduler.notify.digest.build import AnswerLinks
from scheduler.notify.digest.render import MOST_REPORTS, QUOTE_LENGTH, TEMPLATE_FUNCTIONS
from scheduler.notify.subscriptions.making import (
    LONGEST_NAME,
    LetterRefused,
    confirm,
    make,
    new_feed_secret,
    send_confirmation,
    why_no_mail,
    would_have_sent,
)
from scheduler.notify.subscriptions.states import SubscriptionState, preview, roster
from scheduler.schedule.digest_periods import WEEKDAYS
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import line
from scheduler.views.words.page import values_in_words, wants_in_words
from scheduler.web.site.addresses import (
    NotHere,
    client_of,
    error_without_secrets,
    query_at,
    search_options,
)
from scheduler.web.site.context import Context, Fields, InContext, Word
from scheduler.web.site.gate import ANYBODY, READER, Visitor
from scheduler.web.site.pages.news_pages import feed_of
from storage.database.session import Session
from storage.errors import AccordwatchError, ConfigurationError, DatabaseError
from storage.notifications import user_subscriptions
from storage.notifications.tables import UserSubscription
from storage.notifications.user_subscriptions import Personal
from storage.phrases import Phrase
from storage.subscription import SubscriptionKind
from storage.users.accounts import Role

router, feeds = APIRouter(include_in_schema=False), APIRouter(include_in_schema=False)

DEEDS = ("pause", "resume", "end", "again")  # what was done a moment ago


@router.get("/subscriptions", dependencies=[READER])
def subscriptions(context: InContext, deed: str = "") -> Response:
    with context.read() as s:
        views = [_view(context, state) for state in roster(s, context.chosen, context.now())]
        return context.page(
            s,
            "subscriptions/subscriptions.html.j2",
            lines=sorted(views, key=lambda view: not view["deeds"]),  # one's own come first
            deed=deed if deed in DEEDS else "",
        )


@router.get("/subscriptions/{name}", dependencies=[READER])
def subscription(context: InContext, name: str) -> Response:
    """One subscription, with the digest that would go out now: nothing is marked as sent."""
    with context.read() as s:
        states = roster(s, context.chosen, context.now())
    state = next((one for one in states if one.subscription.id == name), None)
    if state is None:
        raise NotHere
    digest = preview(context.served.database, context.chosen, name, context.now())
    labels = labels_of(digest.subscription.language)
    notices = [line(notice, QUOTE_LENGTH) for notice in digest.notices]
    if not context.visitor.may(Role.ADMIN):  # keys in the addresses of sources are for admins
        for source in context.chosen.sources:
            notices = [error_without_secrets(notice, source.url) for notice in notices]
    with context.read() as s:
        return context.page(
            s,
            "subscriptions/subscription.html.j2",
            one=_view(context, state),
            digest=digest,
            labels=labels,
            notices=notices,
            most_reports=MOST_REPORTS,
            **TEMPLATE_FUNCTIONS,
        )


def _view(context: Context, state: SubscriptionState) -> dict[str, Any]:
    """What a subscription wants, who receives it, and what the visitor may do, in words."""
    words = context.words
    current = state.subscription
    stored = state.personal.stored if state.personal else None
    flt = {each.id: each.filter for each in context.chosen.settings.subscriptions}.get(current.id)
    wants = []
    if stored is not None:
        try:
            flt = query_of(stored.filter)
        except ConfigurationError:  # its state says what is wrong; the parts stand as written
            comma = words.say(", ")
            lists = ((k, v if isinstance(v, list) else [v]) for k, v in stored.filter.items())
            wants = [(name, line(comma.join(map(str, each)), 200)) for name, each in lists]
    is_own = stored is not None and may_change(context.visitor, stored)
    return {
        "state": state,
        "name": line(current.name, 120) or current.id,
        "wants": list(wants_in_words(flt, words)) if flt else wants,
        "search": flt.address("/") if flt else "",
        "receivers": _receivers(state, words, is_own=is_own),
        "now": context.now(),
        "deeds": _deeds(stored) if stored and is_own else (),
    }


def _receivers(
    subscription_state: SubscriptionState, words: Labels, *, is_own: bool
) -> list[tuple[str, str]]:
    """Mail addresses are shown to whoever made the subscription alone: others get "a@…" for
    "amina@ngo.example", enough for those who know her.
    """
    if (
        subscription_state.personal
        and subscription_state.personal.stored.kind is not SubscriptionKind.MAIL
    ):
        return [(words.term(f"page.people.ways.{subscription_state.personal.stored.kind}"), "")]
    return [
        (channel, address if is_own or not address else f"{address[0]}@…")
        for channel, address in subscription_state.recipients
    ]


def _deeds(stored: UserSubscription) -> list[str]:
    """What can be done with it by whoever made it."""
    if stored.confirmed_at is None:
        return ["again", "end"]
    deeds = ["pause" if stored.paused_at is None else "resume"]
    return [*deeds, *(["renew"] if stored.kind is SubscriptionKind.FEED else []), "end"]


# --- making one, and what is done with it afterwards ----------------------------------------------

ACTION = "/subscribe"
_LONGEST_SELECTION = 8000


@router.get(ACTION, dependencies=[READER])
def subscribe_form(context: InContext) -> Response:
    words = context.words
    selected = selected_by(context.request.url.query, words)
    wanted = values_in_words(selected["wants"], words)
    name = line(wanted or words.say("everything"), LONGEST_NAME)
    own, language = context.visitor, words.language
    begun = {"name": name, "address": own.address, "language": own.language or language}
    return _form(context, selected, _EMPTY | begun)


@router.post(ACTION, dependencies=[READER])
def subscribe(context: InContext, form: Fields) -> Response:
    """Make the subscription, or show the form again with what is in the way."""
    context.check_form(ACTION, str(form.get("token", "")))
    selection = str(form.get("selection", ""))[:_LONGEST_SELECTION]
    selected = selected_by(selection, context.words)
    typed = {name: form.get(name) for name in _EMPTY}
    filled = _EMPTY | {name: one[:300] for name, one in typed.items() if isinstance(one, str)}
    rate = filled["rate"]  # as the configuration writes it
    if rate not in ("immediately", "hourly"):
        on = {"weekly": f" on {filled['weekday']}", "monthly": " on 1"}.get(rate, "")
        rate = f"{rate}{on} at {filled['at']}"
    if filled["kind"] not in list(SubscriptionKind):
        return _form(context, selected, filled, Phrase("Choose mail or feed."))
    visitor, now = context.visitor, context.now()
    wanted = UserSubscription(
        kind=SubscriptionKind(filled["kind"]),
        filter=selected["filter"],
        name=filled["name"],
        address=filled["address"],
        rate=rate,
        timezone=filled["timezone"],
        language=filled["language"],
        made_by=visitor.name or "",
        made_at=now,
        page=context.page_address,
        user_id=visitor.user_id,
    )
    try:
        made = make(context.served.database, context.chosen, wanted, requester(context), now)
    except LetterRefused as error:
        return _form(context, selected, filled, error.line)
    except ConfigurationError as error:
        fault = Phrase("These filters are no longer valid: {why}", why=str(error))
        return _form(context, selected, filled, fault)
    except DatabaseError:
        raise
    except AccordwatchError:
        return _form(
            context,
            selected,
            filled,
            Phrase("The mail could not be sent, and nothing was saved. Try again in a while."),
        )
    return _made(context, *made)


@router.post("/subscribe/{number}", dependencies=[READER])
def change(context: InContext, number: int, deed: Word = "", token: Word = "") -> Response:
    """Pause, resume, end, send its mail again, or give its feed another address."""
    context.check_form(f"{ACTION}/{number}", token)
    with context.read() as s:
        stored = user_subscriptions.numbered(s, number)
    if stored is None or not may_change(context.visitor, stored):
        raise NotHere  # whose it is, is nobody's business
    if deed == "renew" and stored.kind is SubscriptionKind.FEED:
        return _made(context, stored, new_feed_secret(context.served.database, number))
    if deed == "again" and stored.confirmed_at is None:
        who, now = requester(context), context.now()
        send_confirmation(context.served.database, context.chosen, stored, who, now)
    elif deed in ("pause", "resume", "end"):
        do(context, number, deed)
    else:
        raise NotHere
    return context.see(f"/subscriptions?deed={deed}")


def do(context: Context, number: int, deed: str) -> None:
    with context.begin() as s:
        if deed == "end":
            user_subscriptions.end(s, number)
        else:
            user_subscriptions.set_paused(s, number, context.now() if deed == "pause" else None)


def may_change(visitor: Visitor, stored: UserSubscription) -> bool:
    """Whether it is the visitor's own, or the visitor looks after all of them."""
    own = visitor.user_id
    return visitor.may(Role.ADMIN) or (own is not None and stored.user_id == own)


def _form(
    context: Context,
    selected: Mapping[str, Any],
    filled: Mapping[str, str],
    fault: str | None = None,
) -> Response:
    words = context.words
    no_mail = why_no_mail(context.chosen, context.page_address)
    with context.read() as s:
        items = would_have_sent(s, selected["filter"], context.now())
        return context.page(
            s,
            "subscriptions/subscribe.html.j2",
            selected=selected,
            filled=filled,
            would=words.count(
                "This subscription would have sent {n} item in the last 90 days.",
                "This subscription would have sent {n} items in the last 90 days.",
                items,
            ),
            fault=fault,
            no_mail=no_mail,
            ways=_WAYS[1:] if no_mail else _WAYS,
            rates=RATES,
            weekdays=WEEKDAYS,
            zones=ZONES,
        )


def _made(context: Context, stored: UserSubscription, secret: str) -> Response:
    with context.read() as s:
        feed = feed_address(context, secret)
        return context.page(s, "subscriptions/made.html.j2", stored=stored, feed=feed)


def feed_address(context: Context, secret: str) -> str:
    """The address of a feed; "" without its secret."""
    base = context.page_address or context.home
    return f"{base}/feeds/{secret}/feed.atom" if secret else ""


def requester(context: Context) -> str:
    """By whom letters are counted: by user, else by network."""
    name = context.visitor.name
    return f"user {name}" if name else f"network {network(client_of(context.request))}"


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
_WAYS = tuple(SubscriptionKind)  # mail first
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


def selected_by(address: str, words: Labels) -> dict[str, Any]:
    """The selection of an address, of the register, of a search, or one agreement: as an address
    and as the configuration write it, and in words. Raises QueryError.
    """
    everything = search_options(dict(parse_qsl(address)))["everything"]
    selection = query_at(address).for_alerts(everything=everything)
    return {
        "address": urlencode(selection.parameters),
        "filter": selection.fields,
        "wants": list(wants_in_words(selection, words)),
    }


# --- the links in mails, and feeds with a secret address ------------------------------------------


@router.get("/mail/{signature}", dependencies=[ANYBODY])
def look(context: InContext, signature: str) -> Response:
    """What is mailed to whom, and what can be done about it."""
    return _mail_page(context, signature)


@router.post("/mail/{signature}", dependencies=[ANYBODY])
def act(context: InContext, signature: str, deed: Word = "pause") -> Response:
    """Do it. The signature in the address is what allows it."""
    with context.read() as s:
        stored = signed(s, signature)
    if stored is None:
        return _mail_page(context, signature)
    if deed == "confirm":
        confirm(context.served.database, context.chosen, stored.id, context.now())
    elif deed in ("pause", "resume", "end"):
        do(context, stored.id, deed)
    return _mail_page(context, signature, deed)


def _mail_page(context: Context, signature: str, deed: str = "") -> Response:
    with context.read() as s:
        personal = _personal(s, context, signed(s, signature))
    return context.page(
        None,
        "subscriptions/mail_link.html.j2",
        200 if personal is not None or deed == "end" else 404,
        one=personal,
        deed=deed,
        address=f"/mail/{signature}",
    )


def _personal(s: Session, context: Context, stored: UserSubscription | None) -> Personal | None:
    """A subscription that somebody made, with its state; None if it is there no more."""
    people = with_users(s, context.chosen).people if stored else ()
    return next(
        (person for person in people if stored is not None and person.stored.id == stored.id), None
    )


@feeds.get("/feeds/{secret}/feed.atom", dependencies=[ANYBODY])
def secret_feed(context: InContext, secret: str) -> Response:
    with context.read() as s:
        personal = _personal(s, context, user_subscriptions.of_feed(s, stored_hash(secret)))
    if personal is None or personal.state != "active":
        raise NotHere  # paused or ended, it is an address like any other that is not there
    stored, now = personal.stored, context.now()
    title = f"Accordwatch: {stored.name}"

    def answering(s: Session, shown_at: datetime) -> AnswerLinks | None:
        """The links beside an entry, as long as they are valid."""
        is_over = shown_at + LASTS < now
        return (
            None if is_over else links_of_feed(s, with_users(s, context.chosen), stored, shown_at)
        )

    own = replace(context, words=labels_of(personal.stored.language))
    return feed_of(own, personal.subscription.filter, title, "/", answering)
