"""A server of everything that real sources do wrong, as a process: `python -m
tests.spiders.bad_site [--robots 500]`.

Prints its port. `/log` answers what was asked of it, one [seconds, path, headers] a request.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]  # it ships no types

from spiders.fetch.compressed import zstd
from tests import loopback

SEALED = Path(__file__).parents[2] / "spiders/demo/files/sealed.pdf"
FEED_HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>'


def feed(*paths: str) -> bytes:
    """An RSS feed with one item a path."""
    items = "".join(f"<item><title>Item {path}</title><link>{path}</link></item>" for path in paths)
    return FEED_HEAD + items.encode() + b"</channel></rss>"


def page(name: str) -> bytes:
    """A page whose text is that of no other page."""
    town = "".join(word.capitalize() for word in re.findall(r"\w+", name)).ljust(3, "x")
    sentence = f"The council of {town} met on Tuesday to talk about its roads, its schools and its old town hall."
    paragraphs = "".join(
        f"<p>{sentence} This was item {n} of a long agenda.</p>" for n in range(1, 9)
    )
    return f"<html><head><title>Page {name}</title></head><body><h1>Page {name}</h1>{paragraphs}</body></html>".encode()


def accords(*more: str) -> bytes:
    """A ministry's page of agreements, the newest first."""
    cities = {"Tunisia": "Tunis on 11 June 2012", "Morocco": "Rabat on 2 March 2025"}
    items = "".join(
        f"<p>Switzerland and {country} signed an agreement on the readmission of irregular migrants in "
        f"{cities[country]}. It helps those who go home of their own will, and fights the smuggling of migrants.</p>"
        for country in (*more, "Tunisia")
    )
    head = (
        "<p>This page lists the agreements on migration that Switzerland has with other states.</p>"
    )
    return f"<html><head><title>Agreements</title></head><body><h1>Agreements</h1>{head}{items}</body></html>".encode()


class Handler(loopback.Handler):
    protocol_version = "HTTP/1.1"
    server: BadServer

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/log":
            self.answer(json.dumps(self.server.asked).encode(), "application/json")
            return
        with self.server.lock:
            self.server.asked.append([time.monotonic(), self.path, dict(self.headers)])
            self.server.times[path] += 1
        ENDPOINTS.get(path, Handler.page)(self)

    def times(self) -> int:
        """How often this path was asked for, this time included."""
        return self.server.times[urlsplit(self.path).path]

    # --- endpoints ------------------------------------------------------------------------------

    def page(self) -> None:
        self.answer(page(self.path))

    def robots(self) -> None:
        status, body = self.server.robots
        self.answer(body, "text/plain", status)

    def feed(self) -> None:
        tag = '"feed-1"'
        if self.headers["If-None-Match"] == tag:
            self.answer(status=304)
        else:
            self.answer(
                feed("/a", "/b", "/forbidden/c"), "application/rss+xml", headers={"ETag": tag}
            )

    def sessions(self) -> None:
        """A feed that puts a new session into its addresses at each poll."""
        session = f"jsessionid={self.times():032X}"
        links = (f"/a;{session}", f"/article.aspx?id=1&amp;{session}&amp;utm_source=rss")
        self.answer(feed(*links), "application/rss+xml")

    def paged(self) -> None:
        self.answer(feed("/story", "/story?page=2"), "application/rss+xml")

    def story(self) -> None:
        """An article of two pages; a third one answers as the second."""
        number = 1 if self.path == "/story" else 2
        links = "<a href='/story?page=2'>2</a><a href='/story?page=3'>3</a></body>"
        body = page(f"place {number}").decode().replace("</body>", links)
        self.answer(body.replace("<title>", "<link rel=canonical href=/story><title>").encode())

    def walls(self) -> None:
        self.answer(feed("/challenge", "/parked", "/a"), "application/rss+xml")

    def challenge(self) -> None:
        """Asks for a browser the first time, and answers the second."""
        self.page() if self.times() > 1 else self.said("Just a moment...")

    def parked(self) -> None:
        self.said("This domain is for sale")

    def said(self, title: str) -> None:
        self.answer(f"<html><head><title>{title}</title></head><body></body></html>".encode())

    def mishaps(self) -> None:
        paths = (
            "/empty",
            "/bomb",
            "/loop",
            "/to-private",
            "/gone",
            "/forbidden/c",
            "/broken-off",
            "/sealed.pdf",
            "/a",
        )
        self.answer(feed(*paths), "application/rss+xml")

    def truncated_feed(self) -> None:
        self.answer(feed("/a", "/b", "/c")[:-40], "application/rss+xml")

    def busy_feed(self) -> None:
        self.answer(feed("/busy", "/b"), "application/rss+xml")

    def strict_feed(self) -> None:
        self.answer(feed("/strict", "/b"), "application/rss+xml")

    def empty_feed(self) -> None:
        self.answer(feed(), "application/rss+xml")

    def strict(self) -> None:
        self.answer(b"no more today", status=429, headers={"Retry-After": "600"})

    def torn_feed(self) -> None:
        self.answer(feed("/torn"), "application/rss+xml")

    def torn(self) -> None:
        packed = gzip.compress(page("tornville"))
        self.send_response(200)  # without a length, its end is the end of the connection
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(packed[: len(packed) * 2 // 3] if self.times() == 1 else packed)
        self.close_connection = True

    def slow_feed(self) -> None:
        self.answer(feed("/slow", "/a"), "application/rss+xml")

    def long_feed(self) -> None:
        self.answer(feed("/a", f"/{'long' * 750}", "/b"), "application/rss+xml")

    def flaky_feed(self) -> None:
        if self.times() == 1:
            self.answer(b"restarting", status=500)
        else:
            self.feed()

    def watched(self) -> None:
        self.answer(page("Firstville" if self.times() == 1 else "Secondville"))

    def accords(self) -> None:
        self.answer(accords("Morocco") if self.times() > 1 else accords())

    def many(self) -> None:
        self.answer(feed(*(f"/article/{n}" for n in range(40))), "application/rss+xml")

    def index(self) -> None:
        parts = "".join(
            f"<sitemap><loc>{part}</loc></sitemap>"
            for part in ("/part1.xml", "/gone", "/part2.xml")
        )
        self.answer(f"<sitemapindex>{parts}</sitemapindex>".encode(), "application/xml")

    def part(self) -> None:
        number = self.path[5]
        self.answer(
            f"<urlset><url><loc>/from-part/{number}</loc></url></urlset>".encode(),
            "application/xml",
        )

    def slowly(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.2)

    def bomb(self) -> None:
        self.packed(bytes(20 * 2**20))

    def packed(self, body: bytes = b"packed") -> None:
        """A body that is packed as the query says."""
        encodings = urlsplit(self.path).query or "gzip"
        for name in encodings.split(","):
            body = PACKED[name](body)
        self.answer(body, headers={"Content-Encoding": encodings})

    def endless_head(self) -> None:
        """Headers without end, as many in a line as the query says."""
        joint = b"\r\n" if urlsplit(self.path).query == "many" else b"\r\n "
        self.send_response(200)
        self.flush_headers()
        with suppress(OSError):
            while True:
                self.wfile.write((b"X-Head: " + b"a" * 500 + joint) * 100)
        self.close_connection = True

    def policy(self) -> None:
        """A redirect that wants something for its policy of referrers."""
        wanted = urlsplit(self.path).query
        self.answer(status=302, headers={"Location": f"/a?{wanted}", "Referrer-Policy": wanted})

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(5000):
            self.wfile.write(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")

    def broken_off(self) -> None:
        body = page("nowhere")
        self.answer(body, length=len(body) + 1000)
        self.close_connection = True

    def busy(self) -> None:
        if self.times() == 1:
            self.answer(b"later", status=503, headers={"Retry-After": "2"})
        else:
            self.page()

    def redirect(self) -> None:
        targets = {
            "/to-private": "http://10.1.2.3/",
            "/to-loopback": "http://127.0.0.1:9/",
            "/to-file": "file:///etc/passwd",
            "/loop": "/loop2",
            "/loop2": "/loop",
            "/moved": "/a",
        }
        self.answer(status=302, headers={"Location": targets[self.path]})


PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: brotli.compress(body, quality=1),
    "zstd": zstd.compress,
}
ENDPOINTS: Mapping[str, Callable[[Handler], None]] = {
    "/robots.txt": Handler.robots,
    "/feed": Handler.feed,
    "/sessions": Handler.sessions,
    "/paged": Handler.paged,
    "/story": Handler.story,
    "/walls": Handler.walls,
    "/challenge": Handler.challenge,
    "/parked": Handler.parked,
    "/mishaps": Handler.mishaps,
    "/many": Handler.many,
    "/index.xml": Handler.index,
    "/part1.xml": Handler.part,
    "/part2.xml": Handler.part,
    "/html-feed": Handler.page,
    "/truncated-feed": Handler.truncated_feed,
    "/busy-feed": Handler.busy_feed,
    "/long-feed": Handler.long_feed,
    "/flaky-feed": Handler.flaky_feed,
    "/strict-feed": Handler.strict_feed,
    "/strict": Handler.strict,
    "/empty-feed": Handler.empty_feed,
    "/torn-feed": Handler.torn_feed,
    "/torn": Handler.torn,
    "/slow-feed": Handler.slow_feed,
    "/watched": Handler.watched,
    "/accords": Handler.accords,
    "/busy": Handler.busy,
    "/slow": Handler.slowly,
    "/bomb": Handler.bomb,
    "/packed": Handler.packed,
    "/policy": Handler.policy,
    "/endless-head": Handler.endless_head,
    "/endless": Handler.endless,
    "/broken-off": Handler.broken_off,
    "/sealed.pdf": lambda handler: handler.answer(SEALED.read_bytes(), "application/pdf"),
    "/empty": lambda handler: handler.answer(),
    "/accepted": lambda handler: handler.answer(status=202),
    "/gone": lambda handler: handler.answer(b"gone", status=410),
    "/refused": lambda handler: handler.answer(b"no", status=403),
} | dict.fromkeys(
    ("/to-private", "/to-loopback", "/to-file", "/loop", "/loop2", "/moved"), Handler.redirect
)


class BadServer(ThreadingHTTPServer):
    def __init__(self, robots: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.robots = (
            robots,
            b"User-agent: *\nDisallow: /forbidden/\n" if robots == 200 else b"broken",
        )
        self.asked: list[list[object]] = []
        self.times: Counter[str] = Counter()
        self.lock = threading.Lock()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--robots", type=int, default=200)
    server = BadServer(parser.parse_args().robots)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
