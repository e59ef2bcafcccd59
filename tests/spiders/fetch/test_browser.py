"""Starting the browser. Pages that it opens are tested in tests/spiders/test_javascript.py."""

from __future__ import annotations

import sys

import pytest

from spiders.fetch import browser


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_crawl_that_holds_much_can_go_on_while_its_browser_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser, "PROCESS_MB", 1)
    with browser._limited_memory():
        assert len(bytearray(100 * 2**20)) == 100 * 2**20
