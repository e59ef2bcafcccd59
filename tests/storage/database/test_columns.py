"""Text as both databases take it, rows as records, and statements."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import storage
from storage.database import sql
from storage.database.columns import Base, storable, to_json
from storage.database.session import Database
from storage.database.tables import METADATA
from storage.sources.tables import Deed, SourceDecision, SourceState

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


STATE = SourceState("s", due_at=datetime(2026, 1, 1, tzinfo=UTC))


def test_records_are_compared_by_value() -> None:
    other = replace(STATE)
    assert other is not STATE
    assert {other, STATE} == {STATE}
    assert replace(STATE, failures=1) != STATE


def test_a_record_that_is_not_stored_yet_gets_its_number_from_the_database(
    database: Database,
) -> None:
    decision = SourceDecision("s", Deed.PAUSED, "Ada", "too much", datetime.now(UTC))
    assert decision.id == 0
    with database.begin() as s:
        first, second = (sql.add(s, SourceDecision, **asdict(decision)) for _ in range(2))
    assert 0 < first < second


def test_no_statement_is_written_for_the_orm() -> None:
    """mypy allows these, since the ORM understands them. On a connection, `select` of a class gives
    the columns of its table, and `update` of a class with rows to change changes each row of it.
    """
    assert len(_tables()) == len(METADATA.tables) > 50
    code = "select(Documents); execute(update(Documents), rows); execute(insert(Documents), rows)"
    assert list(_for_the_orm(ast.parse(code))) == [1, 1]
    files = [*Path(storage.__file__).parent.rglob("*.py")]
    found = {file: list(_for_the_orm(ast.parse(file.read_text("utf-8")))) for file in files}
    assert {file: lines for file, lines in found.items() if lines} == {}


def _tables() -> set[str]:
    return {mapper.class_.__name__ for mapper in Base.registry.mappers}


def _for_the_orm(module: ast.Module) -> Iterator[int]:
    """The lines of statements that only the ORM understands."""
    tables = _tables()
    for call in ast.walk(module):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        is_class = any(isinstance(arg, ast.Name) and arg.id in tables for arg in call.args)
        changes_rows = len(call.args) > 1 and ast.unparse(call.args[0]) in {
            f"update({table})" for table in tables
        }
        if (name == "select" and is_class) or (name == "execute" and changes_rows):
            yield call.lineno
