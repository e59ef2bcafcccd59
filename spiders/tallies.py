"""What a run adds to the ledger of its sources: for a look at a source, for documents that were
stored, and for those that were given up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from spiders.reading.records import Settled, SourceReading
from storage.records import Judged
from storage.sources.ledger import CUT, FLAW, LANGUAGE, LEFT, OUTCOME, LedgerEntry

# What is dated today may be dated tomorrow where the source is.
_AHEAD = timedelta(days=1)


def of_look(reading: SourceReading, offered: int, new: int, now: datetime) -> LedgerEntry:
    """The entry of a look at a source, with what was left for later looks or left out."""
    left = {
        "later": reading.waiting,
        "part": reading.parts_left,
        "long_address": reading.left_out,
        "beyond_max_items": reading.beyond_limits,
    }
    names = {(LEFT, name): n for name, n in left.items() if n}
    sums = {"polls": 1, "polls_failed": int(reading.failed), "offered": offered, "new": new}
    latest_on = now.date() + _AHEAD
    days = (one.published_on for one in reading.candidates if one.published_on is not None)
    newest_on = max((day for day in days if day <= latest_on), default=None)
    return LedgerEntry(reading.source.id, sums, names, newest_on)


def of_settled(settled: Iterable[Settled]) -> Iterable[LedgerEntry]:
    """The entries of a batch of documents that arrived, one of each source."""
    sums: dict[str, Counter[str]] = {}
    names: dict[str, Counter[tuple[str, str]]] = {}
    for one in settled:
        source_id = one.arrival.source_id
        mine = sums.setdefault(source_id, Counter())
        named = names.setdefault(source_id, Counter())
        mine["fetched"] += 1
        named[OUTCOME, one.outcome] += 1
        if one.arrival.was_set_aside:
            mine["again"] += 1
        elif one.arrival.from_file:  # it goes by no frontier: it is new when it arrives
            mine["new"] += 1
        elif one.arrival.row is None:  # nor does a watched page: each version is a look
            mine["again"] += 1
        if one.outcome == "stored":
            mine.update(_of_document(one.arrival.judged))
            document = one.arrival.judged.document
            named[LANGUAGE, document.language] += 1
            if document.is_cut:
                named[FLAW, CUT] += 1
    return [LedgerEntry(source_id, mine, names[source_id]) for source_id, mine in sums.items()]


def _of_document(judged: Judged) -> dict[str, float]:
    document = judged.document
    return {
        "matched": int(judged.has_alert),
        "reviewed": int(judged.verdict.near_miss and not judged.has_alert),
        "titled": int(bool(document.title.strip())),
        "dated": int(document.published_on is not None),
    }


def of_given_up(source_id: str, reason: str) -> LedgerEntry:
    """The entry of a document that will not be stored."""
    return LedgerEntry(source_id, {}, {(OUTCOME, reason): 1})


def of_files(
    source_id: str, skipped: Iterable[str], *, looks: int = 0, failed: bool = False, left: int = 0
) -> LedgerEntry:
    """The entry of a look at files, or of documents in them that will not be stored.

    `skipped` are the reasons why each was not; `left` files wait for later looks.
    """
    reasons = Counter((OUTCOME, reason) for reason in skipped)
    sums = {"polls": looks, "polls_failed": int(failed), "new": reasons.total()}
    return LedgerEntry(source_id, sums, {**reasons, **({(LEFT, "later"): left} if left else {})})
