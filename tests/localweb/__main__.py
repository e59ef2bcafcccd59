"""The sites as one process: `python -m tests.localweb [NAME]...`, each on an address of its own in
127.0.0.0/8.

Prints a JSON object, host and port by site. `/log` on any of them answers what was asked of all of
them so far: a list of [began, ended, site, path, status], seconds on one clock.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
from collections import Counter
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

from tests import loopback
from tests.localweb.pages import OFFERS, PAGES
from tests.localweb.sites import START, TWENTY, Site

LOG: list[tuple[float, float, str, str, int]] = []
# Requests that are being answered. Who asked may have the answer before it stands in the log.
ANSWERING: set[threading.Thread] = set()
CALM = threading.Condition()
_PATIENCE_S = 30


class Host(ThreadingHTTPServer):
    """One site at one address."""

    def __init__(self, site: Site, number: int) -> None:
        super().__init__((f"127.0.{1 + number // 250}.{1 + number % 250}", 0), Handler)
        self.site = site
        self.address = f"{self.server_address[0]!s}:{self.server_port}"
        self.times: Counter[str] = Counter()


class Handler(loopback.Handler):
    """Answers as the description of its site says."""

    server: Host

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/log":
            with CALM:
                CALM.wait_for(lambda: not ANSWERING, _PATIENCE_S)
            self.reply(200, "application/json", json.dumps(LOG).encode())
            return
        began = time.monotonic()
        with CALM:
            ANSWERING.add(threading.current_thread())
        try:
            self.server.times[path] += 1
            time.sleep(self.server.site.answer_s)
            status = self.site_answer(path, first=self.server.times[path] == 1)
            LOG.append((began, time.monotonic(), self.server.site.name, path, status))
        finally:
            with CALM:
                ANSWERING.discard(threading.current_thread())
                CALM.notify_all()

    def site_answer(self, path: str, *, first: bool) -> int:
        site = self.server.site
        if path == "/robots.txt":
            rules = (
                ""
                if site.crawl_delay_s is None
                else f"User-agent: *\nCrawl-delay: {site.crawl_delay_s}\n"
            )
            return self.reply(200, "text/plain", rules.encode())
        if path == START:
            content_type, body = OFFERS[site.offer](site.articles, f"http://{self.server.address}")
            return self.reply(200, content_type, body.encode())
        article = next((article for article in site.articles if article.path == path), None)
        if article is None:
            return self.reply(404, "text/plain", b"not here")
        if first and site.busy is not None and path == site.path_of(site.busy):
            return self.reply(429, "text/plain", b"later", {"Retry-After": str(site.retry_after_s)})
        others = [other for other in site.articles if other != article]
        body_bytes = PAGES[site.page](article, others, site.language).encode()
        if site.broken_off is not None and path == site.path_of(site.broken_off):
            return self.answer_gzip(body_bytes, whole=not first)
        return self.reply(200, "text/html; charset=utf-8", body_bytes)

    def reply(
        self, status: int, content_type: str, body: bytes, headers: dict[str, str] | None = None
    ) -> int:
        self.answer(body, content_type, status, headers)
        return status

    def answer_gzip(self, body: bytes, *, whole: bool) -> int:
        """Without a length: the end of the connection is the end of the body, whether it was meant
        or not.
        """
        packed = gzip.compress(body)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(packed if whole else packed[: len(packed) * 2 // 3])
        return 200


def main(names: list[str]) -> None:
    hosts = [
        Host(site, number) for number, site in enumerate(TWENTY) if not names or site.name in names
    ]
    for host in hosts:
        threading.Thread(target=host.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({host.site.name: host.address for host in hosts}) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
