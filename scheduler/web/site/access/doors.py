"""Which role each address needs. An address that does not stand here keeps the page from starting.

What matches no line, such as an address that there is not, needs a reader: a stranger does not even
learn what is not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from re import Pattern

from starlette.routing import compile_path

from storage.errors import AccordwatchError
from storage.users.records import Role


class Way(Enum):
    """How who asks may prove it: people by a session, programs by a token too."""

    PAGE = "page"
    API = "api"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Door:
    """One address with a method. `need` is None where strangers may enter: to log in, or with
    an address that nobody can guess.

    `leads_nowhere` is of what matches no address: the answer will be 404 or 405.
    """

    method: str
    path: str
    need: Role | None
    way: Way = Way.PAGE
    leads_nowhere: bool = False


READER, EDITOR, ADMIN = Role.READER, Role.EDITOR, Role.ADMIN
API = "/api/v1"
DOORS = (
    Door("GET", "/static/{path:path}", None),
    Door("GET", "/healthz", None),
    Door("GET", "/unsubscribe", None),
    Door("POST", "/unsubscribe", None),
    Door("GET", "/metrics", READER, Way.API),
    Door("GET", "/login", None),
    Door("POST", "/login", None),
    Door("POST", "/logout", READER),
    Door("GET", "/password/{secret}", None),
    Door("POST", "/password/{secret}", None),
    Door("GET", "/users", ADMIN),
    Door("POST", "/users", ADMIN),
    Door("GET", "/", READER),
    Door("POST", "/agreements/{agreement_id}/notes", READER),
    Door("POST", "/notes/{number}/remove", READER),
    Door("GET", "/corridors/{pair}", READER),
    Door("GET", "/map", READER),
    Door("GET", "/changes", READER),
    Door("GET", "/pending", READER),
    Door("GET", "/agreements/{agreement_id}", READER),
    Door("GET", "/agreements/{agreement_id}/edit", EDITOR),
    Door("POST", "/agreements/{agreement_id}/split", EDITOR),
    Door("GET", "/agreements/{agreement_id}/merge", EDITOR),
    Door("POST", "/agreements/{agreement_id}/merge", EDITOR),
    Door("POST", "/agreements/{agreement_id}/rename", EDITOR),
    Door("GET", "/documents/{number}/edit", EDITOR),
    Door("POST", "/documents/{number}/correct", EDITOR),
    Door("POST", "/documents/{number}/move", EDITOR),
    Door("POST", "/documents/{number}/irrelevant", EDITOR),
    Door("POST", "/agreements/{agreement_id}/irrelevant", EDITOR),
    Door("POST", "/agreements/{agreement_id}/confirm", EDITOR),
    Door("GET", "/decisions", READER),
    Door("POST", "/decisions/{number}/undo", EDITOR),
    Door("GET", "/search", READER),
    Door("GET", "/documents/{number}", READER),
    Door("GET", "/documents/{number}/versions/{version}", READER),
    Door("GET", "/review", READER),
    Door("GET", "/review/{number}", EDITOR),
    Door("POST", "/review", EDITOR),
    Door("GET", "/sources", READER),
    Door("POST", "/sources/look", ADMIN),
    Door("POST", "/sources/pause", ADMIN),
    Door("GET", "/sources/add", ADMIN),
    Door("POST", "/sources/add", ADMIN),
    Door("POST", "/sources/add/keep", ADMIN),
    Door("GET", "/runs", READER),
    Door("GET", "/runs/{number}", READER),
    Door("GET", "/subscriptions", READER),
    Door("GET", "/subscriptions/{name}", READER),
    Door("GET", "/subscribe", READER),
    Door("POST", "/subscribe", READER),
    Door("POST", "/subscribe/{number}", READER),
    Door("GET", "/mail/{signature}", None),
    Door("POST", "/mail/{signature}", None),
    Door("GET", "/feeds/{secret}/feed.atom", None, Way.FEED),
    Door("GET", "/feeds/{secret}/feed.rss", None, Way.FEED),
    Door("GET", "/feeds/{secret}/feed.json", None, Way.FEED),
    Door("GET", "/rules", READER),
    Door("POST", "/rules", READER),
    Door("GET", "/rules/terms/{language}", READER),
    Door("GET", "/data", READER),
    Door("GET", "/changes/feed.atom", READER, Way.FEED),
    Door("GET", "/changes/feed.rss", READER, Way.FEED),
    Door("GET", "/changes/feed.json", READER, Way.FEED),
    Door("GET", "/feed.atom", READER, Way.FEED),
    Door("GET", "/feed.rss", READER, Way.FEED),
    Door("GET", "/feed.json", READER, Way.FEED),
    Door("GET", "/agreements/{agreement_id}/feed.atom", READER, Way.FEED),
    Door("GET", "/agreements/{agreement_id}/feed.rss", READER, Way.FEED),
    Door("GET", "/agreements/{agreement_id}/feed.json", READER, Way.FEED),
    Door("GET", f"{API}/openapi.json", READER, Way.API),
    Door("GET", f"{API}/agreements", READER, Way.API),
    Door("GET", f"{API}/agreements/{{agreement_id}}", READER, Way.API),
    Door("GET", f"{API}/changes", READER, Way.API),
    Door("GET", f"{API}/pending", READER, Way.API),
    Door("GET", f"{API}/facets", READER, Way.API),
    Door("GET", f"{API}/corridors", READER, Way.API),
    Door("GET", f"{API}/documents", READER, Way.API),
    Door("GET", f"{API}/documents/facets", READER, Way.API),
    Door("GET", f"{API}/documents/{{document_id}}", READER, Way.API),
    Door("GET", f"{API}/documents/{{document_id}}/versions", READER, Way.API),
    Door("GET", f"{API}/sources", READER, Way.API),
    Door("GET", f"{API}/runs", READER, Way.API),
    Door("GET", f"{API}/review", READER, Way.API),
    Door("POST", f"{API}/review/{{document_id}}", EDITOR, Way.API),
)


class UndeclaredError(AccordwatchError):
    """An address of the application has no door, or a door leads nowhere."""


def door_at(method: str, path: str) -> Door:
    """The door that a request comes to. Where several match, the one that needs most counts."""
    asked = "GET" if method == "HEAD" else method
    found = [door for door, pattern in _patterns() if door.method == asked and pattern.match(path)]
    if not found:
        way = Way.API if path.startswith("/api/") else Way.PAGE
        return Door(method, path, READER, way, leads_nowhere=True)
    return max(found, key=lambda door: -1 if door.need is None else list(Role).index(door.need))


def check(addresses: Iterable[tuple[str, str]]) -> None:
    """Raises UndeclaredError unless the doors are those of the application's (method, path)."""
    there, declared = set(addresses), {(door.method, door.path) for door in DOORS}
    wrong = sorted(there ^ declared)
    if wrong:
        named = ", ".join(" ".join(one) for one in wrong)
        raise UndeclaredError(f"no role is declared, or no address is there, for: {named}")


@cache
def _patterns() -> tuple[tuple[Door, Pattern[str]], ...]:
    return tuple(_compiled())


def _compiled() -> Iterator[tuple[Door, Pattern[str]]]:
    for door in DOORS:
        yield door, compile_path(door.path)[0]
