"""What took long to make, cached; and the counts of a selection, of which most of that is."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from storage.database.session import Session, remembered
from storage.document_facets import DocumentFacets, document_facets
from storage.filter import Filter
from storage.register.stamp import stamp
from storage.search import counts
from storage.search.counts import Bits, Columns, chosen_agreements, read_columns

if TYPE_CHECKING:
    from scheduler.web.site.installation import Installation

Value = TypeVar("Value")

_WORTH_S = 0.02  # what is counted sooner is counted anew, so that it is true at once
_MOST_SELECTIONS = 128  # that are cached; the one that was asked for longest ago goes
_SLOW_S = 0.1  # of the processor: what takes longer is not made at each change
_TIMES = 20  # as long as it took to make, so that making takes one twentieth of a processor at most
MOST_DOCUMENTS = 10_000  # that are counted of all: more take too long
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
        # By key its stamp, itself, and until when it is good whatever its stamp.
        self._values: OrderedDict[Hashable, tuple[Hashable, Any, float]] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()

    def for_seconds(self, key: Hashable, seconds: float, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where it is older than `seconds`."""
        return self.until_changed(key, int(self._clock() / seconds), make)

    def until_changed(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made anew where `stamp` is another one than when it was made."""
        known, value = self._known(key, stamp)
        if not known:
            began = self._clock()
            value = make()  # without the lock: others need not wait for a slow count
            if self._clock() - began >= _WORTH_S:
                self._keep(key, stamp, value, 0)
        found: Value = value
        return found

    def nearly_current(self, key: Hashable, stamp: Hashable, make: Callable[[], Value]) -> Value:
        """As `until_changed`; but a value that took more than a tenth of a second is kept twenty
        times as long whatever changes, and whoever asks while it is made anew gets the old one.
        """
        known, value = self._known(key, stamp)
        if not known and value is not None and self._making.locked():
            known = True
        if not known:
            with self._making:
                known, value = self._known(key, stamp)  # another thread may have made it meanwhile
                if not known:
                    began = self._worked()
                    value = make()
                    took = self._worked() - began
                    lasts = took * _TIMES if took > _SLOW_S else 0
                    self._keep(key, stamp, value, self._clock() + lasts)
        found: Value = value
        return found

    def _known(self, key: Hashable, stamp: Hashable) -> tuple[bool, Any]:
        """Whether a value is good, and the value, good or not; None if there is none."""
        with self._lock:
            if key not in self._values:
                return False, None
            self._values.move_to_end(key)
            made_of, value, good_until = self._values[key]
        return made_of == stamp or self._clock() < good_until, value

    def _keep(self, key: Hashable, stamp: Hashable, value: Any, good_until: float) -> None:
        with self._lock:
            self._values[key] = stamp, value, good_until
            self._values.move_to_end(key)
            while len(self._values) > _MOST_SELECTIONS:
                self._values.popitem(last=False)


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
