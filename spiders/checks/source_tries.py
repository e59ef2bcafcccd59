"""Tries sources once, in a child process: Twisted's reactor starts only once in a process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import Timer
from typing import IO

from pydantic import BaseModel, ConfigDict, TypeAdapter

from crawler.extract.language import detect_language
from spiders.fetch.settings import CrawlSettings
from spiders.kinds.offer import Offer
from storage.languages import LANGUAGES
from storage.records import Candidate
from storage.source import Source, SourceKind
from storage.sources.tables import SourceCheck

COMMAND: Sequence[str] = (sys.executable, "-P", "-m", "spiders.checks.process")

MOST_OFFERED = 30  # of a source; more than anybody looks at
_SLACK_S = 60.0  # to start Python, to fetch robots.txt, and to wait out a Crawl-delay


@dataclass(frozen=True, slots=True)
class SourceTry:
    """One try of a source: its check, the newest of what it offered, their texts in a feed."""

    check: SourceCheck
    candidates: tuple[Candidate, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


def check_sources(sources: Sequence[Source], settings: CrawlSettings) -> Iterator[SourceCheck]:
    """The checks alone of `try_sources`."""
    return (tried.check for tried in try_sources(sources, settings))


def try_sources(
    sources: Sequence[Source],
    settings: CrawlSettings,
    patience_s: float | None = None,
    *,
    texts: bool = False,
) -> Iterator[SourceTry]:
    """Try each source once; yield what was found, as the answers come, one for each source. Hosts
    get requests at the same time, each one at a time and with `crawl.delay_s` between them.
    If the child ends early or writes nothing for `patience_s` (None: very long), the rest failed.
    `texts`: with the text of each document in a feed.
    """
    waiting = {source.id: source for source in sources}
    if patience_s is None:
        patience_s = 2 * settings.timeout_s * (settings.redirects + 2) + _SLACK_S
    with tempfile.TemporaryFile() as complaints:
        job = CheckJob(sources=tuple(sources), crawl=settings, texts=texts)
        for tried in _answers(job, complaints, patience_s):
            if waiting.pop(tried.check.source_id, None) is not None:
                yield tried
        complaints.seek(0)
        lines = complaints.read().decode(errors="replace").strip().splitlines()
        why = f": {lines[-1]}" if lines else ""
    for source in waiting.values():
        line = f"failed: the process that checks ended before it came to this source{why}"
        yield SourceTry(failed(source, line, datetime.now(UTC)))


def _answers(job: CheckJob, complaints: IO[bytes], patience_s: float) -> Iterator[SourceTry]:
    with tempfile.TemporaryFile() as order:  # a pipe would fill before the child reads
        order.write(job.model_dump_json().encode())
        order.seek(0)
        child = subprocess.Popen(  # noqa: S603 - our own module
            COMMAND, stdin=order, stdout=subprocess.PIPE, stderr=complaints
        )
    with child:
        watch = _watch(child, patience_s)
        try:
            for line in child.stdout or ():
                watch.cancel()
                yield TRY.validate_json(line)
                watch = _watch(child, patience_s)
        finally:
            watch.cancel()
            child.kill()


def _watch(child: subprocess.Popen[bytes], patience_s: float) -> Timer:
    """Ends a child that writes nothing for `patience_s`."""
    timer = Timer(patience_s, child.kill)
    timer.daemon = True
    timer.start()
    return timer


# --- the check of one try of a source -------------------------------------------------------------

# A ministry may be silent for weeks; two months without anything is worth a look.
OLD_AFTER = timedelta(days=60)
# The clocks of servers and the days of time zones are a day apart at most.
FUTURE_FROM = timedelta(days=2)
_ENOUGH = 200  # characters of titles; of fewer the language is not sure
_MOST_TITLES = 30


def offered(source: Source, offer: Offer, at: datetime) -> SourceCheck:
    candidates, today = offer.candidates, at.date()
    language = _language(candidates)
    if offer.failed:
        return failed(source, offer.problem or "failed", at)
    days = [
        candidate.published_on for candidate in candidates if candidate.published_on is not None
    ]
    newest = max((day for day in days if day < today + FUTURE_FROM), default=None)
    remarks = (offer.problem, *_remarks(source, candidates, newest, today))
    if language is not None and source.language not in (None, language):
        remarks += (f"its titles are in {language}, not {source.language}",)
    problem = "; ".join(filter(None, remarks)) or None
    return SourceCheck(source.id, source.url, at, True, len(candidates), newest, language, problem)


def with_offer(
    check: SourceCheck, offer: Offer, texts: Mapping[str, str] | None = None
) -> SourceTry:
    by_day = sorted(
        offer.candidates, key=lambda candidate: candidate.published_on or date.min, reverse=True
    )
    shown = tuple(by_day[:MOST_OFFERED])
    shown_texts = {
        candidate.url: texts[candidate.url]
        for candidate in shown
        if texts and candidate.url in texts
    }
    return SourceTry(check, shown, shown_texts)


TRY = TypeAdapter(SourceTry)


def failed(source: Source, problem: str, at: datetime) -> SourceCheck:
    """The check of a source that gave nothing, without its address, which stands beside it."""
    problem = problem.replace(f"{source.url}: ", "", 1)
    return SourceCheck(source.id, source.url, at, alive=False, problem=problem)


def _remarks(
    source: Source, candidates: Sequence[Candidate], newest: date | None, today: date
) -> Iterator[str]:
    """What is odd about documents that came all the same."""
    if not candidates:
        yield "offers nothing now"
        return
    days = [
        candidate.published_on for candidate in candidates if candidate.published_on is not None
    ]
    if any(day >= today + FUTURE_FROM for day in days):
        yield f"has a document of {max(days)}, which is in the future"
    if newest is not None and today - newest > OLD_AFTER:
        yield f"its newest document is {(today - newest).days} days old"
    if not days and source.kind is SourceKind.FEED:
        yield "none of its documents has a day"


def _language(candidates: Sequence[Candidate]) -> str | None:
    """What the titles are in, if they are long enough and it is one of ours."""
    titles = "\n".join(
        candidate.title for candidate in candidates[:_MOST_TITLES] if candidate.title
    )
    language = detect_language("", titles) if len(titles) >= _ENOUGH else None
    return language if language in LANGUAGES else None


class CheckJob(BaseModel):
    """The sources to be tried, how politely, and whether texts of feeds are wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...]
    crawl: CrawlSettings
    texts: bool = False
