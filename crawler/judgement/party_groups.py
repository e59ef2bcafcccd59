"""Groups of parties that filters may name: "maghreb" stands for its states.

They stand in `party-groups.yaml`, for people to review.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from crawler.judgement.text.folding import fold_text
from crawler.located_yaml import read_yaml
from storage.errors import ConfigurationError

_FILE = Path(__file__).with_name("party-groups.yaml")


@cache
def party_groups() -> Mapping[str, tuple[str, ...]]:
    """Return group id -> party codes, in the order of the file.

    Raises ConfigurationError where the file is broken.
    """
    return {name: codes for name, (codes, _) in _entries().items()}


def expand_group(name: str) -> tuple[str, ...] | None:
    """Return the party codes of a group, or None where no group is called so.

    `name` is its id or one of its names, in any spelling.
    """
    found = _names().get(fold_text(name))
    return None if found is None else party_groups()[found]


@cache
def _names() -> Mapping[str, str]:
    return {
        fold_text(name): group
        for group, (_, names) in _entries().items()
        for name in (group, *names)
    }


@cache
def _entries() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    source = read_yaml(_FILE)
    groups = source.data.get("groups") if isinstance(source.data, dict) else None
    if not isinstance(groups, dict):
        raise ConfigurationError(f"{_FILE}: `groups` must map ids to `parties` and `names`")
    return {
        name: (
            tuple(str(code) for code in body["parties"]),
            tuple(str(one) for one in body.get("names", ())),
        )
        for name, body in groups.items()
    }
