"""What the page is made of: the database, the configuration, its sources as they stand now, and who
may change something.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import Response

from crawler.judgement.judge import Rules, load_rules
from scheduler.access.login import AccessLog
from scheduler.configuration.config import Configuration, load_configuration
from storage.database.session import Database, Session, remembered
from storage.document_facets import DocumentFacets, document_facets
from storage.errors import AccordwatchError
from storage.filter import Filter
from storage.records import Source
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

Value = TypeVar("Value")

_WORTH_S = 0.02  # what is counted sooner is counted anew, so that it is true at once
_MOST = 128  # selections; the one that was asked for longest ago goes
_DEAR_S = 0.1  # of the processor: what takes longer is not made at each change
_TIMES = 20  # as long as it took to make, so that making takes one twentieth of a processor at most


@dataclass(frozen=True, slots=True)
class _Dear:
    value: Any
    stamp: Hashable
    good_until: float
    is_dear: bool


class KeptValues:
    """Values by key that took long to make, for some seconds or until their stamp changes. Safe
    among threads.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        # Of the processor, since a busy machine makes nothing dear.
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock, self._worked = clock, worked
        self._values: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._dear: dict[Hashable, _Dear] = {}
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
        kept = self._dear.get(key)
        if kept is None or not self._is_good(kept, stamp):
            kept = self._remade(key, stamp, make, kept)
        found: Value = kept.value
        return found

    def _remade(
        self, key: Hashable, stamp: Hashable, make: Callable[[], Any], old: _Dear | None
    ) -> _Dear:
        if old is not None and old.is_dear and self._making.locked():
            return old
        with self._making:
            kept = self._dear.get(key)  # another thread may have made it meanwhile
            if kept is None or not self._is_good(kept, stamp):
                kept = self._dear[key] = self._made(stamp, make)
            return kept

    def _is_good(self, kept: _Dear, stamp: Hashable) -> bool:
        return kept.stamp == stamp or self._clock() < kept.good_until

    def _made(self, stamp: Hashable, make: Callable[[], Any]) -> _Dear:
        began = self._worked()
        value = make()
        took = self._worked() - began
        is_dear = took > _DEAR_S
        return _Dear(value, stamp, self._clock() + took * _TIMES * is_dear, is_dear)

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
            while len(self._values) > _MOST:
                self._values.popitem(last=False)
        return value


def conditional(request: Request, body: bytes, media_type: str) -> Response:
    """The body under a tag made of it, or 304 without it if `If-None-Match` names that."""
    # Weak, since an answer that is compressed on its way has the same tag.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    if "*" in _known(request):
        return tagged(Response(status_code=304), tag)
    return not_modified(request, tag) or tagged(Response(body, media_type=media_type), tag)


def state_tag(*parts: str) -> str:
    """A weak tag of what an answer is made from, to be known before the answer is made."""
    return f'W/"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def not_modified(request: Request, tag: str) -> Response | None:
    """A 304 for a request that has what bears this tag; None for others."""
    if tag.removeprefix("W/") in _known(request):
        return tagged(Response(status_code=304), tag)
    return None


def tagged(answer: Response, tag: str) -> Response:
    """The answer with its tag, to be asked for again before it is used again."""
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _known(request: Request) -> set[str]:
    named = request.headers.get("if-none-match", "").split(",")
    return {one.strip().removeprefix("W/") for one in named}


LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Reach:
    """From where the page is reached.

    `is_wide`: it listens on more than loopback. `names`: the hosts it answers to besides those of
    loopback; where it is wide, none means any. `root_path`: what it lies under, such as "/watch".
    `proxies`: addresses and networks of proxies that are believed; `login_header`: in which they
    name who has logged in there.
    """

    is_wide: bool = False
    names: frozenset[str] = frozenset()
    root_path: str = ""
    secure_cookies: bool = False
    proxies: tuple[str, ...] = ()
    login_header: str = ""

    @property
    def is_private(self) -> bool:
        """Whether nobody but this machine asks, so that it may be served without users."""
        return not self.is_wide and not self.names

    def answers_to(self, name: str) -> bool:
        """Whether a Host header may have this name, in lower case and without a port."""
        is_any = self.is_wide and not self.names
        return bool(name) and (is_any or name in LOOPBACK or name in self.names)


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation. `editor` is the name under which decisions are stored where there are no
    users; None: read-only.

    `secret` signs the tokens of forms before anybody has logged in, and is new each time the page
    is started.
    """

    database: Database
    chosen: Configuration
    editor: str | None = None
    rules: Callable[[], Rules] = load_rules
    now: Callable[[], datetime] = _now
    reach: Reach = Reach()
    kept: KeptValues = field(default_factory=KeptValues, repr=False, compare=False)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    access_log: AccessLog | None = field(default=None, repr=False, compare=False)


_log = logging.getLogger(__name__)


def sources_now(served: Installation) -> Sequence[Source]:
    """The sources of the file; those at the start of the page while it cannot be read."""
    path = served.chosen.path
    try:
        found = path.stat()
        return _read(path, (found.st_mtime_ns, found.st_ino, found.st_size))
    except OSError:
        return served.chosen.sources
    except AccordwatchError as error:  # somebody is writing in it; `doctor` names the faults
        _log.warning("the sources stay as they were: %s", error)
        return served.chosen.sources


def source_names(served: Installation) -> Sequence[tuple[str, str]]:
    """The id of each source, and its name as readers know it, by which they are sorted."""
    named = ((one.id, one.name or one.id) for one in sources_now(served))
    return sorted(named, key=lambda pair: pair[1].casefold())


def can_write(served: Installation) -> bool:
    """Whether this process may change the configuration, which it does by putting a new file in the
    place of the old one.
    """
    path = served.chosen.path
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: tuple[int, int, int]) -> Sequence[Source]:
    return load_configuration(path).sources


# --- what the agreements and documents of a selection have ----------------------------------------

MOST = 10_000  # of all documents, no more are counted
MOST_VALUES = 12  # of a facet of the register
_SECONDS = 10


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
        total = counts.count_documents(s, flt, everything=True, most=MOST + 1)
        return CountedDocuments(min(total, MOST), has, is_least=total > MOST)

    return served.kept.for_seconds(("documents", flt, everything), _SECONDS, count)


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
        lambda: served.kept.nearly_current("columns", stamp(s), lambda: read_columns(s)),
    )


def selected(served: Installation, s: Session, flt: Filter) -> Bits:
    """The agreements of a selection."""
    columns = columns_of(served, s)
    if flt == Filter():
        return columns.reported
    return _once(
        s,
        flt,
        lambda: served.kept.until_changed(
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
