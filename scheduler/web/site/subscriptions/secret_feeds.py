"""Feeds with a secret address, for feed readers that cannot log in: whoever knows it reads them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.access.secret_values import kept_hash
from scheduler.configuration.people import with_people
from scheduler.web.site.problems import NotHere
from scheduler.web.site.register.feeds import Feed, atom, feed_of, json_feed, rss
from scheduler.web.site.rendering import served_by
from scheduler.words.page import words_of
from storage.telling import people

router = APIRouter(include_in_schema=False)

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
        kept = people.of_feed(s, kept_hash(secret))
        known = with_people(s, served.chosen).people if kept else ()
    one = next((one for one in known if kept is not None and one.kept.id == kept.id), None)
    if one is None or one.state != "told":
        raise NotHere  # paused or ended, it is an address like any other that is not there
    words, title = words_of(one.kept.language), f"Accordwatch: {one.kept.name}"
    return write(request, feed_of(request, one.subscription.filter, title, "/", words))
