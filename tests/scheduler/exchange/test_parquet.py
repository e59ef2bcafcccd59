"""`export --parquet`: the tables with their types, as DuckDB opens them."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scheduler.exchange.package import FILES
from scheduler.views import writer
from scheduler.views.agreements import DATASET
from scheduler.views.columns import Door, flat
from tests.scheduler.command_line import EVERY_GRADE, accordwatch, succeed
from tests.scheduler.exchange.given import TITLES, hostile, lives, read_csv
from tests.scheduler.exchange.test_package import descriptor
from tests.scheduler.exchange.validation import faults
from tests.scheduler.given_digests import register


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("parquet")
    register(made, *hostile(), *lives())
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=made)
    return made / "out"


def asked(statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as opened:
        return opened.execute(statement).fetchall()


def test_the_package_is_valid_and_names_the_files(folder: Path) -> None:
    assert faults(folder) == []
    assert {path.name for path in folder.iterdir()} == FILES
    named = {resource["path"]: resource for resource in descriptor(folder)["resources"]}
    assert named["steps.parquet"]["bytes"] == (folder / "steps.parquet").stat().st_size


def test_columns_have_the_types_of_the_schema(folder: Path) -> None:
    types = {"string": "VARCHAR", "integer": "BIGINT", "date": "DATE", "boolean": "BOOLEAN"}
    for table in DATASET:
        found = asked(f"DESCRIBE SELECT * FROM '{folder}/{table.name}.parquet'")
        assert [(row[0], row[1]) for row in found] == [
            (column.name, types[flat(column.type)]) for column in table.at(Door.DATASET)
        ]


def test_rows_are_those_of_the_csv(folder: Path) -> None:
    for table in DATASET:
        rows = asked(f"SELECT * FROM '{folder}/{table.name}.parquet'")
        written = read_csv(folder / f"{table.name}.csv")
        assert len(rows) == len(written)
        keys = [table.names(Door.DATASET).index(name) for name in table.key]
        assert [tuple(str(row[at]) for at in keys) for row in rows] == [
            tuple(row[name] for name in table.key) for row in written
        ]


def test_titles_are_as_they_are_stored(folder: Path) -> None:
    held = {title for (title,) in asked(f"SELECT title FROM '{folder}/reports.parquet'")}
    assert {t.replace("\x00", "\ufffd").replace("\udc80", "\ufffd") for t in TITLES} <= held


def test_days_are_counted_with(folder: Path) -> None:
    rows = asked(
        f'SELECT max("on") - min("on") FROM \'{folder}/steps.parquet\' '
        "WHERE agreement IN (SELECT agreement FROM "
        f"'{folder}/parties.parquet' WHERE code = 'NL')"
    )
    assert rows == [((date(2026, 2, 28) - date(2023, 5, 2)).days,)]


def test_rows_are_written_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_GROUP", 4)
    register(tmp_path, *hostile())
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    file = tmp_path / "out/agreements.parquet"
    groups = asked(
        f"SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('{file}')"
    )
    assert sorted(groups) == [(0, 4), (1, 4), (2, 1)]


def test_an_empty_register_has_empty_tables(tmp_path: Path) -> None:
    register(tmp_path)
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    assert asked(f"SELECT count(*) FROM '{tmp_path}/out/agreements.parquet'") == [(0,)]


def test_without_pyarrow_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = accordwatch("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    assert done.returncode == 2
    assert "--parquet needs pyarrow: " in done.stderr
    assert "-m pip install 'pyarrow>=21'" in done.stderr
    assert not (tmp_path / "out").exists()
    succeed("export", "out", *EVERY_GRADE, cwd=tmp_path)


def test_force_replaces_an_export_with_parquet(tmp_path: Path) -> None:
    register(tmp_path)
    succeed("export", "out", *EVERY_GRADE, "--parquet", cwd=tmp_path)
    succeed("export", "out", *EVERY_GRADE, "--force", cwd=tmp_path)
    assert not list((tmp_path / "out").glob("*.parquet"))
