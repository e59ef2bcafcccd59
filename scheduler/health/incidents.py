"""From findings that come and go to alerts: one when a trouble begins, one when it is over, none in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.health.findings import Finding
from storage.database.session import Database
from storage.errors import DatabaseError
from storage.telling import incidents
from storage.telling.incidents import Incident
from storage.telling.outbox import owe_notice
from storage.telling.records import NewsKind, Subscription

# A trouble is told when it is still there after this long: most restarts and hiccups are over by then.
CONFIRM = timedelta(minutes=10)
# And it is over when it was not seen for this long: what comes back before is the same trouble.
QUIET = timedelta(minutes=30)

# The name of the trouble that the ledger itself finds.
UNWRITABLE = "database:unwritable"


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


def after(
    found: Sequence[Finding], known: Mapping[str, Incident], decision: Decision, now: datetime
) -> dict[str, Incident]:
    """What is known once that was told. Pure."""
    gone = {*decision.over, *decision.passed}
    open_now = {name: incident for name, incident in known.items() if name not in gone}
    for finding in found:
        before = open_now.get(finding.name) or Incident(finding.name, finding.line, now, now)
        told_at = now if finding.name in decision.begun else before.told_at
        open_now[finding.name] = replace(before, line=finding.line, seen_at=now, told_at=told_at)
    return open_now


class Ledger:
    """What the watch knows of troubles: in the database, and in memory as long as that cannot be written.

    What is to be told while the database cannot be written stands in `untold`; whoever tells it says `told`. What
    nobody could tell until then is owed like all else once the database is back.
    """

    def __init__(self) -> None:
        self._known: dict[str, Incident] | None = None  # before the first look
        self._is_ahead = False  # memory knows more than the database
        self.untold: tuple[str, ...] = ()

    def told(self) -> None:
        """What was untold has been told."""
        self.untold = ()

    def last_seen(self) -> list[Finding]:
        """What was wrong at the last look, for one that could not look everywhere."""
        return [
            Finding("problem", incident.name, incident.line)
            for incident in (self._known or {}).values()
        ]

    def take_stock(
        self,
        database: Database,
        subscriptions: Sequence[Subscription],
        found: Sequence[Finding],
        now: datetime,
    ) -> list[str]:
        """Note what is wrong now, and what is to be told of what began and what is over; the lines of that."""
        try:
            with database.begin() as s:
                known = (self._known or {}) if self._is_ahead else incidents.incidents(s)
                lines, open_now = _look(found, known, now)
                if open_now or known:
                    incidents.keep(s, open_now.values())
                for line in (*self.untold, *lines):
                    owe_notice(s, subscriptions, NewsKind.SOURCE_HEALTH, line, now)
            self._is_ahead, self.untold = False, ()
        except DatabaseError as error:
            unwritable = Finding(
                "problem", UNWRITABLE, f"nothing can be written to the database: {error}"
            )
            known = _kept(database) if self._known is None else self._known
            lines, open_now = _look([*found, unwritable], known, now)
            self._is_ahead, self.untold = True, (*self.untold, *lines)
        self._known = open_now
        return lines

    @property
    def unwritable(self) -> str | None:
        """Why the database could not be written at the last look."""
        return self._known[UNWRITABLE].line if self._known and self._is_ahead else None


def _kept(database: Database) -> dict[str, Incident]:
    try:
        with database.read() as s:
            return incidents.incidents(s)
    except DatabaseError:
        return {}  # that it cannot be read is a finding by itself


def _look(
    found: Sequence[Finding], known: Mapping[str, Incident], now: datetime
) -> tuple[list[str], dict[str, Incident]]:
    decision = decide(found, known, now)
    lines = {finding.name: finding.line for finding in found}
    told = [lines[name] for name in decision.begun]
    told += [f"over: {known[name].line}" for name in decision.over]
    return told, after(found, known, decision, now)
