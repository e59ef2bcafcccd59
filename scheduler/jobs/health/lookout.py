"""One look for trouble: what is wrong is noted and told. The daemon looks each minute, `run` at its
end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.configuration.config import Configuration
from scheduler.jobs.health.findings import Finding
from scheduler.jobs.health.incidents import IncidentBook
from scheduler.jobs.health.report import disk_troubles, troubles
from scheduler.notify.directly import tell_directly
from scheduler.notify.recipients import subscriptions_of
from scheduler.views.words.phrases import fault, phrase
from storage.database.session import Database
from storage.errors import DatabaseError


@dataclass(frozen=True, slots=True)
class LookOutcome:
    """A line for each trouble that began or is over, and for each operator who could not be told
    directly while nothing could be written.
    """

    lines: tuple[str, ...]
    undelivered: tuple[str, ...] = ()


def look_around(
    database: Database,
    chosen: Configuration,
    book: IncidentBook,
    own: Iterable[Finding],
    now: datetime,
) -> LookOutcome:
    """Note what is wrong, with the caller's `own` findings, and owe the operator what is news.

    If nothing can be written, the operator's channels are told directly.
    """
    found = [*_troubles(database, chosen, book, now), *own]
    lines = tuple(book.take_stock(database, subscriptions_of(chosen), found, now))
    if not book.untold:
        return LookOutcome(lines)
    direct = tell_directly(chosen, book.untold, now)
    if direct.accepted or not direct.problems:
        book.told()
    return LookOutcome(lines, direct.problems)


def _troubles(
    database: Database, chosen: Configuration, book: IncidentBook, now: datetime
) -> list[Finding]:
    try:
        return troubles(database, chosen, now, book.memory)
    except DatabaseError as error:
        why = phrase("unreadable", why=fault(error))
        unreadable = Finding("problem", "database:unreadable", why)
        return [*book.last_seen(), unreadable, *disk_troubles(database, chosen)]
