"""A page with users for all tests of a module that leave users, sessions and the clock alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scheduler.web.site.access.team import ROLES, Team, team


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
