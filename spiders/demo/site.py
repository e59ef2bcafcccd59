"""What the demo's four outlets answer: their articles, the feeds, sitemap and listing that offer
these, and mishaps. Each page of an outlet is its template, in which an article is surrounded by
what an extractor has to leave out: menus, cookie banners, teasers, share links.

Each outlet is a host of its own: the ports `port` to `port + 3` of one address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, select_autoescape

from storage.records import Document

OUTLETS: Mapping[str, str] = {
    "courrier": "Courrier du Fleuve",
    "nafida": "نافذة الجنوب",
    "monitor": "The Corridor Monitor",
    "bulletin": "Boletín de Acuerdos",
}
COMMUNIQUE = "es-010"  # this one is published as a PDF
DUPLICATE = "fr-073"  # a second outlet publishes this one too
MOVED = "en-067"  # the sitemap still lists its old address
FORBIDDEN = "/interne/"
OVERSIZE_BYTES = 3 * 2**20  # the demo's configuration takes 2 MiB
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP answer."""

    body: bytes = b""
    content_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Pages = dict[str, HttpAnswer]  # by path


class Item(NamedTuple):
    """What a feed, a sitemap or a listing offers."""

    title: str
    path: str
    day: date | None = None


def load_articles() -> list[Document]:
    """The articles; `outlet` is the key of one of OUTLETS. Each paragraph of a text is a line."""
    lines = files("spiders.demo").joinpath("articles.jsonl").read_text("utf-8").splitlines()
    return [
        Document(
            title=row["title"],
            text=row["text"],
            language=row["lang"],
            published_on=date.fromisoformat(row["published"]) if row["published"] else None,
            outlet=row["outlet"],
            external_id=row["id"],
        )
        for row in map(json.loads, lines)
    ]


def build_site() -> dict[str, Pages]:
    articles = load_articles()
    site: dict[str, Pages] = {}
    for key in OUTLETS:
        own = [article for article in articles if article.outlet == key]
        items = [Item(one.title, path_of(one), one.published_on) for one in own]
        pages: Pages = {}
        for document in own:
            others = [other for other in own if other != document]
            pages[path_of(document)] = _answer(article_page(key, document, others))
        site[key] = pages | _REST[key](own, items)
    return site


def article_page(key: str, article: Document, others: Sequence[Document]) -> str:
    """An article as the outlet of this key publishes it, with links to others."""
    day = article.published_on
    return _filled(f"{key}.html.j2", key, article=article, others=others, day=day)


def _courrier(articles: Sequence[Document], items: list[Item]) -> Pages:
    """An RSS feed. robots.txt forbids an item, one page is empty, one is larger than we take."""
    items += [
        Item("Note de service", f"{FORBIDDEN}note.html"),
        Item("Brève du soir", "/vide.html"),
        Item("Album photo", "/album.html"),
    ]
    robots = f"User-agent: *\nDisallow: {FORBIDDEN}\n"
    return {
        "/robots.txt": HttpAnswer(robots.encode(), "text/plain"),
        "/feed/": _offer("rss.xml.j2", "courrier", items, "application/rss+xml"),
        f"{FORBIDDEN}note.html": HttpAnswer(b"<h1>interne</h1>"),
        "/vide.html": HttpAnswer(),
        "/album.html": HttpAnswer(b"<!-- " + b"x" * OVERSIZE_BYTES + b" -->"),
    }


def _nafida(articles: Sequence[Document], items: list[Item]) -> Pages:
    """An Atom feed. One page is windows-1256 but says UTF-8, one redirects in circles."""
    old = articles[-1]
    page = article_page("nafida", old, articles[:4])
    items.append(Item("ملف خاص", "/loop/a"))
    return {
        "/atom.xml": _offer("atom.xml.j2", "nafida", items, "application/atom+xml"),
        "/loop/a": HttpAnswer(status=302, headers={"Location": "/loop/b"}),
        "/loop/b": HttpAnswer(status=302, headers={"Location": "/loop/a"}),
        path_of(old): HttpAnswer(page.encode("windows-1256", errors="replace")),
    }


def _monitor(articles: Sequence[Document], items: list[Item]) -> Pages:
    """A news sitemap. One article has moved, one page breaks off in its head, one is gone."""
    old_path, new_path = "/2024/03/eu-mauritania", f"/news/{MOVED}.html"
    items = [Item(title, old_path if at == new_path else at, day) for title, at, day in items]
    items += [Item("", "/broken.html"), Item("", "/gone.html")]
    return {
        "/sitemap-news.xml": _offer("sitemap.xml.j2", "monitor", items, "application/xml"),
        old_path: HttpAnswer(status=301, headers={"Location": new_path}),
        "/broken.html": HttpAnswer(b"<!doctype html><html><head><title>Live: talks on migrati"),
        "/gone.html": HttpAnswer(b"<h1>Not found</h1>", status=404),
    }


def _bulletin(articles: Sequence[Document], items: list[Item]) -> Pages:
    """A listing with a PDF, a sealed and a scanned PDF, and a copy of another outlet's article."""
    copied = next(article for article in load_articles() if article.external_id == DUPLICATE)
    copy_path, pdf_path = f"/news/{DUPLICATE}-copia.html", "/files/comunicado.pdf"
    of_pdf = f"/news/{COMMUNIQUE}.html"
    items = [Item(title, pdf_path if at == of_pdf else at, day) for title, at, day in items]
    items += [
        Item(copied.title, copy_path),
        Item("Anexo reservado", "/files/sellado.pdf"),
        Item("Acta escaneada", "/files/escaneado.pdf"),
    ]
    return {
        "/news/": _offer("listing.html.j2", "bulletin", items, "text/html"),
        copy_path: _answer(article_page("bulletin", copied, articles[:3])),
        pdf_path: _pdf("communique.pdf"),
        "/files/sellado.pdf": _pdf("sealed.pdf"),
        "/files/escaneado.pdf": _pdf("scanned.pdf"),
    }


# What an outlet answers beside its articles.
_REST = {"courrier": _courrier, "nafida": _nafida, "monitor": _monitor, "bulletin": _bulletin}


def _offer(template: str, key: str, items: Sequence[Item], media_type: str) -> HttpAnswer:
    return _answer(_filled(template, key, items=items), f"{media_type}; charset=utf-8")


def _answer(text: str, content_type: str = HTML) -> HttpAnswer:
    return HttpAnswer(text.encode(), content_type)


def _pdf(name: str) -> HttpAnswer:
    return HttpAnswer(files("spiders.demo").joinpath("files", name).read_bytes(), "application/pdf")


def path_of(article: Document) -> str:
    return f"/news/{article.external_id}.html"


def _filled(template: str, key: str, **values: Any) -> str:
    outlet = OUTLETS.get(key, key)
    return templates().get_template(template).render(outlet=outlet, path=path_of, **values)


@cache
def templates() -> Environment:
    return Environment(
        loader=PackageLoader("spiders.demo"),
        autoescape=select_autoescape(("html.j2", "xml.j2")),
        trim_blocks=True,
        keep_trailing_newline=True,
    )
