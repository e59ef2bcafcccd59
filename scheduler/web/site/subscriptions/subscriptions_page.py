"""The subscriptions: who is told what and when, and what the next digest would say."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.configuration.people import everybody
from scheduler.configuration.query import query_of
from scheduler.digest.render import digest_view, subject
from scheduler.notify.preview import preview
from scheduler.notify.recipients import subscriptions_of
from scheduler.subscriptions.roster import Standing, roster
from scheduler.web.site.access.own_addresses import error_without_secrets
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.subscriptions.subscribe_page import may_change
from scheduler.web.site.subscriptions.subscription_views import SubscriptionView, subscription_view
from scheduler.words.labels import labels_of
from scheduler.words.page import words_of
from storage.access.records import Role
from storage.errors import ConfigurationError

router = APIRouter(include_in_schema=False)

DEEDS = ("pause", "resume", "end", "again")  # what was done a moment ago


@router.get("/subscriptions")
def subscriptions(request: Request) -> Response:
    """Each subscription as it stands."""
    served = served_by(request)
    with served.database.read() as s:
        standings = roster(s, served.chosen, served.now())
        views = [_view(request, one) for one in standings]
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
    """One subscription, with the digest that would go out now: nothing is marked as told."""
    served = served_by(request)
    known = everybody(served.database, served.chosen)
    waiting = {one.subscription.id for one in known.people}
    if name not in waiting | {one.id for one in subscriptions_of(known)}:
        raise NotHere
    digest = preview(served.database, served.chosen, name, served.now())
    labels = labels_of(digest.subscription.language)
    view = digest_view(digest, labels)
    with served.database.read() as s:
        standings = roster(s, served.chosen, served.now())
        standing = next(one for one in standings if one.subscription.id == name)
        return page(
            request,
            s,
            "subscriptions/subscription.html.j2",
            one=_view(request, standing),
            digest=view,
            subject=subject(digest, labels),
            notices=[_told(request, notice) for notice in view.notices],
        )


def _view(request: Request, standing: Standing) -> SubscriptionView:
    served, words = served_by(request), words_of(language_for(request))
    settings = {one.id: one.filter for one in served.chosen.settings.subscriptions}
    flt, kept = settings.get(standing.subscription.id), None
    if standing.personal is not None:
        kept = standing.personal.kept
        with suppress(ConfigurationError):  # then its state says what is wrong
            flt = query_of(kept.filter)
    is_own = kept is not None and may_change(visitor_of(request), kept)
    return subscription_view(standing, flt, served.now(), words, is_own=is_own)


def _told(request: Request, notice: str) -> str:
    """What who asks may see of a trouble: keys in the addresses of sources are for admins."""
    if visitor_of(request).may(Role.ADMIN):
        return notice
    for source in served_by(request).chosen.sources:
        notice = error_without_secrets(notice, source.url)
    return notice
