"""The reports that are rows of lists of known agreements: how they are told from published ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

LIST_SOURCE = "list:"  # no source that is configured has a colon in its id
_ROW = "row:"


class ListRow(NamedTuple):
    """A row of a list; `key` is unique in its list."""

    list_id: str
    key: str

    def to_clue(self) -> str:
        return f"{_ROW}{self.list_id}/{self.key}"


def row_of(clues: Sequence[str]) -> ListRow | None:
    """The row that a report was made of, the first of its clues; None for a published report."""
    if not clues or not clues[0].startswith(_ROW):
        return None
    list_id, _, key = clues[0].removeprefix(_ROW).partition("/")
    return ListRow(list_id, key)


def is_listed(source_id: str | None) -> bool:
    return source_id is not None and source_id.startswith(LIST_SOURCE)


def published(source_id: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a document is no row of a list. `source_id` is its column."""
    condition: ColumnElement[bool] = source_id.is_(None) | source_id.not_like(f"{LIST_SOURCE}%")
    return condition
