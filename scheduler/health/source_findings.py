"""Sources in trouble: those that do not answer, and those that bring something else than before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from scheduler.health.anomalies import KNOWN_DAYS, LEDGER_DAYS, anomalies, shares_by_day
from scheduler.health.anomaly_words import PROBLEMS, anomaly_line
from scheduler.health.findings import Finding, Level, at_minute
from scheduler.health.usual.bands import LEAST_HISTORY, Feasts
from scheduler.health.usual.feasts import feasts
from scheduler.health.usual.habits import emptied, silent_since
from scheduler.schedule.liveness import FAILURES_TO_DEATH
from scheduler.words.phrases import ENGLISH, Line, Phrase, in_words, phrase, read, reason
from storage.database.session import Session
from storage.records import Source
from storage.sources.ledger import Moment, Tally, moment_of, tallies
from storage.sources.polls import POLLS_KEPT, last_polls
from storage.sources.states import SourceState, source_states
from storage.telling.incidents import incidents

# Answers that are meant for us in particular: forbidden, unavailable for legal reasons, too many
# requests.
_REFUSALS = ("403", "401", "451", "429", "challenge")


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """What was found of a source, from what (`stamp`), and what it brought on each day, as a share
    of the usual.
    """

    stamp: object
    shares: Mapping[int, float]
    found: Sequence[Finding] = ()


Counted = Mapping[str, Mapping[Moment, Tally]]
# From the session, the first day, and the sources (None: all).
ReadLedger = Callable[[Session, date, Collection[str] | None], Counted]
# By source. The daemon asks each minute, when few sources were looked at since.
Memory = dict[str, SourceSeen]


def source_findings(
    s: Session,
    enabled: Sequence[Source],
    now: datetime,
    memory: Memory | None = None,
    read: ReadLedger = tallies,
) -> Iterator[Finding]:
    """Sources that do not answer, or that bring something else than before; hosts that refuse us.

    `memory` saves the work for sources that were not looked at since it was filled. A replay may
    `read` from a ledger of its own.
    """
    states = source_states(s)
    refusing = _refusing_hosts(enabled, states)
    for host, names in refusing.items():
        said = phrase("host_refuses", host=host, sources=", ".join(names))
        yield Finding("problem", f"host:{host}:refuses", said)
    refused = {name for names in refusing.values() for name in names}
    known = _open_changes(s)
    remembered: Memory = {} if memory is None else memory
    looked_at = [(one, states[one.id]) for one in enabled if one.id in states]
    stamps = {
        source.id: (state.last_poll_at, moment_of(now), known.get(source.id))
        for source, state in looked_at
    }
    fresh = [
        name
        for name, stamp in stamps.items()
        if name not in remembered or remembered[name].stamp != stamp
    ]
    since = now.date() - timedelta(days=KNOWN_DAYS if known else LEDGER_DAYS)
    counted = read(s, since, fresh if len(fresh) < len(stamps) else None)
    for name in fresh:
        remembered[name] = SourceSeen(stamps[name], shares_by_day(counted.get(name, {}), now))
    quiet = _feasts(enabled, remembered)
    for source, state in looked_at:
        if source.id in refused:
            continue
        if state.failures >= FAILURES_TO_DEATH:
            yield Finding("problem", f"source:{source.id}:fails", _fails(source, state))
            continue
        yield from _moved(source, state)
        if source.id in fresh:
            of_source, begun = counted.get(source.id, {}), known.get(source.id, {})
            found = tuple(_changes(s, source, of_source, begun, quiet[_country(source)], now))
            remembered[source.id] = replace(remembered[source.id], found=found)
        yield from remembered[source.id].found


def _country(source: Source) -> str:
    """Whose feasts a source has: of its country, or where that is not known of its language."""
    return source.country or source.language or ""


def _feasts(enabled: Iterable[Source], remembered: Memory) -> dict[str, Feasts]:
    """The feasts of each country, as its sources show them together."""
    shares: dict[str, list[Mapping[int, float]]] = defaultdict(list)
    for source in enabled:
        if source.id in remembered:
            shares[_country(source)].append(remembered[source.id].shares)
    return {country: feasts(of_sources) for country, of_sources in shares.items()}


def _open_changes(s: Session) -> dict[str, dict[str, datetime]]:
    """When each change began that was found at the last look, by source and name."""
    found: dict[str, dict[str, datetime]] = {}
    for name, incident in incidents(s).items():
        kind, _, rest = name.partition(":")
        source_id, _, change = rest.partition(":")
        if kind == "source":
            found.setdefault(source_id, {})[change] = incident.began_at
    return found


def changes_of_sources(s: Session, language: str = ENGLISH) -> dict[str, list[str]]:
    """What the last look for trouble found of each source, beside failures, without its name."""
    found: dict[str, list[str]] = {}
    for name, incident in incidents(s).items():
        kind, _, rest = name.partition(":")
        source_id, _, change = rest.partition(":")
        if kind == "source" and change != "fails":
            line = _without_name(read(incident.line), source_id)
            found.setdefault(source_id, []).append(in_words(line, language))
    return found


def _without_name(line: Line, source_id: str) -> Line:
    if isinstance(line, str):  # as older versions kept it
        return line.removeprefix(f"the source {source_id}").lstrip(": ")
    what = line.values.get("what")
    return what if isinstance(what, Phrase) else line


def _changes(
    s: Session,
    source: Source,
    counted: Mapping[Moment, Tally],
    known: Mapping[str, datetime],
    quiet: Feasts,
    now: datetime,
) -> Iterator[Finding]:
    """What the ledger shows; of a source that is not in it for long yet, what its polls show."""
    days = {on for on, _ in counted}
    if not days or (now.date() - min(days)).days * 4 < LEAST_HISTORY:
        yield from _habit_findings(s, source, now)
        return
    for change in anomalies(counted, now, known, quiet):
        level: Level = "problem" if change.name in PROBLEMS else "warning"
        name = f"source:{source.id}:{change.name}"
        yield Finding(level, name, anomaly_line(source, change))


def _moved(source: Source, state: SourceState) -> Iterator[Finding]:
    """A permanent redirect, which is followed; one to the home page loses the source."""
    moved_to = state.moved(source.url)
    if moved_to is None:
        return
    is_home = not urlsplit(moved_to).path.strip("/") and urlsplit(source.url).path.strip("/")
    what = phrase("moved_home" if is_home else "moved", address=moved_to)
    yield Finding("warning", f"source:{source.id}:moved", _does(source, what))


def _does(source: Source, what: Phrase) -> Phrase:
    return phrase("source_does", source=source.id, what=what)


def _fails(source: Source, state: SourceState) -> Phrase:
    error, last_at = state.last_error or "", state.last_success_at
    remedy = _REMEDIES.get(error.partition(":")[0], "remedy_check")
    home = "/".join(source.url.split("/")[:3])
    values = {
        "why": reason(error) if error else phrase("no_reason"),
        "remedy": phrase(remedy, source=source.id, home=home),
    }
    if last_at is None:
        return _does(source, phrase("never_worked", **values))
    return _does(source, phrase("fails", at=at_minute(last_at), **values))


# What to do where a new attempt will not help.
_REMEDIES = {
    **dict.fromkeys(("html", "not_a_feed", "no_items", "empty"), "remedy_find"),
    **dict.fromkeys(("http_404", "http_410", "soft_404"), "remedy_find"),
    **dict.fromkeys(("login", "http_401"), "remedy_login"),
    "parked": "remedy_parked",
    "suspended": "remedy_suspended",
    "dns": "remedy_dns",
    "robots": "remedy_robots",
}


def _habit_findings(s: Session, source: Source, now: datetime) -> Iterator[Finding]:
    polls = last_polls(s, source.id, POLLS_KEPT)
    if emptied(polls):
        what = phrase("offers_nothing", address=source.url)
        yield Finding("problem", f"source:{source.id}:empty", _does(source, what))
        return
    silent = silent_since(polls, now)
    if silent is not None:
        what = phrase("nothing_new", at=at_minute(silent))
        yield Finding("warning", f"source:{source.id}:silent", _does(source, what))


def _refusing_hosts(
    enabled: Iterable[Source], states: Mapping[str, SourceState]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for source in enabled:
        state = states.get(source.id)
        if state is None or state.failures < FAILURES_TO_DEATH or state.last_error is None:
            continue
        name = state.last_error.partition(":")[0]
        if any(code in name for code in _REFUSALS) or name == "paused":
            found[urlsplit(source.url).hostname or source.url].append(source.id)
    return found
