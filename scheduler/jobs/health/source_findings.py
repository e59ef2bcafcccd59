"""Sources in trouble: those that fail, fell silent, offer nothing any more, or whose dates stopped.

Each source is compared with its own last three months. The numbers of the rules stand in the
configuration, under `monitor`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from scheduler.configuration.sections import MonitorSettings
from scheduler.jobs.health.findings import Finding, at_minute, problem
from scheduler.views.words.messages import N_
from scheduler.views.words.phrases import ENGLISH, in_words
from storage.database.session import Session
from storage.notifications.incidents import incidents
from storage.phrases import Phrase, day, reason
from storage.source import Source
from storage.sources.ledger import Moment, Tally, tallies
from storage.sources.states import source_states
from storage.sources.tables import SourceState

_HISTORY = timedelta(days=90)
# With fewer arrivals, or fewer looks that offered something, nothing is usual yet.
_LEAST_HISTORY = 10
# Nine of ten gaps between arrivals are no longer than the usual one: a weekend's is longer.
_USUAL = 0.9
_SHORTEST_GAP = timedelta(days=1)
_EMPTY_LOOKS = 3  # a page that is being rebuilt offers nothing once
_CURRENT = timedelta(days=3)  # a feed that is kept up names a document of the last days
# Answers that are meant for us in particular: forbidden, unavailable for legal reasons, too many
# requests.
_REFUSALS = ("403", "401", "451", "429", "challenge")


# What a source usually does, by its ledger: (the usual time between arrivals, None where too little
# came to say so; when something new came last; whether it offers nothing any more; the day of the
# newest document that it offered, if its dates stopped).
SourceHabit = tuple[timedelta | None, datetime | None, bool, date | None]
# By source, with the last poll. The daemon looks each minute, when few were polled since.
Memory = dict[str, tuple[datetime | None, SourceHabit]]


def source_findings(
    s: Session,
    enabled: Sequence[Source],
    now: datetime,
    settings: MonitorSettings,
    memory: Memory | None = None,
) -> Iterator[Finding]:
    """Yield what is wrong with sources, and hosts that refuse us. `memory` saves the work for
    sources that were not looked at since it was filled.
    """
    states = source_states(s)
    failing = settings.failing_polls
    refusing = _refusing_hosts(enabled, states, failing)
    for host, names in refusing.items():
        yield problem(
            f"host:{host}:refuses",
            "the host {host} refuses us ({sources}); ask its owners, or poll less often",
            host=host,
            sources=", ".join(names),
        )
    refused = {name for names in refusing.values() for name in names}
    memory = {} if memory is None else memory
    _bring_up_to_date(memory, s, states, now, settings)
    for source in enabled:
        state = states.get(source.id)
        if state is None or source.id in refused:
            continue
        if state.failures >= failing:
            yield Finding("problem", f"source:{source.id}:fails", _fails(source, state))
            continue
        yield from _moved(source, state)
        yield from _unusual(source, memory[source.id][1], now, settings)


def changes_of_sources(s: Session, language: str = ENGLISH) -> dict[str, list[str]]:
    """The findings about each source at the last look, other than failures, without its name."""
    changes: dict[str, list[str]] = {}
    for name, incident in incidents(s).items():
        kind, _, rest = name.partition(":")
        source_id, _, change = rest.partition(":")
        if kind == "source" and change != "fails":
            line = incident.line
            what = line.values.get("what") if isinstance(line, Phrase) else None
            sentence = in_words(what or line, language)
            changes.setdefault(source_id, []).append(sentence)
    return changes


def _bring_up_to_date(
    memory: Memory,
    s: Session,
    states: Mapping[str, SourceState],
    now: datetime,
    settings: MonitorSettings,
) -> None:
    changed = [
        name
        for name, state in states.items()
        if name not in memory or memory[name][0] != state.last_poll_at
    ]
    if changed:
        names = changed if len(changed) < len(states) else None
        counted = tallies(s, (now - _HISTORY).date(), names)
        for name in changed:
            habit = _habit_of(counted.get(name, {}), now, settings)
            memory[name] = (states[name].last_poll_at, habit)


def _habit_of(
    counted: Mapping[Moment, Tally], now: datetime, settings: MonitorSettings
) -> SourceHabit:
    # the beginnings of quarters of a day
    arrivals = [
        datetime.combine(moment[0], time(hour=6 * moment[1]), UTC)
        for moment, tally in counted.items()
        if tally.new
    ]
    gaps = sorted(later - earlier for earlier, later in pairwise(arrivals))
    usual = gaps[int(_USUAL * len(gaps))] if len(gaps) >= _LEAST_HISTORY else None
    newest_on = _stopped_on(counted, now, timedelta(days=settings.stale_days))
    return usual, arrivals[-1] if arrivals else None, _is_emptied(counted), newest_on


def _is_emptied(counted: Mapping[Moment, Tally]) -> bool:
    """Whether it offered documents at most looks and offers none now, as a "not found" with 200."""
    answered = [tally for tally in counted.values() if tally.answered]
    offering = [place for place, tally in enumerate(answered) if tally.offered]
    if len(offering) < _LEAST_HISTORY:
        return False
    empty = sum(tally.answered for tally in answered[offering[-1] + 1 :])
    return empty >= _EMPTY_LOOKS and 2 * len(offering) > offering[-1]


def _stopped_on(counted: Mapping[Moment, Tally], now: datetime, most: timedelta) -> date | None:
    """The newest document's day, if older than `most` though new addresses came since."""
    dated = [(moment[0], tally) for moment, tally in counted.items() if tally.newest_on]
    newest = max((tally.newest_on for _, tally in dated if tally.newest_on), default=None)
    if newest is None or now.date() - newest <= most:
        return None
    was_current = any(tally.newest_on and on - tally.newest_on <= _CURRENT for on, tally in dated)
    goes_on = any(tally.new and moment[0] - newest > most for moment, tally in counted.items())
    return newest if was_current and goes_on else None


def _unusual(
    source: Source, habit: SourceHabit, now: datetime, settings: MonitorSettings
) -> Iterator[Finding]:
    gap, last_new_at, is_emptied, newest_on = habit
    if is_emptied:
        what = Phrase(
            "answers, but offers nothing any more; has its page moved? {address}",
            address=source.url,
        )
        yield Finding("problem", f"source:{source.id}:empty", _does(source, what))
        return
    if newest_on is not None:
        what = Phrase(
            "has new addresses, but its newest document is of {day}; find what took its"
            " place: accordwatch sources add {home}",
            day=day(newest_on),
            home=_home(source),
        )
        yield Finding("problem", f"source:{source.id}:old", _does(source, what))
    if gap is None or last_new_at is None:
        return
    silent_for = now - last_new_at
    if silent_for > settings.silent_gaps * max(gap, _SHORTEST_GAP):
        times = round(silent_for / gap)
        what = Phrase(
            "has had nothing new since {at}, {times} times as long as usual",
            at=at_minute(last_new_at),
            times=times,
        )
        yield Finding("warning", f"source:{source.id}:silent", _does(source, what))


def _moved(source: Source, state: SourceState) -> Iterator[Finding]:
    """A permanent redirect, which is followed; one to the home page loses the source."""
    moved_to = state.moved(source.url)
    if moved_to is None:
        return
    is_home = not urlsplit(moved_to).path.strip("/") and urlsplit(source.url).path.strip("/")
    what = Phrase("answers at {address} now; change its url", address=moved_to)
    if is_home:
        form = (
            "leads to the home page now, {address}; find what took its place: "
            "accordwatch sources add {address}"
        )
        what = Phrase(form, address=moved_to)
    yield Finding("warning", f"source:{source.id}:moved", _does(source, what))


def _does(source: Source, what: Phrase) -> Phrase:
    return Phrase("the source {source} {what}", source=source.id, what=what)


def _fails(source: Source, state: SourceState) -> Phrase:
    error, last_at = state.last_error or "", state.last_success_at
    remedy = _REMEDIES.get(error.partition(":")[0], _CHECK).text
    values = {
        "why": reason(error) if error else Phrase("no reason was recorded"),
        "remedy": Phrase(remedy, source=source.id, home=_home(source)),
    }
    if last_at is None:
        return _does(source, Phrase("fails and never worked: {why} ({remedy})", **values))
    form = "fails since {at}: {why} ({remedy})"
    return _does(source, Phrase(form, at=at_minute(last_at), **values))


def _home(source: Source) -> str:
    return "/".join(source.url.split("/")[:3])


_CHECK = N_("try: accordwatch sources check {source}")
_FIND = N_("find what took its place: accordwatch sources add {home}")
_REPLACE = N_("it requires a password now; replace it by another source")
# What to do where a new attempt will not help.
_REMEDIES = {
    **dict.fromkeys(("html", "not_a_feed", "no_items", "empty"), _FIND),
    **dict.fromkeys(("http_404", "http_410", "soft_404"), _FIND),
    **dict.fromkeys(("login", "http_401"), _REPLACE),
    "parked": N_(
        "its domain is for sale; find its new address, or: accordwatch sources remove {source}"
    ),
    "suspended": N_(
        "its host has shut it down; to see when it is back: accordwatch sources check {source}"
    ),
    "dns": N_("its name is gone, or this machine's network; find its new address"),
    "robots": N_(
        "its robots.txt forbids it now; ask its owners, or: accordwatch sources remove {source}"
    ),
}


def _refusing_hosts(
    enabled: Iterable[Source], states: Mapping[str, SourceState], failing_polls: int
) -> dict[str, list[str]]:
    by_host: dict[str, list[str]] = defaultdict(list)
    for source in enabled:
        state = states.get(source.id)
        if state is None or state.failures < failing_polls or state.last_error is None:
            continue
        name = state.last_error.partition(":")[0]
        if any(code in name for code in _REFUSALS) or name == "paused":
            by_host[urlsplit(source.url).hostname or source.url].append(source.id)
    return by_host
