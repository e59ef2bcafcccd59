"""Which files a person means."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from scheduler.jobs.backfill.portions import find_archives
from storage.errors import AccordwatchError
from tests.scheduler.jobs.backfill.given import lines, web_archive


def _folder(path: Path) -> Path:
    (path / "2016").mkdir()
    web_archive(path / "2016" / "b.warc.gz")
    lines(path / "a.jsonl", {"title": "x"})
    (path / "notes.md").write_text("no archive")
    return path


def test_a_folder_gives_its_archives_in_order_and_each_once(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    found, problems = find_archives([str(folder), str(folder / "a.jsonl")])
    assert [Path(one.path).name for one in found] == ["b.warc.gz", "a.jsonl"]
    assert problems == []


@pytest.mark.parametrize("name", ["warc.paths", "warc.paths.gz"])
def test_a_list_names_files_from_its_own_folder(tmp_path: Path, name: str) -> None:
    folder = _folder(tmp_path)
    said = b"# of one month\n2016/b.warc.gz\n2016/gone.warc.gz\nhttps://a.example/c.warc.gz\n"
    (folder / name).write_bytes(gzip.compress(said) if name.endswith("gz") else said)
    found, problems = find_archives([str(folder / name)])
    assert [Path(one.path).name for one in found] == ["b.warc.gz"]
    assert [line.rpartition(": ")[2] for line in sorted(problems)] == [
        "there is no such file or folder",
        "https://a.example/c.warc.gz is not on this machine; fetch it first",
    ]


def test_a_list_that_breaks_off_is_a_problem(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "warc.paths.gz").write_bytes(gzip.compress(b"2016/b.warc.gz\n")[:-9])
    found, problems = find_archives([str(folder / "warc.paths.gz"), str(folder / "a.jsonl")])
    assert "the list cannot be read" in problems[0]
    assert len(found) == 1


def test_no_archive_at_all_is_an_error_that_says_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("no archive")
    with pytest.raises(AccordwatchError, match=r"notes\.md: no archive by its name"):
        find_archives([str(tmp_path / "notes.md")])
    with pytest.raises(AccordwatchError, match=r"their names end with \.warc"):
        find_archives([str(tmp_path)])
