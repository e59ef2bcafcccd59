"""What took long to make, cached; and the counts of a selection, of which most of that is."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from storage.database.session import Session, remembered
from storage.document_facets import DocumentFacets, document_facets
from storage.filter import Filter
from storage.register.stamp import stamp
from storage.search import counts
from storage.search.counts import (
    AgreementOverview,
    Bits,
    Columns,
    Corridor,
    chosen_agreements,
    read_columns,
)

if TYPE_CHECKING:
    from scheduler.web.site.installation import Installation

Value = TypeVar("Value")

_WORTH_S = 0.02  # what is counted sooner is counted anew, so that it is true at once
_MOST_SELECTIONS = 128  # that are cached; the one that was asked for longest ago goes
_SLOW_S = 0.1  # of the processor: what takes longer is not made at each change
_TIMES = 20  # as long as it took to make, so that making takes one twentieth of a processor at most
MOST_DOCUMENTS = 10_000  # that are counted of all: more take too long
MOST_VALUES = 12  # of a facet of the register
_SECONDS = 10  # that a count of documents is shown for


class ValueCache:
    """Values by key that took long to make, for some seconds or until their stamp changes. Safe
    among threads.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        # Of the processor, since a busy machine makes nothing slow.
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._worked = clock, worked
        self._values: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._slow: dict[Hashable, _CachedValue] = {}
        self._making = threading.Lock()

    def for_seconds(self, key: Hashable, seconds: float, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where it is older than `seconds`."""
        found: Value = self._get(key, int(self._clock() / seconds), make)
        return found

    def until_changed(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where `stamp` is another one than when it was made."""
        found: Value = self._get(key, stamp, make)
        return found

    def nearly_current(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where `stamp` is another one than when it was made; but one
        that took more than a tenth of a second is kept twenty times as long whatever changes, and
        whoever asks while it is made anew gets the old one.
        """
        kept = self._slow.get(key)
        if kept is None or not self._is_good(kept, stamp):
            kept = self._remade(key, stamp, make, kept)
        found: Value = kept.value
        return found

    def _remade(
        self, key: Hashable, stamp: Hashable, make: Callable[[], Any], old: _CachedValue | None
    ) -> _CachedValue:
        if old is not None and old.is_slow and self._making.locked():
            return old
        with self._making:
            kept = self._slow.get(key)  # another thread may have made it meanwhile
            if kept is None or not self._is_good(kept, stamp):
                kept = self._slow[key] = self._made(stamp, make)
            return kept

    def _is_good(self, kept: _CachedValue, stamp: Hashable) -> bool:
        return kept.stamp == stamp or self._clock() < kept.good_until

    def _made(self, stamp: Hashable, make: Callable[[], Any]) -> _CachedValue:
        began = self._worked()
        value = make()
        took = self._worked() - began
        is_slow = took > _SLOW_S
        return _CachedValue(value, stamp, self._clock() + took * _TIMES * is_slow, is_slow)

    def _get(self, key: Hashable, stamp: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._values and self._values[key][0] == stamp:
                self._values.move_to_end(key)
                return self._values[key][1]
        began = self._clock()
        value = make()  # without the lock: others need not wait for a slow count
        if self._clock() - began < _WORTH_S:
            return value
        with self._lock:
            self._values[key] = stamp, value
            self._values.move_to_end(key)
            while len(self._values) > _MOST_SELECTIONS:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class _CachedValue:
    value: Any
    stamp: Hashable
    good_until: float
    is_slow: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """`busiest`: the parties with the most agreements; `corridors`: those between them."""

    agreements: AgreementOverview
    busiest: Sequence[str]
    corridors: Sequence[Corridor]


@dataclass(frozen=True, slots=True)
class CountedDocuments:
    """How many documents a selection has, and what they have. `is_least`: there are more."""

    total: int
    facets: DocumentFacets
    is_least: bool = False


NOTHING = CountedDocuments(0, DocumentFacets((), 0, is_cut=False))


def counts_of(
    served: Installation, s: Session, flt: Filter, *, everything: bool
) -> CountedDocuments:
    """The counts of a selection of documents, some seconds old at most."""

    def count() -> CountedDocuments:
        has = document_facets(s, flt, everything=everything)
        if not has.is_cut:
            return CountedDocuments(has.counted, has)
        if not everything:  # there are far fewer reports
            return CountedDocuments(counts.count_documents(s, flt), has)
        total = counts.count_documents(s, flt, everything=True, most=MOST_DOCUMENTS + 1)
        return CountedDocuments(min(total, MOST_DOCUMENTS), has, is_least=total > MOST_DOCUMENTS)

    return served.cache.for_seconds(("documents", flt, everything), _SECONDS, count)


def overview_of(served: Installation, s: Session, flt: Filter) -> Counted:
    """The counts of a selection of the register."""
    columns = columns_of(served, s)
    has = columns.overview(selected(served, s, flt), MOST_VALUES)
    busiest = [code for code, _ in has.facets[0].counts]
    among = set(busiest)
    between = [one for one in columns.corridors if one.one in among and one.other in among]
    return Counted(has, busiest, between)


def columns_of(served: Installation, s: Session) -> Columns:
    """The register in columns; a large one some seconds old at most."""
    return _once(
        s,
        "columns",
        lambda: served.cache.nearly_current("columns", stamp(s), lambda: read_columns(s)),
    )


def selected(served: Installation, s: Session, flt: Filter) -> Bits:
    """The agreements of a selection."""
    columns = columns_of(served, s)
    if flt == Filter():
        return columns.reported
    return _once(
        s,
        flt,
        lambda: served.cache.until_changed(
            ("chosen", flt), stamp(s), lambda: chosen_agreements(s, flt, columns)
        ),
    )


def _once(s: Session, key: Hashable, make: Callable[[], Value]) -> Value:
    """What was made for `key` in this reading transaction: one page asks for it up to four times,
    and all of its counts have to be of the same columns.
    """
    made: dict[Hashable, Value] = remembered(s).setdefault("counted", {})
    if key not in made:
        made[key] = make()
    return made[key]
