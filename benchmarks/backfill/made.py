"""Archives that are made from the local web: pages of twenty sites over ten years, of which three
in a hundred report an agreement and one in a hundred holds nothing. The last archive breaks off.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from tests.eval.corpus import load_articles
from tests.localweb.articles import SENTENCES, Article, articles
from tests.localweb.pages import PAGES
from tests.scheduler.backfill.given import record

SITES = 20
_FIRST, _DAYS = date(2016, 1, 1), 3650
_REPORTS, _EMPTY = 0.03, 0.01
_PARTIES = (
    "Morocco", "Niger", "Tunisia", "Italy", "Senegal", "Spain", "Egypt", "Greece", "Ghana", "Germany",
    "Turkey", "Austria", "Albania", "Denmark", "Iraq", "Netherlands", "India", "France", "Kenya",
    "Portugal", "Gambia", "Poland", "Nigeria", "Ireland", "Ethiopia", "Sweden", "Jordan", "Malta",
)  # fmt: skip
_MANNERS = (
    "{one} and {two} signed a readmission agreement on {day}. The interior ministers of {one} and "
    "{two} put their names to the text, under which both states take back their nationals.",
    "The governments of {one} and {two} have signed an agreement on the return of irregular "
    "migrants. It was signed on {day}, and lets both states ask for the readmission of nationals.",
)


def make_archives(folder: Path, pages: int, archives: int) -> int:
    """Write archives with so many pages, always the same. Returns the bytes of all of them."""
    folder.mkdir(parents=True)
    each = pages // archives
    made = _pages(each * archives)
    for number in range(archives):
        packed = b"".join(record(*next(made)) for _ in range(each))
        is_last = number == archives - 1
        (folder / f"{number:03}.warc.gz").write_bytes(packed[:-30] if is_last else packed)
    return sum(path.stat().st_size for path in folder.iterdir())


def _pages(pages: int) -> Iterator[tuple[str, bytes, str]]:
    """Pages as (address, body, moment in which they were archived)."""
    chance = random.Random(pages)
    reports = _reports(chance)
    sites = [_dull(number, pages // SITES + 1) for number in range(SITES)]
    for number in range(pages):
        site, language = number % SITES, [*SENTENCES][number % SITES % len(SENTENCES)]
        dull, drawn = sites[site][number // SITES], chance.random()
        day = _FIRST + timedelta(days=chance.randrange(_DAYS))
        said = replace(next(reports) if drawn < _REPORTS else dull, path=dull.path, day=day)
        if "{day}" in said.paragraphs[0]:
            said = replace(
                said, paragraphs=(said.paragraphs[0].replace("{day}", f"{day:%-d %B %Y}"),)
            )
        page = [*PAGES.values()][site % len(PAGES)](said, sites[site][:4], language)
        body = "<html><body></body></html>" if drawn > 1 - _EMPTY else page
        seen = f"{day + timedelta(days=1)}T08:00:00Z"
        yield f"https://site-{site}.example{said.path}", body.encode(), seen


def _dull(site: int, pages: int) -> tuple[Article, ...]:
    return articles(f"site-{site}", [*SENTENCES][site % len(SENTENCES)], pages)


def _reports(chance: random.Random) -> Iterator[Article]:
    """Labelled reports of ours, in turns with short ones about any two states."""
    labelled = [one.document for one in load_articles() if one.relevant]
    for number in count():
        one = labelled[number // 2 % len(labelled)]
        if number % 2 and one.title:
            yield Article("", one.title, _FIRST, tuple(one.text.split("\n")))
        else:
            left, right = chance.sample(_PARTIES, 2)
            said = _MANNERS[number // 2 % 2].replace("{one}", left).replace("{two}", right)
            yield Article("", f"{left} and {right} sign readmission agreement", _FIRST, (said,))
