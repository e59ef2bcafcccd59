"""What a source offers, whatever its kind."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from storage.addresses import canonical_url
from storage.languages import LANGUAGES
from storage.records import Candidate, Fetched
from storage.source import Source

MOST_ITEMS = 10_000  # that are read of one answer, so that those beyond `max_items` can be counted
# No tag holds another, so that a million "<" are passed in linear time.
TAG = re.compile(r"<[^<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Offer:
    """What was read from one answer of a source.

    `candidates` are documents, in the order of the source, of a sitemap the newest first. `more`
    are addresses to read next, such as the parts of a sitemap, and `changed_at` says of some of
    them by when they had changed. `left_out` counts documents that there was no room for.
    `cut` counts those beyond the `max_items` of the source. `following` is where the list goes on,
    read only while its pages bring something new.
    `problem` is "reason: sentence" if something is wrong; without candidates beside it, the source
    has failed.
    """

    candidates: tuple[Candidate, ...] = ()
    more: tuple[str, ...] = ()
    problem: str | None = None
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
    left_out: int = 0
    cut: int = 0
    following: str | None = None

    @property
    def failed(self) -> bool:
        return self.problem is not None and not self.candidates and not self.more


MAX_PAGES = 5  # pages of a list that are read at one look, while they bring something new


def _no_choice(_: Source) -> str:
    return ""


class Kind(NamedTuple):
    """What a kind of source on the web declares. `read` is pure, and is run in a worker."""

    read: Callable[[Fetched, Source], Offer]
    first_address: Callable[[Source], str] = attrgetter("url")
    size: int = 1  # how many times the bytes of a page an answer may have
    deepest: int = MAX_PAGES - 1  # how many answers may lead from one to the next
    is_index: bool = False  # its parts are read over several looks, and the newest documents first
    is_watched: bool = False  # it is itself the document, and goes by no frontier
    is_page: bool = False  # a browser can open it
    # The settings that choose its documents: after a change of these all of it is read again.
    chosen_by: Callable[[Source], str] = _no_choice
    end_status: int | None = None  # by which a server says that the page before was the last


def tidy(candidates: Iterable[Candidate], base: str, max_items: int) -> tuple[Candidate, ...]:
    """The first `max_items` candidates in their order, each once, with canonical addresses."""
    by_url: dict[str, Candidate] = {}
    for candidate in candidates:
        if (url := canonical_url(candidate.url, base)) is not None and url not in by_url:
            by_url[url] = candidate if url == candidate.url else replace(candidate, url=url)
            if len(by_url) == max_items:
                break
    return tuple(by_url.values())


def first_of(candidates: Iterable[Candidate], base: str, source: Source) -> Offer:
    """The first candidates, as many as the source takes; the others are counted."""
    every, most = tidy(candidates, base, MOST_ITEMS), source.max_items
    return Offer(every[:most], cut=max(0, len(every) - most))


MOST_NAMED = 3  # items in a line


def and_left_out(problem: str | None, names: Sequence[str], every: int) -> str | None:
    """Add to a problem, if any, which of `every` items cannot be read."""
    if not names:
        return problem
    named = ", ".join(name[:200] for name in names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    line = f"{len(names):,} of {every:,} items cannot be read: {named}{more}"
    return f"left_out: {line}" if problem is None else f"{problem}; {line}"


def plain(text: str | None) -> str | None:
    """A headline without tags, entities and line breaks; None if nothing is left."""
    if not text:
        return None
    return " ".join(html.unescape(TAG.sub(" ", text)).split()) or None


# Characters of the summary of each document that waits: they show whether its text was found, and
# a full feed would fill the database.
MOST_SUMMARY = 300
# What WordPress puts below a summary, and what stands in place of the rest of it.
_BELOW = re.compile(r"\s*The post .{1,400} (?:appeared first|first appeared) on .*$")
_REST = re.compile(r"(?:\s*(?:\[?(?:\.\.\.|…)\]?|(?:read more|continue reading).{0,40}))+$", re.I)


def summary(text: object) -> str | None:
    """The beginning of a description, cut at the end of a word; None if there is none."""
    shortened = plain(text[: 20 * MOST_SUMMARY]) if isinstance(text, str) else None
    shortened = _REST.sub("", _BELOW.sub("", shortened or ""))
    if len(shortened) > MOST_SUMMARY:
        shortened = shortened[:MOST_SUMMARY].rpartition(" ")[0] or shortened[:MOST_SUMMARY]
    return shortened or None


def known_language(code: str | None) -> str | None:
    """One of LANGUAGES, from a code such as "pt-BR"; None for other languages."""
    short = (code or "").strip().lower()[:2]
    return short if short in LANGUAGES else None


def iso_date(text: str | None) -> date | None:
    """The day of a W3C date or time (2026-11-24); None for anything else, such as "2026-11"."""
    try:
        return datetime.fromisoformat((text or "").strip()[:10]).date()
    except ValueError:
        return None


# A day without a time may be the reader's or the site's: somewhere it ends half a day after UTC.
_END_OF_DAY = timedelta(hours=36)


def latest_moment(text: str | None) -> datetime | None:
    """The moment of a W3C date or time, in UTC; None for anything else. A date without a time
    stands for the moment when that day has ended everywhere on earth.
    """
    try:
        when = datetime.fromisoformat((text or "").strip())
        if len((text or "").strip()) <= len("2026-11-24"):
            when += _END_OF_DAY
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
