"""A page with users for all tests of a module that leave users, sessions and the clock alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.configuration.sections import EmailChannel
from tests.scheduler.notify.channels.mail_server import MailServer
from tests.scheduler.notify.channels.mail_server import serving as mail_serving
from tests.scheduler.web.site.access.team import ROLES, Team, team
from tests.scheduler.web.site.running import running


@pytest.fixture(scope="module")
def logged_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team")) as made:
        for name in ROLES:
            made.login(name)
        yield made


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("fresh")) as made:
        yield made


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_serving(MailServer()) as server:
        yield server


@pytest.fixture
def page(tmp_path: Path, mails: MailServer) -> Iterator[Team]:
    """The page with users who are logged in, and a mail server."""
    with team(tmp_path) as made:
        served = made.site.served
        channel = EmailChannel(
            id="mail",
            kind="email",
            to=("team@ngo.example",),
            sender="watch@ngo.example",
            host="127.0.0.1",
            port=mails.port,
            security="none",
        )
        settings = served.chosen.settings.model_copy(update={"channels": (channel,)})
        with_mail = replace(served, chosen=replace(served.chosen, settings=settings))
        with running(with_mail) as site:
            other = Team(site, made.clock)
            for name in ROLES:
                other.login(name)
            yield other
