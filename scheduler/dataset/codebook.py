"""The codebook: every column of every table, in Markdown or as rows, from the one schema."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.dataset.publication import Publication
from scheduler.dataset.schema import TABLES, Column, Table

_CSV = """\
The files are CSV (RFC 4180) in UTF-8, with a header; an empty cell means that it is not known.
Text that a spreadsheet would run as a formula, since it begins with a tab or the end of a line, or
behind spaces with `=`, `+`, `-`, `@` or their wide forms, has an apostrophe in front;
`register.jsonl` has it as it is. Characters that no database can hold (NUL, halves of surrogate
pairs) are U+FFFD.
"""
_NOT_HERE = """\
## What is not here

- Which party took a step: reports tell the step of an agreement.
- The texts of reports, which belong to their publishers: see their addresses.
"""


def codebook(about: Publication, *, csv: bool) -> str:
    """The codebook as Markdown; `csv` says how the files are written, too."""
    parts = [f"# {about.title}: codebook", f"Version {about.version}. {about.description}"]
    if csv:
        parts.append(_CSV.rstrip())
    parts += [_of_table(table) for table in TABLES]
    parts.append(_NOT_HERE.rstrip())
    return "\n\n".join(parts) + "\n"


def codebook_rows() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield table, column, type, description and values of each column."""
    for table in TABLES:
        for column in table.columns:
            values = "; ".join(column.values)
            yield table.name, column.name, column.type, column.description, values


def columns_in_markdown(table: Table) -> str:
    """The columns of a table as a Markdown table."""
    lines = ["| column | type | what it is | values |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *map(_of_column, table.columns)])


def _of_table(table: Table) -> str:
    keys = [f"Key: {_code(table.key)}."] + [
        f"{_code(key.columns)} stands in {key.target} as {_code(key.target_columns)}."
        for key in table.foreign_keys
    ]
    head = f"## {table.name}\n\n{table.description} {' '.join(keys)}"
    return f"{head}\n\n{columns_in_markdown(table)}"


def _of_column(column: Column) -> str:
    needed = ", never empty" if column.required else ""
    values = ", ".join(f"`{value}`" for value in column.values)
    return f"| `{column.name}` | {column.type}{needed} | {column.description} | {values} |"


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
