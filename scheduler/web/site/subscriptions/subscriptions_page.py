"""The subscriptions: who is told what and when, and what the next digest would say."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.digest.render import digest_view, subject
from scheduler.notify.preview import preview
from scheduler.notify.recipients import subscriptions_of
from scheduler.subscriptions.roster import Standing, roster
from scheduler.web.site.access.own_addresses import error_without_secrets
from scheduler.web.site.language import language_for
from scheduler.web.site.problems import NotHere
from scheduler.web.site.rendering import page, served_by, visitor_of
from scheduler.web.site.subscriptions.subscription_views import SubscriptionView, subscription_view
from scheduler.words.labels import labels_of
from scheduler.words.page import words_of
from storage.access.records import Role

router = APIRouter(include_in_schema=False)


@router.get("/subscriptions")
def subscriptions(request: Request) -> Response:
    """Each subscription as it stands."""
    served = served_by(request)
    with served.database.read() as s:
        standings = roster(s, served.chosen, served.now())
        lines = [_view(request, one) for one in standings]
        return page(request, s, "subscriptions/subscriptions.html.j2", lines=lines)


@router.get("/subscriptions/{name}")
def subscription(request: Request, name: str) -> Response:
    """One subscription, with the digest that would go out now: nothing is marked as told."""
    served = served_by(request)
    if name not in {one.id for one in subscriptions_of(served.chosen)}:
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
    flt = settings.get(standing.subscription.id)
    return subscription_view(standing, flt, served.now(), words)


def _told(request: Request, notice: str) -> str:
    """What who asks may see of a trouble: keys in the addresses of sources are for admins."""
    if visitor_of(request).may(Role.ADMIN):
        return notice
    for source in served_by(request).chosen.sources:
        notice = error_without_secrets(notice, source.url)
    return notice
