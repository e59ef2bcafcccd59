"""From findings that come and go to alerts: one when a trouble begins, one when it is over, and
none in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.source_findings import Memory
from scheduler.views.words.phrases import Line, fault, in_english, kept, phrase, read
from storage.database.session import Database
from storage.errors import DatabaseError
from storage.maintenance.soundness import need_room
from storage.notifications import incidents
from storage.notifications.incidents import Incident
from storage.notifications.outbox import queue_notice
from storage.records import NewsKind
from storage.subscription import Subscription

# The operator is notified of a trouble that is still there after this time: most restarts and
# hiccups are over by then.
CONFIRM = timedelta(minutes=10)
# It is over if it was not seen for this time: what comes back sooner is the same trouble.
QUIET = timedelta(minutes=30)

# The name of the trouble that the incident book itself finds.
UNWRITABLE = "database:unwritable"


@dataclass(frozen=True, slots=True)
class NewsOfTroubles:
    """Names of troubles: those that began and those that are over, of which the operator is to be
    notified, and those that ended before anybody was notified.
    """

    begun: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


def decide(
    found: Sequence[Finding], known: Mapping[str, Incident], now: datetime
) -> NewsOfTroubles:
    """What the operator is to be notified of, given what is seen now and was seen before. Pure.

    A clock that was set back makes times of the past lie in the future; they count as long ago.
    """
    seen = {finding.name for finding in found}
    begun = [
        name
        for name in seen & known.keys()
        if known[name].notified_at is None and _is_long_ago(known[name].began_at, now, CONFIRM)
    ]
    gone = [
        incident
        for name, incident in known.items()
        if name not in seen and _is_long_ago(incident.seen_at, now, QUIET)
    ]
    over = [incident.name for incident in gone if incident.notified_at is not None]
    passed = [incident.name for incident in gone if incident.notified_at is None]
    return NewsOfTroubles(tuple(sorted(begun)), tuple(sorted(over)), tuple(sorted(passed)))


def _is_long_ago(at: datetime, now: datetime, limit: timedelta) -> bool:
    return not timedelta(0) <= now - at < limit


def after(
    found: Sequence[Finding], known: Mapping[str, Incident], news: NewsOfTroubles, now: datetime
) -> dict[str, Incident]:
    """What is known of troubles once the operator was notified. Pure."""
    gone = {*news.over, *news.passed}
    open_now = {name: incident for name, incident in known.items() if name not in gone}
    for finding in found:
        line = kept(finding.said)
        before = open_now.get(finding.name) or Incident(finding.name, line, now, now)
        notified_at = now if finding.name in news.begun else before.notified_at
        open_now[finding.name] = replace(before, line=line, seen_at=now, notified_at=notified_at)
    return open_now


class IncidentBook:
    """What is known of troubles: kept in the database, and in memory while that cannot be written.

    `unsent` holds the kept texts of lines that could not be queued because the
    database could not be written. Whoever sends them some other way calls `note_sent`. What could
    not be sent is queued once the database is back.
    """

    def __init__(self) -> None:
        self._known: dict[str, Incident] | None = None  # None before the first look
        self._is_ahead = False  # memory knows more than the database
        self.unsent: tuple[str, ...] = ()
        self.memory: Memory = {}

    def note_sent(self) -> None:
        """Note that the missed notifications have been sent."""
        self.unsent = ()

    def last_seen(self) -> list[Finding]:
        """What was wrong at the last look, for a look that cannot read the database."""
        known = (self._known or {}).values()
        return [Finding("problem", incident.name, read(incident.line)) for incident in known]

    def take_stock(
        self,
        database: Database,
        subscriptions: Sequence[Subscription],
        found: Sequence[Finding],
        now: datetime,
    ) -> list[str]:
        """Note what is wrong now, and queue a notice for each trouble that began or is over.

        Returns the lines of these notices, in English.
        """
        try:
            need_room(database)
            with database.begin() as s:
                known = (self._known or {}) if self._is_ahead else incidents.incidents(s)
                lines, open_now = _look(found, known, now)
                incidents.keep(s, open_now.values())  # even if there are none: this is our try
                for line in (*self.unsent, *map(kept, lines)):
                    queue_notice(s, subscriptions, NewsKind.SOURCE_HEALTH, line, now)
            self._is_ahead, self.unsent = False, ()
        except DatabaseError as error:
            why = phrase("unwritable", why=fault(error))
            unwritable = Finding("problem", UNWRITABLE, why)
            known = _stored(database) if self._known is None else self._known
            lines, open_now = _look([*found, unwritable], known, now)
            self._is_ahead = True
            self.unsent += tuple(map(kept, lines))
        self._known = open_now
        return list(map(in_english, lines))

    @property
    def unwritable(self) -> str | None:
        """Why the database could not be written at the last look; None if it could."""
        if not (self._known and self._is_ahead):
            return None
        return in_english(self._known[UNWRITABLE].line)


def _stored(database: Database) -> dict[str, Incident]:
    try:
        with database.read() as s:
            return incidents.incidents(s)
    except DatabaseError:
        return {}  # that the database cannot be read is a finding by itself


def _look(
    found: Sequence[Finding], known: Mapping[str, Incident], now: datetime
) -> tuple[list[Line], dict[str, Incident]]:
    """(lines for the operator, what is known afterwards)."""
    news = decide(found, known, now)
    lines = {finding.name: finding.said for finding in found}
    said = [lines[name] for name in news.begun]
    said += [phrase("over", trouble=read(known[name].line)) for name in news.over]
    return said, after(found, known, news, now)
