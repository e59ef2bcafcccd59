"""Judging watched pages, with their parts that are reports of their own. Pure functions.

At the first look a page is one report, unless it tells of several agreements. Later only what is
new in it is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

from crawler.judgement.judge import Rules
from crawler.process.parts import Part, added, address_of, cut, paragraphs_of, whole
from crawler.process.process import judge_document, read
from crawler.process.task import Task
from crawler.register.fingerprint import SAME_TEXT, likeness
from crawler.register.linkage.copies import contradict
from storage.records import Document, Judged


def process_page(task: Task, rules: Rules) -> Judged:
    """Read and judge a watched page. Raises UnreadableError if the bytes cannot be read."""
    page = read(task, watched=True)
    return judge_page(page, rules, before=task.before, seen_on=task.fetched.fetched_at.date())


def judge_page(page: Document, rules: Rules, *, before: str | None, seen_on: date) -> Judged:
    """Judge a page as it is now, together with those of its parts that are reports.

    `before` is its text at the last look, or None at the first one. `seen_on` is the day of this
    look.
    """
    judged = judge_document(page, rules)
    if before is not None:
        return replace(judged, parts=tuple(_new_reports(page, rules, before, seen_on)))
    everything = whole(page.text)
    reports = reports_of(everything, page, rules) if everything else ()
    return replace(judged, parts=tuple(reports) if tell_several(reports) else ())


def reports_of(
    part: Part, page: Document, rules: Rules, day_of: Callable[[str], date | None] | None = None
) -> Sequence[Judged]:
    """Return the reports in a part of a page; none if it is not relevant.

    They are its sections or paragraphs if these tell of different agreements; otherwise it is one
    report. `day_of` says when a text was published; by default this is when the page was.
    """
    pieces = [piece for piece in cut(part) if piece != part]
    nested = [reports_of(piece, page, rules, day_of) for piece in pieces]
    found = [report for reports in nested for report in reports]
    if tell_several(found):
        return found
    published_on = day_of(part.text) if day_of is not None else page.published_on
    judged = judge_document(replace(_document(part, page), published_on=published_on), rules)
    return [judged] if judged.verdict.relevant else found


def _new_reports(page: Document, rules: Rules, before: str, seen_on: date) -> Iterator[Judged]:
    """Yield the reports that were not on the page at the last look.

    They count as published today. If a text was only reworded, the day of the page remains.
    """
    old_texts = [paragraph.text for paragraph in paragraphs_of(before)]

    def day_of(text: str) -> date | None:
        is_old = any(likeness(old, text) >= SAME_TEXT for old in old_texts)
        return page.published_on if is_old else seen_on

    for part in added(before, page.text):
        yield from reports_of(part, page, rules, day_of)


def tell_several(reports: Sequence[Judged]) -> bool:
    """Whether two of these reports name different parties."""
    named = {frozenset(report.verdict.card.parties) for report in reports}
    return any(contradict(one, other) for one, other in combinations(named, 2))


def _document(part: Part, page: Document) -> Document:
    url = address_of(page.url, part.text) if page.url else None
    return replace(page, title=part.heading or page.title, text=part.text, url=url, is_part=True)
