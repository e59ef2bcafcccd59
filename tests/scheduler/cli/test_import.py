"""`import`: gzipped files, and archives that are stored without alerts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.scheduler.command_line import accordwatch
from tests.scheduler.test_cli import ARTICLE

LINE = {"id": "x1", "title": ARTICLE.splitlines()[0], "text": ARTICLE, "published": "2025-07-29"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert accordwatch("init", cwd=tmp_path).returncode == 0
    return tmp_path


def _packed(path: Path, count: int) -> bytes:
    lines = (json.dumps(LINE | {"id": f"x{n}", "title": f"{n}"}) + "\n" for n in range(count))
    packed = gzip.compress("".join(lines).encode())
    path.write_bytes(packed)
    return packed


def test_a_gzipped_file_is_unpacked(folder: Path) -> None:
    _packed(folder / "in.jsonl.gz", 2)
    done = accordwatch("import", "in.jsonl.gz", cwd=folder)
    assert (done.returncode, done.stderr.partition(",")[0]) == (0, "2 documents read")
    rows = accordwatch("classify", "in.jsonl.gz", "--format", "jsonl", cwd=folder).stdout
    assert [json.loads(row)["id"] for row in rows.splitlines()] == ["x0", "x1"]


def test_a_gzipped_file_that_breaks_off_is_one_clear_line(folder: Path) -> None:
    packed = _packed(folder / "in.jsonl.gz", 2)
    (folder / "in.jsonl.gz").write_bytes(packed[:-12])
    done = accordwatch("import", "in.jsonl.gz", cwd=folder)
    assert done.returncode == 1
    assert ": the gzip breaks off or is damaged here: " in done.stderr
    assert "1 document read, 1 stored" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_archive_is_imported_without_alerts(folder: Path) -> None:
    (folder / "in.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
    done = accordwatch("import", "in.jsonl", "--no-alerts", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 report an agreement; stored without alerts (--no-alerts)" in done.stderr
    assert accordwatch("digest", "send", cwd=folder).returncode == 0
    assert list((folder / "digests").glob("*.eml")) == []


def _import(folder: Path, *rows: Mapping[str, object]) -> tuple[int, list[str]]:
    """How the import of these rows ends, and the lines that it prints."""
    (folder / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    done = accordwatch("import", "in.jsonl", cwd=folder)
    return done.returncode, done.stderr.splitlines()


def test_keys_that_are_not_read_are_counted_with_what_was_probably_meant(folder: Path) -> None:
    row = LINE | {"url": "https://a.example/1", "titel": "x", "Published": "2025-07-29"}
    code, lines = _import(folder, row, LINE | {"id": "x2", "url": "https://a.example/2", "zz": 1})
    assert code == 0
    said = lines[0].removeprefix("in.jsonl: keys that are not read: ").split(", ")
    assert sorted(said) == [
        "'Published' in 1 line (did you mean published?)",
        "'titel' in 1 line (did you mean title?)",
        "'url' in 2 lines (did you mean source_url?)",
        "'zz' in 1 line",
    ]


def test_of_lines_that_are_no_documents_the_keys_are_named(folder: Path) -> None:
    code, lines = _import(folder, {"headline": "x"}, {"headline": "y"})
    assert (code, len(lines)) == (1, 2)
    assert "'headline' in 2 lines (did you mean title?)" in lines[0]
    assert "none of its 2 lines is a document in JSON; the first: in.jsonl:1: " in lines[1]


def test_a_file_with_the_keys_of_documents_alone_is_told_in_one_line(folder: Path) -> None:
    assert len(_import(folder, LINE)[1]) == 1
