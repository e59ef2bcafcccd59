"""Pickling records for other processes with less work.

Of a frozen dataclass with slots, pickle asks Python for the fields one by one, and sets them one by
one. Each is taken apart by one call in C instead, and made again as it was made first.
"""

from __future__ import annotations

from dataclasses import fields
from multiprocessing.reduction import ForkingPickler
from operator import attrgetter
from typing import Any

from storage import records

# All have two fields at least, and no other state.
RECORDS = (
    records.Candidate,
    records.Card,
    records.Document,
    records.Evidence,
    records.Fetched,
    records.Fingerprint,
    records.Judged,
    records.ReadFrame,
    records.Reason,
    records.RuleScore,
    records.Source,
    records.Verdict,
)
_VALUES: dict[type, attrgetter[Any]] = {}


def pickle_quickly(*others: type) -> None:
    """Do so in this process for the records above, and for others of their kind."""
    for kind in (*RECORDS, *others):
        _VALUES[kind] = attrgetter(*(field.name for field in fields(kind)))
        ForkingPickler.register(kind, _taken_apart)


def _taken_apart(record: Any) -> tuple[type, tuple[Any, ...]]:
    kind = type(record)
    return kind, _VALUES[kind](record)
