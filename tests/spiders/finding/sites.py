"""Differently built sites as tables of answers, each with the source that is the right one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

from tests.spiders.made_site import MadeSite

TODAY = datetime.now(UTC).date()
XML = "application/xml"
RSS_LINK = '<link rel="alternate" type="application/rss+xml" href="{}" title="{}"{}>'
TOPICS = ("harbour", "school", "budget", "museum", "railway", "hospital", "market", "library")
Item = tuple[str, str, date]  # (path, title, day)


@dataclass(frozen=True)
class Built:
    """A site; `right` are the sources that are right, as kind and address."""

    name: str
    build: Callable[[MadeSite, MadeSite], None]
    right: tuple[tuple[str, str], ...]


def items(count: int = 8, start: str = "/news/", age: int = 0) -> list[Item]:
    """The newest articles of a site, the newest `age` days old."""
    return [
        (f"{start}{n}-{topic}", f"The council talks about its {topic}", TODAY - timedelta(age + n))
        for n, topic in enumerate(TOPICS[:count])
    ]


def home(
    site: MadeSite,
    head: str = "",
    body: str = "",
    found: Sequence[Item] | None = None,
    lang: str = "en",
) -> str:
    """A home page with headlines, menus and whatever else it is given."""
    rows = "".join(
        f'<article><h2><a href="{path}">{title}</a></h2></article>'
        for path, title, _ in (items() if found is None else found)
    )
    return f"""<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Town</title>
<meta property="og:site_name" content="The Town">{head}</head><body><nav><a href="/about">About us</a></nav>
<main>{rows}</main>{body}<footer><a href="/legal">Imprint</a></footer></body></html>"""


def rss(site: MadeSite, found: Sequence[Item] | None = None) -> str:
    rows = "".join(
        f"<item><title>{title}</title><link>{site.url(path)}</link><pubDate>"
        f"{format_datetime(datetime.combine(day, time(0), UTC))}</pubDate></item>"
        for path, title, day in (items() if found is None else found)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{rows}</channel></rss>'
    )


def atom(site: MadeSite, found: Sequence[Item] | None = None) -> str:
    rows = "".join(
        f'<entry><title>{title}</title><id>{site.url(path)}</id><link href="{site.url(path)}"/>'
        f"<updated>{day}T00:00:00Z</updated></entry>"
        for path, title, day in (items() if found is None else found)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{rows}</feed>'


def json_feed(site: MadeSite) -> str:
    rows = [
        {"id": path, "url": site.url(path), "title": title, "date_published": f"{day}T00:00:00Z"}
        for path, title, day in items()
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": rows})


def urlset(site: MadeSite, found: Sequence[Item] | None = None) -> str:
    rows = "".join(
        f"<url><loc>{site.url(path)}</loc><lastmod>{day}</lastmod></url>"
        for path, _, day in (items() if found is None else found)
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def news_sitemap(site: MadeSite) -> str:
    rows = "".join(
        f"<url><loc>{site.url(path)}</loc><n:news><n:publication_date>{day}</n:publication_date>"
        f"<n:title>{title}</n:title></n:news></url>"
        for path, title, day in items()
    )
    spaces = 'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {spaces}>{rows}</urlset>'


def index(site: MadeSite, *parts: tuple[str, date]) -> str:
    rows = "".join(
        f"<sitemap><loc>{site.url(path)}</loc><lastmod>{day}</lastmod></sitemap>"
        for path, day in parts
    )
    return f"<sitemapindex>{rows}</sitemapindex>"


# --- the sites ----------------------------------------------------------------------------------


def _feed_at(path: str, head: str = "", body: str = "", make: Callable[[MadeSite], str] = rss):  # type: ignore[no-untyped-def]
    def build(site: MadeSite, other: MadeSite) -> None:
        site.put("/", home(site, head, body))
        site.put(path, make(site), XML)

    return build


def wordpress(site: MadeSite, other: MadeSite) -> None:
    links = (
        RSS_LINK.format("/feed/", "Town » Feed", "")
        + RSS_LINK.format("/comments/feed/", "Town » Comments Feed", "")
        + RSS_LINK.format("/category/sport/feed/", "Town » Sport", "")
        + '<link rel="https://api.w.org/" href="/wp-json/">'
    )
    site.put("/", home(site, links))
    site.put("/feed/", rss(site), XML)
    site.put("/comments/feed/", rss(site, items(8, "/news/c")), XML)
    site.put("/category/sport/feed/", rss(site, items(2)), XML)


def comments_first(site: MadeSite, other: MadeSite) -> None:
    links = RSS_LINK.format("/kommentare/feed", "Kommentare", "") + RSS_LINK.format(
        "/main", "Neu", ""
    )
    site.put("/", home(site, links, lang="de"))
    site.put("/kommentare/feed", rss(site, items(8, "/news/k")), XML)
    site.put("/main", rss(site), XML)


def category_first(site: MadeSite, other: MadeSite) -> None:
    links = RSS_LINK.format("/category/sport/rss", "Sport", "") + RSS_LINK.format(
        "/all/rss", "All", ""
    )
    site.put("/", home(site, links))
    site.put("/category/sport/rss", rss(site, items(3)), XML)
    site.put("/all/rss", rss(site), XML)


def events_first(site: MadeSite, other: MadeSite) -> None:
    links = RSS_LINK.format("/rss/agenda", "Agenda", "") + RSS_LINK.format(
        "/rss/press", "Press", ""
    )
    site.put("/", home(site, links))
    site.put("/rss/agenda", rss(site, items(8, "/agenda/")), XML)
    site.put("/rss/press", rss(site), XML)


def podcast_first(site: MadeSite, other: MadeSite) -> None:
    links = RSS_LINK.format("/podcast/feed", "Podcast", "") + RSS_LINK.format("/feed", "News", "")
    site.put("/", home(site, links))
    site.put("/podcast/feed", rss(site, items(8, "/podcast/")), XML)
    site.put("/feed", rss(site), XML)


def blogger(site: MadeSite, other: MadeSite) -> None:
    links = '<meta content="blogger" name="generator"/>' + "".join(
        f'<link rel="alternate" type="application/{kind}+xml" href="{path}" title="t">'
        for kind, path in (
            ("atom", "/feeds/posts/default"),
            ("rss", "/feeds/posts/default?alt=rss"),
        )
    )
    site.put("/", home(site, links))
    site.put("/feeds/posts/default", atom(site), XML)
    site.put("/feeds/posts/default?alt=rss", rss(site), XML)


def drupal(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site), headers=(("X-Generator", "Drupal 10 (https://www.drupal.org)"),))
    site.put("/rss.xml", rss(site), XML)


def sharepoint_section(site: MadeSite, other: MadeSite) -> None:
    body = (
        '<div class="ms-nav"><a href="/en/Pages/default.aspx">Home</a>'
        '<a href="/en/MediaCenter/News/Pages/default.aspx">Media center</a></div>'
        "<script>var _spPageContextInfo = {};</script>"
    )
    site.put("/", home(site, body=body, found=[]))
    site.put("/en/MediaCenter/News/Pages/default.aspx", home(site, body=body))


def sharepoint_home(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, body='<a href="/Pages/Contact.aspx">Contact</a>'))


def news_sitemap_only(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site))
    lines = f"User-agent: *\nAllow: /\nSitemap: {site.url('/pages.xml')}\nSitemap: {site.url('/news-map.xml')}\n"
    site.put("/robots.txt", lines, "text/plain")
    site.put("/pages.xml", urlset(site, items(3, "/about/", 700)), XML)
    site.put("/news-map.xml", news_sitemap(site), XML)


def sitemap_index(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site))
    site.put("/robots.txt", f"Sitemap: {site.url('/map.xml')}\n", "text/plain")
    old = TODAY - timedelta(400)
    site.put("/map.xml", index(site, ("/map-pages.xml", old), ("/map-posts.xml", TODAY)), XML)
    site.put("/map-pages.xml", urlset(site, items(3, "/about/", 400)), XML)
    site.put("/map-posts.xml", urlset(site), XML)


def packed_sitemap(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site))
    site.put("/robots.txt", f"Sitemap: {site.url('/map.xml.gz')}\n", "text/plain")
    site.put("/map.xml.gz", gzip.compress(urlset(site).encode()), "application/gzip")


def plain_sitemap(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, found=[], body="<p>Welcome to the town.</p>"))
    site.put("/sitemap.xml", urlset(site), XML)


def listing_home(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site))


def listing_section(site: MadeSite, other: MadeSite) -> None:
    menu = '<nav><a href="/about">About</a><a href="/presse/">Presse</a><a href="/contact">Contact</a></nav>'
    site.put("/", home(site, body=menu, found=[]))
    site.put("/presse/", home(site, body=menu))


def other_host(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, RSS_LINK.format(other.url("/town"), "Feed", "")))
    other.put("/town", rss(site), XML)


def relative_link(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, '<base href="/en/">' + RSS_LINK.format("../feeds/all", "All", "")))
    site.put("/feeds/all", rss(site), XML)


def second_language(site: MadeSite, other: MadeSite) -> None:
    links = RSS_LINK.format("/en/rss", "News", ' hreflang="en"') + RSS_LINK.format(
        "/fr/rss", "Actualités", ' hreflang="fr"'
    )
    site.put("/", home(site, links, lang="fr"))
    site.put("/en/rss", rss(site, items(8, "/en/")), XML)
    site.put("/fr/rss", rss(site), XML)


def arabic_and_english(site: MadeSite, other: MadeSite) -> None:
    links = RSS_LINK.format("/en/feed", "News", "") + RSS_LINK.format("/ar/feed", "أخبار", "")
    site.put("/", home(site, links, lang="ar"))
    site.put("/en/feed", rss(site, items(8, "/en/")), XML)
    site.put("/ar/feed", rss(site), XML)


def dead_declared(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, RSS_LINK.format("/old/feed.xml", "Feed", "")))
    site.put("/feed", rss(site), XML)


def stuck_feed(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, RSS_LINK.format("/feed.rss", "Feed", "")))
    site.put("/robots.txt", f"Sitemap: {site.url('/map.xml')}\n", "text/plain")
    site.put("/feed.rss", rss(site, items(8, "/old/", 800)), XML)
    site.put("/map.xml", urlset(site), XML)


def empty_feed(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, RSS_LINK.format("/feed.rss", "Feed", "")))
    site.put("/robots.txt", f"Sitemap: {site.url('/news.xml')}\n", "text/plain")
    site.put("/feed.rss", rss(site, []), XML)
    site.put("/news.xml", news_sitemap(site), XML)


def feed_is_a_page(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, RSS_LINK.format("/feed", "Feed", "")))
    site.put("/feed", "<!doctype html><html><body>One moment, please ...</body></html>")


def redirected_home(site: MadeSite, other: MadeSite) -> None:
    site.put("/", "", status=302, headers=(("Location", "/fr/accueil"),))
    site.put("/fr/accueil", home(site, RSS_LINK.format("rss.php", "Fil", ""), lang="fr"))
    site.put("/fr/rss.php", rss(site), XML)


def moved_home(site: MadeSite, other: MadeSite) -> None:
    site.put("/", "", status=301, headers=(("Location", other.url("/")),))
    other.put("/", home(other, RSS_LINK.format("/feed", "Feed", "")))
    other.put("/feed", rss(other), XML)


def all_is_200(site: MadeSite, other: MadeSite) -> None:
    page = home(site)
    site.put("/", page)
    for path in (
        "/feed",
        "/rss.xml",
        "/atom.xml",
        "/index.xml",
        "/rss",
        "/sitemap.xml",
        "/feed.xml",
    ):
        site.put(path, page)


def page_of_feeds(site: MadeSite, other: MadeSite) -> None:
    site.put("/", home(site, body='<a href="/rss">RSS</a>'))
    links = '<li><a href="/rss/sports">Sport</a></li><li><a href="/rss/all.xml">All news</a></li>'
    site.put(
        "/rss",
        f"<!doctype html><html lang=en><body><h1>Our feeds</h1><ul>{links}</ul></body></html>",
    )
    site.put("/rss/sports", rss(site, items(3)), XML)
    site.put("/rss/all.xml", rss(site), XML)


def two_formats(site: MadeSite, other: MadeSite) -> None:
    links = RSS_LINK.format("/feed.rss", "RSS", "") + RSS_LINK.format(
        "/feed.atom", "Atom", ""
    ).replace("rss+xml", "atom+xml")
    site.put("/", home(site, links))
    site.put("/feed.rss", rss(site), XML)
    site.put("/feed.atom", atom(site), XML)


def forbidden_feed(site: MadeSite, other: MadeSite) -> None:
    lines = f"User-agent: *\nDisallow: /feed\nSitemap: {site.url('/map.xml')}\n"
    site.put("/robots.txt", lines, "text/plain")
    site.put("/", home(site, RSS_LINK.format("/feed", "Feed", "")))
    site.put("/feed", rss(site), XML)
    site.put("/map.xml", urlset(site), XML)


def script_with_sitemap(site: MadeSite, other: MadeSite) -> None:
    site.put("/robots.txt", f"Sitemap: {site.url('/map.xml')}\n", "text/plain")
    shell = '<!doctype html><html><head><title>Town</title></head><body><div id="root"></div>{}</body></html>'
    site.put("/", shell.format('<script src="/static/main.js"></script>'))
    site.put("/map.xml", urlset(site), XML)


def wordpress_api(site: MadeSite, other: MadeSite) -> None:
    """Its feeds are switched off."""
    site.put(
        "/",
        home(
            site, '<link rel="https://api.w.org/" href="/wp-json/"><link href="/wp-content/x.css">'
        ),
    )
    posts = [
        {"link": site.url(path), "title": {"rendered": title}, "date_gmt": f"{day}T00:00:00"}
        for path, title, day in items()
    ]
    path = "/wp-json/wp/v2/posts?_fields=link,title,date_gmt,date,excerpt&per_page=50"
    site.put(path, json.dumps(posts), "application/json")


def script_with_api(site: MadeSite, other: MadeSite) -> None:
    shell = "<!doctype html><html lang=en><head><title>Town</title></head><body><div id=app></div><script>{}</script></body></html>"
    site.put("/", shell.format('fetch("/api/v1/news?size=20").then(show); load("/static/app.js")'))
    rows = [
        {"path": path, "headline": title, "publishedAt": f"{day}T00:00:00Z"}
        for path, title, day in items()
    ]
    site.put(
        "/api/v1/news?size=20",
        json.dumps({"data": {"rows": rows}, "total": 900}),
        "application/json",
    )


def feed_itself(site: MadeSite, other: MadeSite) -> None:
    site.put("/", rss(site), XML)


GENERATOR = '<meta name="generator" content="{}">'
WP = '<link rel="stylesheet" href="/wp-content/themes/x/style.css">'
JOOMLA = '<script src="/media/system/js/core.js"></script>'
BY_PROGRAM = '<a href="/index.php?id=12">Contact</a>'
JSON_LINK = '<link rel="alternate" type="application/feed+json" href="/feed.json">'


def _article(found: Sequence[Item], head: str) -> str:
    """An article with the headlines of all others below it, dated."""
    rows = "".join(
        f'<li><a href="{path}">{title} at length</a> <time datetime="{day}">{day}</time></li>'
        for path, title, day in found
    )
    text = "<p>The council has talked about it again, and will do so until all is said.</p>" * 5
    return f"<html lang=fr><head>{head}</head><body><article><h1>Un accord</h1>{text}</article><ul>{rows}</ul></body></html>"


def news_folder(name: str, head: str = "") -> Callable[[MadeSite, MadeSite], None]:
    """A home page whose first link below /actualites/ is short, and leads to an article."""

    def build(site: MadeSite, other: MadeSite) -> None:
        found = items(8, "/actualites/")
        first = f'<p><a href="{name}">Un accord</a></p>'
        site.put("/", home(site, body=first, found=found, lang="fr"))
        site.put(name, _article(found, head))

    return build


OG_ARTICLE = '<meta property="og:type" content="article">'
LD_ARTICLE = '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle"}</script>'
SITES = (
    Built("articles below actualites", news_folder("/actualites/un-accord-avec-le-niger"), (("listing", "/"),)),
    Built("an article named as news is", news_folder("/conference-de-presse", OG_ARTICLE), (("listing", "/"),)),
    Built("an article that data name so", news_folder("/communique", LD_ARTICLE), (("listing", "/"),)),
    Built("wordpress", wordpress, (("feed", "/feed/"),)),
    Built("wordpress that declares nothing", _feed_at("/feed/", WP), (("feed", "/feed/"),)),
    Built("wordpress with plain addresses", _feed_at("/?feed=rss2", WP), (("feed", "/?feed=rss2"),)),
    Built("drupal", drupal, (("feed", "/rss.xml"),)),
    Built("joomla", _feed_at("/?format=feed&type=rss", JOOMLA), (("feed", "/?format=feed&type=rss"),)),
    Built("ghost", _feed_at("/rss/", GENERATOR.format("Ghost 5.2")), (("feed", "/rss/"),)),
    Built("hugo", _feed_at("/index.xml", GENERATOR.format("Hugo 0.120")), (("feed", "/index.xml"),)),
    Built("jekyll", _feed_at("/feed.xml", GENERATOR.format("Jekyll v4"), make=atom), (("feed", "/feed.xml"),)),
    Built("blogger", blogger, (("feed", "/feeds/posts/default"), ("feed", "/feeds/posts/default?alt=rss"))),
    Built("sharepoint with a section", sharepoint_section, (("listing", "/en/MediaCenter/News/Pages/default.aspx"),)),
    Built("sharepoint with news at home", sharepoint_home, (("listing", "/"),)),
    Built("custom, /feed", _feed_at("/feed"), (("feed", "/feed"),)),
    Built("custom, /rss.xml", _feed_at("/rss.xml"), (("feed", "/rss.xml"),)),
    Built("custom, /atom.xml", _feed_at("/atom.xml", make=atom), (("feed", "/atom.xml"),)),
    Built("custom, /index.xml", _feed_at("/index.xml"), (("feed", "/index.xml"),)),
    Built("a program's, /rss/", _feed_at("/rss/", body=BY_PROGRAM), (("feed", "/rss/"),)),
    Built("a program's, /?feed=rss2", _feed_at("/?feed=rss2", body=BY_PROGRAM), (("feed", "/?feed=rss2"),)),
    Built("custom, a link to /rss/", _feed_at("/rss/", body='<a href="/rss/">RSS</a>'), (("feed", "/rss/"),)),
    Built("custom, a link to /?feed=rss2", _feed_at("/?feed=rss2", body='<a href="?feed=rss2">Subscribe</a>'), (("feed", "/?feed=rss2"),)),
    Built("json feed", _feed_at("/feed.json", JSON_LINK, make=json_feed), (("feed", "/feed.json"),)),
    Built("json feed that is linked", _feed_at("/feed.json", body='<a href="/feed.json">JSON</a>', make=json_feed), (("feed", "/feed.json"),)),
    Built("comments feed first", comments_first, (("feed", "/main"),)),
    Built("category feed first", category_first, (("feed", "/all/rss"),)),
    Built("feed of events first", events_first, (("feed", "/rss/press"),)),
    Built("podcast first", podcast_first, (("feed", "/feed"),)),
    Built("only a news sitemap", news_sitemap_only, (("sitemap", "/news-map.xml"),)),
    Built("only a sitemap index", sitemap_index, (("sitemap", "/map.xml"),)),
    Built("only a packed sitemap", packed_sitemap, (("sitemap", "/map.xml.gz"),)),
    Built("only /sitemap.xml", plain_sitemap, (("sitemap", "/sitemap.xml"),)),
    Built("only a listing", listing_home, (("listing", "/"),)),
    Built("only a section", listing_section, (("listing", "/presse/"),)),
    Built("feed on another host", other_host, (("feed", "other/town"),)),
    Built("relative link", relative_link, (("feed", "/feeds/all"),)),
    Built("declared in two languages", second_language, (("feed", "/fr/rss"),)),
    Built("arabic and english", arabic_and_english, (("feed", "/ar/feed"),)),
    Built("dead declared feed", dead_declared, (("feed", "/feed"),)),
    Built("stuck feed", stuck_feed, (("sitemap", "/map.xml"),)),
    Built("empty feed", empty_feed, (("sitemap", "/news.xml"),)),
    Built("feed that is a page", feed_is_a_page, (("listing", "/"),)),
    Built("home that redirects", redirected_home, (("feed", "/fr/rss.php"),)),
    Built("home that moved to another host", moved_home, (("feed", "other/feed"),)),
    Built("site that answers everything", all_is_200, (("listing", "/"),)),
    Built("page of feeds", page_of_feeds, (("feed", "/rss/all.xml"),)),
    Built("rss and atom", two_formats, (("feed", "/feed.rss"), ("feed", "/feed.atom"))),
    Built("feed that robots.txt forbids", forbidden_feed, (("sitemap", "/map.xml"),)),
    Built("scripts with a sitemap", script_with_sitemap, (("sitemap", "/map.xml"),)),
    Built("wordpress with its API only", wordpress_api, (("wordpress", "/wp-json/wp/v2/posts"),)),
    Built("scripts with an API", script_with_api, (("json", "/api/v1/news?size=20"),)),
    Built("the feed itself", feed_itself, (("feed", "/"),)),
)  # fmt: skip
