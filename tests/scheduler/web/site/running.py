"""The page on a real server, over a register with news in it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import State

from scheduler.configuration.config import load_configuration
from scheduler.web.site.application import endpoints, furnished, with_addresses
from scheduler.web.site.installation import LONGEST_HEAD, Installation, Reach
from storage.database.session import Database
from storage.records import Judged, Status, Topic
from storage.sources.states import finish_run, record_poll, start_run
from storage.sources.tables import Poll
from tests.scheduler.cli.test_review import unsure
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, card, judged

PAGES = (
    "/",
    "/agreements/A1",
    "/search",
    "/documents/1",
    "/documents/1/versions/1",
    "/review",
    "/sources",
    "/sources/add",
    "/sources/fleuve",
    "/data",
    "/help",
    "/corridors/IT-TN",
    "/states/IT",
    "/map",
    "/count",
    "/timeline",
    "/briefing",
    "/changes",
    "/pending",
    "/runs",
    "/runs/1",
    "/rules",
    "/rules/terms/fr",
    "/subscriptions",
    "/subscriptions/everything",
    "/subscribe",
    "/decisions",
    "/duplicates",
)


@dataclass(frozen=True)
class Answer:
    code: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running page: `ask` sends one request; redirects are not followed."""

    port: int
    served: Installation

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        path: str,
        method: str = "GET",
        form: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        body = None
        if form is not None:
            body = urlencode(form)
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return self._send(path, method, body, sent)

    def post(self, path: str, body: str, headers: Mapping[str, str]) -> Answer:
        return self._send(path, "POST", body, headers)

    def _send(self, path: str, method: str, body: str | None, sent: Mapping[str, str]) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(sent))
            httpresponse = connection.getresponse()
            names = {name.lower(): value for name, value in httpresponse.getheaders()}
            return Answer(httpresponse.status, names, httpresponse.read())
        finally:
            connection.close()


def some_news() -> list[Judged]:
    """Three agreements, one of them with two steps, and a document that waits for review."""
    talks = card(parties=("IT", "TN"), status=Status.NEGOTIATING, topics=(Topic.LABOUR,))
    return [
        judged(1),
        judged(2, card=talks, title="Rome and Tunis talk about workers"),
        judged(3, card=card(parties=("DE", "KE"), topics=(Topic.VISA,)), title="برلين ونيروبي"),
        unsure(4, 0.3),
    ]


def collected_once(database: Database) -> None:
    """A run an hour ago, in which the one source was looked at, and one document was refused."""
    at = NOW - timedelta(hours=1)
    counts = {"offered": 12, "new": 2, "fetched": 2, "stored": 1, "relevant": 1}
    problem = "robots: https://fleuve.example/x: the site's robots.txt forbids fetching it"
    source = {**counts, "failed": False, "skipped": {"robots": 1}, "problems": [problem]}
    report = {"stopped": False, "failed_sources": [], "totals": counts}
    with database.begin() as s:
        record_poll(s, "fleuve", Poll(at + timedelta(seconds=5), True, 12, 2))
        number = start_run(s, at)
        finish_run(s, number, at + timedelta(seconds=95), {**report, "sources": {"fleuve": source}})


@contextmanager
def serving(
    folder: Path, *news: Judged, editor: str | None = None, root_path: str = ""
) -> Iterator[Site]:
    """The page over these documents, as long as the block lasts."""
    chosen = configured(folder)
    database = opened(chosen)
    try:
        for one in news or some_news():  # one after the other, so that the first is A1
            collect(database, chosen, one, now=NOW)
        collected_once(database)
        reach = Reach(root_path=root_path)
        served = Installation(database, chosen, editor, now=lambda: NOW, reach=reach)
        with running(served) as site:
            yield site
    finally:
        database.close()


# FastAPI reads the signatures behind a hundred addresses, which is most of what a page costs here.
_with_addresses = cache(with_addresses)
ENDPOINTS = endpoints(_with_addresses())


def site_of(served: Installation) -> FastAPI:
    """The same as `create_site` makes, which shares its addresses with others in this process."""
    app = copy(_with_addresses())
    app.state, app.user_middleware = State(), []
    return furnished(app, served)


@contextmanager
def running(served: Installation) -> Iterator[Site]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        settings = uvicorn.Config(
            site_of(served),
            log_level="error",
            access_log=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=LONGEST_HEAD,
        )
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield Site(listening.getsockname()[1], served)
        finally:
            server.should_exit = True
            thread.join(20)


def database_of(site: Site) -> Database:
    return site.served.database


def allow_private(site: Site, host: str) -> None:
    """Let the page fetch from this server on this machine."""
    path = site.served.chosen.path
    text = path.read_text(encoding="utf-8")
    path.write_text(f"crawl: {{delay_s: 0, allow_private: ['{host}']}}\n{text}", encoding="utf-8")
    object.__setattr__(site.served, "chosen", load_configuration(path, environ={}))
