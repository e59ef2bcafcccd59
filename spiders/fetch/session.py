"""Fetching a few addresses for the command line, one after the other, under the rules of a crawl.

A child process (`session_process`) fetches them, because Twisted's reactor can be started only once
in a process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Timer
from typing import IO, Any, Self

from spiders.fetch.settings import CrawlSettings
from storage.errors import FetchError, RefusedAddress
from storage.records import Fetched

COMMAND: Sequence[str] = (sys.executable, "-P", "-m", "spiders.fetch.session_process")
REFUSED = ("scheme", "private_address", "robots")
SLACK_S = 20.0  # to start Python and fetch robots.txt, in addition to crawl.timeout_s a request
# These name the site's software, or where it has more to read.
CLUE_HEADERS = ("Link", "X-Generator", "X-Powered-By", "MicrosoftSharePointTeamServices")


# One answer, those of its headers that are CLUE_HEADERS, and the sitemaps that are named in the
# robots.txt of the host that answered.
SessionAnswer = tuple[Fetched, Mapping[str, str], tuple[str, ...]]


class FetchSession:
    """Fetches addresses. `requests` counts them, those for robots.txt and redirects included."""

    def __init__(self, settings: CrawlSettings) -> None:
        self.settings = settings
        self.requests = 0
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._write({"settings": settings.model_dump(mode="json")})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self._child.kill()
        self._child.communicate()

    def get(self, url: str, *, most: int | None = None) -> SessionAnswer:
        """Fetch `url`, following redirects. `most` is how many requests this may take. Raises
        RefusedAddress (for the scheme, a private network or robots.txt) or FetchError, with one
        line that says why.
        """
        patience_s = self.settings.timeout_s * (self.settings.redirects + 2) + SLACK_S
        timer = Timer(patience_s, self._child.kill)
        timer.start()
        try:
            self._write({"url": url, "most": most})
            answer, body = self._read_answer()
        finally:
            was_alive = timer.is_alive()
            timer.cancel()
        if answer is None:
            if not was_alive:
                raise FetchError(f"{url}: no answer after {patience_s:.0f} s")
            raise FetchError(f"{url}: the fetching process failed: {self._error_line()}")
        self.requests += answer["requests"]
        if "reason" in answer:
            is_refused = answer["reason"] in REFUSED
            error = (RefusedAddress if is_refused else FetchError)(answer["line"])
            error.reason = answer["reason"]
            raise error
        fetched_at = datetime.fromisoformat(answer["fetched_at"])
        fetched = Fetched(url, answer["final_url"], answer["content_type"], body, fetched_at)
        return fetched, answer["headers"], tuple(answer["sitemaps"])

    def _write(self, line: dict[str, Any]) -> None:
        try:
            _pipe(self._child.stdin).write(json.dumps(line).encode() + b"\n")
            _pipe(self._child.stdin).flush()
        except OSError:
            pass  # it has ended; what it wrote before shows why

    def _read_answer(self) -> tuple[dict[str, Any] | None, bytes]:
        out = _pipe(self._child.stdout)
        head = out.readline()
        if not head.endswith(b"\n"):
            return None, b""
        answer: dict[str, Any] = json.loads(head)
        return answer, out.read(answer["length"])

    def _error_line(self) -> str:
        self._child.kill()
        lines = _pipe(self._child.stderr).read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit {self._child.wait()}"


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - Popen was given PIPE
    return pipe


# --- fetching one URL for the command line --------------------------------------------------------


def fetch_once(url: str, settings: CrawlSettings) -> Fetched:
    """Fetch `url` with its redirects. Raises RefusedAddress or FetchError, with one line."""
    with FetchSession(settings.model_copy(update={"delay_s": 0.0})) as session:
        return session.get(url)[0]
