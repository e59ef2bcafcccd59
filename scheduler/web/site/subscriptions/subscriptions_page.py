"""The subscriptions as a page, the links in mails, and the feed with a secret address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from scheduler.access.secret_values import stored_hash
from scheduler.configuration.config import Personal
from scheduler.configuration.query import query_of
from scheduler.configuration.user_subscriptions import signed, with_users
from scheduler.notify.digest.render import digest_view
from scheduler.notify.digest.sentences import subject
from scheduler.notify.subscriptions.making import confirm
from scheduler.notify.subscriptions.rehearsal import preview
from scheduler.notify.subscriptions.roster import SubscriptionState, roster
from scheduler.views.words.labels import Labels, labels_of
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import ago, moment, words_of
from scheduler.web.site.addresses import NotHere, error_without_secrets
from scheduler.web.site.installation import Installation
from scheduler.web.site.register.feeds import feed_of
from scheduler.web.site.rendering import page, served_by, visitor_of, words_for
from scheduler.web.site.subscriptions.subscribe_page import do, may_change, wants_in_words
from storage.database.session import Session
from storage.errors import ConfigurationError
from storage.notifications import user_subscriptions
from storage.subscription import SubscriptionKind, UserSubscription
from storage.users.records import Role

router = APIRouter(include_in_schema=False)

DEEDS = ("pause", "resume", "end", "again")  # what was done a moment ago


@router.get("/subscriptions")
def subscriptions(request: Request) -> Response:
    """Each subscription as it stands."""
    served = served_by(request)
    with served.database.read() as s:
        views = [_view(request, one) for one in roster(s, served.chosen, served.now())]
        deed = request.query_params.get("deed", "")
        return page(
            request,
            s,
            "subscriptions/subscriptions.html.j2",
            lines=sorted(views, key=lambda view: not view["deeds"]),  # one's own come first
            deed=deed if deed in DEEDS else "",
        )


@router.get("/subscriptions/{name}")
def subscription(request: Request, name: str) -> Response:
    """One subscription, with the digest that would go out now: nothing is marked as sent."""
    served = served_by(request)
    with served.database.read() as s:
        states = roster(s, served.chosen, served.now())
    state = next((one for one in states if one.subscription.id == name), None)
    if state is None:
        raise NotHere
    digest = preview(served.database, served.chosen, name, served.now())
    labels = labels_of(digest.subscription.language)
    view = digest_view(digest, labels)
    with served.database.read() as s:
        return page(
            request,
            s,
            "subscriptions/subscription.html.j2",
            one=_view(request, state),
            digest=view,
            subject=subject(digest, labels),
            notices=[_told(request, notice) for notice in view.notices],
        )


def _view(request: Request, state: SubscriptionState) -> dict[str, Any]:
    """A subscription with what it wants and who receives it, in words, and what who asks may do."""
    served, words = served_by(request), words_for(request)
    one, now = state.subscription, served.now()
    kept = state.personal.kept if state.personal else None
    flt = {each.id: each.filter for each in served.chosen.settings.subscriptions}.get(one.id)
    wants = []
    if kept is not None:
        try:
            flt = query_of(kept.filter)
        except ConfigurationError:  # its state says what is wrong; the parts stand as written
            comma = words.say("comma")
            lists = ((k, v if isinstance(v, list) else [v]) for k, v in kept.filter.items())
            wants = [(name, line(comma.join(map(str, each)), 200)) for name, each in lists]
    is_own = kept is not None and may_change(visitor_of(request), kept)
    last_at = state.last[1] if state.last else None
    return {
        "state": state,
        "subscription": one,
        "name": line(one.name, 120) or one.id,
        "wants": list(wants_in_words(flt, words)) if flt else wants,
        "search": flt.address("/") if flt else "",
        "receivers": _receivers(state, words, is_own=is_own),
        "last": _when(last_at, now, words),
        "next": _when(state.next_at, now, words),
        "waiting": ago(state.waiting_since_at, now, words) if state.waiting_since_at else "",
        "made_by": line(state.made_by, 80) or words.say("page.people.here")
        if kept
        else words.say("page.people.of_file"),
        "trouble": "" if state.state == "active" else _trouble(state, words),
        "deeds": _deeds(kept) if kept and is_own else (),
    }


def _trouble(state: SubscriptionState, words: Labels) -> str:
    """Why nobody is notified."""
    misfit = line(state.personal.misfit, 300) if state.personal else ""
    return words.say(f"page.people.states.{state.state}", why=isolated(misfit, words.direction))


def _when(at: datetime | None, now: datetime, words: Labels) -> str:
    return f"{moment(at, words)} ({ago(at, now, words)})" if at else ""


def _receivers(one: SubscriptionState, words: Labels, *, is_own: bool) -> list[tuple[str, str]]:
    """Mail addresses are shown to whoever made the subscription alone: others get "a@…" for
    "amina@ngo.example", enough for those who know her.
    """
    if one.personal and one.personal.kept.kind is not SubscriptionKind.MAIL:
        return [(words.say(f"page.people.ways.{one.personal.kept.kind}"), "")]
    return [
        (channel, address if is_own or not address else f"{address[0]}@…")
        for channel, address in one.recipients
    ]


def _deeds(kept: UserSubscription) -> list[str]:
    """What can be done with it by whoever made it."""
    if kept.confirmed_at is None:
        return ["again", "end"]
    deeds = ["pause" if kept.paused_at is None else "resume"]
    return [*deeds, *(["renew"] if kept.kind is SubscriptionKind.FEED else []), "end"]


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
        personal = _personal(s, served, signed(s, signature))
    kept, words = personal.kept if personal else None, words_for(request)
    return page(
        request,
        None,
        "subscriptions/mail_link.html.j2",
        200 if personal is not None or deed == "end" else 404,
        one=personal,
        rhythm=words.rate(kept.rate, kept.timezone) if kept else "",
        deed=deed,
        address=f"/mail/{signature}",
    )


def _personal(s: Session, served: Installation, kept: UserSubscription | None) -> Personal | None:
    """A subscription that somebody made, with its state; None if it is there no more."""
    people = with_users(s, served.chosen).people if kept else ()
    return next((one for one in people if kept is not None and one.kept.id == kept.id), None)


@router.get("/feeds/{secret}/feed.atom")
def secret_feed(request: Request, secret: str) -> Response:
    """What a subscription tells of, as a feed."""
    served = served_by(request)
    with served.database.read() as s:
        one = _personal(s, served, user_subscriptions.of_feed(s, stored_hash(secret)))
    if one is None or one.state != "active":
        raise NotHere  # paused or ended, it is an address like any other that is not there
    words, title = words_of(one.kept.language), f"Accordwatch: {one.kept.name}"
    return feed_of(request, one.subscription.filter, title, "/", words)
