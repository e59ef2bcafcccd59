"""`backfill`: archives of years into the register, from one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scheduler.command_line import accordwatch
from tests.scheduler.jobs.backfill.given import SIGNED, lines, web_archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert accordwatch("init", cwd=tmp_path).returncode == 0
    (tmp_path / "archives").mkdir()
    return tmp_path


def test_archives_are_read_by_workers_and_registered_once_and_nobody_is_alerted(
    folder: Path,
) -> None:
    web_archive(folder / "archives" / "2016.warc.gz")
    row = {"headline": SIGNED[0], "text": SIGNED[1], "published": "2016-08-01", "lang": "fr"}
    lines(folder / "archives" / "agency.jsonl", row)
    asked = ("backfill", "archives", "--column", "title=headline", "--report", "report.json")
    done = accordwatch(*asked, "--workers", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "2 archives, 5 documents read: 2 report an agreement" in done.stderr
    assert "Register: 2 documents stored; 2 report an agreement." in done.stderr
    report = json.loads((folder / "report.json").read_text())
    assert [one["read"] for one in report["archives"]] == [4, 1]
    (agreement,) = accordwatch("agreements", "--format", "jsonl", cwd=folder).stdout.splitlines()
    assert json.loads(agreement)["parties"] == ["MA", "NE"]
    assert accordwatch("digest", "send", cwd=folder).returncode == 0
    assert list((folder / "digests").glob("*.eml")) == []
    again = accordwatch(*asked, cwd=folder)
    assert "Register: 0 documents stored, 2 were known already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere: there is no such file or folder"),
        (("archives",), "no archive there; their names end with .warc"),
        (("archives", "--language", "tlh"), "--language tlh: is not read"),
        (("archives", "--column", "body"), "--column body: should be FIELD=COLUMN"),
        (
            ("archives", "--since", "2020-01-02", "--until", "2020-01-01"),
            "--since 2020-01-02 is after --until 2020-01-01",
        ),
        (("archives", "--workers", "-1"), "--workers: at least 1"),
    ],
)
def test_what_can_find_nothing_is_one_line(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    if len(arguments) > 1:
        lines(folder / "archives" / "a.jsonl", {"title": SIGNED[0]})
    done = accordwatch("backfill", *arguments, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
