"""The sites of the month as one process: `python -m benchmarks.month.server COUNT DAYS FOLDER`.

Prints a JSON object, host and port by site; in the same folder they stay the same. `/clock?minutes=N` on any of them sets the time of the
month for all, `/log` answers what was asked since the last `/log`.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.month.sites import BEGIN, Site, many, number_of
from tests.localweb.articles import Article
from tests.localweb.pages import OFFERS, PAGES

LOG: list[tuple[float, float, str, str, int, bool]] = []
ON_A_PAGE = 10  # links of a listing
IN_A_FEED = 15
_PARTS = 2
_TIME = {"now": BEGIN}
_NOT_FOUND = "<html><head><title>Page not found</title></head><body><h1>Page not found</h1><p>The page you were looking for does not exist. It may have been moved.</p></body></html>"
_PARKED = "<html><head><title>example.test</title></head><body><h1>This domain is for sale</h1><p>Buy this domain. The owner of this domain has parked it.</p></body></html>"
_CHALLENGE = '<html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing the site</h1><noscript>Enable JavaScript and cookies to continue</noscript><form id="challenge-form" action="/cdn-cgi/challenge-platform"></form></body></html>'


class Host(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, site: Site, number: int, days: int, port: int) -> None:
        super().__init__((f"127.1.{1 + number // 250}.{1 + number % 250}", port), Handler)
        self.site = site
        self.address = f"{self.server_address[0]!s}:{self.server_port}"
        self.articles = site.published(days)
        self.times: Counter[str] = Counter()

    def out(self) -> list[tuple[datetime, Article]]:
        """What is published by now, the newest first."""
        return [article for article in reversed(self.articles) if article[0] <= _TIME["now"]]


class Handler(BaseHTTPRequestHandler):
    server: Host
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/clock":
            _TIME["now"] = BEGIN + timedelta(minutes=int(parse_qs(asked.query)["minutes"][0]))
            self.answer(200, "text/plain", b"ok", log=False)
        elif asked.path == "/log":
            body = json.dumps(LOG).encode()
            LOG.clear()
            self.answer(200, "application/json", body, log=False)
        else:
            self.began = time.monotonic()
            self.server.times[self.path] += 1
            time.sleep(0.2 if self.is_odd("slow") else 0.002)
            self.serve(asked.path, asked.query)

    def is_odd(self, trait: str) -> bool:
        return trait in self.server.site.odd

    def serve(self, path: str, query: str) -> None:
        if path == "/robots.txt":
            self.robots()
        elif self.is_odd("consent") and "passed=1" not in (self.headers.get("Cookie") or ""):
            self.consent(path, query)
        elif path == "/start" or path.startswith("/part"):
            self.offer(path, query)
        else:
            self.page(path, query)

    def robots(self) -> None:
        rules = "User-agent: *\n"
        rules += "Crawl-delay: 1\n" if self.is_odd("delay") else ""
        rules += "Disallow: /private/\n" if self.is_odd("forbidden") else "Disallow: /admin/\n"
        self.answer(200, "text/plain", rules.encode())

    def consent(self, path: str, query: str) -> None:
        if path == "/consent":
            back = parse_qs(query)["back"][0]
            self.answer(302, "text/html", b"", {"Location": back, "Set-Cookie": "passed=1; Path=/"})
        else:
            self.answer(302, "text/html", b"", {"Location": f"/consent?back={path}"})

    # --- what the site offers ---------------------------------------------------------------------

    def offer(self, path: str, query: str) -> None:
        site = self.server.site
        published = [(at, self.offered(one)) for at, one in self.server.out()]
        if site.offer == "listing":
            content_type, body = self.listing([one for _, one in published], query)
        elif site.offer == "index":
            content_type, body = self.index(path, published)
        else:
            size = 40 if site.offer == "news" else IN_A_FEED
            shown = [one for _, one in published][:size]
            content_type, body = OFFERS[site.offer](shown, f"http://{self.server.address}")
            body = self.with_oddities(body)
        tag = '"1"' if self.is_odd("stale") else f'"{hash(body)}"'
        if not (self.is_odd("etag") or self.is_odd("stale")):
            self.answer(200, content_type, body.encode())
        elif self.headers.get("If-None-Match") == tag:
            self.answer(304, content_type, b"", {"ETag": tag})
        else:
            self.answer(200, content_type, body.encode(), {"ETag": tag})

    def offered(self, article: Article) -> Article:
        """The article under the address that the site offers at this look."""
        number, look = number_of(article), sum(self.server.times.values())
        path = article.path
        if self.server.site.is_forbidden(number):
            path = f"/private/{number}.html"
        elif self.is_odd("session"):
            path = f"/news/{number}.html;jsessionid={look:08X}{number:04X}"
        elif self.is_odd("tracking"):
            path = f"/news/{number}.html?utm_source=rss&utm_campaign=look{look}"
        elif self.is_odd("twins") and look % 2:
            path = f"/news/{number}.html?amp=1"
        elif self.is_odd("moved"):
            path = f"/go/{number}"
        elif self.is_odd("alias") and look % 2:
            path = f"/section/council/{number}.html"
        return Article(path, article.title, article.day, article.paragraphs)

    def with_oddities(self, feed: str) -> str:
        look = sum(self.server.times.values())
        if self.is_odd("guid"):
            feed = re.sub("</item>", lambda m: f"<guid>{look}-{id(m)}</guid></item>", feed)
        for trait, path in (("gone", "/gone/7.html"), ("parked", "/parked/")):
            if self.is_odd(trait):
                item = f"<item><title>A page of long ago that is no more</title><link>http://{self.server.address}{path}</link></item>"
                feed = feed.replace("<item>", item + "<item>", 1)
        return feed

    def listing(self, published: list[Article], query: str) -> tuple[str, str]:
        page = int(parse_qs(query).get("page", ["1"])[0])
        shown = published[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        links = "".join(
            f'<li class="item"><h3><a href="{one.path}">{escape(one.title)}</a></h3>'
            f"<time datetime={one.day}>{one.day}</time></li>"
            for one in shown
        )
        more = ""
        if len(published) > page * ON_A_PAGE:
            more = f'<nav class="pager"><a rel="next" href="/start?page={page + 1}">Older news</a></nav>'
        if self.is_odd("sections"):
            more += "".join(
                f'<p><a href="/{kind}/{name}">{text}</a></p>'
                for kind, name, text in (
                    ("topic", "council", "All our articles about the council of the town"),
                    ("tag", "harbour-wall", "Everything about the harbour wall in one place"),
                    ("author", "jane-doe", "All articles written by our author Jane Doe"),
                    ("archive", "2026/03", "The archive of all articles of March of 2026"),
                )
            )
        body = f"<!doctype html><html><head><title>News</title></head><body><main><ul>{links}</ul></main>{more}</body></html>"
        return "text/html; charset=utf-8", body

    def index(self, path: str, published: list[tuple[datetime, Article]]) -> tuple[str, str]:
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        weeks: dict[int, list[tuple[datetime, Article]]] = {}
        for at, one in published:
            weeks.setdefault((at - BEGIN).days // 7, []).append((at, one))
        if path == "/start":
            parts = "".join(
                f"<sitemap><loc>http://{self.server.address}/part{week}</loc><lastmod>{found[0][0].isoformat()}</lastmod></sitemap>"
                for week, found in sorted(weeks.items(), reverse=True)
            )
            return (
                "application/xml",
                f'<?xml version="1.0"?><sitemapindex {space}>{parts}</sitemapindex>',
            )
        found = weeks.get(int(path.removeprefix("/part")), [])
        urls = "".join(
            f"<url><loc>http://{self.server.address}{one.path}</loc><lastmod>{at.isoformat()}</lastmod></url>"
            for at, one in found
        )
        return "application/xml", f'<?xml version="1.0"?><urlset {space}>{urls}</urlset>'

    # --- pages --------------------------------------------------------------------------------------

    def page(self, path: str, query: str) -> None:
        bare = path.partition(";")[0]
        if bare.startswith("/gone/"):
            self.html(_NOT_FOUND)
        elif bare.startswith("/parked"):
            self.html(_PARKED)
        elif bare.startswith(("/topic/", "/tag/", "/author/", "/archive/")):
            self.section()
        elif bare.startswith("/go/"):
            target = f"/news/{bare.removeprefix('/go/')}.html"
            self.answer(302, "text/html", b"", {"Location": target})
        else:
            self.numbered(bare, query)

    def numbered(self, bare: str, query: str) -> None:
        """An article, if it is out; the first time, in the way in which the site is odd."""
        found = re.fullmatch(r"/(?:news|private|section/council)/(\d+)\.html", bare)
        number = int(found[1]) if found else 0
        published = {number_of(one): one for _, one in self.server.out()}
        is_first = self.server.times[self.path] == 1
        if number not in published:
            self.answer(404, "text/plain", b"not here")
        elif self.is_odd("challenge") and is_first:
            self.html(_CHALLENGE, 403)
        elif self.is_odd("busy") and number % 7 == 0 and is_first:
            self.answer(429, "text/plain", b"later", {"Retry-After": "2"})
        else:
            is_cut = self.is_odd("cut") and number % 5 == 0 and is_first
            self.article(published[number], query, cut=is_cut)

    def article(self, article: Article, query: str, *, cut: bool) -> None:
        site = self.server.site
        others = [one for _, one in self.server.out() if one.path != article.path]
        shown, extra = article, ""
        if self.is_odd("parts"):
            half = len(article.paragraphs) // _PARTS
            is_second = "page=2" in query
            kept = article.paragraphs[half:] if is_second else article.paragraphs[:half]
            shown = Article(article.path, article.title, article.day, kept)
            extra = "" if is_second else f'<a rel="next" href="{article.path}?page=2">Next page</a>'
        html = PAGES[site.page](shown, others, site.language)
        if self.is_odd("undated"):
            html = html.replace(str(article.day), "")
        html = html.replace("</article>", f"{extra}</article>")
        if self.is_odd("twins") or self.is_odd("alias"):
            link = f'<link rel="canonical" href="http://{self.server.address}{article.path}">'
            html = html.replace("</head>", f"{link}</head>")
        if self.is_odd("latin1"):
            html = html.replace('charset="utf-8"', 'charset="iso-8859-1"')
            self.answer(200, "text/html", html.encode("latin-1", "xmlcharrefreplace"))
        elif cut:
            packed = gzip.compress(html.encode())
            self.answer(
                200,
                "text/html; charset=utf-8",
                packed[: len(packed) * 2 // 3],
                {"Content-Encoding": "gzip"},
            )
        else:
            self.html(html)

    def section(self) -> None:
        shown = [one for _, one in self.server.out()][:12]
        items = "".join(
            f'<div class="card"><h2><a href="{one.path}">{escape(one.title)}</a></h2><p>{escape(one.paragraphs[0][:120])}…</p></div>'
            for one in shown
        )
        self.html(
            f"<html><head><title>All articles</title></head><body><main>{items}</main></body></html>"
        )

    def html(self, body: str, status: int = 200) -> None:
        self.answer(status, "text/html; charset=utf-8", body.encode())

    def answer(
        self,
        status: int,
        content_type: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        log: bool = True,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if log:
            asks = any(name in self.headers for name in ("If-None-Match", "If-Modified-Since"))
            LOG.append(
                (self.began, time.monotonic(), self.server.site.name, self.path, status, asks)
            )

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main(count: int, days: int, folder: Path) -> None:
    kept = folder / "addresses.json"
    before = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    hosts = []
    for number, site in enumerate(many(count)):
        port = int(before.get(site.name, ":0").rpartition(":")[2])
        hosts.append(Host(site, number, days, port))
    for host in hosts:
        threading.Thread(target=host.serve_forever, daemon=True).start()
    addresses = json.dumps({host.site.name: host.address for host in hosts})
    kept.write_text(addresses, "utf-8")
    sys.stdout.write(addresses + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
