"""Chromium, started with the first page that needs it. Playwright's one home outside the tests.

The browser has no network: the proxy that it is told to use is a port on which nobody listens, for
loopback addresses too. What it needs is brought by our own downloader (`answers`).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spiders.fetch.refusals import Refusal

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST_PAGES = 2  # at the same time: each is a process of some hundred megabytes
HEAP_MB = 512  # of a page's scripts
# Of each process of the browser, whatever takes it: pictures in memory, buffers, the tree.
PROCESS_MB = 2048
_ROOM_MB = 512  # for this process, while the browser starts
START_S, CLOSE_S = 30.0, 5.0

_NOWHERE = "http://127.0.0.1:1"  # TCP port 1 is not in use
_FLAGS = (
    "--proxy-bypass-list=<-loopback>",  # not even addresses of this machine go past the proxy
    "--disable-quic",
    "--disable-background-networking",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-dev-shm-usage",  # containers have 64 MB of it
    "--disable-gpu",
    f"--js-flags=--max-old-space-size={HEAP_MB}",
    f"--renderer-process-limit={MOST_PAGES}",
)

_NO_PACKAGE = (
    "a browser is needed (javascript: true): pip install 'accordwatch[javascript]', and chromium"
)
_NO_CHROMIUM = (
    "no chromium was found (javascript: true): install it (apt install chromium), or name its "
    "program as crawl.browser"
)


def missing(chosen: Path | None) -> str | None:
    """Return what has to be installed before pages can be opened in a browser, or None."""
    try:
        import playwright.async_api  # noqa: F401 - whether it can be imported is what we ask
    except ImportError:
        return _NO_PACKAGE
    return None if program(chosen) is not None else _NO_CHROMIUM


def program(chosen: Path | None) -> str | None:
    """Return the path of the browser, the `chosen` one or else the first on the PATH, or None."""
    if chosen is not None:
        return str(chosen) if os.access(chosen, os.X_OK) else None
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Chromium:
    """The browser of a process. One that has crashed, or does not close a page, is replaced."""

    def __init__(self, chosen: Path | None, user_agent: str) -> None:
        self.chosen, self.user_agent = chosen, user_agent
        self._starting = asyncio.Lock()
        self._room = asyncio.Semaphore(MOST_PAGES)
        self._driver: Any = None
        self._browser: Browser | None = None

    @asynccontextmanager
    async def context(self) -> AsyncIterator[BrowserContext]:
        """Open a browser in the state of a new installation: no cookies, nothing stored.

        Raises Refusal ("browser_missing", "browser").
        """
        async with self._room:
            browser = await self._started()
            context = await browser.new_context(
                user_agent=self.user_agent,
                accept_downloads=False,
                service_workers="block",
                locale="en-US",
            )
            try:
                yield context
            finally:
                await self._close_context(context)

    async def _started(self) -> Browser:
        from playwright.async_api import Error

        async with self._starting:
            if self._browser is not None and self._browser.is_connected():
                return self._browser
            await self.close()
            if (why := missing(self.chosen)) is not None:
                raise Refusal("browser_missing", why, transient=True)
            try:
                async with asyncio.timeout(START_S):
                    self._browser = await self._start()
            except (Error, OSError, TimeoutError) as error:
                said = " ".join(str(error).split())[:300]
                raise Refusal(
                    "browser", f"chromium does not start: {said}", transient=True
                ) from error
            return self._browser

    async def _start(self) -> Browser:
        from playwright.async_api import async_playwright

        with _limited_memory():
            self._driver = await async_playwright().start()
        return await self._driver.chromium.launch(  # type: ignore[no-any-return]  # see _driver
            executable_path=program(self.chosen),
            args=list(_FLAGS),
            proxy={"server": _NOWHERE},
            # Chromium refuses to run its sandbox as root.
            chromium_sandbox=hasattr(os, "geteuid") and os.geteuid() != 0,
        )

    async def _close_context(self, context: BrowserContext) -> None:
        from playwright.async_api import Error

        try:
            async with asyncio.timeout(CLOSE_S):
                await context.close()
        except (Error, TimeoutError):
            await self.close()

    async def close(self) -> None:
        """End the browser. The next page starts another one."""
        browser, driver = self._browser, self._driver
        self._browser = self._driver = None
        for one in (browser.close if browser else None, driver.stop if driver else None):
            if one is not None:
                with suppress(Exception):  # it is given up, whatever state it is in
                    async with asyncio.timeout(CLOSE_S):
                        await one()


@contextmanager
def _limited_memory() -> Iterator[None]:
    """Limit processes that are started inside to PROCESS_MB each. This works on Linux only.

    They inherit the limit from this process, whose other tasks go on meanwhile: it is left room for
    what it holds, which thread stacks and libraries that reserve memory bring to a gigabyte.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = max(PROCESS_MB, _held_mb() + _ROOM_MB) * 2**20
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (now, most))


def _held_mb() -> int:
    """Return what the kernel counts against this process's limit, whether it is in use or not."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmData:")) // 1024
