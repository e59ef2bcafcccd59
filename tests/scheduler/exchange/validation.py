"""A package checked against its own descriptor, as the standard defines types, constraints and keys.

The real `frictionless` brings chardet, which feedparser would use if it were there: feeds would be
read otherwise here than where Accordwatch is installed. So it validates by hand, in an environment
of its own: `frictionless validate datapackage.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.scheduler.exchange.given import read_csv

Rows = list[dict[str, str]]


def faults(folder: Path) -> list[str]:
    """What is wrong with a package; [] if it is valid."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    tables = {
        resource["name"]: read_csv(folder / resource["path"])
        for resource in package["resources"]
        if resource.get("type") == "table"
    }
    return [
        f"{resource['name']}: {fault}"
        for resource in package["resources"]
        for fault in (*_of_file(resource, folder), *_of_table(resource, tables))
    ]


def _of_file(resource: Mapping[str, Any], folder: Path) -> Iterator[str]:
    content = (folder / resource["path"]).read_bytes()
    if len(content) != resource["bytes"]:
        yield "bytes"
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != resource["hash"]:
        yield "hash"


def _of_table(resource: Mapping[str, Any], tables: Mapping[str, Rows]) -> Iterator[str]:
    if resource["name"] not in tables:
        return
    rows, schema = tables[resource["name"]], resource["schema"]
    names = [field["name"] for field in schema["fields"]]
    if len(rows) != resource["rows"]:
        yield "rows"
    for row in rows:
        if list(row) != names:
            yield f"the header is {list(row)}"
        for field in schema["fields"]:
            if not _fits(row[field["name"]], field):
                yield f"{field['name']}: {row[field['name']]!r}"
    keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
    if len(set(keys)) < len(keys):
        yield "the primary key is not unique"
    if schema.get("foreignKeys") == []:
        yield "the standard allows no empty list of foreign keys"
    for key in schema.get("foreignKeys", ()):
        yield from _dangling(rows, key, tables[key["reference"]["resource"]])


def _dangling(rows: Rows, key: Mapping[str, Any], targets: Rows) -> Iterator[str]:
    held = {tuple(row[name] for name in key["reference"]["fields"]) for row in targets}
    for row in rows:
        value = tuple(row[name] for name in key["fields"])
        if any(value) and value not in held:
            yield f"{value} is not in {key['reference']['resource']}"


def _fits(cell: str, field: Mapping[str, Any]) -> bool:
    constraints = field.get("constraints", {})
    if cell == "":
        return not constraints.get("required", False)
    return _TYPES[field["type"]](cell) and cell in constraints.get("enum", [cell])


def _is_date(cell: str) -> bool:
    try:
        return date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


_TYPES: Mapping[str, Callable[[str], bool]] = {
    "string": lambda cell: True,
    "integer": lambda cell: re.fullmatch(r"-?\d+", cell) is not None,
    "boolean": lambda cell: cell in ("true", "false"),
    "date": _is_date,
}
