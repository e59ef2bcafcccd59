"""`import agreements`, as somebody at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler.cli.commands.collecting.imports import _show, _with_progress
from scheduler.exchange.list_import import RowOutcome
from scheduler.exchange.list_rows import ListedAgreement, RowFault
from tests.scheduler.command_line import accordwatch

LIST = """Pays,title,kind,signed
Italie; Libye,=Mémorandum sur la migration,memorandum_of_understanding,2017-02-02
Absurdistan,Rien,agreement,2001-01-01
"""
MAPPED = ("--map", "Pays=parties")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    accordwatch("init", str(tmp_path))
    (tmp_path / "accords.csv").write_bytes(LIST.encode())
    return tmp_path


def test_a_dry_run_shows_what_rows_become_and_stores_nothing(folder: Path) -> None:
    ended = accordwatch("import", "accords.csv", *MAPPED, "--dry-run", cwd=folder)
    assert ended.returncode == 1
    assert "Italy, Libya" in ended.stdout
    assert "accords.csv: row 3, Pays: no state or body is called 'Absurdistan'" in ended.stderr
    assert "1 agreement would be known, 1 not stored. Nothing was stored." in ended.stderr
    assert accordwatch("agreements", "--known", "yes", cwd=folder).stdout == ""


def test_an_import_is_shown_to_whoever_asks_and_undone_as_a_whole(folder: Path) -> None:
    ended = accordwatch("import", "accords.csv", *MAPPED, "--list", "Ministère", cwd=folder)
    assert "Nobody is alerted. To take it back: accordwatch curate undo 1" in ended.stderr
    assert accordwatch("agreements", "--format", "jsonl", cwd=folder).stdout == ""
    listed = accordwatch("agreements", "--known", "yes", "--format", "jsonl", cwd=folder).stdout
    (row,) = map(json.loads, listed.splitlines())
    assert (row["parties"], row["listed"]) == (["IT", "LY"], [1])
    assert "From the list “Ministère”" in accordwatch("show", "IT-LY", cwd=folder).stdout
    exported = accordwatch("agreements", "--known", "only", "--format", "csv", cwd=folder).stdout
    assert ",'=Mémorandum sur la migration," in exported
    assert "imported the list “Ministère”" in accordwatch("decisions", cwd=folder).stdout
    accordwatch("curate", "undo", "1", cwd=folder)
    assert accordwatch("agreements", "--known", "yes", "--format", "jsonl", cwd=folder).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "names no column `parties`; it has Pays, title, kind, signed"),
        (("--map", "parties=Pays"), "should be a header and its column of the template"),
        (("--party", "Absurdistan"), "--party: no state or body is called 'Absurdistan'"),
        (("--list", "***"), "a name has letters or figures"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_one_line(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = accordwatch("import", "accords.csv", *arguments, cwd=folder)
    assert ended.returncode == 2
    assert said in ended.stderr


def test_documents_are_imported_as_before(folder: Path) -> None:
    (folder / "one.jsonl").write_text('{"title": "Nothing"}\n')
    assert "1 document read" in accordwatch("import", "one.jsonl", cwd=folder).stderr


def test_a_long_list_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [RowFault(number, "no") for number in range(12_000)]
    assert list(_with_progress(iter(rows), "list.csv")) == rows
    said = capsys.readouterr().err.splitlines()
    assert said == ["list.csv: 5,000 rows read ...", "list.csv: 10,000 rows read ..."]


def test_a_long_table_of_a_dry_run_ends(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [RowOutcome(ListedAgreement(number, ("MA", "NE"))) for number in range(1_002)]
    _show("list.csv", outcomes, "table")
    shown = capsys.readouterr()
    assert shown.out.count("Morocco, Niger") == 1_000
    assert shown.err == "2 more rows: --format jsonl prints all of them\n"
    _show("list.csv", outcomes, "jsonl")
    assert len(capsys.readouterr().out.splitlines()) == 1_002
