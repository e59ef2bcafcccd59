"""One page for all tests that only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scheduler.web.site.running import Site, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site
