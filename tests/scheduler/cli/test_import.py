"""`import` of documents and of lists, and `backfill`: nothing of these alerts anybody."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from scheduler.cli.commands.collecting.imports import _show, _with_progress
from scheduler.exchange.list_import import RowOutcome
from scheduler.exchange.list_rows import ListedAgreement, RowFault
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.jobs.backfill.given import SIGNED, lines, web_archive
from tests.scheduler.test_cli import ARTICLE

LINE = {"id": "x1", "title": ARTICLE.splitlines()[0], "text": ARTICLE, "published": "2025-07-29"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    succeed("init", cwd=tmp_path)
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
    assert [row["id"] for row in json_lines("classify", "in.jsonl.gz", cwd=folder)] == ["x0", "x1"]


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
    done = succeed("import", "in.jsonl", "--no-alerts", cwd=folder)
    assert "1 report an agreement; stored without alerts (--no-alerts)" in done.stderr
    succeed("digest", "send", cwd=folder)
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


LIST = """Pays,title,kind,signed
Italie; Libye,=Mémorandum sur la migration,memorandum_of_understanding,2017-02-02
Absurdistan,Rien,agreement,2001-01-01
"""
MAPPED = ("--map", "Pays=parties")


@pytest.fixture
def with_list(tmp_path: Path) -> Path:
    accordwatch("init", str(tmp_path))
    (tmp_path / "accords.csv").write_bytes(LIST.encode())
    return tmp_path


def test_a_dry_run_shows_what_rows_become_and_stores_nothing(with_list: Path) -> None:
    ended = accordwatch("import", "accords.csv", *MAPPED, "--dry-run", cwd=with_list)
    assert ended.returncode == 1
    assert "Italy, Libya" in ended.stdout
    assert "accords.csv: row 3, Pays: no state or body is called 'Absurdistan'" in ended.stderr
    assert "1 agreement would be known, 1 not stored. Nothing was stored." in ended.stderr
    assert accordwatch("agreements", "--known", "yes", cwd=with_list).stdout == ""


def test_an_import_is_shown_to_whoever_asks_and_undone_as_a_whole(with_list: Path) -> None:
    ended = accordwatch("import", "accords.csv", *MAPPED, "--list", "Ministère", cwd=with_list)
    assert "Nobody is alerted. To take it back: accordwatch curate undo 1" in ended.stderr
    assert accordwatch("agreements", "--format", "jsonl", cwd=with_list).stdout == ""
    listed = accordwatch("agreements", "--known", "yes", "--format", "jsonl", cwd=with_list).stdout
    (row,) = map(json.loads, listed.splitlines())
    assert (row["parties"], row["listed"]) == (["IT", "LY"], [1])
    assert "From the list “Ministère”" in accordwatch("show", "IT-LY", cwd=with_list).stdout
    exported = accordwatch("agreements", "--known", "only", "--format", "csv", cwd=with_list).stdout
    assert ",'=Mémorandum sur la migration," in exported
    assert "imported the list “Ministère”" in accordwatch("decisions", cwd=with_list).stdout
    accordwatch("curate", "undo", "1", cwd=with_list)
    assert (
        accordwatch("agreements", "--known", "yes", "--format", "jsonl", cwd=with_list).stdout == ""
    )


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
    with_list: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = accordwatch("import", "accords.csv", *arguments, cwd=with_list)
    assert ended.returncode == 2
    assert said in ended.stderr


def test_documents_are_imported_as_before(with_list: Path) -> None:
    (with_list / "one.jsonl").write_text('{"title": "Nothing"}\n')
    assert "1 document read" in accordwatch("import", "one.jsonl", cwd=with_list).stderr


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


@pytest.fixture
def with_archives(tmp_path: Path) -> Path:
    succeed("init", cwd=tmp_path)
    (tmp_path / "archives").mkdir()
    return tmp_path


def test_archives_are_read_by_workers_and_registered_once_and_nobody_is_alerted(
    with_archives: Path,
) -> None:
    web_archive(with_archives / "archives" / "2016.warc.gz")
    row = {"headline": SIGNED[0], "text": SIGNED[1], "published": "2016-08-01", "lang": "fr"}
    lines(with_archives / "archives" / "agency.jsonl", row)
    asked = ("backfill", "archives", "--column", "title=headline", "--report", "report.json")
    done = succeed(*asked, "--workers", "1", cwd=with_archives)
    assert "2 archives, 5 documents read: 2 report an agreement" in done.stderr
    assert "Register: 2 documents stored; 2 report an agreement." in done.stderr
    report = json.loads((with_archives / "report.json").read_text())
    assert [one["read"] for one in report["archives"]] == [4, 1]
    (agreement,) = accordwatch(
        "agreements", "--format", "jsonl", cwd=with_archives
    ).stdout.splitlines()
    assert json.loads(agreement)["parties"] == ["MA", "NE"]
    succeed("digest", "send", cwd=with_archives)
    assert list((with_archives / "digests").glob("*.eml")) == []
    again = accordwatch(*asked, cwd=with_archives)
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
    with_archives: Path, arguments: tuple[str, ...], said: str
) -> None:
    if len(arguments) > 1:
        lines(with_archives / "archives" / "a.jsonl", {"title": SIGNED[0]})
    done = accordwatch("backfill", *arguments, cwd=with_archives)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
