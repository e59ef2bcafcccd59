"""A watched page -> its judged document, with the parts that are reports of their own. Pure.

At the first look a page is one report, unless it tells of several agreements; later only what is new in it is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from urllib.parse import quote

from crawler.judgement.judge import Rules
from crawler.parts import Part, added, cut, paragraphs_of, whole
from crawler.process import Task, judge_document, read
from crawler.register.fingerprint import SAME_TEXT, likeness
from crawler.register.linkage.copies import contradict
from storage.records import Document, Judged

_WORDS_OF_ADDRESS = 8  # enough to find the place; the address stays short


def process_page(task: Task, rules: Rules) -> Judged:
    """Raises UnreadableError where the bytes cannot be read."""
    return judge_page(read(task), rules, before=task.before, seen_on=task.fetched.fetched_at.date())


def judge_page(page: Document, rules: Rules, *, before: str | None, seen_on: date) -> Judged:
    """The page, judged as it stands. `before` is its text at the last look, None at the first; `seen_on` the day of
    this one."""
    judged = judge_document(page, rules)
    if before is not None:
        return replace(judged, parts=tuple(_new_reports(page, rules, before, seen_on)))
    everything = whole(page.text)
    reports = reports_of(everything, page, rules) if everything else ()
    return replace(judged, parts=tuple(reports) if tell_several(reports) else ())


def reports_of(
    part: Part, page: Document, rules: Rules, day_of: Callable[[str], date | None] | None = None
) -> Sequence[Judged]:
    """The part as one report, or as the several that its sections or paragraphs are, where they tell of different
    agreements; none where it is not relevant. `day_of` says when a text was published, if not with the page."""
    pieces = cut(part)
    found = [
        report
        for piece in pieces
        if piece != part
        for report in reports_of(piece, page, rules, day_of)
    ]
    if tell_several(found):
        return found
    published_on = day_of(part.text) if day_of is not None else page.published_on
    judged = judge_document(replace(_document(part, page), published_on=published_on), rules)
    return [judged] if judged.verdict.relevant else found


def _new_reports(page: Document, rules: Rules, before: str, seen_on: date) -> Iterator[Judged]:
    """Those of the parts that were not there at the last look: what they say was published since. Where something was
    only worded anew, nobody knows when."""
    old_texts = [paragraph.text for paragraph in paragraphs_of(before)]

    def day_of(text: str) -> date | None:
        is_old = any(likeness(old, text) >= SAME_TEXT for old in old_texts)
        return page.published_on if is_old else seen_on

    for part in added(before, page.text):
        yield from reports_of(part, page, rules, day_of)


def tell_several(reports: Sequence[Judged]) -> bool:
    """Whether two of these name different parties."""
    named = {frozenset(report.verdict.card.parties) for report in reports}
    return any(contradict(one, other) for one, other in combinations(named, 2))


def address_of(url: str, text: str) -> str:
    """Where on a page a text begins: a text fragment (WICG), which browsers scroll to and servers never see."""
    words = " ".join(text.split()[:_WORDS_OF_ADDRESS])
    return f"{url}#:~:text={quote(words, safe='').replace('-', '%2D')}"


def _document(part: Part, page: Document) -> Document:
    url = address_of(page.url, part.text) if page.url else None
    return replace(page, title=part.heading or page.title, text=part.text, url=url)
