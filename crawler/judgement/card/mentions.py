"""What the readers of a card pass on to each other: the dates and acts that a text names, fields of
the card, and the tables of the gazetteer: members of groups and of the Union, contracting bodies,
capitals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from crawler.judgement.text.reading import Hit
from crawler.located_yaml import load_yaml
from storage.errors import RuleError


class Precision(StrEnum):
    DAY = "day"  # written with day and month
    WEEKDAY = "weekday"
    RELATIVE = "relative"  # today, yesterday
    MONTH = "month"
    YEAR = "year"


class DateMention(NamedTuple):
    """A date in the text.

    `day` is None where the text says no more than a month or year, or the day of publication would
    be needed. `old` dates lie more than two months before publication, `ahead` dates after it. A
    `period` date opens (`opens`) or ends a span of time. `act` is the token of the act that is
    announced for it.
    """

    token: int
    last_token: int
    sentence: int
    precision: Precision
    day: date | None
    old: bool = False
    ahead: bool = False
    period: bool = False
    opens: bool = False
    hit: Hit | None = None
    act: int | None = None


class Modality(StrEnum):
    DONE = "done"
    AHEAD = "ahead"
    DENIED = "denied"
    OLD = "old"


class Act(NamedTuple):
    """Something that was, was not or will be done with an agreement. `deed` is signed, sealed,
    agreed, unsigned, approved, or a status; `weight` says how strongly it speaks for being the
    news. Approvals have `actors`: a parliament, a cabinet or a court.
    """

    deed: str
    modality: Modality
    weight: float
    hit: Hit
    actors: frozenset[str]


REPORTED_WEIGHT = 1.0  # the least weight of an act that a text reports, and does not only imply


@dataclass(frozen=True, slots=True)
class Clauses:
    """The acts and dates of a text, and the words for agreements (`objects`). `past` holds the
    tokens of those that are named as other or earlier ones ("the memorandum of 2012").
    """

    acts: tuple[Act, ...]
    dates: tuple[DateMention, ...]
    objects: tuple[Hit, ...]
    past: frozenset[int]


# --- tables of the gazetteer ----------------------------------------------------------------------

GAZETTEER = Path(__file__).parents[1] / "gazetteer"


# A name of several states means the first of these that a text names otherwise, or else the last.
SharedName = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Tables:
    """What the card needs to know beside names: members of groups and of the Union, bodies that
    commit themselves to states, shared names by the second word of their concept, and each state's
    capital.
    """

    group_members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    union_states: frozenset[str] = frozenset()
    contracting_bodies: frozenset[str] = frozenset()
    shared_names: Mapping[str, SharedName] = field(default_factory=dict)
    capitals: Mapping[str, str] = field(default_factory=dict)


def load_tables(cache_dir: Path | None = None) -> Tables:
    """Read the tables of the shipped gazetteer. Raises RuleError where a file is broken."""
    members = _mapping("members.yaml", cache_dir)
    candidates = _mapping("shared.yaml", cache_dir)["candidates"]
    capitals: dict[str, str] = {}
    for concept in _mapping("capitals.yaml", cache_dir)["concepts"]:
        _, state, key = concept.split(".")
        capitals.setdefault(state, key)
    return Tables(
        {group: tuple(codes) for group, codes in members["members"].items()},
        frozenset(members["union"]["states"]),
        frozenset(members["contracting"]["bodies"]),
        {name: (tuple(entry["among"]), entry["else"]) for name, entry in candidates.items()},
        capitals,
    )


def _mapping(file: str, cache_dir: Path | None) -> Mapping[str, Any]:
    source = load_yaml(GAZETTEER / file, cache_dir)
    if source.problems or not isinstance(source.data, dict):
        raise RuleError(*source.problems or (source.problem((), "must be a mapping"),))
    return source.data
