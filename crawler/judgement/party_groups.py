"""Groups of parties that filters may name: "maghreb" stands for its states.

They stand in `party-groups.yaml`, for people to review.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.judgement.text.letters import fold_text
from crawler.located_yaml import shipped_yaml
from storage.errors import ConfigurationError

_FILE = Path(__file__).with_name("party-groups.yaml")


@dataclass(frozen=True, slots=True)
class PartyGroups:
    """`codes`: group id -> party codes, in the order of the file; `ids`: by folded name."""

    codes: Mapping[str, tuple[str, ...]]
    ids: Mapping[str, str]

    def expand(self, name: str) -> tuple[str, ...] | None:
        """Return the party codes of a group, or None where no group is called so.

        `name` is its id or one of its names, in any spelling.
        """
        found = self.ids.get(fold_text(name))
        return None if found is None else self.codes[found]


@cache
def load_party_groups() -> PartyGroups:
    """Read the groups, once in a process: it takes 25 ms, and a page asks several times.

    Raises ConfigurationError where the file is broken.
    """
    data = shipped_yaml(_FILE)
    groups = data.get("groups") if isinstance(data, dict) else None
    if not isinstance(groups, dict):
        raise ConfigurationError(f"{_FILE}: `groups` must map ids to `parties` and `names`")
    codes = {group: tuple(map(str, body["parties"])) for group, body in groups.items()}
    ids = {
        fold_text(str(name)): group
        for group, body in groups.items()
        for name in (group, *body.get("names", ()))
    }
    return PartyGroups(codes, ids)
