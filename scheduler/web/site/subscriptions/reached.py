"""Where the page is reached, for links in mails, and who asks it."""

from __future__ import annotations

from starlette.requests import Request

from scheduler.access.login import network
from scheduler.subscriptions.making import Maker
from scheduler.web.site.rendering import served_by, visitor_of


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


def maker_of(request: Request) -> Maker:
    """Who asks, as the maker of a subscription."""
    visitor = visitor_of(request)
    return Maker(
        name=visitor.name or "",
        user_id=visitor.user_id,
        network=f"user {visitor.name}" if visitor.name else network_of(request),
    )


def network_of(request: Request) -> str:
    """From where a request comes, as letters are counted."""
    return f"network {network(request.client.host if request.client else '')}"
