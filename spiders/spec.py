"""What a crawl process reads on stdin, a JSON line each: first its run, then orders to it."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from crawler.judgement.probability.rates import FALSE_ALARMS
from spiders.fetch.settings import CrawlSettings
from storage.records import Source
from storage.subscription import Subscription


class CrawlSpec(BaseModel):
    """One run.

    `sources` are looked at now. Documents that earlier runs left on the frontier are fetched if
    they are of these sources or of `others`. `only_run`: no other run works on this database, so
    the leases of a killed one are ended at once. A `worker` holds the hosts of its sources instead,
    and ends the leases of those.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str
    sources: tuple[Source, ...]
    others: tuple[Source, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    crawl: CrawlSettings = CrawlSettings()
    packs: tuple[str, ...] = ("migration-cooperation",)
    rule_files: tuple[Path, ...] = ()
    false_alarms: float = Field(
        default=FALSE_ALARMS, gt=0, description="how many the judge may give in 10,000 documents"
    )
    max_age_days: int = Field(default=30, ge=1)
    run_id: int | None = None  # of a run that the caller began; None: the child begins one
    only_run: bool = True
    worker: str | None = None  # its name, where others crawl, too; needs `run_id`
    length_s: float | None = Field(
        default=None, gt=0, description="after this it begins nothing new; None: it does all"
    )
    workers: int | None = Field(
        default=None, ge=1, description="processes that extract and judge; None: one a core"
    )
    memory_limit_mb: int = Field(default=1024, ge=256)  # a page of 10 MB takes 800 MB
    time_limit_s: float = Field(default=60.0, gt=0)  # of processor time, for a document
    log_level: str = "WARNING"


STDIN = 0
_CHUNK = 65_536


class Joining(BaseModel):
    """An order: to look also at these sources, which became due while the crawl was at work.
    `last`: the crawl begins nothing new after that, because the configuration has changed and the
    next crawl is to begin with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[Source, ...] = ()
    last: bool = False


class Orders:
    """Reads lines from a descriptor: file objects would read ahead of the event loop."""

    def __init__(self, descriptor: int = STDIN) -> None:
        self.descriptor = descriptor
        self.ended = False
        self._rest = b""

    def first(self) -> bytes:
        """Waits for the first line. If the input ends before there is one, returns what came."""
        while b"\n" not in self._rest and not self.ended:
            self._take()
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def more(self) -> list[bytes]:
        """The lines that are complete now. Blocks if there is nothing to be read."""
        self._take()
        return self.at_hand()

    def at_hand(self) -> list[bytes]:
        """The lines that were read already, such as those that came together with the first one."""
        *lines, self._rest = self._rest.split(b"\n")
        return lines

    def _take(self) -> None:
        chunk = os.read(self.descriptor, _CHUNK)
        self._rest += chunk
        self.ended = not chunk
