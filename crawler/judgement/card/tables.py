"""The tables of the gazetteer: members of groups and of the Union, contracting bodies, capitals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.located_yaml import load_yaml
from storage.errors import RuleError

GAZETTEER = Path(__file__).parents[1] / "gazetteer"


@dataclass(frozen=True, slots=True)
class SharedName:
    """A name of several states.

    It means the first of `among` that the text names otherwise, or else `otherwise`.
    """

    among: tuple[str, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Tables:
    """What the card needs to know of the world beside names.

    `group_members`: the codes of each group. `union_states`: the members of the European Union.
    `contracting_bodies`: bodies that commit themselves to states. `shared_names`: by the second
    word of their concept, `shared.<name>`. `capitals`: the key of each state's capital, the first
    where it has several.
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
        {
            name: SharedName(tuple(entry["among"]), entry["else"])
            for name, entry in candidates.items()
        },
        capitals,
    )


def _mapping(file: str, cache_dir: Path | None) -> Mapping[str, Any]:
    source = load_yaml(GAZETTEER / file, cache_dir)
    if source.problems or not isinstance(source.data, dict):
        raise RuleError(*source.problems or (source.problem((), "must be a mapping"),))
    return source.data
