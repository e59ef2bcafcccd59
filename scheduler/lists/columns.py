"""Which column of a list holds what: by its header, or as the person says who imports it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.lists.words import column_names, fields, plain
from storage.errors import AccordwatchError

# One-word names that many headers begin with: "Date of ratification" is no signature.
_GENERIC = frozenset({"date", "datum", "data", "fecha", "text", "texte", "texto", "type", "number"})
_LEAST = 5  # characters of a name that a longer header may begin with
HEADER_WITHIN = 15  # rows: titles and remarks of a list stand above its header


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Where the fields of a list stand. `header` is the number of its row; `unread` are the headers
    of columns that are not read.
    """

    header: int
    places: Mapping[str, int]
    names: Sequence[str]
    unread: tuple[str, ...] = ()

    def name_of(self, field: str) -> str:
        """The header of a field, as the list writes it."""
        return self.names[self.places[field]] if field in self.places else field


def find_columns(
    rows: Sequence[tuple[int, Sequence[str]]], given: Mapping[str, str], file: str
) -> ListColumns:
    """The columns of a list, by the best header among its first rows.

    Raises AccordwatchError if none of them names the parties, or not all columns that are `given`.
    """
    found = [ListColumns(number, _places(cells, given), cells) for number, cells in rows]
    usable = [one for one in found if _names_parties(one.places)]
    if not usable:
        raise AccordwatchError(_no_header(found, given, file))
    best = max(usable, key=lambda one: (len(one.places), -one.header))
    for field, name in given.items():
        if field not in best.places:
            there = ", ".join(filter(None, best.names))
            raise AccordwatchError(f"{file}: no column is called {name!r}; there is {there}")
    unread = [
        name for place, name in enumerate(best.names) if name and place not in best.places.values()
    ]
    return ListColumns(best.header, best.places, best.names, tuple(unread))


def is_header(cells: Sequence[str], columns: ListColumns) -> bool:
    """Whether a row repeats the header, perhaps in another language."""
    places = _places(cells, {})
    alike = sum(columns.places.get(field) == place for field, place in places.items())
    filled = sum(bool(cell.strip()) for cell in cells)
    return alike >= max(2, (filled + 1) // 2)


def given_columns(written: Iterable[str]) -> dict[str, str]:
    """`--column parties=Pays`: the header of each field that is named. Raises AccordwatchError."""
    found = {}
    for one in written:
        field, _, name = one.partition("=")
        if field not in fields() or not name.strip():
            raise AccordwatchError(
                f"--column {one!r} should be a field and the header of its column, like "
                f"parties=Pays; fields are {', '.join(fields())}"
            )
        found[field] = name.strip()
    return found


def _names_parties(places: Mapping[str, int]) -> bool:
    return not {"parties", "party_a", "party_b"}.isdisjoint(places)


def _places(cells: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    headers = [plain(cell) for cell in cells]
    places = {
        field: headers.index(plain(name)) for field, name in given.items() if plain(name) in headers
    }
    for match in (_exact, _beginning):
        for place, header in enumerate(headers):
            field = match(header)
            if field and field not in places and place not in places.values():
                places[field] = place
    return places


def _exact(header: str) -> str | None:
    return column_names().get(header)


def _beginning(header: str) -> str | None:
    """The field whose name a longer header begins with, such as "Signature (day, month, year)"."""
    names = [
        name
        for name in column_names()
        if header.startswith(f"{name} ") and len(name) >= _LEAST and name not in _GENERIC
    ]
    return column_names()[max(names, key=len)] if names else None


def _no_header(found: Sequence[ListColumns], given: Mapping[str, str], file: str) -> str:
    if not found:
        return f"{file}: is empty; a list has a header and a row for each agreement"
    best = max(found, key=lambda one: (len(one.places), sum(map(bool, one.names))))
    there = ", ".join(name for name in best.names if name) or "nothing"
    wanted = given.get("parties")
    said = f"no column is called {wanted!r}" if wanted else "no column names the parties"
    return (
        f"{file}: {said}; row {best.header} has {there}. "
        "Say which column it is: --column parties=HEADER"
    )
