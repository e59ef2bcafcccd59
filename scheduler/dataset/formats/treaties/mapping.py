"""How the register is written in the columns of a treaty database: one reviewable file each.

A mapping says of each of their columns what of ours it holds, with tables of values; which of our
facts come back from it unchanged, and which are lost, and why. Tests hold it to that.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crawler.located_yaml import shipped_yaml
from scheduler.dataset.formats.order import TreatyDatabase
from scheduler.dataset.formats.treaties.facts import CLOSED, FACTS, FACTS_OF_PARTIES

_FOLDER = Path(__file__).parent


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class TheirColumn(BaseModel):
    """A column of a treaty database: which of our facts it holds, or why it stays empty.

    Several facts are joined with `joint`; those that are not known are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    holds: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    joint: str = "; "
    empty: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.holds) == bool(self.empty):
            raise ValueError(f"{self.name}: needs either holds, or empty with the reason")
        unknown = set(self.holds) - {*FACTS, *FACTS_OF_PARTIES}
        if unknown:
            raise ValueError(f"{self.name}: there is no fact {', '.join(sorted(unknown))}")
        return self


class TreatyMapping(BaseModel):
    """A treaty database, as far as the register can fill it.

    `rows`: one an agreement, or one for each party of it. `two_parties`: it only has agreements
    of exactly two. `day`: how it writes days, as a format of Python. `values`: our words in
    theirs; of `parties`, only those names that differ from our English ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    publisher: str
    address: str
    seen: str = Field(description="where the list of fields is from, and of which date")
    rows: Literal["agreement", "party"]
    two_parties: bool = False
    day: str
    columns: tuple[TheirColumn, ...]
    values: dict[str, dict[str, str]] = {}
    survives: tuple[str, ...]
    lost: dict[str, str]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for fact, table in self.values.items():
            missing = set(CLOSED.get(fact, ())) - set(table)
            if missing:
                raise ValueError(f"values.{fact}: {', '.join(sorted(missing))} has no word")
            if len(set(table.values())) < len(table):
                raise ValueError(f"values.{fact}: two of ours are the same word of theirs")
        if sorted([*self.survives, *self.lost]) != sorted(FACTS):
            odd = {*self.survives, *self.lost} ^ set(FACTS) | set(self.survives) & set(self.lost)
            raise ValueError(f"survives or is lost, not both and not neither: {sorted(odd)}")
        return self

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@cache
def mapping(name: TreatyDatabase) -> TreatyMapping:
    """The mapping of this name. Raises ConfigurationError if its file is damaged."""
    return TreatyMapping.model_validate(shipped_yaml(_FOLDER / f"{name}.yaml"))
