"""The subscriptions as a page, the links in mails, and feeds with a secret address."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from scheduler.access.secret_values import stored_hash
from scheduler.configuration.query import query_of
from scheduler.configuration.user_subscriptions import everybody, signed, with_users
from scheduler.notify.channels.table import subscriptions_of
from scheduler.notify.digest.render import digest_view
from scheduler.notify.digest.sentences import subject
from scheduler.notify.subscriptions.making import confirm
from scheduler.notify.subscriptions.rehearsal import preview
from scheduler.notify.subscriptions.roster import SubscriptionState, roster
from scheduler.views.words.labels import labels_of
from scheduler.views.words.page import words_of
from scheduler.web.site.addresses import NotHere, error_without_secrets, language_for
from scheduler.web.site.register.feeds import Feed, atom, feed_of, json_feed, rss
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.subscriptions.subscribe_page import do, may_change
from scheduler.web.site.subscriptions.subscription_views import SubscriptionView, subscription_view
from storage.errors import ConfigurationError
from storage.notifications import user_subscriptions
from storage.subscription import UserSubscription
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

DEEDS = ("pause", "resume", "end", "again")  # what was done a moment ago


@router.get("/subscriptions")
def subscriptions(request: Request) -> Response:
    """Each subscription as it stands."""
    served = served_by(request)
    with served.database.read() as s:
        subscription_states = roster(s, served.chosen, served.now())
        views = [_view(request, one) for one in subscription_states]
        deed = request.query_params.get("deed", "")
        return page(
            request,
            s,
            "subscriptions/subscriptions.html.j2",
            own=[view for view in views if view.deeds],
            lines=[view for view in views if not view.deeds],
            deed=deed if deed in DEEDS else "",
        )


@router.get("/subscriptions/{name}")
def subscription(request: Request, name: str) -> Response:
    """One subscription, with the digest that would go out now: nothing is marked as sent."""
    served = served_by(request)
    known = everybody(served.database, served.chosen)
    waiting = {one.subscription.id for one in known.people}
    if name not in waiting | {one.id for one in subscriptions_of(known)}:
        raise NotHere
    digest = preview(served.database, served.chosen, name, served.now())
    labels = labels_of(digest.subscription.language)
    view = digest_view(digest, labels)
    with served.database.read() as s:
        subscription_states = roster(s, served.chosen, served.now())
        state = next(one for one in subscription_states if one.subscription.id == name)
        return page(
            request,
            s,
            "subscriptions/subscription.html.j2",
            one=_view(request, state),
            digest=view,
            subject=subject(digest, labels),
            notices=[_told(request, notice) for notice in view.notices],
        )


def _view(request: Request, state: SubscriptionState) -> SubscriptionView:
    served, words = served_by(request), words_of(language_for(request))
    settings = {one.id: one.filter for one in served.chosen.settings.subscriptions}
    flt, kept = settings.get(state.subscription.id), None
    if state.personal is not None:
        kept = state.personal.kept
        with suppress(ConfigurationError):  # then its state says what is wrong
            flt = query_of(kept.filter)
    is_own = kept is not None and may_change(visitor_of(request), kept)
    return subscription_view(state, flt, served.now(), words, is_own=is_own)


def _told(request: Request, notice: str) -> str:
    """What who asks may see of a trouble: keys in the addresses of sources are for admins."""
    if visitor_of(request).may(Role.ADMIN):
        return notice
    for source in served_by(request).chosen.sources:
        notice = error_without_secrets(notice, source.url)
    return notice


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
        known = with_users(s, served.chosen).people if kept else ()
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


def _rhythm(request: Request, kept: UserSubscription) -> str:
    return words_of(language_for(request)).rate(kept.rate, kept.timezone)


Write = Callable[[Request, Feed], Response]


@router.get("/feeds/{secret}/feed.atom")
def secret_atom(request: Request, secret: str) -> Response:
    """What a subscription tells of, as an Atom feed."""
    return _feed(request, secret, atom)


@router.get("/feeds/{secret}/feed.rss")
def secret_rss(request: Request, secret: str) -> Response:
    """What a subscription tells of, as an RSS feed."""
    return _feed(request, secret, rss)


@router.get("/feeds/{secret}/feed.json")
def secret_json(request: Request, secret: str) -> Response:
    """What a subscription tells of, as a JSON Feed."""
    return _feed(request, secret, json_feed)


def _feed(request: Request, secret: str, write: Write) -> Response:
    served = served_by(request)
    with served.database.read() as s:
        kept = user_subscriptions.of_feed(s, stored_hash(secret))
        known = with_users(s, served.chosen).people if kept else ()
    one = next((one for one in known if kept is not None and one.kept.id == kept.id), None)
    if one is None or one.state != "active":
        raise NotHere  # paused or ended, it is an address like any other that is not there
    words, title = words_of(one.kept.language), f"Accordwatch: {one.kept.name}"
    return write(request, feed_of(request, one.subscription.filter, title, "/", words))
