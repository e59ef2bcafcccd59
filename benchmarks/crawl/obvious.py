"""The obvious design, beside which our crawl is measured: `python -m benchmarks.crawl.obvious
READER DATABASE ADDRESS ...`.

A plain Scrapy spider, as one writes it in an afternoon: a library in the callback that reads the
article (trafilatura, newspaper4k or news-please), keywords as regular expressions, a commit for each
document. It knows no near copies, cards or register, asks for no robots.txt and waits for nobody.
"""

from __future__ import annotations

import importlib
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import scrapy
from scrapy.crawler import CrawlerProcess

_MIGRATION = re.compile(
    r"migra|migrant|asylum|asile|asilo|asyl|refugee|réfugié|refugiad|rifugiat|flüchtling|border|"
    r"frontière|frontera|fronteira|frontier|grenz|visa|readmission|réadmission|rückführ|retorno|"
    r"rimpatri|هجر|مهاجر|لاجئ|حدود|تأشير",
    re.IGNORECASE,
)
_AGREEMENT = re.compile(
    r"agreement|accord|memorandum|mémorandum|treaty|traité|pact|convention|partnership|partenariat|"
    r"acuerdo|convenio|tratado|abkommen|vereinbarung|vertrag|accordo|intesa|trattato|acordo|"
    r"convénio|declaration|déclaration|اتفاق|مذكرة|معاهدة|شراك",
    re.IGNORECASE,
)


# Of a page: title, day, author and text, as its library gives them.
Read: TypeAlias = tuple[Any, Any, Any, str]


class ObviousSpider(scrapy.Spider):
    """Reads sitemaps and what they list."""

    name = "obvious"

    def __init__(self, reader: str, path: str, addresses: list[str]) -> None:
        super().__init__()
        self.read = _READERS[reader]()
        self.start_urls = [f"{address}/sitemap.xml" for address in addresses]
        self.database = sqlite3.connect(path)
        self.database.execute(
            "CREATE TABLE documents (url PRIMARY KEY, title, day, author, text, is_match)"
        )

    def parse(self, response: Any) -> Iterator[scrapy.Request]:
        for url in re.findall(r"<loc>([^<]+)</loc>", response.text):
            yield response.follow(url, callback=self.parse_page)

    def parse_page(self, response: Any) -> None:
        title, day, author, text = self.read(response.text, response.url)
        is_match = bool(_MIGRATION.search(text) and _AGREEMENT.search(text))
        day, author = (None if one is None else str(one) for one in (day, author))
        values = (response.url, title, day, author, text, is_match)
        self.database.execute("INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?, ?)", values)
        self.database.commit()


def _trafilatura() -> Callable[[str, str], Read]:
    import trafilatura

    def read(page: str, url: str) -> Read:
        found: Any = trafilatura.bare_extraction(page, url=url, with_metadata=True)
        return (found.title, found.date, found.author, found.text or "") if found else _NOTHING

    return read


def _newspaper() -> Callable[[str, str], Read]:
    newspaper: Any = importlib.import_module("newspaper")

    def read(page: str, url: str) -> Read:
        found = newspaper.Article(url, fetch_images=False)
        found.download(input_html=page)
        found.parse()
        return found.title, found.publish_date, found.authors, found.text or ""

    return read


def _news_please() -> Callable[[str, str], Read]:
    library: Any = importlib.import_module("newsplease").NewsPlease

    def read(page: str, url: str) -> Read:
        found = library.from_html(page, url=url, fetch_images=False)
        return found.title, found.date_publish, found.authors, found.maintext or ""

    return read


_NOTHING: Read = (None, None, None, "")
# Imported by whoever uses it: the last two are no part of the development environment.
_READERS: dict[str, Callable[[], Callable[[str, str], Read]]] = {
    "trafilatura": _trafilatura,
    "newspaper4k": _newspaper,
    "news-please": _news_please,
}


def main() -> None:
    process = CrawlerProcess({"LOG_LEVEL": "ERROR"})
    reader, path, *addresses = sys.argv[1:]
    process.crawl(ObviousSpider, reader=reader, path=path, addresses=addresses)
    process.start()


if __name__ == "__main__":
    main()
