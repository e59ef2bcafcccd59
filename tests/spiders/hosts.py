"""Hosts in the test's own process, each with an address of its own, whose answers a test writes as
a function. They remember every request, with its begin and end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer

from tests.loopback import HTML, Handler, at_work
from tests.spiders.bad_site import feed, page
from tests.spiders.servers import Site


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = HTML


@dataclass(frozen=True, slots=True)
class Request:
    """What a host was asked."""

    path: str
    headers: Mapping[str, str]
    began_s: float = 0.0
    ended_s: float = 0.0

    @property
    def cookie(self) -> str:
        return self.headers.get("cookie", "")


Answers = Callable[[Request], Answer]


def feed_of(*paths: str, **headers: str) -> Answer:
    """A feed with one item a path. Names of headers are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(feed(*paths), headers=named, content_type="application/rss+xml")


def page_of(name: str) -> Answer:
    return Answer(page(name))


def to(url: str, status: int = 302, **headers: str) -> Answer:
    """A redirect."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers={"Location": url} | named)


NOTHING = Answer(b"not here", 404)


class Host(ThreadingHTTPServer):
    """One host. `asked` holds its requests in the order in which they ended."""

    def __init__(self, address: str, answers: Answers) -> None:
        super().__init__((address, 0), _Handler)
        self.answers = answers
        self.asked: list[Request] = []

    @property
    def name(self) -> str:
        return f"{self.server_address[0]!s}:{self.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.name}{path}"

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    def site(self) -> Site:
        """The host as helpers for crawls take it; only for 127.0.0.1."""
        return Site(self.server_port)


class _Handler(Handler):
    protocol_version = "HTTP/1.1"
    server: Host

    def do_GET(self) -> None:
        began_s = time.monotonic()
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.answers(Request(self.path, headers))
        self.server.asked.append(Request(self.path, headers, began_s, time.monotonic()))
        self.answer(answer.body, answer.content_type, answer.status, answer.headers)


@contextmanager
def host(answers: Answers, address: str = "127.0.0.1") -> Iterator[Host]:
    """A host that answers until the end of the block."""
    with at_work(Host(address, answers)) as server:
        yield server
