"""A month of 150 sites, played: `python -m benchmarks.month [--sites 150] [--days 30] [--step 360]`.

Sites of many builds and with many oddities (`benchmarks.month.sites`) publish; every `--step`
minutes of the month `accordwatch run` does a pass over what is due. Between two passes all that the
database knows of times is moved into the past, as if the step had gone by. At the end: is every
article stored once, and what was asked of the sites for it?

A play of half an hour on two free cores. With `--keep FOLDER` it goes on where it was broken off.
Passes are forked from a process that has loaded everything (`tests.warm`).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.request import ProxyHandler, build_opener

from sqlalchemy import text

from benchmarks.month.played import Played, let_pass, note, note_stored, resumed
from benchmarks.month.sites import BEGIN, Site, many, number_of
from scheduler.cli.output import print_table
from storage.database.session import Database, open_database
from tests.warm.start import command

_TITLE = re.compile(r"(\d+) (?:of|de) ([\w-]+)")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.month", description=__doc__)
    parser.add_argument("--sites", type=int, default=150)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--step", type=int, default=360, help="minutes between two passes")
    parser.add_argument("--keep", type=Path, help="folder in which a play goes on")
    parser.add_argument("--verbose", action="store_true", help="print a line for each site")
    chosen = parser.parse_args()
    sites = many(chosen.sites)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        counts = [str(len(sites)), str(chosen.days)]
        server = [sys.executable, "-m", "benchmarks.month.server", *counts, str(folder)]
        with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as serving:
            try:
                assert serving.stdout is not None
                addresses = json.loads(serving.stdout.readline())
                _configure(folder, sites, addresses)
                database = open_database(f"sqlite:///{folder / 'month.db'}")
                played = _play(folder, database, sites, addresses, chosen.days, chosen.step)
                _report(database, sites, played, chosen.days, each=chosen.verbose)
                database.close()
            finally:
                serving.kill()


def _configure(folder: Path, sites: Sequence[Site], addresses: dict[str, str]) -> None:
    sources = [
        {
            "id": site.name,
            "kind": str(site.source("x").kind),
            "url": site.source(addresses[site.name]).url,
            "language": site.language,
            "jitter": "0m",  # the play looks at its steps only
        }
        for site in sites
    ]
    crawl = {"allow_private": list(addresses.values()), "delay_s": 0.05, "patience_s": 30}
    written = {"database": f"sqlite:///{folder / 'month.db'}", "crawl": crawl, "sources": sources}
    (folder / "accordwatch.yaml").write_text(json.dumps(written), "utf-8")  # JSON is YAML


def _play(
    folder: Path,
    database: Database,
    sites: Sequence[Site],
    addresses: dict[str, str],
    days: int,
    step: int,
) -> Played:
    played, started = resumed(folder), time.monotonic()
    named, anywhere = {site.name: site for site in sites}, next(iter(addresses.values()))
    run = command("scheduler.cli", "run", "--config", str(folder / "accordwatch.yaml"))
    for minutes in range(played.minutes + step, days * 1440 + step, step):
        _get(f"http://{anywhere}/clock?minutes={minutes}")
        if played.shifted < minutes:
            let_pass(database, timedelta(minutes=step))
            played.shifted = minutes
            played.keep(folder)
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            print(done.stderr[-2000:], flush=True)
        now = BEGIN + timedelta(minutes=minutes)
        note(played, named, json.loads(_get(f"http://{anywhere}/log")), now)
        note_stored(played, database, now)
        played.minutes = minutes
        played.keep(folder)
        if minutes % 1440 == 0:
            print(f"day {minutes // 1440}, {time.monotonic() - started:.0f} s", flush=True)
    return played


def _get(url: str) -> bytes:
    with build_opener(ProxyHandler({})).open(url) as answer:
        body: bytes = answer.read()
    return body


def _report(
    database: Database, sites: Sequence[Site], played: Played, days: int, *, each: bool
) -> None:
    with database.read() as s:
        rows = s.execute(
            text(
                "SELECT d.id, d.title, d.source_id, d.url, t.text, d.published_on FROM documents d "
                "LEFT JOIN texts t ON t.document_id = d.id"
            )
        ).all()
    by_site: dict[str, list[object]] = defaultdict(list)
    for row in rows:
        by_site[row.source_id].append(row)
    table, sums, delays = [], Counter[str](), []
    for site in sites:
        found = _of_site(site, by_site[site.name], played, days, delays)
        sums.update(found)
        if each:
            table.append([site.name, *(str(found[name]) for name in _COUNTED)])
    table.append(["all", *(str(sums[name]) for name in _COUNTED)])
    print_table("What became of the articles", ("site", *_COUNTED), table)
    _say_requests(sums)
    hours = sorted(delay / timedelta(hours=1) for delay in delays)
    if hours:
        late = hours[len(hours) * 95 // 100]
        print(f"from publication to the database: median {median(hours):.1f} h, 95 % {late:.1f} h")
        print(f"between two looks: {24 * days * len(sites) / sums['looks']:.1f} h")


def _say_requests(sums: Counter[str]) -> None:
    asked, budget = sums["requests"], 1.3 * sums["articles"] + 1.1 * sums["looks"]
    print(f"requests {asked}, budget {budget:.0f}: {asked / budget:.2f} of it")
    named = sums["looks"] + sums["articles"] + sums["robots"]
    print(
        f"{sums['looks']} looks, {sums['articles']} articles, {sums['robots']} robots.txt, "
        f"{asked - named} others"
    )


_COUNTED = (
    "articles", "stored", "lost", "twice", "none", "cut", "more",
    "undated", "looks", "requests", "robots", "unmodified", "overlaps", "early", "forbidden",
)  # fmt: skip


def _of_site(
    site: Site, rows: Iterable[object], played: Played, days: int, delays: list[timedelta]
) -> Counter[str]:
    """What became of the articles that were out when the site was looked at last.

    `none`: documents that are no article; `cut`, `more`: texts that lack a paragraph, or have what
    stands beside the article; `unmodified`: answers 304; `early`: asked before
    Crawl-delay or Retry-After was over; `forbidden`: asked against robots.txt.
    """
    published = {
        number_of(article): (at, article)
        for at, article in site.published(days)
        if at <= played.last_look.get(site.name, BEGIN)
        and not site.is_forbidden(number_of(article))
    }
    found: Counter[str] = Counter(articles=len(published))
    seen: Counter[int] = Counter()
    for row in rows:
        titled = _TITLE.search(row.title)  # type: ignore[attr-defined]
        number = int(titled[1]) if titled and titled[2] == site.name else 0
        if number not in published:
            found["none"] += 1
            print(f"  no article: {site.name}: {row.title!r} {row.url}")  # type: ignore[attr-defined]
            continue
        seen[number] += 1
        at, article = published[number]
        told = " ".join((row.text or "").split())  # type: ignore[attr-defined]
        found["cut"] += any(" ".join(one.split()) not in told for one in article.paragraphs)
        found["more"] += "Also read" in told
        found["undated"] += row.published_on is None  # type: ignore[attr-defined]
        delays.append(played.stored_at[row.id] - at)  # type: ignore[attr-defined]
    found["stored"] = len(seen)
    found["lost"] = len(published) - len(seen)
    found["twice"] = sum(times - 1 for times in seen.values())
    of_site = [one for one in played.requests if one[2] == site.name]
    found["requests"] = len(of_site)
    found["robots"] = sum(one[3] == "/robots.txt" for one in of_site)
    found["unmodified"] = sum(one[4] == 304 for one in of_site)
    found["forbidden"] = sum(one[3].startswith("/private/") for one in of_site)
    found["overlaps"] = played.overlaps[site.name]
    found["early"] = played.early[site.name]
    found["looks"] = played.looks[site.name]
    return found


if __name__ == "__main__":
    main()
