"""Which role each address needs. An address that does not stand here keeps the page from starting.

What matches no line, such as an address that there is not, needs a reader: a stranger does not even
learn what is not here.
"""

from __future__ import annotations

from collections.abc import Iterable
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


API = "/api/v1"
_READ_BY_PROGRAMS = (
    "/openapi.json /agreements /agreements/counts /agreements/{agreement_id} /changes /pending "
    "/facets /corridors /documents /documents/facets /documents/{document_id} "
    "/documents/{document_id}/versions /sources /runs /review /review/duplicates"
)
# Who may enter, how they prove it, and the addresses with their methods.
_TABLE = (
    (None, Way.PAGE, "GET", "/static/{path:path} /healthz"),
    (None, Way.PAGE, "GET POST", "/unsubscribe /login /password/{secret} /mail/{signature}"),
    (None, Way.PAGE, "GET POST", "/answers/{says}/{agreement_id}/{signature}"),
    (None, Way.FEED, "GET", "/feeds/{secret}/feed.atom"),
    (Role.READER, Way.FEED, "GET", "/feed.atom /changes/feed.atom"),
    (Role.READER, Way.FEED, "GET", "/agreements/{agreement_id}/feed.atom"),
    (
        Role.READER,
        Way.PAGE,
        "GET",
        "/ /map /count /timeline /changes /pending /search /review /help",
    ),
    (Role.READER, Way.PAGE, "GET", "/decisions /duplicates"),
    (Role.READER, Way.PAGE, "GET", "/agreements/{agreement_id} /corridors/{pair}"),
    (Role.READER, Way.PAGE, "GET", "/documents/{number} /documents/{number}/versions/{version}"),
    (Role.READER, Way.PAGE, "GET", "/sources /runs /runs/{number} /data /rules/terms/{language}"),
    (Role.READER, Way.PAGE, "GET", "/subscriptions /subscriptions/{name}"),
    (Role.READER, Way.PAGE, "GET POST", "/rules /subscribe /account"),
    (Role.READER, Way.PAGE, "POST", "/logout /subscribe/{number} /account/password"),
    (Role.READER, Way.PAGE, "POST", "/agreements/{agreement_id}/notes /notes/{number}/remove"),
    (Role.EDITOR, Way.PAGE, "GET", "/agreements/{agreement_id}/edit /documents/{number}/edit"),
    (Role.EDITOR, Way.PAGE, "GET POST", "/agreements/{agreement_id}/merge /add"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/text"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/searched"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/split"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/apart"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/together"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/rename"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/irrelevant"),
    (Role.EDITOR, Way.PAGE, "POST", "/agreements/{agreement_id}/confirm"),
    (Role.EDITOR, Way.PAGE, "POST", "/documents/{number}/correct /documents/{number}/move"),
    (Role.EDITOR, Way.PAGE, "POST", "/documents/{number}/irrelevant /decisions/{number}/undo"),
    (Role.EDITOR, Way.PAGE, "GET", "/review/{number}"),
    (Role.EDITOR, Way.PAGE, "POST", "/review"),
    (Role.ADMIN, Way.PAGE, "GET POST", "/users /sources/add"),
    (Role.ADMIN, Way.PAGE, "POST", "/sources/look /sources/pause /sources/add/keep"),
    (Role.ADMIN, Way.PAGE, "GET", "/sources/{source}"),
    (Role.ADMIN, Way.PAGE, "POST", "/sources/{source}/try /sources/{source}/remove"),
    (Role.READER, Way.API, "GET", "/metrics"),
    (Role.READER, Way.API, "GET", " ".join(f"{API}{one}" for one in _READ_BY_PROGRAMS.split())),
    (Role.EDITOR, Way.API, "POST", f"{API}/review/{{document_id}}"),
)
DOORS = tuple(
    Door(method, path, need, way)
    for need, way, methods, paths in _TABLE
    for path in paths.split()
    for method in methods.split()
)


class UndeclaredError(AccordwatchError):
    """An address of the application has no door, or a door leads nowhere."""


def door_at(method: str, path: str) -> Door:
    """The door that a request comes to. Where several match, the one that needs most counts."""
    asked = "GET" if method == "HEAD" else method
    found = [door for door, pattern in _patterns() if door.method == asked and pattern.match(path)]
    if not found:
        way = Way.API if path.startswith("/api/") else Way.PAGE
        return Door(method, path, Role.READER, way, leads_nowhere=True)
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
    return tuple((door, compile_path(door.path)[0]) for door in DOORS)
