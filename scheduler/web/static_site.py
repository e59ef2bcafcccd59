"""The register as a static site: what the page answers to a reader, as files that need no server.

Links lead to other files of the site. What only a server can do (forms, files of a search, texts of
documents) is left out.
"""

from __future__ import annotations

import asyncio
import html
import json
import multiprocessing
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from fastapi import FastAPI
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.types import Message, Scope

from scheduler.configuration.config import Configuration
from scheduler.configuration.query import Query
from scheduler.exchange.package import ALWAYS
from scheduler.views.agreements import AGREEMENTS
from scheduler.views.entry import stage_of
from scheduler.views.register_entries import Entry
from scheduler.views.words.labels import labels_of
from scheduler.views.words.page import filter_value_in_words
from scheduler.web.site.application import STATIC, with_addresses
from scheduler.web.site.gate import Visitor
from scheduler.web.site.installation import Installation
from scheduler.web.site.pages.register_pages import cells_of
from scheduler.web.site.rendering import rendered
from storage.database.session import Database, open_database
from storage.errors import ExportError
from storage.languages import SPOKEN_LANGUAGES
from storage.records import GradeBasis
from storage.users.accounts import Role

MARK = "accordwatch-site.json"  # by which a folder is known as ours
NAMES = frozenset({*SPOKEN_LANGUAGES, "static", "data", "index.html", MARK})
COUNTS = ("year", "party", "topic", "status")
_ASSETS = ("site.css", "access.css", "chart.css", "mark.svg", "published.js")
_NEWS = "/changes?days=30"
_PAGES = ("/", _NEWS, "/map", "/timeline", "/pending", "/data", "/help")
_PICTURES = ("/map", *(f"/count?rows={one}" for one in COUNTS))
_FEEDS = ("/feed.atom", "/feed.json")
_FOUND_BY = frozenset({"party", "status", "grade", "topic", "instrument", "since", "until"})
_MANY = 400  # entries for which more than one process pays: each takes three seconds to begin
_MOST_PROCESSES, _PORTION = 8, 100
Address = tuple[str, frozenset[tuple[str, str]]]  # a path, and what stands behind the question mark


@dataclass(frozen=True, slots=True)
class StaticSite:
    """The entries `ids`, which are those of a selection, as a site that is written into `folder`
    and takes the place of `before`. `moved`: what became of entries that it had before.
    """

    chosen: Configuration
    query: Query
    ids: Sequence[str]
    folder: Path
    before: Path
    made_at: datetime
    moved: Mapping[str, str]

    def put(self, name: str, body: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def keep_times(self) -> tuple[int, int]:
        """Let what has the same bytes as before keep its time; return how many files there are, and
        how many of them are new or changed.
        """
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        kept = 0
        for file in files:
            old = self.before / file.relative_to(self.folder)
            if old.is_file() and old.read_bytes() == file.read_bytes():
                os.utime(file, ns=(old.stat().st_atime_ns, old.stat().st_mtime_ns))
                kept += 1
        return len(files), len(files) - kept


def write_site(site: StaticSite, found: Mapping[str, Any], database: Database) -> None:
    """Write all of it but the data package. `found` is what the browser searches, by language."""
    portions = [site.ids[at : at + _PORTION] for at in range(0, len(site.ids), _PORTION)]
    parts: list[str | Sequence[str]] = [*SPOKEN_LANGUAGES, *portions]  # what takes longest first
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES) if len(site.ids) >= _MANY else 1
    if processes > 1:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, context) as pool:
            list(pool.map(partial(_write_alone, site), parts))
    else:
        for part in parts:
            _write_part(site, database, part)
    for language in SPOKEN_LANGUAGES:
        body = json.dumps(found[language], ensure_ascii=False, separators=(",", ":"))
        site.put(f"{language}/register.json", body.encode())
    for name in _ASSETS:
        site.put(f"static/{name}", (STATIC / name).read_bytes())
    named = [labels_of(one) for one in SPOKEN_LANGUAGES]
    register = site.chosen.settings.dataset.register_name
    site.put(
        "index.html",
        rendered("published/languages.html.j2", named=named, register=register).encode(),
    )
    names = ((language, old) for language in SPOKEN_LANGUAGES for old in site.moved)
    for language, old in names:
        address = f"../{site.moved[old]}/index.html"
        page = rendered("published/moved.html.j2", language=language, old=old, address=address)
        site.put(f"{language}/agreements/{old}/index.html", page.encode())
    site.put(MARK, json.dumps({"agreements": [*site.ids, *site.moved]}).encode())


def _write_alone(site: StaticSite, part: str | Sequence[str]) -> None:
    """Write a part in a process of its own."""
    with closing(open_database(site.chosen.database)) as database:
        _write_part(site, database, part)


def _write_part(site: StaticSite, database: Database, part: str | Sequence[str]) -> None:
    """Write the lists and pictures of a language, or the pages of some entries in all of them."""
    if isinstance(part, str):
        asyncio.run(_write_pages(_Reader(site, database, part)))
        return
    for language in SPOKEN_LANGUAGES:
        asyncio.run(_write_entries(_Reader(site, database, language), part))


async def _write_entries(reader: _Reader, ids: Sequence[str]) -> None:
    for one in ids:
        await reader.write(f"/agreements/{one}")


async def _write_pages(reader: _Reader) -> None:
    for address in (*_PAGES, *(f"/count?rows={one}" for one in COUNTS)):
        following: str | None = address
        while following:  # "Older" leads from page to page
            following = await reader.write(following)
    for address in _PICTURES:
        for form in ("svg", "png", "csv"):
            await reader.write(f"{address}{'&' if '?' in address else '?'}format={form}")
    if reader.home:
        for address in _FEEDS:
            await reader.write(address)


class _Reader:
    """Reads the site in one language, as a visitor who may change nothing, and writes it."""

    def __init__(self, site: StaticSite, database: Database, language: str) -> None:
        self._site, self._language = site, language
        self._ids = frozenset(site.ids)
        self._selected = site.query.parameters
        url = site.chosen.settings.site.url.rstrip("/")
        self.home = f"{url}/{language}" if url else ""
        self._at = urlsplit(self.home or f"http://localhost/{language}")
        self._served = _installation(site, database, self.home)
        self._files = dict(self._known())

    def _known(self) -> Iterator[tuple[Address, str]]:
        """The file of each address that has one, besides those of entries."""
        addresses = {one: urlsplit(one).path[1:] for one in (*_PAGES, "/changes")}
        addresses |= {f"/count?rows={one}": f"count/{one}" for one in COUNTS[1:]}
        addresses |= dict.fromkeys(("/count", f"/count?rows={COUNTS[0]}"), "count")
        for address, folder in addresses.items():
            yield self._key(address), posixpath.join(folder, "index.html")
            if address in (*_PICTURES,):
                for form in ("svg", "png", "csv"):
                    path, pairs = self._key(address)
                    name = f"{posixpath.basename(folder)}.{form}"
                    yield (path, pairs | {("format", form)}), posixpath.join(folder, name)
        if self.home:
            yield from ((self._key(one), one[1:]) for one in _FEEDS)
        yield from ((self._key(f"/static/{one}"), f"../static/{one}") for one in _ASSETS)
        yield from ((self._key(f"/data/{one}"), f"../data/{one}") for one in ALWAYS)

    def _key(self, address: str) -> Address:
        parts = urlsplit(address)
        pairs = (one for one in parse_qsl(parts.query) if one not in self._selected)
        return parts.path, frozenset(pairs)

    def _file(self, address: str) -> str | None:
        """The file below the folder of the language that an address leads to; None for none."""
        path, pairs = self._key(address)
        kind, _, name = path.removeprefix("/").partition("/")
        if kind == "agreements" and name in self._ids and not pairs:
            return f"agreements/{name}/index.html"
        if kind == "corridors" and not pairs and "/" not in name:
            path, pairs = "/", frozenset(("party", one) for one in name.split("-"))
        if (path, pairs) not in self._files and path == "/" and pairs:
            by = sorted(pairs)
            is_found = _FOUND_BY.issuperset(name for name, _ in by)
            return f"index.html#{urlencode(by)}" if is_found else None
        return self._files.get((path, pairs))

    async def write(self, address: str) -> str | None:
        """Write what stands at an address; return the address of the next page of a list."""
        parts, file = urlsplit(address), self._file(address) or ""
        query = urlencode([*self._selected, *parse_qsl(parts.query)])
        if parts.path.startswith("/agreements/"):
            query = ""
        kind, body = await self._ask(parts.path, query)
        following = None
        if "html" in kind:
            tree = LexborHTMLParser(body.decode())
            following = self._relink(tree, f"{parts.path}?{query}", file)
            head, rest = (tree.html or "").split("</head>", 1)
            body = f"{head}{self._named(file)}</head>{rest}".encode()
        elif parts.path in _FEEDS:
            for written in (html.escape(f"?{query}"), f"?{query}"):
                body = body.replace(written.encode(), b"")
        self._site.put(f"{self._language}/{file}", body)
        return following

    async def _ask(self, path: str, query: str) -> tuple[str, bytes]:
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

        given = {"host": self._at.netloc, "accept-language": self._language}
        scope: Scope = {
            # Since 2.4, an answer in pieces does not ask all the while whether the client left.
            **{"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}},
            **{"http_version": "1.1", "method": "GET"},
            **{"scheme": self._at.scheme, "root_path": self._at.path, "path": self._at.path + path},
            **{"query_string": query.encode(), "client": None, "server": None},
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "state": {"visitor": Visitor(None, frozenset({Role.READER}), "local")},
        }
        app = _application()
        app.state.served = self._served
        await app(scope, receive, send)
        return headers[b"content-type"].decode(), b"".join(pieces)

    def _relink(self, tree: LexborHTMLParser, here: str, file: str) -> str | None:
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
                following = address
                number = len(self._files)
                self._files[self._key(address)] = posixpath.join(
                    urlsplit(address).path[1:], f"older/{number}/index.html"
                )
            self._lead(node, name, address, file)
        for node in tree.css(".feeds:not(:has(a))"):
            node.decompose()
        return following

    def _named(self, file: str) -> str:
        """The address of a page for search engines, and those of its other languages."""
        url, path = self._site.chosen.settings.site.url.rstrip("/"), file.removesuffix("index.html")
        if not url:
            return ""
        at = {one: html.escape(f"{url}/{one}/{path}") for one in SPOKEN_LANGUAGES}
        links = [f'rel="alternate" hreflang="{one}" href="{at[one]}"' for one in at]
        own = f'rel="canonical" href="{at[self._language]}"'
        return "".join(f"<link {one}>\n" for one in (own, *links))

    def _lead(self, node: LexborNode, name: str, address: str, file: str) -> None:
        language = dict(parse_qsl(urlsplit(address).query)).get("lang", "")
        target = f"../{language}/{file}" if language else self._file(address)
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


def _installation(site: StaticSite, database: Database, home: str) -> Installation:
    settings = site.chosen.settings
    own = settings.site.model_copy(update={"url": home})
    chosen = replace(site.chosen, settings=settings.model_copy(update={"site": own}))
    return Installation(database, chosen, now=lambda: site.made_at, is_static=True)


@cache
def _application() -> FastAPI:
    """The page, to be asked in this process alone, without the gate for those who come from afar;
    to read its hundred addresses takes a second.
    """
    return with_addresses()


# --- what the browser searches --------------------------------------------------------------------


class Finder:
    """Collects what the browser shows and searches, in each language."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.found: dict[str, dict[str, Any]] = {
            one: {"columns": AGREEMENTS.page, "words": {}, "rows": []} for one in SPOKEN_LANGUAGES
        }

    def collected(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries as they come, without the name of who confirmed them."""
        for entry in entries:
            self._add(entry)
            is_person = entry.agreement.grade_basis is GradeBasis.PERSON
            shown = replace(entry.agreement, grade_by="") if is_person else entry.agreement
            yield replace(entry, agreement=shown)

    def _add(self, entry: Entry) -> None:
        one = entry.agreement
        self.ids.append(one.id)
        values: dict[str, Any] = {
            "party": list(one.parties),
            "status": [one.status] if one.status else [],
            "grade": [one.grade],
            "topic": list(one.topics),
            "instrument": [one.instrument] if one.instrument else [],
        }
        on = one.event_date.isoformat() if one.event_date else ""
        stage = stage_of(one.status) if one.status else ""
        for language, found in self.found.items():
            words = labels_of(language)
            for name, codes in values.items():
                for code in codes:
                    known = found["words"].setdefault(name, {})
                    known.setdefault(code, filter_value_in_words(name, code, words))
            own = replace(entry, language=language)
            cells = [cell.text for cell in cells_of(own, AGREEMENTS.page, words)]
            text = " ".join((one.id, own.name, one.title))
            found["rows"].append(
                {"id": one.id, "cells": cells, "by": values, "on": on, "stage": stage, "text": text}
            )
