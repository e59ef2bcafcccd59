"""Where the page is reached, for links in mails, and who asks it."""

from __future__ import annotations

from starlette.requests import Request

from scheduler.subscriptions.making import Maker
from scheduler.web.site.rendering import served_by, visitor_of
from storage.access import users
from storage.access.records import Role
from storage.database.session import Session


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


def maker_of(request: Request, s: Session) -> Maker:
    """Who asks, as the maker of a subscription."""
    visitor = visitor_of(request)
    host = request.client.host if request.client else ""
    return Maker(
        name=visitor.name or "",
        user_id=None if visitor.is_local else user_id_of(request, s),
        network=f"user {visitor.name}" if visitor.name else f"address {host}",
        may_webhook=visitor.may(Role.EDITOR),
    )


def user_id_of(request: Request, s: Session) -> int | None:
    """The number of the user who asks; None where the page has no users."""
    found = users.user_named(s, visitor_of(request).name or "")
    return None if found is None else found[0].id
