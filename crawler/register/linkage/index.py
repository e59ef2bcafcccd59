"""All reports that are known, in canonical order, and indexes to find them by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import date

from crawler.register.linkage.clusters import keys_of
from crawler.register.linkage.facts import Facts
from crawler.register.steps import canonical

Order = tuple[date, date, str, int]  # the canonical order; the last value is the document id
Key = tuple[str, ...]


class ReportIndex:
    """Reports by document, blocking key, voice and day."""

    def __init__(self) -> None:
        self.facts: dict[int, Facts] = {}
        self.order: dict[int, Order] = {}
        self.keys: dict[int, tuple[Key, ...]] = {}
        self.by_voice: dict[str, set[int]] = {}
        self.by_day: dict[int, set[int]] = {}  # the day is a proleptic ordinal
        self._by_key: dict[Key, list[Order]] = {}

    def add(self, report: Facts) -> Order:
        """Add a report, and return its place in the canonical order."""
        order = canonical(report.report)
        document_id = order[-1]
        self.order[document_id], self.facts[document_id] = order, report
        self.keys[document_id] = keys_of(report)
        for key in self.keys[document_id]:
            insort(self._by_key.setdefault(key, []), order)
        self.by_voice.setdefault(report.report.voice, set()).add(document_id)
        if report.day is not None:
            self.by_day.setdefault(report.day.toordinal(), set()).add(document_id)
        return order

    def remove(self, document_id: int) -> None:
        """Remove a report."""
        report, order = self.facts.pop(document_id), self.order.pop(document_id)
        for key in self.keys.pop(document_id):
            del self._by_key[key][bisect_left(self._by_key[key], order)]
        self.by_voice[report.report.voice].discard(document_id)
        if report.day is not None:
            self.by_day[report.day.toordinal()].discard(document_id)

    def between(self, key: Key, order: Order, end: Order | None) -> list[Order]:
        """Return the places of the reports with a key after `order`, up to and including `end`."""
        orders = self._by_key[key]
        last = len(orders) if end is None else bisect_right(orders, end)
        return orders[bisect_right(orders, order) : last]

    def copies_after(self, document_id: int, order: Order) -> Iterator[Order]:
        """Yield the places, after `order`, of all reports with the voice of this one."""
        for other in self.by_voice[self.facts[document_id].report.voice]:
            if self.order[other] > order:
                yield self.order[other]
