"""The database of the configuration that a module of tests chooses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from scheduler.configuration.config import Configuration
from storage.database.session import Database
from tests.scheduler.given_digests import opened


@pytest.fixture
def database(chosen: Configuration) -> Iterator[Database]:
    with closing(opened(chosen)) as database:
        yield database
