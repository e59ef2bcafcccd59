"""What a worker does with one document, by name; and what it does once, before the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

from crawler.extract.extract import extract
from crawler.judgement.judge import Rules
from crawler.process.parts import Part, added, address_of, cut, paragraphs_of, whole
from crawler.process.process import judge_article, judge_document, judge_whole, process, read
from crawler.process.task import Several, Task, WantedDocuments, name_of
from crawler.register.fingerprint import SAME_TEXT, likeness
from storage.errors import UnreadableError
from storage.records import Document, Fetched, Judged


def process_page(task: Task, rules: Rules) -> Judged:
    """Read and judge a watched page. Raises UnreadableError if the bytes cannot be read."""
    page = read(task, watched=True)
    return judge_page(page, rules, before=task.before, seen_on=task.fetched.fetched_at.date())


def judge_page(page: Document, rules: Rules, *, before: str | None, seen_on: date) -> Judged:
    """Judge a page, with parts that are reports. `before`: its text at the last look."""
    judged = judge_document(page, rules)
    if before is not None:
        return replace(judged, parts=tuple(_new_reports(page, rules, before, seen_on)))
    everything = whole(page.text)
    reports = reports_of(everything, page, rules) if everything else ()
    return replace(judged, parts=tuple(reports) if are_several(reports) else ())


def reports_of(
    part: Part, page: Document, rules: Rules, day_of: Callable[[str], date | None] | None = None
) -> Sequence[Judged]:
    """Return the reports in a part of a page: its sections or paragraphs if these report different
    agreements; else one, or none if it is not relevant. `day_of` says when a text was published.
    """
    pieces = [piece for piece in cut(part) if piece != part]
    nested = [reports_of(piece, page, rules, day_of) for piece in pieces]
    several = [report for reports in nested for report in reports]
    if are_several(several):
        return several
    published_on = day_of(part.text) if day_of is not None else page.published_on
    document = replace(
        page,
        title=part.heading or page.title,
        text=part.text,
        url=address_of(page.url, part.text) if page.url else None,
        published_on=published_on,
        is_part=True,
    )
    judged = judge_document(document, rules)
    return [judged] if judged.verdict.relevant else several


def _new_reports(page: Document, rules: Rules, before: str, seen_on: date) -> Iterator[Judged]:
    """Yield the new reports of the page, as of today, unless a text was only reworded."""
    old_texts = [paragraph.text for paragraph in paragraphs_of(before)]

    def day_of(text: str) -> date | None:
        is_old = any(likeness(old, text) >= SAME_TEXT for old in old_texts)
        return page.published_on if is_old else seen_on

    for part in added(before, page.text):
        yield from reports_of(part, page, rules, day_of)


def are_several(reports: Sequence[Judged]) -> bool:
    """Whether two of these reports name different parties."""
    named = {frozenset(report.verdict.card.parties) for report in reports}
    return any(not (one <= other or other <= one) for one, other in combinations(named, 2))


_LONGEST_TITLE = 200  # of what nearly fired; a list of them is skimmed


def judge_several(
    batch: tuple[Sequence[Task | Document], WantedDocuments], rules: Rules
) -> Several:
    """Read and judge documents. One that cannot be read is refused and costs no other."""
    documents, wanted = batch
    outside = 0
    hits: list[Document] = []
    near: list[tuple[str, str, float]] = []
    refused: list[tuple[str, str, str]] = []
    for item in documents:
        try:
            document = read(item) if isinstance(item, Task) else item
        except UnreadableError as error:
            refused.append((name_of(item), error.reason, str(error)))
            continue
        if not wanted.has(document):
            outside += 1
            continue
        judged = judge_article(document, rules)
        probability = judged.verdict.probability
        outcomes = {judged.verdict.outcome, *(part.verdict.outcome for part in judged.parts or ())}
        if outcomes != {"silent"}:
            hits.append(document)
        elif probability is not None:
            title = document.title[:_LONGEST_TITLE]
            near.append((title, document.url or "", round(probability, 4)))
    return Several(len(documents), outside, tuple(hits), tuple(near), tuple(refused))


# The stages that have a name. Others (reading a feed, for instance) are passed as functions.
STAGES: dict[str, Callable[[Any, Rules], Any]] = {
    "process": process,
    "process_page": process_page,
    "judge_article": judge_article,
    "judge_document": judge_document,
    "judge_whole": judge_whole,
    "judge_several": judge_several,
}

# Reading this page loads all models, which takes 2 s, before the first real page. Its day stands
# beside its headline: what parses other days is loaded by the first page that needs it.
_WARMING_PAGE = (
    "<html><head><title>Accord signé</title></head><body><h1>Accord signé</h1>"
    "<p>Publié le 3 mars 2024</p><p>Les deux ministres ont signé lundi un accord sur le retour des "
    "migrants en situation irrégulière.</p></body></html>"
)


def warm_up(rules: Rules) -> None:
    """Do what takes longer for the first page than for others."""
    url = "https://warm.invalid/"
    document = extract(Fetched(url, url, "text/html", _WARMING_PAGE.encode(), datetime.now(UTC)))
    judge_document(Document(document.title, document.text, document.language), rules)
    if rules.judge is not None:
        rules.judge.warm()
