"""A second reader that says yes, and an installation that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.scheduler.jobs.reader.chat_server import ChatServer, chat_server
from tests.scheduler.jobs.reader.given import YES, Setting, says


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server(lambda body: says(YES)) as serving:
        yield serving


@pytest.fixture
def setting(tmp_path: Path, server: ChatServer) -> Iterator[Setting]:
    made = Setting(tmp_path, server.url)
    with closing(made.database):
        yield made
