"""Taking in all that another installation knows.

What stood here stays: no document is stored twice, a decision that contradicts one of ours is kept
without effect, and what the other one told counts as told. Everything is idempotent, so that an
import that was killed is given again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from crawler.judgement.judge import Rules, load_rules
from scheduler.configuration.affordable import false_alarm_rate
from scheduler.configuration.config import Configuration
from scheduler.installation import reading
from scheduler.installation.archive import (
    AGREEMENTS,
    DECIDED,
    DECISIONS,
    LISTED,
    OTHERS,
    TOLD,
    InstallationFile,
)
from scheduler.installation.deciding import Deciding, Fate
from scheduler.installation.documents import Intake, Taken
from scheduler.installation.listing import ListsTaken
from scheduler.jobs import settle
from scheduler.lists.known import keep_known
from scheduler.locks import alone
from storage import queries
from storage.database.session import Database
from storage.errors import ConfigurationError
from storage.register.records import Decision
from storage.telling.arrivals import note_held_back

# Lines in a transaction; fewer than an import of documents has (`scheduler.importing`), since each
# may bring up to 100 earlier texts, all of which are in memory.
_BATCH = 200
_SAY_EVERY = 5_000  # documents; some seconds apart

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counterpart:
    """An agreement of the file, and those here that hold its documents, that with most of them
    first.
    """

    there: str
    title: str
    here: tuple[str, ...]


@dataclass(slots=True)
class MergedInstallation:
    """What an import did. `owed` has a line for each agreement that is news to a subscription."""

    documents: Taken = field(default_factory=Taken)
    fates: list[Fate] = field(default_factory=list)
    lists: ListsTaken = field(default_factory=ListsTaken)
    counterparts: list[Counterpart] = field(default_factory=list)
    owed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def merge_installation(
    database: Database,
    chosen: Configuration,
    file: InstallationFile,
    now: datetime,
    tell: Callable[[int, int], None] = lambda _, __: None,
    *,
    alerts: bool = True,
) -> MergedInstallation:
    """Take in a file. With `alerts`, what is fresh and was told on neither side is owed.

    `tell` hears now and then how many documents of how many were taken in. Raises BusyError if a
    daemon or a run works on the database: it would tell what a later line of the file says was
    told.
    """
    with alone(database):
        keep_known(database, chosen.settings.known_agreements, now)
        settle(database, chosen, now)  # subscriptions begin before the documents come in
        rate = false_alarm_rate(database, chosen, now)
        rules = load_rules(chosen.settings.rules.packs, chosen.rule_files, false_alarms=rate)
        merging = _Merging(database, file, rules, now, tell)
        merging.take_documents(TOLD)
        merging.take_documents(DECIDED)
        merging.take_lists()
        merging.take_decisions()
        merging.take_documents(OTHERS)
        merging.find_counterparts()
        oldest = now.date() - timedelta(days=chosen.settings.alerts.max_age_days)
        merging.let_arrive(oldest if alerts else date.max)
        merging.done.owed = settle(database, chosen, now) if alerts else []
    return merging.done


class _Merging:
    """An import on its way."""

    def __init__(
        self,
        database: Database,
        file: InstallationFile,
        rules: Rules,
        now: datetime,
        tell: Callable[[int, int], None],
    ) -> None:
        self.done = MergedInstallation()
        self._database, self._file, self._now, self._tell = database, file, now, tell
        self._rules = rules
        self._documents = Intake(
            database=database,
            rules=rules,
            now=now,
            taken=self.done.documents,
            faults=self.done.faults,
        )
        counts = file.manifest.counts
        self._total = sum(counts[member] for member in (TOLD, DECIDED, OTHERS))
        self._said = 0

    def take_documents(self, member: str) -> None:
        for batch in _batches(self._values(member, reading.handed_document)):
            self._documents.take(batch)
            read = self.done.documents.read
            if read // _SAY_EVERY != self._said // _SAY_EVERY:
                self._tell(read, self._total)
            self._said = read

    def take_lists(self) -> None:
        given = [one for _, one in self._decisions]
        self.done.lists.begin(self._database, given, self._now)
        for batch in _batches(self._values(LISTED, reading.handed_rows)):
            with self._database.begin() as s:
                self.done.lists.take(s, batch, self._documents.ids, self._now)

    def take_decisions(self) -> None:
        deciding = Deciding(self._database, self._rules, self._documents.ids, self._now)
        for number, given in self._decisions:
            if given.pins:
                self.done.fates.append(deciding.take(number, given))

    def find_counterparts(self) -> None:
        """Where the agreements of the file are now."""
        for batch in _batches(self._values(AGREEMENTS, reading.handed_agreement)):
            ids = self._documents.ids
            named = {ids[there] for one in batch for there in one.documents if there in ids}
            with self._database.read() as s:
                homes = queries.agreements_of(s, named)
            for one in batch:
                here = [homes[ids[there]] for there in one.documents if ids.get(there) in homes]
                most = sorted(set(here), key=lambda home: (-here.count(home), len(home), home))
                for there in (one.id, *one.aliases):
                    self.done.counterparts.append(Counterpart(there, one.title, tuple(most)))

    def let_arrive(self, oldest: date) -> None:
        """Let what was stored be news, if it is of `oldest` or later. Until now nothing of it could
        be owed, so that a `run` after an import that was killed tells nobody what a line that was
        not read yet takes back.
        """
        with self._database.begin() as s:
            note_held_back(s, self._documents.silent, oldest, self._now)

    @cached_property
    def _decisions(self) -> list[tuple[int, Decision]]:
        def read(said: Mapping[str, Any], place: str) -> tuple[int, Decision]:
            return reading.handed_decision(said, place, self._now)

        return list(self._values(DECISIONS, read))

    def _values(self, member: str, read: Callable[[Mapping[str, Any], str], T]) -> Iterator[T]:
        """The values of a member's lines. A line that is none is named and left out."""
        for place, said in self._file.lines(member, self.done.faults.append):
            try:
                yield read(said, place)
            except ConfigurationError as error:
                self.done.faults.append(str(error))


def _batches(values: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(values)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
