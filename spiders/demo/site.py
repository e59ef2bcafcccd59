"""What the demo's four outlets answer: their articles, the feeds, sitemap and listing that offer
these, and mishaps.

Each outlet is a host of its own: the ports `port` to `port + 3` of one address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from html import escape
from importlib.resources import files

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
    """An RSS feed. robots.txt forbids an item, one page is empty, one is larger than we take."""
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
    """An Atom feed. One page is windows-1256 but says UTF-8, one redirects in circles."""
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
    """A listing with a PDF, a sealed and a scanned PDF, and a copy of another outlet's article."""
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


# --- templates of four common kinds of sites ------------------------------------------------------
#
# Each article is surrounded by what an extractor has to leave out: menus, cookie banners, teasers,
# share links.


@dataclass(frozen=True, slots=True)
class Article:
    """One article as an outlet publishes it. Each paragraph of `text` is a line."""

    id: str
    outlet: str
    language: str
    title: str
    published_on: date | None
    text: str

    @property
    def paragraphs(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]


def load_articles() -> list[Article]:
    file = files("spiders.demo").joinpath("articles.jsonl")
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_article(json.loads(line)) for line in lines]


def _article(row: dict[str, str | None]) -> Article:
    published = row["published"]
    return Article(
        id=str(row["id"]),
        outlet=str(row["outlet"]),
        language=str(row["lang"]),
        title=str(row["title"]),
        published_on=date.fromisoformat(published) if published else None,
        text=str(row["text"]),
    )


# (article, others of the outlet, outlet's name) -> page
Template = Callable[[Article, list[Article], str], str]

COOKIES = {
    "fr": "Nous et nos 214 partenaires déposons des cookies. "
    "Tout accepter | Tout refuser | Paramétrer",
    "ar": "نستخدم ملفات تعريف الارتباط لتحسين تجربتك. موافق | رفض",
    "en": "We value your privacy. We and our 214 partners store cookies. "
    "Accept all | Reject all | Manage",
    "es": "Usamos cookies propias y de terceros. Aceptar | Rechazar | Configurar",
}


def blog_page(article: Article, others: list[Article], outlet: str) -> str:
    """A blog engine: `article.post`, a sidebar of latest posts, comments."""
    day = article.published_on
    stamp = f'<time class="entry-date" datetime="{day}">{day:%d/%m/%Y}</time>' if day else ""
    return f"""<!DOCTYPE html><html lang="{article.language}"><head><meta charset="utf-8">
<title>{escape(article.title)} - {outlet}</title>
<meta property="og:title" content="{escape(article.title)}">
<meta property="og:type" content="article"></head><body class="single-post">
<div id="cookie-law" class="cookie-banner" role="dialog"><p>{COOKIES["fr"]}</p></div>
<header><a class="logo" href="/">{outlet}</a><nav><ul><li><a href="/politique">Politique</a></li>
<li><a href="/economie">Économie</a></li><li><a href="/sport">Sport</a></li>
<li><a href="/accords">Accords et traités</a></li></ul></nav></header>
<main><article class="post"><h1 class="entry-title">{escape(article.title)}</h1>
<p class="byline">La rédaction {stamp}</p>
<div class="entry-content">{_paragraphs(article)}</div>
<ul class="share"><li><a href="#">Partager</a></li>
<li><a href="#">Envoyer par e-mail</a></li></ul></article>
<section id="comments"><h3>2 commentaires</h3><p>Lecteur du Plateau : Enfin !</p>
<p>Anonyme : on verra bien.</p></section>
</main><aside><h3>Articles récents</h3><ul>{_teasers(others, "li")}</ul></aside>
<footer>© {outlet}. Mentions légales. Contact. Plan du site.</footer></body></html>"""


def portal_page(article: Article, others: list[Article], outlet: str) -> str:
    """A right-to-left portal, made of nested divs; the date stands in a meta element only."""
    day = article.published_on
    meta = f'<meta property="article:published_time" content="{day}T09:30:00+00:00">' if day else ""
    return f"""<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8">{meta}
<title>{outlet} | {escape(article.title)}</title></head><body>
<div class="top"><div class="menu"><a href="/">الرئيسية</a> <a href="/p">سياسة</a>
<a href="/e">اقتصاد</a> <a href="/s">رياضة</a></div></div>
<div class="gdpr">{COOKIES["ar"]}</div>
<div class="wrap"><div class="news-detail"><h1>{escape(article.title)}</h1>
<div class="tools"><a href="#">طباعة</a> <a href="#">أرسل إلى صديق</a></div>
<div class="body-text">{_paragraphs(article)}</div></div>
<div class="more-news"><h4>الأكثر قراءة</h4>{_teasers(others, "div")}</div></div>
<div class="bottom">جميع الحقوق محفوظة {outlet}</div></body></html>"""


def scripted_page(article: Article, others: list[Article], outlet: str) -> str:
    """A script-heavy site: JSON-LD, a newsletter box within the text, related stories."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": article.title}
    if article.published_on:
        data["datePublished"] = f"{article.published_on}T06:00:00Z"
    paragraphs = [f'<p data-component="text-block">{escape(p)}</p>' for p in article.paragraphs]
    invitation = "<p>Get our morning briefing in your inbox.</p><button>Sign up</button>"
    box = f'<div class="newsletter">{invitation}</div>'
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{escape(article.title)}</title>
<script type="application/ld+json">{json.dumps(data)}</script>
<script>window.dataLayer=[{{"page":"article"}}];</script></head>
<body><div class="consent-overlay" aria-modal="true"><p>{COOKIES["en"]}</p></div>
<div id="app"><header><nav><a href="/">Home</a><a href="/world">World</a>
<a href="/sport">Sport</a></nav></header>
<main><h1>{escape(article.title)}</h1>{paragraphs[0]}{box}{"".join(paragraphs[1:])}</main>
<section class="related"><h2>Related stories</h2>{_teasers(others, "div")}</section>
<footer>{outlet}. Terms. Privacy. Careers.</footer></div>
<script>console.log("ready")</script></body></html>"""


def institution_page(article: Article, others: list[Article], outlet: str) -> str:
    """An institution: breadcrumbs, fields named by its content manager, a Dublin Core date."""
    day = article.published_on
    meta = f'<meta name="dcterms.date" content="{day}">' if day else ""
    return f"""<!DOCTYPE html><html lang="{article.language}"><head><meta charset="utf-8">
<title>{escape(article.title)} | {outlet}</title>{meta}</head>
<body class="path-node page-node-type-news">
<a href="#main" class="visually-hidden">Skip to main content</a>
<div class="eu-cookie-compliance-banner">{COOKIES["es"]}</div>
<nav class="breadcrumb"><ol><li><a href="/">Home</a></li>
<li><a href="/news/">News</a></li></ol></nav>
<main id="main"><h1 class="page-header">{escape(article.title)}</h1>
<div class="node__content"><div class="field field--name-body field--type-text-with-summary">
{_paragraphs(article)}</div></div></main>
<div class="region-sidebar"><h2>Other news</h2><ul>{_teasers(others, "li")}</ul></div>
<footer class="footer">{outlet}. Accessibility. Site map. Legal notice.</footer></body></html>"""


TEMPLATES: Mapping[str, Template] = {
    "courrier": blog_page,
    "nafida": portal_page,
    "monitor": scripted_page,
    "bulletin": institution_page,
}


def path_of(article: Article) -> str:
    return f"/news/{article.id}.html"


def _paragraphs(article: Article) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)


def _teasers(others: list[Article], tag: str) -> str:
    links = (f'<a href="{path_of(other)}">{escape(other.title)}</a>' for other in others[:4])
    return "".join(f"<{tag}>{link}</{tag}>" for link in links)
