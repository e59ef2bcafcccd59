"""How pages are built and how sites offer them: a few templates, each met on real sites in a
hundred variations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from email.utils import format_datetime
from html import escape

from tests.localweb.articles import Article

Page = Callable[
    [Article, Sequence[Article], str], str
]  # (article, others of the site, language) -> HTML
Offer = Callable[
    [Sequence[Article], str], tuple[str, str]
]  # (articles, address of the site) -> (content type, body)

TEASER = "Also read: {title}. The full story, with pictures and the voices of those concerned, is on our pages."


def teaser(article: Article) -> str:
    """The line by which other pages of a site advertise an article."""
    return TEASER.format(title=article.title)


def _teasers(others: Sequence[Article], line: str) -> str:
    return "".join(line.format(path=other.path, text=escape(teaser(other))) for other in others[:4])


def blog(article: Article, others: Sequence[Article], language: str) -> str:
    """An article element with paragraphs, a sidebar of teasers."""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(article.title)}</title>
</head><body><nav><a href="/">Home</a></nav><main><article><h1>{escape(article.title)}</h1>
<time datetime="{article.day}">{article.day}</time>{body}</article></main>
<aside><ul>{_teasers(others, '<li><a href="{path}">{text}</a></li>')}</ul></aside></body></html>"""


def portal(article: Article, others: Sequence[Article], language: str) -> str:
    """Nested divs that mean nothing; the date in a meta element."""
    body = "".join(
        f'<div class="para">{escape(paragraph)}</div>' for paragraph in article.paragraphs
    )
    return f"""<html lang="{language}"><head><meta charset="utf-8"><title>{escape(article.title)}</title>
<meta property="article:published_time" content="{article.day}T08:00:00Z"></head><body><div id="wrap">
<div class="top"><a href="/">Home</a> <a href="/contact">Contact</a></div><div class="story">
<h1>{escape(article.title)}</h1>
<div class="text">{body}</div></div><div class="more">{_teasers(others, '<div><a href="{path}">{text}</a></div>')}</div>
</div></body></html>"""


def script(article: Article, others: Sequence[Article], language: str) -> str:
    """A site of scripts: headline and date as JSON-LD."""
    data = {
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": f"{article.day}T08:00:00Z",
    }
    body = "".join(f'<p class="t">{escape(paragraph)}</p>' for paragraph in article.paragraphs)
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(article.title)}</title>
<script type="application/ld+json">{json.dumps(data)}</script></head><body><div id="app"><main>
<h1>{escape(article.title)}</h1>{body}</main>
<section>{_teasers(others, '<a href="{path}">{text}</a>')}</section></div></body></html>"""


def breaks(article: Article, others: Sequence[Article], language: str) -> str:
    """A table of 1999: the text is one cell whose paragraphs are two <br> apart, the teasers are
    cells beside it.
    """
    body = "<br><br>".join(escape(paragraph) for paragraph in article.paragraphs)
    return f"""<html lang="{language}"><head><meta charset="utf-8"><title>{escape(article.title)}</title></head><body>
<table><tr><td colspan="2"><a href="/">Home</a> | <a href="/archive">Archive</a></td></tr><tr><td>
<b>{escape(article.title)}</b><br>{article.day}<br><br>{body}</td>
<td>{_teasers(others, '<a href="{path}">{text}</a><br><br>')}</td></tr></table>
</body></html>"""


PAGES: Mapping[str, Page] = {"blog": blog, "portal": portal, "script": script, "breaks": breaks}


def rss(articles: Sequence[Article], address: str) -> tuple[str, str]:
    """RSS 2.0."""
    items = "".join(
        f"<item><title>{escape(a.title)}</title><link>{address}{a.path}</link><pubDate>{format_datetime(datetime.combine(a.day, time(8), UTC))}</pubDate></item>"
        for a in articles
    )
    return (
        "application/rss+xml",
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>',
    )


def atom(articles: Sequence[Article], address: str) -> tuple[str, str]:
    """Atom."""
    entries = "".join(
        f'<entry><title>{escape(a.title)}</title><id>{address}{a.path}</id><link href="{a.path}"/>'
        f"<published>{a.day}T08:00:00Z</published></entry>"
        for a in articles
    )
    body = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{entries}</feed>'
    return "application/atom+xml", body


def json_feed(articles: Sequence[Article], address: str) -> tuple[str, str]:
    """JSON Feed 1.1."""
    items = [
        {
            "id": a.path,
            "url": f"{address}{a.path}",
            "title": a.title,
            "date_published": f"{a.day}T08:00:00Z",
        }
        for a in articles
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items}
    return "application/feed+json", json.dumps(feed)


def news(articles: Sequence[Article], address: str) -> tuple[str, str]:
    """A news sitemap."""
    urls = "".join(
        f"<url><loc>{address}{a.path}</loc><n:news><n:publication_date>{a.day}</n:publication_date>"
        f"<n:title>{escape(a.title)}</n:title></n:news></url>"
        for a in articles
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    return "application/xml", f'<?xml version="1.0"?><urlset {spaces}>{urls}</urlset>'


def listing(articles: Sequence[Article], address: str) -> tuple[str, str]:
    """A page of links."""
    links = "".join(f'<li><a href="{a.path}">{escape(a.title)}</a></li>' for a in articles)
    return (
        "text/html; charset=utf-8",
        f"<!doctype html><html><body><main><ul>{links}</ul></main></body></html>",
    )


OFFERS: Mapping[str, Offer] = {
    "rss": rss,
    "atom": atom,
    "json": json_feed,
    "news": news,
    "listing": listing,
}
