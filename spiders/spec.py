"""What a crawl process reads on stdin, a JSON line each: first its run, then orders to it."""

from __future__ import annotations

import os

from pydantic import BaseModel, ConfigDict, Field

from crawler.worker import RulesSpec
from spiders.fetch.settings import CrawlSettings
from storage.source import Source
from storage.subscription import Subscription


class CrawlSpec(BaseModel):
    """One run.

    `sources` are looked at now. Documents that earlier runs left on the frontier are fetched if
    they are of these sources or of `others`. No other run works on this database, so the leases of
    a killed one are ended at once, unless there is a `worker`: that holds the hosts of its sources,
    and ends the leases of those. After `length_s` nothing new is begun.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str
    sources: tuple[Source, ...]
    others: tuple[Source, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    crawl: CrawlSettings = CrawlSettings()
    rules: RulesSpec = RulesSpec()
    max_age_days: int = Field(default=30, ge=1)
    run_id: int | None = None  # of a run that the caller began; None: the child begins one
    worker: str | None = None  # its name, where others crawl, too; needs `run_id`
    length_s: float | None = Field(default=None, gt=0)
    workers: int | None = Field(default=None, ge=1)  # that extract and judge; None: one a core


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
