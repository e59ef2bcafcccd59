"""Groups of parties that filters and estimates name: "maghreb" stands for its states, and for the
bodies that sign for them. They stand in `party_groups.toml`, for people to review.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from storage.letters import fold_text

_FILE = Path(__file__).with_name("party_groups.toml")


@dataclass(frozen=True, slots=True)
class PartyGroups:
    """`codes`: the parties of each group by its id, its bodies first, in the order of the file;
    `ids`: by folded name.
    """

    codes: Mapping[str, tuple[str, ...]]
    ids: Mapping[str, str]

    def meant(self, name: str) -> str | None:
        """The id of the group that is called so, in any spelling; None if none is."""
        return self.ids.get(fold_text(name))


@cache
def load_party_groups() -> PartyGroups:
    groups = tomllib.loads(_FILE.read_text())
    codes = {group: (*body.get("bodies", ()), *body["members"]) for group, body in groups.items()}
    names = ((name, group) for group, body in groups.items() for name in (group, *body["names"]))
    return PartyGroups(codes, {fold_text(name): group for name, group in names})
