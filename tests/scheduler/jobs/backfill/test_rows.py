"""Rows of JSON lines and Parquet files, whatever their columns are called."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from scheduler.jobs.backfill.portions import Row, field_columns, read_rows
from storage.errors import AccordwatchError, ConfigurationError
from tests.scheduler.jobs.backfill.given import held


def _table(path: Path, count: int = 5) -> Path:
    table = pa.table(
        {
            "headline": [f"Title {n}" for n in range(count)],
            "body": [b"The flower market opens on Saturday."] * count,
            "published": [None, *["2016-08-01T10:00:00Z"] * (count - 1)],
        }
    )
    parquet.write_table(table, path, row_group_size=2)
    return path


def _titles(rows: list[Row]) -> list[str]:
    read = [document for _, document, _ in rows if document is not None]
    return [one.title for one in read]


def test_a_parquet_file_of_other_columns_is_read_by_their_names(tmp_path: Path) -> None:
    file = held(_table(tmp_path / "a.parquet"))
    rows = list(read_rows(file, 0, {"title": "headline", "text": "body"}))
    assert _titles(rows) == [f"Title {n}" for n in range(5)]
    first, second = rows[0][1], rows[1][1]
    assert first is not None
    assert second is not None
    assert (str(second.published_on), second.text[:10]) == ("2016-08-01", "The flower")


@pytest.mark.parametrize("at", [0, 1, 2, 3, 5])
def test_a_parquet_file_is_read_on_from_any_row(tmp_path: Path, at: int) -> None:
    file = held(_table(tmp_path / "a.parquet"))
    rows = list(read_rows(file, at, {"title": "headline"}))
    assert [next_at for next_at, _, _ in rows] == list(range(at + 1, 6))
    assert _titles(rows) == [f"Title {n}" for n in range(at, 5)]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    file = held(_table(tmp_path / "a.parquet"))
    with pytest.raises(AccordwatchError, match="no column title or text; it has headline, body"):
        list(read_rows(file, 0, {}))
    with pytest.raises(AccordwatchError, match="no column inhalt"):
        list(read_rows(file, 0, {"text": "inhalt"}))


def test_a_column_with_parts_of_its_own_is_no_text(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"text": [{"words": "a"}]}), tmp_path / "a.parquet")
    ((_, document, fault),) = read_rows(held(tmp_path / "a.parquet"), 0, {})
    assert (document, "row 1: text: should be text, not dict" in fault) == (None, True)


def test_a_file_that_is_no_parquet_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(AccordwatchError, match="no readable Parquet file"):
        list(read_rows(held(tmp_path / "a.parquet"), 0, {"title": "headline"}))


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_lines_are_read_on_from_any_line_blank_ones_or_not(tmp_path: Path, name: str) -> None:
    said = [json.dumps({"headline": f"Title {n}"}) for n in range(3)]
    body = f"{said[0]}\n\n{said[1]}\nno row\n{said[2]}\n".encode()
    (tmp_path / name).write_bytes(gzip.compress(body) if name.endswith("gz") else body)
    file, columns = held(tmp_path / name), {"title": "headline"}
    whole = list(read_rows(file, 0, columns))
    assert [next_at for next_at, _, _ in whole] == [1, 3, 4, 5]
    assert _titles(whole) == ["Title 0", "Title 1", "Title 2"]
    assert [list(read_rows(file, next_at, columns)) for next_at, _, _ in whole] == [
        whole[1:],
        whole[2:],
        whole[3:],
        [],
    ]


def test_columns_are_written_as_field_and_name() -> None:
    assert field_columns(["text=body", "title=a=b"]) == {"text": "body", "title": "a=b"}
    for wrong in ("text", "text=", "day=published"):
        with pytest.raises(ConfigurationError, match="should be FIELD=COLUMN"):
            field_columns([wrong])
