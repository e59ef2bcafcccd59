"""What one try of a source says about it, and what the process that tries sources is asked.

Pure: an offer goes in, a SourceCheck comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from crawler.extract.language import detect_language
from spiders.fetch.settings import CrawlSettings
from spiders.kinds.offer import Offer
from storage.languages import LANGUAGES
from storage.records import Candidate, Source, SourceKind
from storage.sources.checks import SourceCheck

# A ministry may be silent for weeks; two months without anything is worth a look.
OLD_AFTER = timedelta(days=60)
# The clocks of servers and the days of time zones are a day apart at most.
FUTURE_FROM = timedelta(days=2)
_TELLING = 200  # characters of titles; fewer do not tell the language for sure
_MOST_TITLES = 30


def offered(source: Source, offer: Offer, at: datetime) -> SourceCheck:
    """The check of a source that answered, with what it offered."""
    found, today = offer.candidates, at.date()
    language = _language(found)
    if offer.failed:
        return failed(source, offer.problem or "failed", at)
    newest = _newest(found, today)
    remarks = (
        offer.problem,
        *_remarks(source, found, newest, today),
        _other_language(source, language),
    )
    return SourceCheck(
        source.id,
        source.url,
        at,
        alive=True,
        items=len(found),
        newest_on=newest,
        language=language,
        problem="; ".join(remark for remark in remarks if remark) or None,
    )


def failed(source: Source, problem: str, at: datetime) -> SourceCheck:
    """The check of a source that gave nothing. The address is left out of what is told: it stands
    beside it.
    """
    told = problem.replace(f"{source.url}: ", "", 1)
    return SourceCheck(source.id, source.url, at, alive=False, problem=told)


def _newest(found: Sequence[Candidate], today: date) -> date | None:
    days = [one.published_on for one in found if one.published_on is not None]
    return max((day for day in days if day < today + FUTURE_FROM), default=None)


def _remarks(
    source: Source, found: Sequence[Candidate], newest: date | None, today: date
) -> Iterator[str]:
    """What is odd about documents that came all the same."""
    if not found:
        yield "offers nothing now"
        return
    days = [one.published_on for one in found if one.published_on is not None]
    if any(day >= today + FUTURE_FROM for day in days):
        yield f"has a document of {max(days)}, which is in the future"
    if newest is not None and today - newest > OLD_AFTER:
        yield f"its newest document is {(today - newest).days} days old"
    if not days and source.kind is SourceKind.FEED:
        yield "none of its documents has a day"


def _language(found: Sequence[Candidate]) -> str | None:
    """What the titles are in, if there is enough of them to tell and it is one of ours."""
    titles = "\n".join(one.title for one in found[:_MOST_TITLES] if one.title)
    told = detect_language("", titles) if len(titles) >= _TELLING else None
    return told if told in LANGUAGES else None


def _other_language(source: Source, language: str | None) -> str | None:
    if language is None or source.language is None or language == source.language:
        return None
    return f"its titles are in {language}, not {source.language}"


class CheckJob(BaseModel):
    """The sources to be tried, and how politely."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...]
    crawl: CrawlSettings
