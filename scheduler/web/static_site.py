"""The register as a static site: what the page answers to a reader, as files that need no server.

Links lead to other files of the site. What only a server can do (forms, files of a search, texts of
documents) is left out.
"""

from __future__ import annotations

import asyncio
import filecmp
import html
import json
import multiprocessing
import os
import posixpath
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.types import Message, Scope

from scheduler.configuration.config import Configuration
from scheduler.configuration.query import Query
from scheduler.exchange.package import ALWAYS
from scheduler.views.words.labels import Labels, labels_of
from scheduler.web.site.application import STATIC, with_addresses
from scheduler.web.site.gate import Visitor
from scheduler.web.site.installation import Installation
from scheduler.web.site.rendering import rendered
from storage.database.session import open_database
from storage.errors import ExportError
from storage.languages import SPOKEN_LANGUAGES
from storage.users.accounts import Role

MARK = "accordwatch-site.json"  # by which a folder is known as ours
NAMES = frozenset({*SPOKEN_LANGUAGES, "static", "data", "index.html", MARK})
_ASSETS = ("site.css", "access.css", "chart.css", "mark.svg", "published.js")
_PICTURES = {"/map?": "map", "/count?rows=year": "count"} | {
    f"/count?rows={one}": f"count/{one}" for one in ("party", "topic", "status")
}
_FILES = {
    **{at: f"{folder}/index.html" for at, folder in _PICTURES.items()},
    **{f"/{one}": f"{one}/index.html" for one in ("timeline", "pending", "data", "help")},
    **{"/": "index.html", "/changes?days=30": "changes/index.html"},
    **{
        f"{at}&format={form}": f"{folder}/{posixpath.basename(folder)}.{form}"
        for at, folder in _PICTURES.items()
        for form in ("svg", "png", "csv")
    },
}
_UNSAID = {"/changes": (("days", "30"),), "/count": (("rows", "year"),)}
_FEEDS = ("/feed.atom", "/feed.json")
_FOUND_BY = frozenset({"party", "status", "grade", "topic", "instrument", "since", "until"})
_MANY = 400  # entries for which more than one process pays: each takes three seconds to begin
_MOST_PROCESSES, _PORTION = 8, 100
Address = tuple[str, frozenset[tuple[str, str]]]  # a path, and what stands behind the question mark
_NONE: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class StaticSite:
    """The entries `ids`, which are those of a selection, as a site in `folder`."""

    chosen: Configuration
    query: Query
    ids: Sequence[str]
    folder: Path
    made_at: datetime

    def put(self, name: str, body: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def write_site(site: StaticSite, moved: Mapping[str, str]) -> None:
    """Write all of it but the data package. `moved`: what became of entries that it had before."""
    portions = [site.ids[at : at + _PORTION] for at in range(0, len(site.ids), _PORTION)]
    parts: list[str | Sequence[str]] = [*SPOKEN_LANGUAGES, *portions]  # what takes longest first
    if len(site.ids) < _MANY:
        for part in parts:
            _write_part(site, part)
    else:
        processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            list(pool.map(partial(_write_part, site), parts))
    for name in _ASSETS:
        site.put(f"static/{name}", (STATIC / name).read_bytes())
    register, named = site.chosen.settings.dataset.register_name, map(labels_of, SPOKEN_LANGUAGES)
    links = [
        (f"{labels.language}/index.html", labels.language_name(labels.language), labels)
        for labels in named
    ]
    site.put("index.html", _page_of_links(register, "static", links))
    for words, old, home in ((words, *one) for _, _, words in links for one in moved.items()):
        page = _page_of_links(old, "../../../static", [(f"../{home}/index.html", home, words)])
        site.put(f"{words.language}/agreements/{old}/index.html", page)
    site.put(MARK, json.dumps({"agreements": [*site.ids, *moved]}).encode())


def keep_times(folder: Path, before: Path) -> tuple[int, int]:
    """Let what has the same bytes as before keep its time; return how many files there are, and how
    many of them are new or changed.
    """
    files = [file for file in folder.rglob("*") if file.is_file()]
    olds = [(file, before / file.relative_to(folder)) for file in files]
    same = [(file, old) for file, old in olds if old.is_file() and filecmp.cmp(file, old, False)]
    for file, old in same:
        os.utime(file, ns=(old.stat().st_atime_ns, old.stat().st_mtime_ns))
    return len(files), len(files) - len(same)


def _page_of_links(title: str, static: str, links: Sequence[tuple[str, str, Labels]]) -> bytes:
    return rendered("published/links.html.j2", title=title, static=static, links=links).encode()


def _write_part(site: StaticSite, part: str | Sequence[str]) -> None:
    """Write the lists and pictures of a language, or the pages of some entries in all of them."""
    with closing(open_database(site.chosen.database)) as database, asyncio.Runner() as loop:
        entries = [] if isinstance(part, str) else [(f"/agreements/{one}", _NONE) for one in part]
        for language in [part] if isinstance(part, str) else SPOKEN_LANGUAGES:
            reader = _Reader(site, Installation(database, site.chosen), language, loop)
            for address in entries or [*reader.files]:
                following: Address | None = address
                while following:  # "Older" leads from page to page
                    following = reader.write(following)


class _Reader:
    """Reads the site in one language, as a visitor who may change nothing, and writes it."""

    def __init__(
        self, site: StaticSite, served: Installation, language: str, loop: asyncio.Runner
    ) -> None:
        self._site, self._language, self._loop = site, language, loop
        self._ids = frozenset(site.ids)
        settings = site.chosen.settings
        self._url = settings.site.url.rstrip("/")
        home = f"{self._url}/{language}" if self._url else ""
        self._at = urlsplit(home or f"http://localhost/{language}")
        own = settings.site.model_copy(update={"url": home})
        chosen = replace(site.chosen, settings=settings.model_copy(update={"site": own}))
        self._served = replace(served, chosen=chosen, now=lambda: site.made_at, is_static=True)
        self.files = {self._key(address): file for address, file in _FILES.items()}
        if home:
            self.files |= {(feed, _NONE): feed[1:] for feed in _FEEDS}

    def _key(self, address: str) -> Address:
        parts = urlsplit(address)
        chosen = self._site.query.parameters
        pairs = tuple(one for one in parse_qsl(parts.query) if one not in chosen)
        return parts.path, frozenset(pairs or _UNSAID.get(parts.path, ()))

    def _file(self, address: Address) -> str | None:
        """The file below the folder of the language that an address leads to; None for none."""
        path, pairs = address
        kind, _, name = path.removeprefix("/").partition("/")
        if kind == "agreements" and name in self._ids and not pairs:
            return f"agreements/{name}/index.html"
        if name in (*_ASSETS, *ALWAYS):
            return f"..{path}"
        if kind == "corridors" and not pairs and "/" not in name:
            path, pairs = "/", frozenset(("party", one) for one in name.split("-"))
        file = self.files.get((path, pairs))
        if file is None and path == "/" and _FOUND_BY.issuperset(name for name, _ in pairs):
            return f"index.html#{urlencode(sorted(pairs))}"
        return file

    def write(self, address: Address) -> Address | None:
        """Write what stands at an address; return the address of the next page of a list."""
        (path, pairs), file = address, self._file(address) or ""
        chosen = () if path.startswith("/agreements/") else self._site.query.parameters
        query = urlencode([*chosen, *sorted(pairs)])
        kind, body = self._ask(path, query)
        following = None
        if "html" in kind:
            tree = LexborHTMLParser(body.decode())
            following = self._relink(tree, f"{path}?{query}", file)
            head, rest = (tree.html or "").split("</head>", 1)
            body = f"{head}{self._named(file)}</head>{rest}".encode()
        elif path in _FEEDS:
            for written in (html.escape(f"?{query}"), f"?{query}"):
                body = body.replace(written.encode(), b"")
        self._site.put(f"{self._language}/{file}", body)
        return following

    def _ask(self, path: str, query: str) -> tuple[str, bytes]:
        """The type and the body of an answer."""
        pieces, headers = list[bytes](), dict[bytes, bytes]()

        async def send(message: Message) -> None:
            status = message.get("status", 200)
            if status >= 500:
                raise ExportError(f"{path} cannot be published: the page answers {status}")
            if status != 200:
                raise ExportError(f"{path} changed while it was published; publish it again")
            headers.update(message.get("headers", ()))
            pieces.append(message.get("body", b""))

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        host = self._at.netloc.encode()
        scope: Scope = {
            # Since 2.4, an answer in pieces does not ask all the while whether the client left.
            **{"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}},
            **{"http_version": "1.1", "method": "GET"},
            **{"scheme": self._at.scheme, "root_path": self._at.path, "path": self._at.path + path},
            **{"query_string": query.encode(), "client": None, "server": None},
            "headers": [(b"host", host), (b"accept-language", self._language.encode())],
            "state": {"visitor": Visitor(None, frozenset({Role.READER}), "local")},
        }
        app = _application()
        app.state.served = self._served
        self._loop.run(app(scope, receive, send))
        return headers[b"content-type"].decode(), b"".join(pieces)

    def _relink(self, tree: LexborHTMLParser, here: str, file: str) -> Address | None:
        """Let all links of a page lead to files; return the address of the next page, if any."""
        for node in tree.css("form:not(.finder), .tell, .acts"):
            node.decompose()
        following = None
        for node in tree.css("[href], [src]"):
            name = "href" if "href" in node.attributes else "src"
            address = node.attributes[name] or ""
            if urlsplit(address).scheme or address.startswith("#"):
                continue
            address = urljoin(here, address.removeprefix(self._at.path))
            if node.attributes.get("rel") == "next":
                following = self._key(address)
                folder = posixpath.join(following[0][1:], f"older/{len(self.files)}")
                self.files[following] = f"{folder}/index.html"
            self._lead(node, name, address, file)
        for node in tree.css(".feeds:not(:has(a))"):
            node.decompose()
        return following

    def _named(self, file: str) -> str:
        """The address of a page for search engines, and those of its other languages."""
        path = html.escape(file.removesuffix("index.html"))
        own = [
            ("canonical", self._language),
            *(("alternate", language) for language in SPOKEN_LANGUAGES),
        ]
        links = (
            f'<link rel="{rel}" hreflang="{one}" href="{self._url}/{one}/{path}">\n'
            for rel, one in own
        )
        return "".join(links) if self._url else ""

    def _lead(self, node: LexborNode, name: str, address: str, file: str) -> None:
        language = dict(parse_qsl(urlsplit(address).query)).get("lang", "")
        target = f"../{language}/{file}" if language else self._file(self._key(address))
        if target is not None:
            node.attrs[name] = posixpath.relpath(target, posixpath.dirname(file) or ".")
        elif node.tag != "a" or (
            node.parent and "feeds" in (node.parent.attributes.get("class") or "")
        ):
            node.decompose()
        elif node.css_first("rect, path, circle"):
            del node.attrs[name]
        else:
            node.unwrap()


@cache
def _application() -> FastAPI:
    """The page without the gate for those who come from afar, for this process alone."""
    return with_addresses()  # to read its hundred addresses takes a second
