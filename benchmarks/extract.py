"""Scores extraction on a folder of pages: titles, days, text, and time a page.

    python benchmarks/extract.py FOLDER [--show titles|dates]

FOLDER holds `manifest.jsonl`, an object a page: `file` (HTML, perhaps gzipped), `url`, and what is
known: `title`, `date` (YYYY-MM-DD), `contains` and `excludes` (snippets that its text must and must
not have). Pages are their publishers' and never enter the project.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawler.extract.extract import extract
from crawler.extract.page.metadata import clean
from storage.errors import UnreadableError
from storage.records import Extract, Fetched


@dataclass(frozen=True, slots=True)
class Scored:
    known: dict[str, Any]
    found: Extract | None
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", choices=["titles", "dates"], help="print the ones that are wrong")
    arguments = parser.parse_args()
    pages = list(_pages(arguments.folder))
    _score(pages[0])  # models and date parsers load with the first page
    scored = [_score(page) for page in pages]
    _report_titles(scored, arguments.show == "titles")
    _report_dates(scored, arguments.show == "dates")
    _report_text(scored)
    times = [page.seconds * 1000 for page in scored]
    print(
        f"time   mean {statistics.mean(times):.1f} ms, median {statistics.median(times):.1f} ms a page (processor time)"
    )
    print(f"pages  {len(scored)}, unreadable {sum(page.found is None for page in scored)}")


def _pages(folder: Path) -> Iterator[tuple[dict[str, Any], Fetched]]:
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        known = json.loads(line)
        path = folder / known["file"]
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield known, Fetched(known["url"], known["url"], "text/html", body, datetime.now(UTC))


def _score(page: tuple[dict[str, Any], Fetched]) -> Scored:
    known, fetched = page
    began = time.process_time()
    try:
        found = extract(fetched)
    except UnreadableError:
        found = None
    return Scored(known, found, time.process_time() - began)


def _report_titles(scored: list[Scored], show: bool) -> None:
    known = [page for page in scored if page.known.get("title")]
    exact = [page for page in known if _title(page) == clean(page.known["title"])]
    words = [page for page in known if _letters(_title(page)) == _letters(page.known["title"])]
    # What a style sheet prints in capitals is not written so in the page.
    written = [page for page in known if page in exact or _is_printed_in_capitals(page)]
    total = len(known)
    print(
        f"titles {len(exact) / total:.1%} to the letter, {len(written) / total:.1%} but for capitals"
        f" that a style sheet prints, {len(words) / total:.1%} but for case and punctuation"
    )
    for page in known if show else []:
        if page not in words:
            print(f"  {page.known['url']}\n    is   {page.known['title']}\n    read {_title(page)}")


def _report_dates(scored: list[Scored], show: bool) -> None:
    known = [
        (page, date.fromisoformat(page.known["date"]))
        for page in scored
        if _is_date(page.known.get("date"))
    ]
    off = [(page, day, abs((_day(page) or date.min) - day).days) for page, day in known]
    same, near = sum(days == 0 for *_, days in off), sum(days <= 1 for *_, days in off)
    print(f"dates  {same / len(off):.1%} the same day, {near / len(off):.1%} within a day")
    for page, day, days in off if show else []:
        if days > 1:
            print(f"  {page.known['url']}\n    is   {day}\n    read {_day(page)}")


def _report_text(scored: list[Scored]) -> None:
    wanted = [
        snippet in _text(page) for page in scored for snippet in page.known.get("contains", ())
    ]
    unwanted = [
        snippet in _text(page) for page in scored for snippet in page.known.get("excludes", ())
    ]
    precision, recall = sum(wanted) / (sum(wanted) + sum(unwanted)), sum(wanted) / len(wanted)
    score = 2 * precision * recall / (precision + recall)
    print(f"text   F1 {score:.3f}, precision {precision:.3f}, recall {recall:.3f} of snippets")


def _is_printed_in_capitals(page: Scored) -> bool:
    known = clean(page.known["title"])
    return known.isupper() and _title(page).casefold() == known.casefold()


def _title(page: Scored) -> str:
    return page.found.title if page.found else ""


def _text(page: Scored) -> str:
    return page.found.text if page.found else ""


def _day(page: Scored) -> date | None:
    return page.found.published_on if page.found else None


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", clean(text).casefold()))


def _is_date(text: str | None) -> bool:
    return bool(re.fullmatch(r"\d{4}-(?:0\d|1[0-2])-[0-3]\d", text or ""))


if __name__ == "__main__":
    main()
