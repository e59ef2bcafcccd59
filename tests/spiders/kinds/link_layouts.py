"""Pages of news as different sites build them: which of their links are articles is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADLINES = (
    "Ministers meet in Tunis to talk about labour mobility",
    "Parliament ratifies the convention on social security",
    "New consulate opens its doors in the port of Marseille",
    "Coast guards train together for a week off the islands",
    "Report counts fewer departures than in the year before",
    "Visa fees for students are lowered from January on",
    "The council of mayors asks for more money for schools",
    "Delegation returns from talks about seasonal workers",
)
SLUGS = (
    "ministers-meet-in-tunis",
    "parliament-ratifies-convention",
    "new-consulate",
    "coast-guards",
    "report-counts-fewer",
    "visa-fees-lowered",
    "council-of-mayors-asks",
    "delegation-returns",
)


@dataclass(frozen=True)
class Layout:
    """A page at `here`; `articles` are the paths of those of its links that lead to articles."""

    name: str
    here: str
    page: str
    articles: tuple[str, ...]


def links(pairs: Sequence[tuple[str, str]], row: str = '<li><a href="{0}">{1}</a></li>') -> str:
    return "".join(row.format(path, text) for path, text in pairs)


def _layout(name: str, here: str, paths: Sequence[str], row: str, beside: str) -> Layout:
    rows = links(list(zip(paths, HEADLINES, strict=False)), row)
    page = f"<!doctype html><html><body><div class='page has-sidebar'><main>{rows}</main>{beside}</div></body></html>"
    return Layout(name, here, page, tuple(paths))


HEADING = (
    '<article><h2><a href="{0}">{1}</a></h2><p>The text begins here and goes on.</p></article>'
)
CELL = '<tr><td class="views-field"><a href="{0}">{1}</a></td></tr>'
BLOCK = (
    '<div class="elementor-widget elementor-widget-posts"><div><a href="{0}">{1}</a></div></div>'
)
MONTHS = ("January", "February", "March", "April", "May", "June")
ARCHIVES = links(
    [
        (f"/archives/2026/{n:02}/", f"All press releases of {m} 2026")
        for n, m in enumerate(MONTHS, 1)
    ]
)
YEARS = links(
    [(f"/communiques/{year}", f"All communiqués of the year {year}") for year in range(2019, 2026)]
)
SECTIONS = links(
    [
        ("/economy/", "Economy, finance and the labour market"),
        ("/world/", "World news and foreign affairs"),
    ]
)
TAGS = links(
    [
        (f"/tag/{slug}/", f"All that we wrote about {slug} until now")
        for slug in ("visa", "borders", "readmission")
    ]
)
AUTHORS = links(
    [
        (f"/author/{who}/", f"More articles by our writer {who.title()}")
        for who in ("amina-benali", "jean-dupont")
    ]
)
PAGES = '<div class="pages"><a href="?page=2">Go to the second page of the list</a><a href="/news/page/9/">The last page of all our news</a></div>'
SERIES = links(
    [(f"/stats/{n}.html", f"Monthly statistics of arrivals, number {n}") for n in range(1, 9)]
)
PRINTS = links(
    [
        ("/news/101/print", "Print this article on your own printer"),
        ("/news/101/comments", "Read what others say about it"),
    ]
)

LAYOUTS = (
    _layout("blog with archives", "/", [f"/2026/11/{slug}/" for slug in SLUGS], HEADING, ARCHIVES + TAGS),
    _layout("ministry with years", "/communiques", [f"/communiques/{slug}" for slug in SLUGS], CELL, YEARS),
    _layout("articles numbered like years", "/news", [f"/news/{n}" for n in range(2018, 2026)], CELL, PAGES),
    _layout("portal with sections", "/", [f"/{'economy' if n % 2 else 'world'}/{slug}" for n, slug in enumerate(SLUGS)], BLOCK, SECTIONS),
    _layout("authors and tags", "/news", [f"/news/{slug}.html" for slug in SLUGS], HEADING, AUTHORS + TAGS),
    _layout("numbered pages", "/news/", [f"/news/{n}.html" for n in range(100, 108)], HEADING, PAGES),
    _layout("plain addresses", "/", [f"/?p={n}" for n in range(40, 48)], HEADING, ARCHIVES),
    _layout("articles below a category", "/", [f"/category/politics/{slug}-today-in-town" for slug in SLUGS], HEADING, TAGS),
    _layout("series of statistics", "/news", [f"/news/{slug}.html" for slug in SLUGS], HEADING, SERIES),
    _layout("sharepoint", "/en/News/Pages/default.aspx", [f"/en/News/Pages/{n}.aspx" for n in range(8)], CELL, links([("/en/News/", "Back to the start of all our news")])),
    Layout(
        "reports of one name",
        "/council",
        links([(f"/council/{n}", f"Meeting of the council of government of week {n}") for n in range(30, 40)]),
        tuple(f"/council/{n}" for n in range(30, 40)),
    ),
    Layout(
        "short headlines with dates",
        "/news",
        "".join(f'<div><a href="/news/{n}">Accord signé {n}</a><time datetime="2026-11-{n}"></time></div>' for n in range(10, 18)) + AUTHORS,
        tuple(f"/news/{n}" for n in range(10, 18)),
    ),
)  # fmt: skip
WITH_PRINTS = _layout("prints and comments", "/news", [f"/news/{n}" for n in range(101, 109)], HEADING, PRINTS)  # fmt: skip
