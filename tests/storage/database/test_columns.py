"""Text as both databases take it."""

from __future__ import annotations

import ast
import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Dialect, MetaData, Table, orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import storage
from storage.database import columns
from storage.database.columns import Base, storable, to_json
from storage.database.tables import METADATA

WELL = ["", "plain", "café", "اتفاقية", "😀 \U0010ffff", "\x01\x7f\x80\ufffd"]
BROKEN = {
    "a\x00b": "a\ufffdb",
    "é\x00": "é\ufffd",
    "a\ud800b": "a\ufffdb",
    "\udfff😀": "\ufffd😀",
    "\ud83d\ude00": "\ufffd\ufffd",
    "\x00\udc00\x00": "\ufffd\ufffd\ufffd",
}


@pytest.mark.parametrize("text", WELL)
def test_text_that_can_be_stored_stays_as_it_is(text: str) -> None:
    assert storable(text) == text
    assert to_json({text: (text, 1)}) == json.dumps({text: [text, 1]})


@pytest.mark.parametrize("text", BROKEN)
def test_each_character_that_a_database_rejects_is_replaced(text: str) -> None:
    assert storable(text) == BROKEN[text]
    assert json.loads(to_json({text: [text, 1]})) == {BROKEN[text]: [BROKEN[text], 1]}


MODULES = sorted(Path(storage.__file__).parent.glob("*/tables.py"))


def test_the_tables_are_those_of_the_orm(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mapping(orm.DeclarativeBase):
        metadata = MetaData(naming_convention=columns.NAMES)
        type_annotation_map = columns.TYPES

        @orm.declared_attr.directive
        def __tablename__(cls) -> str:
            return columns.table_name(cls.__name__)

    monkeypatch.setattr(columns, "Base", Mapping)
    monkeypatch.setattr(columns, "Mapped", orm.Mapped)
    monkeypatch.setattr(columns, "mapped_column", _mapped_column)
    monkeypatch.setattr(columns, "record", lambda table: table)
    for module in MODULES:
        if module.parent.name != "database":
            runpy.run_path(str(module))
    assert len(Mapping.metadata.tables) > 50
    assert METADATA.tables.keys() == Mapping.metadata.tables.keys()
    for name, table in METADATA.tables.items():
        assert list(_said(table)) == list(_said(Mapping.metadata.tables[name]))


def _mapped_column(*parts: Any, default: object = None, **options: Any) -> Any:
    """`default` is that of the record alone."""
    return orm.mapped_column(*parts, **options)


def _said(table: Table) -> Iterator[str]:
    """All that databases are told of a table, and what is known of its columns beside that."""
    # `storage.migrations.partial_indexes` adds others, once it is imported.
    declared_indexes = [index for index in table.indexes if not index.dialect_kwargs]
    dialects: tuple[Dialect, ...] = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
    for dialect in dialects:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(declared_indexes, key=lambda one: str(one.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))
    for column in table.columns:
        yield f"{column.key} {column.type!r} {column.nullable} {column.autoincrement}"


def test_no_statement_is_written_for_the_orm() -> None:
    """mypy would allow these, since the ORM does: `select` of a class would give the columns of its
    table, and `update` of a class with rows to change would change each row of the table.
    """
    code = "select(Documents); execute(update(Documents), rows); execute(insert(Documents), rows)"
    assert list(_for_the_orm(ast.parse(code))) == [1, 1]
    files = [*Path(storage.__file__).parent.rglob("*.py")]
    found = {file: list(_for_the_orm(ast.parse(file.read_text("utf-8")))) for file in files}
    assert {file: lines for file, lines in found.items() if lines} == {}


def _for_the_orm(module: ast.Module) -> Iterator[int]:
    """The lines of statements that only the ORM understands."""
    tables = {table.__name__ for table in Base.__subclasses__()}
    for call in ast.walk(module):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        is_class = any(isinstance(one, ast.Name) and one.id in tables for one in call.args)
        changes_rows = len(call.args) > 1 and ast.unparse(call.args[0]) in {
            f"update({table})" for table in tables
        }
        if (name == "select" and is_class) or (name == "execute" and changes_rows):
            yield call.lineno
