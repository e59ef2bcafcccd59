"""What the demo's four outlets answer: their articles, the feeds, sitemap and listing that offer
these, and mishaps.

Each outlet is a host of its own: the ports `port` to `port + 3` of one address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from html import escape
from importlib.resources import files

from spiders.demo.templates import TEMPLATES, Article, load_articles, path_of

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
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP answer."""

    body: bytes = b""
    content_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Pages = dict[str, HttpAnswer]  # by path


def build_site() -> dict[str, Pages]:
    """The pages of each outlet, by its key in OUTLETS."""
    by_outlet: dict[str, list[Article]] = {key: [] for key in OUTLETS}
    for article in load_articles():
        by_outlet[article.outlet].append(article)
    site = {key: _articles(key, articles) for key, articles in by_outlet.items()}
    site["courrier"] |= _courrier(by_outlet["courrier"])
    site["nafida"] |= _nafida(by_outlet["nafida"])
    site["monitor"] |= _monitor(by_outlet["monitor"])
    copied = next(article for article in by_outlet["courrier"] if article.id == DUPLICATE)
    site["bulletin"] |= _bulletin(by_outlet["bulletin"], copied)
    return site


def _articles(key: str, articles: list[Article]) -> Pages:
    template, name = TEMPLATES[key], OUTLETS[key]
    pages: Pages = {}
    for article in articles:
        others = [other for other in articles if other != article]
        pages[path_of(article)] = HttpAnswer(template(article, others, name).encode())
    return pages


def _courrier(articles: list[Article]) -> Pages:
    """An RSS feed. robots.txt forbids one of its items, one page is empty, one is larger than we
    take.
    """
    extra = [
        ("Note de service", f"{FORBIDDEN}note.html"),
        ("Brève du soir", "/vide.html"),
        ("Album photo", "/album.html"),
    ]
    items = [(article.title, path_of(article), article.published_on) for article in articles]
    rows = "".join(
        f"<item><title>{escape(title)}</title><link>{path}?utm_source=rss&amp;utm_medium=feed</link>"
        + (f"<pubDate>{_rfc822(day)}</pubDate>" if day else "")
        + "</item>"
        for title, path, day in [*items, *((title, path, None) for title, path in extra)]
    )
    feed = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{OUTLETS['courrier']}</title><language>fr</language>{rows}</channel></rss>"
    )
    robots = f"User-agent: *\nDisallow: {FORBIDDEN}\n"
    return {
        "/robots.txt": HttpAnswer(robots.encode(), "text/plain"),
        "/feed/": HttpAnswer(feed.encode(), "application/rss+xml; charset=utf-8"),
        f"{FORBIDDEN}note.html": HttpAnswer(b"<h1>interne</h1>"),
        "/vide.html": HttpAnswer(),
        "/album.html": HttpAnswer(b"<!-- " + b"x" * OVERSIZE_BYTES + b" -->"),
    }


def _nafida(articles: list[Article]) -> Pages:
    """An Atom feed. One page is windows-1256 but says that it is UTF-8, one redirects in
    circles.
    """
    rows = "".join(map(_atom_entry, articles))
    loop = '<entry><title>ملف خاص</title><id>tag:loop</id><link href="/loop/a"/></entry>'
    feed = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar">'
        f"<title>{OUTLETS['nafida']}</title>{rows}{loop}</feed>"
    )
    pages = {
        "/atom.xml": HttpAnswer(feed.encode(), "application/atom+xml; charset=utf-8"),
        "/loop/a": HttpAnswer(status=302, headers={"Location": "/loop/b"}),
        "/loop/b": HttpAnswer(status=302, headers={"Location": "/loop/a"}),
    }
    old = articles[-1]
    page = TEMPLATES["nafida"](old, articles[:4], OUTLETS["nafida"])
    pages[path_of(old)] = HttpAnswer(page.encode("windows-1256", errors="replace"), HTML)
    return pages


def _atom_entry(article: Article) -> str:
    day = article.published_on
    published = f"<published>{day}T09:30:00Z</published>" if day else ""
    return (
        f"<entry><title>{escape(article.title)}</title><id>tag:{article.id}</id>"
        f'<link rel="alternate" href="{path_of(article)}"/>{published}</entry>'
    )


def _monitor(articles: list[Article]) -> Pages:
    """A news sitemap. One article has moved, one page breaks off in its head, one is gone."""
    old_path = "/2024/03/eu-mauritania"
    paths = [old_path if article.id == MOVED else path_of(article) for article in articles]
    rows = "".join(map(_sitemap_entry, articles, paths))
    broken = "<url><loc>{base}/broken.html</loc></url><url><loc>{base}/gone.html</loc></url>"
    sitemap = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        f"{rows}{broken}</urlset>"
    )
    moved = next(a for a in articles if a.id == MOVED)
    return {
        "/sitemap-news.xml": HttpAnswer(sitemap.encode(), XML),
        old_path: HttpAnswer(status=301, headers={"Location": path_of(moved)}),
        "/broken.html": HttpAnswer(b"<!doctype html><html><head><title>Live: talks on migrati"),
        "/gone.html": HttpAnswer(b"<h1>Not found</h1>", status=404),
    }


def _sitemap_entry(article: Article, path: str) -> str:
    day = article.published_on
    published = f"<news:publication_date>{day}T06:00:00Z</news:publication_date>" if day else ""
    return (
        f"<url><loc>{{base}}{path}</loc><news:news>"
        f"<news:publication><news:name>{OUTLETS['monitor']}</news:name>"
        f"<news:language>en</news:language></news:publication>{published}"
        f"<news:title>{escape(article.title)}</news:title></news:news></url>"
    )


def _bulletin(articles: list[Article], copied: Article) -> Pages:
    """A listing. It offers a communiqué as PDF, a sealed and a scanned PDF, and a copy of another
    outlet's article.
    """
    paths = {article.id: path_of(article) for article in articles}
    paths[COMMUNIQUE] = "/files/comunicado.pdf"
    blocks = "".join(
        _listed(article.title, paths[article.id], article.published_on) for article in articles
    )
    copy_path = f"/news/{copied.id}-copia.html"
    extra = [
        (copied.title, copy_path),
        ("Anexo reservado", "/files/sellado.pdf"),
        ("Acta escaneada", "/files/escaneado.pdf"),
    ]
    rows = blocks + "".join(_listed(title, path) for title, path in extra)
    page = (
        '<!DOCTYPE html><html lang="es"><head><meta charset="utf-8">'
        f"<title>{OUTLETS['bulletin']}</title></head><body>"
        '<nav><a href="/">Home</a>'
        '<a href="/about.html">About us and our mandate in the region</a></nav>'
        f'<main class="view-content">{rows}</main></body></html>'
    )
    copy = TEMPLATES["bulletin"](copied, articles[:3], OUTLETS["bulletin"])
    return {
        "/news/": HttpAnswer(page.encode()),
        copy_path: HttpAnswer(copy.encode()),
        "/files/comunicado.pdf": _pdf("communique.pdf"),
        "/files/sellado.pdf": _pdf("sealed.pdf"),
        "/files/escaneado.pdf": _pdf("scanned.pdf"),
    }


def _listed(title: str, path: str, day: date | None = None) -> str:
    stamp = f'<time datetime="{day}">{day:%d.%m.%Y}</time>' if day else ""
    link = f'<a href="{path}">{escape(title)}</a>'
    return f'<div class="views-row"><h3>{link}</h3>{stamp}</div>'


def _pdf(name: str) -> HttpAnswer:
    return HttpAnswer(files("spiders.demo").joinpath("files", name).read_bytes(), "application/pdf")


def _rfc822(day: object) -> str:
    return format_datetime(datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=UTC))
