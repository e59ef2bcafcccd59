"""The tables that our classes declare are those that SQLAlchemy's ORM makes of the same classes."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Dialect, MetaData, Table, orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import storage
from storage.database import declared
from storage.database.declared import Base
from storage.database.tables import METADATA

MODULES = sorted(Path(storage.__file__).parent.glob("*/tables.py"))


def test_the_tables_are_those_of_the_orm(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mapping(orm.DeclarativeBase):
        metadata = MetaData(naming_convention=declared.NAMES)
        type_annotation_map = declared.TYPES

    monkeypatch.setattr(declared, "Base", Mapping)
    monkeypatch.setattr(declared, "Mapped", orm.Mapped)
    monkeypatch.setattr(declared, "mapped_column", orm.mapped_column)
    for module in MODULES:
        if "declared import" in module.read_text(encoding="utf-8"):
            runpy.run_path(str(module))
    assert len(Mapping.metadata.tables) > 50
    assert METADATA.tables.keys() == Mapping.metadata.tables.keys()
    for name, table in METADATA.tables.items():
        assert list(_said(table)) == list(_said(Mapping.metadata.tables[name]))


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
