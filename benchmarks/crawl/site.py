"""The local web that both crawls read: `python -m benchmarks.crawl.site PAGES SHARE`.

Labelled articles of ours stand in pages with menus, teasers and scripts. SHARE of the pages hold a
report of an agreement; with REAL_PAGES, a folder of .html.gz files, the others are real. With
`--apart` no two pages are alike. Eight hosts or more list their pages in a sitemap. Prints the
addresses of the hosts as a JSON list, then serves until its input ends.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path

from spiders.demo.site import OUTLETS, article_page
from storage.records import Document
from tests.eval.corpus import load_articles

HOSTS = 8  # or more, of so many pages each: a look takes no more from one sitemap
_MOST_OF_A_HOST = 200
_REAL = Path(os.environ.get("REAL_PAGES", "no such folder"))
_SEED = 7  # of the order of real pages
_MENU, _TEASERS = 120, 40  # links of a page; real ones have some 300
_SCRIPT = 60_000  # characters; a real page has 110 kB in the median, most of it scripts and styles
_OWN_WORDS, _OWN_CLASSES = 30, 10  # of a page that is like no other
Body = Callable[[], bytes]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl.site", description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("share", type=float)
    parser.add_argument("--apart", action="store_true")
    asked = parser.parse_args()
    bodies: list[bytes | Body] = (
        list(pages_apart(asked.count, asked.share))
        if asked.apart
        else list(pages(asked.count, asked.share))
    )
    hosts = max(HOSTS, -(-asked.count // _MOST_OF_A_HOST))
    servers = [_server(bodies[number::hosts]) for number in range(hosts)]
    print(json.dumps([f"http://127.0.0.1:{server.server_port}" for server in servers]), flush=True)
    sys.stdin.read()
    for server in servers:
        server.shutdown()


def pages(count: int, share: float) -> Iterator[bytes]:
    """So many pages, of which `share` hold a report, in an order that is always the same."""
    chance = random.Random(count)
    documents = [article for article in load_articles() if len(article.document.text) > 200]
    reports = cycle(document.document for document in documents if document.relevant)
    others = cycle(document.document for document in documents if not document.relevant)
    wrapped = _in_made_pages([document.document for document in documents])
    real = cycle(gzip.decompress(page.read_bytes()) for page in real_pages())
    is_report = [number < count * share for number in range(count)]
    chance.shuffle(is_report)
    for one in is_report:
        made = one or not _REAL.is_dir()
        yield wrapped(next(reports if one else others)).encode() if made else next(real)


def real_pages() -> list[Path]:
    """The real pages in an order of chance that is always the same: a crawl reads the first ones,
    whatever their names and folders are.
    """
    paths = sorted(_REAL.rglob("*.html.gz"))
    return random.Random(_SEED).sample(paths, len(paths))


def pages_apart(count: int, share: float) -> Iterator[Body]:
    """So many pages of which no two are alike. Each is made when it is asked for."""
    documents = [article for article in load_articles() if len(article.document.text) > 200]
    reports = [labelled.document for labelled in documents if labelled.relevant]
    others = [labelled.document for labelled in documents if not labelled.relevant]
    wrapped = _in_made_pages([labelled.document for labelled in documents])
    lines = [line for other in others for line in other.text.split("\n") if len(line) > 80]
    making = threading.Lock()  # the templates are taken in turn

    def page(number: int) -> bytes:
        chance = random.Random(number)
        document = chance.choice(reports if chance.random() < share else others)
        words = ("".join(chance.choices("abcdeilmnorstu", k=8)) for _ in range(_OWN_WORDS))
        own = f"They were asked by {' '.join(words).title()}."
        text = "\n".join([document.text, *chance.sample(lines, 2), own])
        with making:
            whole = wrapped(replace(document, title=f"{document.title} ({number})", text=text))
        classes = "".join(f"<p class='c-{chance.random()}'></p>" for _ in range(_OWN_CLASSES))
        return whole.replace("</body>", f"{classes}</body>", 1).encode()

    return (partial(page, number) for number in range(count))


def _in_made_pages(documents: list[Document]):  # type: ignore[no-untyped-def]
    chance = random.Random(1)
    titles = [one.title for one in documents if one.title]
    outlets = cycle(OUTLETS)

    def wrapped(document: Document) -> str:
        on = document.published_on or date(2024, 3, 1)
        page = article_page(next(outlets), replace(document, published_on=on), [])
        menu = "".join(_link(chance.choice(titles)[:20]) for _ in range(_MENU))
        teasers = "".join(f"<div>{_link(chance.choice(titles))}</div>" for _ in range(_TEASERS))
        code = "".join(chance.choices("abcdefghij(){};=. \n", k=_SCRIPT))
        head = f"<script>{code}</script></head>"
        before = f"<div class='site-menu'><nav><ul>{menu}</ul></nav></div>"
        after = f"<aside class='related'>{teasers}</aside></body>"
        page = page.replace("</head>", head, 1).replace("</body>", after, 1)
        return page.replace("<body>", f"<body>{before}", 1)

    return wrapped


def _link(text: str) -> str:
    path = "-".join(text.lower().split())
    return f'<li><a href="/section/{escape(path)}">{escape(text)}</a></li>'


def _server(bodies: Sequence[bytes | Body]) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    answers = {f"/news/{number}.html": body for number, body in enumerate(bodies)}
    rows = "".join(f"<url><loc>{base}{path}</loc></url>" for path in answers)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    server.answers = answers | {  # type: ignore[attr-defined]
        "/sitemap.xml": f'<?xml version="1.0"?><urlset xmlns="{space}">{rows}</urlset>'.encode()
    }
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        found = self.server.answers.get(self.path)  # type: ignore[attr-defined]
        body = found() if callable(found) else found
        kind = "application/xml" if self.path.endswith(".xml") else "text/html; charset=utf-8"
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main()
