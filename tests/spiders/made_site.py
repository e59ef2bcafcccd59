"""A site that a test makes up: a table of answers, changed while it is served, and a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any

from tests.loopback import HTML, Handler, at_work
from tests.spiders.bad_site import page


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = b""
    content_type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class MadeSite:
    """`answers` by path and query. What is not in it and begins with `articles` is an article."""

    host: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    articles: str = "/news/"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def put(
        self, path: str, body: str | bytes, content_type: str = "text/html", **more: Any
    ) -> None:
        raw = body.encode() if isinstance(body, str) else body
        self.answers[path] = Answer(raw, content_type, **more)

    def asked_for(self, start: str = "") -> list[str]:
        """The requests since the last call, of paths that begin so; the log is empty afterwards."""
        found, self.asked[:] = [one for one in self.asked if one.startswith(start)], []
        return found


class _Handler(Handler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        site.asked.append(self.path)
        answer = site.answers.get(self.path)
        if answer is None:
            known = self.path.startswith(site.articles)
            answer = Answer(page(self.path)) if known else Answer(b"not here", status=404)
        self.answer(answer.body, answer.content_type, answer.status, dict(answer.headers))


class _Server(ThreadingHTTPServer):
    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.site = MadeSite(f"{host}:{self.server_port}")


@contextmanager
def made_site(host: str = "127.0.0.1") -> Iterator[MadeSite]:
    """A site without any answers yet, served until the end."""
    with at_work(_Server(host)) as server:
        yield server.site
