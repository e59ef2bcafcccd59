"""All that Accordwatch says of the labelled articles, written into a folder: verdicts, register, digests, data sets, pages and API answers.

Two versions of the program that should say the same are compared by it:

    python -m benchmarks.readout fill A.db           # with the older version, once
    python -m benchmarks.readout write A.db BEFORE   # with each of them, on the same database
    diff -r BEFORE AFTER
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from crawler.judgement.judge import load_rules
from scheduler.configuration.config import load_configuration
from scheduler.web.site.installation import Installation
from storage.database.session import open_database
from tests.scheduler.web.site.running import PAGES, Site, running

ARTICLES = Path(__file__).parents[1] / "tests" / "eval" / "articles"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
_CONFIGURATION = """database: {database}
sources:
  - {{id: fleuve, kind: feed, url: https://fleuve.example/rss, every: 1h}}
subscriptions:
  - {{id: everything, name: Every agreement, channels: [file], rate: "daily at 07:00", max_items: 1000}}
  - {{id: maghreb, channels: [file], language: ar, filter: {{groups: [maghreb]}}, max_items: 1000}}
"""
_API = (
    "agreements?limit=50",
    "documents?q=accord&limit=50",
    "sources",
    "runs",
    "openapi.json",
    "review",
    "searches",
)
_LISTS = (
    "/?party=MA",
    "/?status=signed&lang=ar",
    "/search?q=readmission",
    "/search?q=%D8%A7%D9%84%D9%85%D8%BA%D8%B1%D8%A8",
    "/feed.atom",
    "/feed.json",
)
# What differs from start to start: tokens of forms, the port, the moment of an export.
_CHANCE = re.compile(r'(name="token" value=")[^"]*|(//127\.0\.0\.1:)\d+|("dateCreated": ")[^"]*')


def main() -> None:
    """Fill a database, or write what is said of it."""
    what, database, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "accordwatch.yaml"
        config.write_text(_CONFIGURATION.format(database=f"sqlite:///{Path(database).resolve()}"))
        if what == "fill":
            for file in sorted(ARTICLES.glob("*.jsonl")):
                _say(config, "import", str(file))
        else:
            copy = Path(folder) / "copy.db"
            shutil.copy(database, copy)
            config.write_text(_CONFIGURATION.format(database=f"sqlite:///{copy}"))
            _write(config, Path(rest[0]))


def _write(config: Path, out: Path) -> None:
    out.mkdir(parents=True)
    for name, said in _commands(config):
        (out / name).write_text(said, encoding="utf-8")
    _say(config, "export", str(out / "register"))
    (out / "register" / "datapackage.json").unlink(missing_ok=True)  # it names the moment
    chosen = load_configuration(config, environ={})
    database = open_database(chosen.database)
    served = Installation(database, chosen, None, now=lambda: NOW)
    with running(served) as site:
        for path in sorted({*_addresses(site)}):
            answer = site.ask(path)
            text = _CHANCE.sub(lambda found: next(filter(None, found.groups())), answer.text)
            name = re.sub(r"\W+", "_", path)[:120]
            (out / f"{name}.txt").write_text(f"{path} {answer.code}\n{text}", encoding="utf-8")
    database.close()


def _commands(config: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(ARTICLES.glob("*.jsonl")):
        yield f"verdicts-{file.name}", _say(config, "classify", str(file), "--format", "jsonl")
    yield "agreements.jsonl", _say(config, "agreements", "--format", "jsonl")
    yield "agreements.csv", _say(config, "agreements", "--format", "csv")
    yield "search.jsonl", _say(config, "search", "--format", "jsonl")
    for format in ("text", "html"):
        yield f"digests.{format}", _say(config, "digest", "preview", "--format", format)
    for corridor in ("IT-TN", "ES-MA", "EU-TN"):
        yield f"show-{corridor}.txt", _say(config, "show", corridor)


def _addresses(site: Site) -> Iterator[str]:
    agreements = site.ask("/api/v1/agreements?limit=200").json
    rows = agreements.get("agreements") or agreements.get("items") or []
    ids = [row["id"] for row in rows]
    for path in (*PAGES, *_LISTS):
        for language in ("en", "ar"):
            yield f"{path}{'&' if '?' in path else '?'}lang={language}"
    for number in ids:
        yield f"/agreements/{number}?lang=fr"
        yield f"/api/v1/agreements/{number}"
    for name in _API:
        yield f"/api/v1/{name}"
    for number in range(1, 60):
        yield f"/documents/{number}?lang=es"
        yield f"/api/v1/documents/{number}"


def _say(config: Path, *words: str) -> str:
    command = [sys.executable, "-m", "scheduler.cli", "--config", str(config), *words]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode not in (0, 1):
        sys.exit(f"{' '.join(words)}: {found.stderr}")
    return found.stdout


if __name__ == "__main__":
    load_rules()
    main()
