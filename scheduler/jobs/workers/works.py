"""What a worker does for each kind of job. Each function blocks until it is done."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from structlog.contextvars import bound_contextvars

from crawler.worker import RulesSpec, load_spec
from scheduler.configuration.config import Configuration
from scheduler.configuration.reload import Reloader
from scheduler.jobs import run as jobs
from scheduler.jobs.backfill.results import ArchiveResult
from scheduler.jobs.crawl_process import Ended, Event, crawl
from scheduler.schedule.sources_due import GivenTurns, Turn, due_turns
from storage.database.session import Database, check_version
from storage.errors import AccordwatchError
from storage.records import Source
from storage.sources.states import start_run

if TYPE_CHECKING:
    from scheduler.jobs.daemon.host_system import Log

# After this a crawl begins nothing new, so that other bundles get their turn.
CRAWL_LENGTH_S = 600.0
CRAWL_DEADLINE_S = 3600.0


class Works:
    """What one worker does. `stop` ends it within seconds; `drain` lets it begin nothing new."""

    def __init__(
        self,
        name: str,
        database: Database,
        reloader: Reloader,
        concurrency: int,
        log: Log,
    ) -> None:
        self._name, self._database, self._reloader, self._log = name, database, reloader, log
        self._processes = max(1, (os.cpu_count() or 1) // concurrency)
        self.stop, self.drain = threading.Event(), threading.Event()

    @property
    def by_kind(self) -> dict[str, Callable[[Mapping[str, Any]], None]]:
        return {"crawl": self.crawl, "settle": self.settle, "send": self.send} | {
            "backfill": self.backfill
        }

    def crawl(self, args: Mapping[str, Any]) -> None:
        """Look at those of the sources of a bundle that are still due, and fetch what waits.

        Raises OtherSchemaError if nothing can be done since the database was upgraded.
        """
        chosen, now = self._reloader.chosen, datetime.now(UTC)
        named = set(args["sources"])
        bundle = [one for one in chosen.sources if one.enabled and one.id in named]
        turns = due_turns(self._database, bundle, now)
        if not turns and not jobs.waiting_documents(self._database, bundle, now):
            return
        with self._database.begin() as s:
            check_version(s)
            run_id = start_run(s, now)
        with bound_contextvars(run=run_id):
            ended = self._crawl(chosen, bundle, turns, run_id)
            totals = ended.report["totals"] if ended.report else None
            self._log.info("crawl ended", exit=ended.code, totals=totals)
        if ended.fault is not None and not self.stop.is_set():
            jobs.note_fault(self._database, ended, datetime.now(UTC), run_id)
            with self._database.read() as s:
                check_version(s)
            raise AccordwatchError(ended.fault)

    def settle(self, args: Mapping[str, Any]) -> None:
        """Do what is done after crawls: forget what is old, and queue what was overlooked."""
        jobs.settle_aloud(self._database, self._reloader.chosen, self._log)

    def send(self, args: Mapping[str, Any]) -> None:
        """Send the digests that are due."""
        jobs.send_aloud(self._database, self._reloader.chosen, self.stop.is_set, self._log)

    def backfill(self, args: Mapping[str, Any]) -> None:
        """Read an archive from where it was left, and keep what came of it.

        Raises AccordwatchError if the rules here are not those of who ordered it.
        """
        from scheduler.jobs.backfill.on_workers import order_of
        from scheduler.jobs.backfill.reading import read_archives

        chosen, (file, order) = self._reloader.chosen, order_of(args)
        spec = RulesSpec(
            tuple(chosen.settings.rules.packs),
            tuple(chosen.rule_files),
            false_alarms=order.false_alarms,
        )
        if (version := load_spec(spec).version) != order.rules:
            raise AccordwatchError(
                f"the rules here are {version}, and the backfill was ordered with {order.rules}"
            )
        read_archives([file], order, spec, self._processes, self._note_read, self.stop)

    def _note_read(self, result: ArchiveResult) -> None:
        if result.ended:
            self._log.info("archive read", name=result.name, read=result.read, found=result.found)

    def _crawl(
        self, chosen: Configuration, bundle: Sequence[Source], turns: list[Turn], run_id: int
    ) -> Ended:
        due = [turn.source for turn in turns]
        due_ids = {source.id for source in due}
        self._log.info("crawl begins", due=len(due), hosts_of=len(bundle))
        ours = {
            "others": tuple(source for source in bundle if source.id not in due_ids),
            "run_id": run_id,
            "only_run": False,
            "worker": self._name,
            "workers": self._processes,
            "length_s": CRAWL_LENGTH_S,
        }
        given = GivenTurns(turns)
        return crawl(
            jobs.crawl_spec(self._database, chosen, due, datetime.now(UTC)).model_copy(update=ours),
            self._hear,
            deadline_s=CRAWL_DEADLINE_S,
            stop=self.stop,
            joining=lambda: self._newly_due(given, chosen, bundle),
        )

    def _newly_due(
        self, given: GivenTurns, chosen: Configuration, bundle: Sequence[Source]
    ) -> list[Source] | None:
        """Sources of the bundle that became due meanwhile; None if nothing new is to begin."""
        if self.drain.is_set() or self._reloader.chosen is not chosen:
            return None
        try:
            return given.fresh(due_turns(self._database, bundle, datetime.now(UTC)))
        except AccordwatchError as error:
            self._log.error("what became due could not be read", why=str(error))
            return []

    def _hear(self, event: Event) -> None:
        if event.get("event") == "problem":
            self._log.warning("crawl", source=event.get("source"), why=event.get("line"))
