"""Templates of four common kinds of sites: a blog engine, a right-to-left portal, a script-heavy
site, an institution.

Each article is surrounded by what an extractor has to leave out: menus, cookie banners, teasers,
share links.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from importlib.resources import files


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
    """All articles, in the order in which the outlets list them (newest first)."""
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


def courrier(article: Article, others: list[Article], outlet: str) -> str:
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


def nafida(article: Article, others: list[Article], outlet: str) -> str:
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


def monitor(article: Article, others: list[Article], outlet: str) -> str:
    """A script-heavy site: headline and date in JSON-LD, a newsletter box within the text, related
    stories.
    """
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


def bulletin(article: Article, others: list[Article], outlet: str) -> str:
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
    "courrier": courrier,
    "nafida": nafida,
    "monitor": monitor,
    "bulletin": bulletin,
}


def path_of(article: Article) -> str:
    """Where an article lives on its outlet's site."""
    return f"/news/{article.id}.html"


def _paragraphs(article: Article) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)


def _teasers(others: list[Article], tag: str) -> str:
    links = (f'<a href="{path_of(other)}">{escape(other.title)}</a>' for other in others[:4])
    return "".join(f"<{tag}>{link}</{tag}>" for link in links)
