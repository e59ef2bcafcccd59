"""A ledger in memory, which a replayed month reads two hundred times as fast as a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from storage.sources.ledger import LANGUAGE, OUTCOME, LedgerEntry, Moment, Tally


@dataclass(slots=True)
class _Sums:
    """What was counted of a source in a quarter of a day."""

    sums: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    newest_on: date | None = None


class MemoryLedger:
    """What `storage.sources.ledger` writes and reads."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Moment, _Sums]] = {}
        self._tallies: dict[str, dict[Moment, Tally]] = {}

    def write(self, moment: Moment, entries: Iterable[LedgerEntry]) -> None:
        """Add entries to a quarter of a day, which is not before those that were added to."""
        for entry in entries:
            began, sums = self._open.get(entry.source_id, (None, _Sums()))
            if began != moment:
                if began is not None:
                    self._close(entry.source_id)
                sums = _Sums()
                self._open[entry.source_id] = moment, sums
            sums.sums.update(entry.sums)
            for (kind, name), n in entry.names.items():
                counted = {OUTCOME: sums.outcomes, LANGUAGE: sums.languages}[kind]
                counted[name] += n
            sums.newest_on = max(filter(None, (sums.newest_on, entry.newest_on)), default=None)

    def tallies(
        self, _: object, since: date, source_ids: Collection[str] | None = None
    ) -> dict[str, dict[Moment, Tally]]:
        """What was counted from a day on."""
        for name in self._open:
            self._close(name)
        wanted = self._tallies if source_ids is None else source_ids
        return {
            name: {at: tally for at, tally in self._tallies.get(name, {}).items() if at[0] >= since}
            for name in wanted
        }

    def _close(self, name: str) -> None:
        moment, sums = self._open[name]
        counts: dict[str, Any] = dict(sums.sums)
        self._tallies.setdefault(name, {})[moment] = Tally(
            **counts,
            newest_on=sums.newest_on,
            outcomes=dict(sums.outcomes),
            languages=dict(sums.languages),
        )
