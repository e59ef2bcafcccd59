"""The obvious design, beside which our crawl is measured: `python -m benchmarks.crawl.obvious
DATABASE ADDRESS ...`.

A plain Scrapy spider, as one writes it in an afternoon: trafilatura in the callback, keywords as
regular expressions, a commit for each document. It knows no near copies, cards or register, asks
for no robots.txt and waits for nobody.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import scrapy
import trafilatura
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


class ObviousSpider(scrapy.Spider):
    """Reads sitemaps and what they list."""

    name = "obvious"

    def __init__(self, path: str, addresses: list[str]) -> None:
        super().__init__()
        self.start_urls = [f"{one}/sitemap.xml" for one in addresses]
        self.database = sqlite3.connect(path)
        self.database.execute(
            "CREATE TABLE documents (url PRIMARY KEY, title, day, author, text, is_match)"
        )

    def parse(self, response: Any) -> Iterator[scrapy.Request]:
        for url in re.findall(r"<loc>([^<]+)</loc>", response.text):
            yield response.follow(url, callback=self.parse_page)

    def parse_page(self, response: Any) -> None:
        found: Any = trafilatura.bare_extraction(
            response.text, url=response.url, with_metadata=True
        )
        text = (found.text or "") if found else ""
        is_match = bool(_MIGRATION.search(text) and _AGREEMENT.search(text))
        row = (found.title, found.date, found.author) if found else (None, None, None)
        values = (response.url, *row, text, is_match)
        self.database.execute("INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?, ?)", values)
        self.database.commit()


def main() -> None:
    process = CrawlerProcess({"LOG_LEVEL": "ERROR"})
    process.crawl(ObviousSpider, path=sys.argv[1], addresses=sys.argv[2:])
    process.start()


if __name__ == "__main__":
    main()
