"""The browser that pages, mails and films are looked at with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_PATH = "/usr/bin/chromium"
# Chromium asks its maker's servers at every start unless told not to.
_FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window, until the block is left."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_PATH, args=_FLAGS)
        yield started
        started.close()
