"""Archives and rows are read once, go on where they were left; one bad document costs itself."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from crawler.process.task import WantedDocuments
from scheduler.jobs.backfill import portions
from scheduler.jobs.backfill.portions import Row, field_columns, find_archives, read_rows
from scheduler.jobs.backfill.reading import ResultFile
from scheduler.jobs.locks import BusyError
from storage.errors import AccordwatchError, ConfigurationError
from tests.scheduler.jobs.backfill.given import (
    DULL,
    SIGNED,
    held,
    lines,
    reader,
    record,
    web_archive,
)

ROW: dict[str, object] = {
    "title": SIGNED[0],
    "text": SIGNED[1],
    "lang": "fr",
    "published": "2016-08-01",
}


def test_what_reports_something_is_kept_and_the_rest_is_counted(tmp_path: Path) -> None:
    file = held(web_archive(tmp_path / "a.warc.gz"))
    one = reader(tmp_path)
    result = one.read(file)
    assert (result.ended, result.read, result.found, result.problem) == (True, 4, 1, None)
    (document,) = one.found(file)
    assert document.url == "https://a.example/accord"
    assert document.published_on == date(2016, 8, 2)  # the page names none: the day it was seen


def test_a_second_reading_reads_nothing(tmp_path: Path) -> None:
    file = held(web_archive(tmp_path / "a.warc.gz"))
    first = reader(tmp_path).read(file)
    again = reader(tmp_path)
    assert again.read(file) == first
    assert again.judged == 0
    assert again.received == [(4, 1)]  # so that what is left can be told


def test_it_goes_on_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PAGES", 1)
    file = held(web_archive(tmp_path / "a.warc.gz", dull=5))
    stopped = reader(tmp_path, stops_after=2)
    assert not stopped.read(file).ended
    later = reader(tmp_path)
    whole = later.read(file)
    assert (whole.ended, whole.read, whole.found) == (True, 6, 1)
    assert 0 < later.judged < 6


def test_a_line_of_results_that_breaks_off_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "PAGES", 1)
    file = held(web_archive(tmp_path / "a.warc.gz"))
    one = reader(tmp_path)
    one.read(file)
    path = one.order.path(file)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    again = reader(tmp_path)
    assert again.read(file).read == 4
    assert path.read_bytes() == whole


def test_other_wishes_other_rules_or_another_file_are_read_anew(tmp_path: Path) -> None:
    path = web_archive(tmp_path / "a.warc.gz")
    reader(tmp_path).read(held(path))
    other_rules = reader(tmp_path)
    other_rules.order = replace(other_rules.order, rules="rules 2")
    other_rules.read(held(path))
    later = reader(tmp_path, WantedDocuments(since=date(2020, 1, 1)))
    assert (later.read(held(path)).outside, later.judged) == (4, 4)
    web_archive(path, dull=1)
    assert reader(tmp_path).read(held(path)).read == 2
    assert other_rules.judged == 4


def test_a_document_that_ends_a_worker_costs_itself_alone(tmp_path: Path) -> None:
    file = held(web_archive(tmp_path / "a.warc.gz"))
    one = reader(tmp_path, dies_at="example/2")
    result = one.read(file)
    assert (result.read, result.found, dict(result.refused)) == (4, 1, {"timeout": 1})
    assert "https://a.example/2" in result.refusals[0]


def test_an_archive_that_breaks_off_is_read_until_there_and_says_so(tmp_path: Path) -> None:
    path = web_archive(tmp_path / "a.warc.gz")
    path.write_bytes(path.read_bytes()[:-30])
    result = reader(tmp_path).read(held(path))
    assert (result.ended, result.read, result.found) == (True, 3, 1)
    assert (result.problem or "").startswith(f"truncated: {path}")


def test_a_record_of_gigabytes_is_passed_and_what_comes_after_it_is_read(tmp_path: Path) -> None:
    path = web_archive(tmp_path / "a.warc.gz")
    film = record("https://a.example/film", b"\0" * 3_000_000)
    path.write_bytes(film + path.read_bytes())
    one = reader(tmp_path)
    one.order = replace(one.order, max_bytes=50_000)
    result = one.read(held(path))
    assert (result.read, result.found, dict(result.refused)) == (4, 1, {"too_large": 1})
    assert result.problem is None


def test_what_is_no_article_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(record("https://a.example/", b"<html><body></body></html>"))
    result = reader(tmp_path).read(held(path))
    assert (result.read, result.found, sum(result.refused.values())) == (1, 0, 1)


def test_days_and_languages_that_nobody_wants_are_left_out(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        ROW,
        ROW | {"published": "2015-12-31", "id": "early"},
        ROW | {"published": None, "id": "undated"},
        {"title": "The market", "text": "The flower market opens on Saturday. " * 9, "lang": "en"},
    )
    wanted = WantedDocuments(date(2016, 1, 1), date(2016, 12, 31), frozenset({"fr"}))
    result = reader(tmp_path, wanted).read(held(path))
    assert (result.read, result.found, result.outside) == (4, 2, 2)


def test_a_row_that_is_no_document_is_named(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", ROW, {"title": 7}, {"text": DULL[1]})
    with path.open("a") as stream:
        stream.write("\n{torn")
    result = reader(tmp_path).read(held(path))
    assert (result.read, dict(result.refused)) == (2, {"no_document": 2})
    assert result.refusals[0].startswith(f"no_document: {path}:2: title")


def test_two_readers_of_an_archive_do_not_write_into_each_other(tmp_path: Path) -> None:
    file = held(web_archive(tmp_path / "a.warc.gz"))
    one = reader(tmp_path)
    with (
        ResultFile(one.order, file),
        pytest.raises(BusyError, match="wait for it, or stop it"),
    ):
        one.read(file)
    assert one.read(file).read == 4


def test_results_that_cannot_be_kept_stop_it(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where the folder should be")
    with pytest.raises(AccordwatchError, match="cannot be written"):
        reader(tmp_path).read(held(web_archive(tmp_path / "a.warc.gz")))


def _folder(path: Path) -> Path:
    (path / "2016").mkdir()
    web_archive(path / "2016" / "b.warc.gz")
    lines(path / "a.jsonl", {"title": "x"})
    (path / "notes.md").write_text("no archive")
    return path


def test_a_folder_gives_its_archives_in_order_and_each_once(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    files, problems = find_archives([str(folder), str(folder / "a.jsonl")])
    assert [Path(file.path).name for file in files] == ["b.warc.gz", "a.jsonl"]
    assert problems == []


@pytest.mark.parametrize("name", ["warc.paths", "warc.paths.gz"])
def test_a_list_names_files_from_its_own_folder(tmp_path: Path, name: str) -> None:
    folder = _folder(tmp_path)
    said = b"# of one month\n2016/b.warc.gz\n2016/gone.warc.gz\nhttps://a.example/c.warc.gz\n"
    (folder / name).write_bytes(gzip.compress(said) if name.endswith("gz") else said)
    files, problems = find_archives([str(folder / name)])
    assert [Path(file.path).name for file in files] == ["b.warc.gz"]
    assert [line.rpartition(": ")[2] for line in sorted(problems)] == [
        "there is no such file or folder",
        "https://a.example/c.warc.gz is not on this machine; fetch it first",
    ]


def test_a_list_that_breaks_off_is_a_problem(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "warc.paths.gz").write_bytes(gzip.compress(b"2016/b.warc.gz\n")[:-9])
    files, problems = find_archives([str(folder / "warc.paths.gz"), str(folder / "a.jsonl")])
    assert "the list cannot be read" in problems[0]
    assert len(files) == 1


def test_no_archive_at_all_is_an_error_that_says_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("no archive")
    with pytest.raises(AccordwatchError, match=r"notes\.md: no archive by its name"):
        find_archives([str(tmp_path / "notes.md")])
    with pytest.raises(AccordwatchError, match=r"their names end with \.warc"):
        find_archives([str(tmp_path)])


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
    return [document.title for document in read]


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
