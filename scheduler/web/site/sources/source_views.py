"""Sources as the page shows them: how each is doing, and what it has brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor, sqrt
from statistics import fmean, pstdev
from typing import TypeVar

from scheduler.schedule.liveness import is_alive
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import line, web_address
from scheduler.views.words.phrases import reason_in_words
from scheduler.web.site.addresses import error_without_secrets, without_secrets
from storage.coverage import Volume
from storage.documents.set_aside import SetAsideDocument
from storage.records import Source
from storage.sources.states import SourceState

_LONGEST_ERROR = 200
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source. `state` is alive, silent, never (looked at) or disabled.

    `trouble` is its last error, or what has changed in it, "" if all is well; `since` is the day of
    its last answer, "" if it never answered.
    """

    id: str
    name: str
    url: str | None
    kind: str
    country: str
    language: str
    state: str
    last_look: str
    since: str
    offered: int
    new: int
    failures: int
    trouble: str
    days: Sparkline

    @property
    def rank(self) -> tuple[int, str]:
        """Silent sources come first, those that are switched off last."""
        order = ("silent", "never", "alive", "disabled")
        return order.index(self.state), self.name.casefold()


@dataclass(frozen=True, slots=True)
class SetAsideView:
    """A document that our own code could not store."""

    url: str
    source: str
    day: str
    fault: str


@dataclass(frozen=True, slots=True)
class Sums:
    """What came of a day, a source, a country or all of them."""

    polls: int = 0
    failed: int = 0
    new: int = 0
    judged: int = 0
    matched: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.polls + other.polls,
            self.failed + other.failed,
            self.new + other.new,
            self.judged + other.judged,
            self.matched + other.matched,
        )


def since_days(now: datetime, days: int) -> datetime:
    """The beginning of the first of the last `days` days, today included."""
    return (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)


def source_views(
    sources: Iterable[Source],
    states: Mapping[str, SourceState],
    found: Iterable[Volume],
    now: datetime,
    words: Labels,
    *,
    may_see: bool,
    failing_polls: int,
    changes: Mapping[str, Sequence[str]] | None = None,
) -> list[SourceView]:
    """All sources, those in trouble first. `found`: the volumes of the last weeks. `may_see`:
    whether addresses and errors are shown with what may be secret in them. `changes`: what has
    changed in sources that answer.
    """
    said = changes or {}
    by_source: dict[str, list[Volume]] = {}
    for one in found:
        by_source.setdefault(one.source_id, []).append(one)
    views = [
        _view(
            source,
            states.get(source.id) or SourceState(source.id),
            by_source.get(source.id, []),
            now,
            words,
            may_see,
            failing_polls,
            said.get(source.id, ()),
        )
        for source in sources
    ]
    return sorted(views, key=lambda view: view.rank)


def set_aside_views(
    documents: Iterable[SetAsideDocument],
    sources: Iterable[Source],
    words: Labels,
    *,
    may_see: bool,
) -> list[SetAsideView]:
    """Documents that are set aside, with why. `may_see`: as for `source_views`."""
    names = {source.id: source.name for source in sources}

    def without_keys(text: str, url: str) -> str:
        return text if may_see else error_without_secrets(text, url)

    return [
        SetAsideView(
            one.url if may_see else without_secrets(one.url),
            names.get(one.source_id) or one.source_id,
            words.day(one.at.date()),
            line(without_keys(one.fault, one.url), _LONGEST_ERROR),
        )
        for one in documents
    ]


def _view(
    source: Source,
    known: SourceState,
    days: Sequence[Volume],
    now: datetime,
    words: Labels,
    may_see: bool,
    failing_polls: int,
    changes: Sequence[str],
) -> SourceView:
    url, trouble = source.url, reason_in_words(known.last_error or "", words.language)
    if not known.failures:
        trouble = changes[0] if changes else ""
    if not may_see:
        url, trouble = without_secrets(url), error_without_secrets(trouble, url)
    stored, polled = {one.on: one.judged for one in days}, {one.on: one.polls for one in days}
    return SourceView(
        id=source.id,
        name=source.name or source.id,
        url=web_address(url),
        kind=source.kind,
        country=words.party(source.country.upper()) if source.country else "",
        language=words.language_name(source.language) if source.language else "",
        state=_state(source, known, now, failing_polls),
        last_look=words.day(known.last_poll_at.date()) if known.last_poll_at else "",
        since=words.day(known.last_success_at.date()) if known.last_success_at else "",
        offered=known.last_offered,
        new=known.last_new,
        failures=known.failures,
        trouble=line(trouble, _LONGEST_ERROR),
        days=sparkline(stored, polled, now.date(), words.direction),
    )


def _state(source: Source, state: SourceState | None, now: datetime, failing_polls: int) -> str:
    if not source.enabled:
        return "disabled"
    if state is None or state.last_poll_at is None:
        return "never"
    return "alive" if is_alive(source, state, now, failing_polls) else "silent"


def by_source(found: Iterable[Volume]) -> dict[str, Sums]:
    return _summed((one.source_id, one) for one in found)


def by_day(found: Iterable[Volume]) -> dict[date, Sums]:
    return _summed((one.on, one) for one in found)


def _summed(found: Iterable[tuple[K, Volume]]) -> dict[K, Sums]:
    sums: dict[K, Sums] = {}
    for key, one in found:
        sums[key] = sums.get(key, Sums()) + _sums(one)
    return sums


def _sums(one: Volume) -> Sums:
    return Sums(one.polls, one.failed, one.new, one.judged, one.matched)


# --- a source's volume as small bars --------------------------------------------------------------

DAYS = 28
HEIGHT, BAR = 24, 4
_LEAST = 2  # so that a day with one document is seen beside one with hundreds
_LEAST_DAYS = 6  # of a kind (working days, weekends), before anything is usual
_WIDTHS = 2  # deviations on either side of the mean: 19 days of 20


@dataclass(frozen=True, slots=True)
class DayBar:
    """`kind`: "some" documents came, "none" came, or the source was "unseen" on that day."""

    x: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Usual:
    """How many documents most days of a kind bring."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Strip:
    """The part of the band behind one day; `y` is its upper end."""

    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`usual` is that of working days, None where too few were seen."""

    width: int
    bars: Sequence[DayBar]
    total: int
    most: int
    band: Sequence[Strip] = ()
    usual: Usual | None = None


def sparkline(
    stored: Mapping[date, int], polled: Mapping[date, int], today: date, direction: str
) -> Sparkline:
    """The last DAYS days; today stands where the reader's line ends."""
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    counts = [stored.get(day, 0) for day in days]
    seen = [day for day in days[:-1] if polled.get(day) or stored.get(day)]  # today is not over
    usual = {
        rests: usual_of([stored.get(day, 0) for day in seen if _rests(day) is rests])
        for rests in (False, True)
    }
    highest = max([*counts, *(one.high for one in usual.values() if one)])
    bars = [
        DayBar(
            BAR * place,
            _height(n, highest),
            "some" if n else "none" if polled.get(day) else "unseen",
        )
        for place, (day, n) in enumerate(zip(days, counts, strict=True))
    ]
    band = [
        _strip(BAR * place, one, highest)
        for place, day in enumerate(days)
        if (one := usual[_rests(day)]) is not None and highest
    ]
    if direction == "rtl":
        last = BAR * (DAYS - 1)
        bars = [DayBar(last - bar.x, bar.height, bar.kind) for bar in bars]
        band = [Strip(last - one.x, one.y, one.height) for one in band]
    return Sparkline(
        width=BAR * DAYS,
        bars=bars,
        total=sum(counts),
        most=max(counts),
        band=band,
        usual=usual[False],
    )


def usual_of(counts: Sequence[int]) -> Usual | None:
    """The band of 19 days of 20, by the mean of these days and how much they vary; chance alone
    makes a count vary by its root. None where they are too few.
    """
    if len(counts) < _LEAST_DAYS:
        return None
    mean = fmean(counts)
    width = _WIDTHS * max(sqrt(mean), pstdev(counts, mean))
    return Usual(max(0, floor(mean - width)), ceil(mean + width))


def _rests(day: date) -> bool:
    return day.weekday() >= 5


def _strip(x: int, usual: Usual, highest: int) -> Strip:
    top = round(HEIGHT * usual.high / highest)
    bottom = round(HEIGHT * usual.low / highest)
    return Strip(x, HEIGHT - top, max(1, top - bottom))


def _height(n: int, most: int) -> int:
    return max(_LEAST, round(HEIGHT * n / most)) if n else 1
