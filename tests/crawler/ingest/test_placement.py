"""Where a document is stored is decided with its reason, and deciding writes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from crawler.ingest.placement import Why, place
from storage.database.session import Database
from storage.documents.tables import Documents
from storage.records import Judged
from tests.crawler.ingest.test_ingest import EDITED, LONG, crawl, crawled
from tests.storage.given import NOW

HARBOUR = "Ships came to the harbour in the morning, and left it in the evening with other goods."


@pytest.mark.parametrize(
    ("one", "why", "url"),
    [
        (crawled(2, HARBOUR, "/y"), Why.OFFERED, "/y"),
        (crawled(2, HARBOUR, "/x", own_url="https://a.example/2"), Why.OWN_ADDRESS, "/2"),
        (crawled(2, LONG, "/y", title="Other"), Why.SAME_TEXT, "/x"),
        (crawled(2, EDITED, "/y", title="One, corrected"), Why.CORRECTED, "/y"),
        (crawled(2, EDITED, "/y", title="One"), Why.EDITED, "/x"),
    ],
)
def test_a_document_is_placed_with_a_reason(
    database: Database, one: Judged, why: Why, url: str
) -> None:
    with database.begin() as s:
        crawl(s, crawled(1, LONG, "/x", title="One"))
        placed = place(s, one, NOW, crawl=True)
        assert (placed.why, placed.judged.document.url) == (why, f"https://a.example{url}")
        assert placed.moved_id == (1 if why is Why.CORRECTED else None)
        assert s.scalars(select(Documents.url)).all() == ["https://a.example/x"]


def test_the_first_version_of_a_page_is_to_become_a_part_of_it(database: Database) -> None:
    first = crawled(1, LONG, "/page")
    first = replace(first, verdict=replace(first.verdict, relevant=True))
    part = crawled(2, HARBOUR, "/page#part")
    with database.begin() as s:
        crawl(s, first)
        same = place(s, replace(first, parts=(part,)), NOW, crawl=True)
        assert (same.parts, same.is_cut, same.first) == (None, False, None)
        changed = replace(crawled(1, HARBOUR, "/page"), parts=(part,))
        placed = place(s, changed, NOW, crawl=True)
        url = "https://a.example/page#:~:text=Sentence%200%20of%20the%20statement%20is%20about%20roads"
        assert placed.first == (1, url, first.fingerprint.text_hash)
        assert (placed.parts, placed.is_cut) == ((part,), True)
        assert s.scalars(select(Documents.url)).all() == ["https://a.example/page"]
