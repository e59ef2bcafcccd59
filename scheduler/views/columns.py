"""How a list is described: its columns once, for every door that shows the list.

Rows for programs, CSV headers, the table of the terminal, the schemas of API and data package, the
codebook and the tables of the docs all follow from these descriptions. Types are those of
Frictionless Table Schema (https://datapackage.org/standard/table-schema), with two for JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache, cached_property
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from crawler.located_yaml import shipped_yaml

if TYPE_CHECKING:
    from scheduler.views.words.labels import Labels

Type = Literal["string", "integer", "number", "boolean", "date", "datetime", "list", "object"]
Row = dict[str, Any]
Item = TypeVar("Item", contravariant=True)


class Door(StrEnum):
    JSON = "json"  # JSON lines, files in JSON, the API
    SHEET = "sheet"  # CSV, Excel, Parquet
    TERMINAL = "terminal"
    DATASET = "dataset"  # the tables of the data package


LISTS = frozenset({Door.JSON, Door.SHEET})
JSON_ONLY = frozenset({Door.JSON})
SHEET_ONLY = frozenset({Door.SHEET})
DATASET_ONLY = frozenset({Door.DATASET})
EVERYWHERE = LISTS | {Door.DATASET}


@dataclass(frozen=True)
class Column(Generic[Item]):
    """A column of a list; what it means stands in `columns.yaml`, under `about` or its name.

    `value` takes it from what the list is made of: a function, or the path of an attribute, by
    default its name. `values` are all that it can hold; none for any. A `required` one is never
    empty. `parts` describes the objects of a list. The terminal shows it under its `title`, by
    default its name, which may be a key of `terminal.columns`, as `cell` says it; `empty` is the
    English of what stands there where there is no value.
    """

    name: str
    type: Type
    value: Callable[[Item], Any] | str = ""
    doors: frozenset[Door] = LISTS
    values: Iterable[str] = ()
    cell: Callable[[Item, Labels], str] | None = None
    title: str = ""
    required: bool = False
    parts: Table[Any] | None = None
    about: str = ""
    empty: str = ""

    @cached_property
    def read(self) -> Callable[[Item], Any]:
        return attrgetter(self.value or self.name) if isinstance(self.value, str) else self.value

    def in_words(self, item: Item, labels: Labels) -> str:
        """The cell of the terminal; moments are in the local time of who reads it."""
        if self.cell is not None:
            return self.cell(item, labels)
        value = self.read(item)
        if value is None:
            return labels.say(self.empty) if self.empty else ""
        return moment(value) if isinstance(value, datetime) else str(value)


# Columns whose values stand in another table: that table, and its columns.
References = tuple[tuple[str, ...], str, tuple[str, ...]]


@dataclass(frozen=True)
class Table(Generic[Item]):
    """A list. `terminal` names the columns of the terminal, `page` those that its table on the page
    has at first, and `more` those that a reader may choose beside them; title and keys are for the
    data package.
    """

    name: str
    columns: tuple[Column[Item], ...]
    terminal: tuple[str, ...] = ()
    page: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    title: str = ""
    key: tuple[str, ...] = ()
    foreign_keys: tuple[References, ...] = ()

    def at(self, door: Door) -> tuple[Column[Item], ...]:
        """The columns that a door shows."""
        return self._by_door[door]

    @cached_property
    def _by_door(self) -> dict[Door, tuple[Column[Item], ...]]:
        by_door = {
            door: tuple(column for column in self.columns if door in column.doors) for door in Door
        }
        return by_door | {Door.TERMINAL: tuple(self.named[name] for name in self.terminal)}

    @cached_property
    def named(self) -> Mapping[str, Column[Item]]:
        """The columns by their names; of two with one name, the first."""
        return {column.name: column for column in reversed(self.columns)}

    @property
    def description(self) -> str:
        """What a row is."""
        return _meanings()[self.name]["row"]

    def meaning(self, column: Column[Any]) -> str:
        """What a column holds, in a sentence or two."""
        key, known = column.about or column.name, _meanings()
        return known[self.name].get(key) or known["shared"][key]

    def names(self, door: Door = Door.SHEET) -> tuple[str, ...]:
        return tuple(column.name for column in self.at(door))

    def row(self, item: Item, door: Door = Door.JSON) -> Row:
        """What the columns say of an item, ready for JSON: days and moments as ISO 8601."""
        return {column.name: plain(column.read(item)) for column in self.at(door)}

    def headings(self, labels: Labels) -> tuple[str, ...]:
        """The header of the terminal."""
        titles = (column.title or column.name for column in self.at(Door.TERMINAL))
        return tuple(labels.known(f"terminal.columns.{title}", title) for title in titles)

    def cells(self, item: Item, labels: Labels) -> tuple[str, ...]:
        """The cells of the terminal, in words."""
        return tuple(column.in_words(item, labels) for column in self.at(Door.TERMINAL))


def plain(value: Any) -> Any:
    """A value ready for JSON: days and moments as ISO 8601."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def fields_row(item: object, *names: str) -> Row:
    """These attributes of a record, ready for JSON as in a row."""
    return {name: plain(getattr(item, name)) for name in names}


@cache
def _meanings() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = shipped_yaml(Path(__file__).parent / "columns.yaml")
    return found


def moment(at: datetime | None, otherwise: str = "") -> str:
    """A moment in the local time of the person at the terminal."""
    return otherwise if at is None else f"{at.astimezone():%Y-%m-%d %H:%M}"


def flat(type: Type) -> str:
    """The type of a column in a file of rows, whose lists are joined with "; "."""
    return "string" if type in ("list", "object") else type


_JSON_TYPES = {"date": "string", "datetime": "string", "list": "array"}


def json_schema(table: Table[Any]) -> dict[str, Any]:
    """The JSON Schema of a row, for the description of the API."""
    properties = {}
    for column in table.at(Door.JSON):
        kind = _JSON_TYPES.get(column.type, column.type)
        schema: dict[str, Any] = {"description": table.meaning(column)}
        schema["type"] = kind if column.required or kind == "array" else [kind, "null"]
        if column.type in ("date", "datetime"):
            schema["format"] = "date" if column.type == "date" else "date-time"
        if column.values:
            schema["enum"] = [*column.values, *([] if column.required else [None])]
        if column.parts is not None:
            schema["items"] = json_schema(column.parts)
        properties[column.name] = schema
    return {"type": "object", "properties": properties}
