"""The footer of each page: what all was compiled from, counted once for many pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduler.web.site import installation
from scheduler.web.site.installation import Installation, ValueCache
from storage.sources.states import record_poll
from storage.sources.tables import Poll
from tests.scheduler.web.site.running import Site, running
from tests.storage.given import NOW


def test_that_sources_are_alive_is_counted_once_where_it_takes_long(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_WORTH_S", -1.0)  # as if it took long
    clock = [0.0]
    served = Installation(
        site.served.database,
        site.served.chosen,
        now=lambda: NOW,
        cache=ValueCache(lambda: clock[0]),
    )
    with running(served) as shown:
        before = shown.ask("/subscriptions").text
        with served.database.begin() as s:
            for _ in range(3):
                at = NOW - timedelta(minutes=1)
                record_poll(s, "fleuve", Poll(at, False, 0, 0), "dns")
        assert footer(shown.ask("/decisions").text) == footer(before)
        clock[0] += 60
        assert footer(shown.ask("/decisions").text) != footer(before)


def footer(page: str) -> str:
    return page.partition("<footer")[2].partition("</p>")[0]
