"""What tests of workers share: there are none on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.database.session import Database
from tests.conftest import postgres_with


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An open database with tables on PostgreSQL."""
    with postgres_with(request) as database:
        yield database
