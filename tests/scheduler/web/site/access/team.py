"""The page with users: one of each role, logged in, and a token of each scope."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from scheduler.access.accounts import AccessLog
from scheduler.access.passwords import hash_of_password
from scheduler.access.secret_values import new_token, stored_hash
from scheduler.configuration.config import Configuration, load_configuration
from scheduler.web.site.gate import COOKIE
from scheduler.web.site.installation import Installation, Reach
from storage.database.session import Database
from storage.sources.states import finish_run, record_poll, start_run
from storage.sources.tables import Poll
from storage.users import logins, users
from storage.users.accounts import Role, TokenScope
from tests.scheduler.given_digests import collect, configured, opened
from tests.scheduler.web.site.running import Answer, Site, running, some_news
from tests.storage.given import NOW

PASSWORD = "four unrelated words"
KEY = "k3yofthisnewsroom"
ERROR = f"https://fleuve.example/rss?key={KEY}: 500, and {KEY} from https://u:pw@cdn.example/a?b=c"
ROLES = {"rita": Role.READER, "edda": Role.EDITOR, "ada": Role.ADMIN}


@dataclass
class Clock:
    """A clock that tests move."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Team:
    """A running page with users. `login` begins a session and keeps its cookie by name."""

    site: Site
    clock: Clock
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.site.served.database

    @property
    def root(self) -> str:
        return self.site.served.reach.root_path

    def try_login(
        self, name: str, password: str = PASSWORD, wanted: str = "/", **headers: str
    ) -> Answer:
        shown = self.site.ask(f"{self.root}/login")
        cookie = shown.headers["set-cookie"].partition(";")[0]
        form = {"name": name, "password": password, "token": token_in(shown), "next": wanted}
        return self.site.ask(f"{self.root}/login", "POST", form, Cookie=cookie, **headers)

    def login(self, name: str) -> str:
        answer = self.try_login(name)
        assert answer.code == 303, answer.text
        self.cookies[name] = session_in(answer)
        return self.cookies[name]

    def ask(self, path: str, who: str = "", method: str = "GET", **options: object) -> Answer:
        """Ask as nobody (""), as a user who is logged in, or with a token ("read", "edit")."""
        headers: dict[str, str] = {}
        if who in self.cookies:
            headers["Cookie"] = f"{COOKIE}={self.cookies[who]}"
        elif who in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.site.ask(path, method, **{**headers, **options})  # type: ignore[arg-type]


def until(is_so: Callable[[], bool], within_s: float = 20) -> None:
    """Wait for what the page does after it has answered."""
    end = monotonic() + within_s
    while not is_so():
        assert monotonic() < end
        sleep(0.01)


def token_in(shown: Answer) -> str:
    match = re.search(r'name="token" value="([^"]+)"', shown.text)
    assert match
    return match[1]


def session_in(answer: Answer) -> str:
    match = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert match
    return match[1]


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def add_token(
    database: Database, name: str, scope: TokenScope, ends: datetime | None = None
) -> str:
    made = new_token()
    with database.begin() as s:
        found = users.user_named(s, name)
        assert found
        logins.add_token(s, found[0].id, stored_hash(made), logins.NewToken(scope, "", NOW, ends))
    return made


def with_a_key(chosen: Configuration) -> Configuration:
    """The configuration whose source is reached with a key in its address."""
    written = chosen.path.read_text(encoding="utf-8")
    chosen.path.write_text(written.replace("/rss,", f"/rss?key={KEY},"), encoding="utf-8")
    return load_configuration(chosen.path, environ={})


@contextmanager
def team(folder: Path, *, reach: Reach | None = None) -> Iterator[Team]:
    """The page with users, who are not logged in yet; tokens act for edda."""
    chosen, clock = with_a_key(configured(folder)), Clock()
    database, password_hash = opened(chosen), hash_of_password(PASSWORD)
    try:
        for judged in some_news():
            collect(database, chosen, judged, now=NOW)
        with database.begin() as s:
            record_poll(s, "fleuve", Poll(NOW, False, 0, 0), ERROR)
            report = {"sources": {"fleuve": {"failed": True, "problems": [ERROR]}}}
            finish_run(s, start_run(s, NOW), NOW, report)
            for name, role in ROLES.items():
                users.add_user(s, name, role, password_hash, NOW)
        log = AccessLog(folder)
        served = Installation(database, chosen, now=clock, reach=reach or Reach(), access_log=log)
        with running(served) as site:
            made = Team(site, clock)
            made.tokens = {scope: add_token(database, "edda", scope) for scope in TokenScope}
            yield made
    finally:
        database.close()
