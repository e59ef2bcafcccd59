"""From findings that come and go to alerts: one when a trouble begins, one when it is over, none in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.findings import Finding
from storage import incidents
from storage.incidents import Incident
from storage.outbox import owe_notice
from storage.records import NewsKind, Subscription
from storage.session import Database

# A trouble is told when it is still there after this long: most restarts and hiccups are over by then.
CONFIRM = timedelta(minutes=10)
# And it is over when it was not seen for this long: what comes back before is the same trouble.
QUIET = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Decision:
    """Names of troubles whose beginning, and whose end, is to be told; and of those that passed without a word."""

    begun: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


def decide(found: Sequence[Finding], known: Mapping[str, Incident], now: datetime) -> Decision:
    """What to tell, from what is seen now and what was seen before. Pure."""
    seen = {finding.name for finding in found}
    begun = [
        name
        for name in seen & known.keys()
        if known[name].told_at is None and not timedelta(0) <= now - known[name].began_at < CONFIRM
    ]
    # A clock that went back makes times of the past lie ahead: they count as long ago.
    gone = [
        incident
        for name, incident in known.items()
        if name not in seen and not timedelta(0) <= now - incident.seen_at < QUIET
    ]
    return Decision(
        tuple(sorted(begun)),
        tuple(sorted(incident.name for incident in gone if incident.told_at is not None)),
        tuple(sorted(incident.name for incident in gone if incident.told_at is None)),
    )


def take_stock(
    database: Database, subscriptions: Sequence[Subscription], found: Sequence[Finding], now: datetime
) -> list[str]:
    """Note what is wrong now, and owe alerts of what began and what is over; their lines. One transaction."""
    with database.begin() as s:
        known = incidents.incidents(s)
        decision = decide(found, known, now)
        lines = {finding.name: finding.line for finding in found}
        told = [lines[name] for name in decision.begun]
        told += [f"over: {known[name].line}" for name in decision.over]
        for name, line in lines.items():
            incidents.see(s, name, line, now)
        incidents.tell(s, decision.begun, now)
        incidents.end(s, [*decision.over, *decision.passed])
        for line in told:
            owe_notice(s, subscriptions, NewsKind.SOURCE_HEALTH, line, now)
    return told
