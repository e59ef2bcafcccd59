"""Lists in files: charsets, separators, headers, workbooks, and files that are none."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from scheduler.lists.importing import ListWish, read_list
from scheduler.lists.rows import ListedAgreement, RowFault
from scheduler.lists.sheets import opened_sheet
from storage.errors import AccordwatchError
from tests.scheduler.lists.given import NOW, ROWS, workbook, written

FRENCH = (
    "Pays;Intitulé;Date de signature\r\nFrance et Algérie;Accord sur la mobilité;27/12/1968\r\n"
)


def rows_of(file: str, wish: ListWish | None = None) -> list[ListedAgreement | RowFault]:
    with opened_sheet(file) as sheet:
        return list(read_list(sheet, wish or ListWish(), file, NOW)[1])


def agreements_of(file: str, wish: ListWish | None = None) -> list[ListedAgreement]:
    return [row for row in rows_of(file, wish) if isinstance(row, ListedAgreement)]


def facts(file: str) -> list[tuple[str, str, list[str]]]:
    return [
        (" ".join(one.parties), one.title, [str(day) for day in one.days.values()])
        for one in agreements_of(file)
    ]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_file_of_any_charset(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(FRENCH.encode(charset))
    assert facts(str(path)) == [("DZ FR", "Accord sur la mobilité", ["1968-12-27"])]


def test_arabic_of_old_computers(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("الأطراف,العنوان\nالمغرب و إسبانيا,اتفاق الهجرة\n".encode("cp1256"))
    assert facts(str(path)) == [("ES MA", "اتفاق الهجرة", [])]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"sep={separator}\nparty a{separator}party b\nIT{separator}LY\n")
    assert facts(str(path)) == [("IT LY", "", [])]


def test_titles_above_the_header_and_a_second_header_are_no_agreements(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = ["Migration agreements,,", ",,", "Countries,Title,Signed", "Pays,Titre,Signature"]
    path.write_text("\n".join([*lines, "IT; LY,Memorandum,2017-02-02"]))
    assert [one.number for one in agreements_of(str(path))] == [5]


def test_a_column_that_no_table_knows_is_named_by_who_imports(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Who,What,Ratified\nIT-LY,Memorandum,2017-02-02\n")
    with pytest.raises(AccordwatchError, match="no column names the parties; row 1 has Who, What"):
        rows_of(str(path))
    (found,) = agreements_of(str(path), ListWish({"parties": "who", "title": "What"}))
    assert (found.parties, found.title, found.days) == (("IT", "LY"), "Memorandum", {})


def test_a_party_of_all_rows_need_not_stand_in_them(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Partner country\nAlbania\nGeorgia\n")
    found = agreements_of(str(path), ListWish(parties=("EU",)))
    assert [one.parties for one in found] == [("AL", "EU"), ("EU", "GE")]


def test_a_workbook_with_several_sheets_merged_cells_and_days_as_numbers(tmp_path: Path) -> None:
    rows: Sequence[Sequence[object]] = [
        ("Countries", "Title", "Signed"),
        ("Italy; Libya", "Memorandum", datetime(2017, 2, 2)),
        (None, "Protocol", 39445),
        ("Spain; Morocco", "Readmission", date(1992, 2, 13)),
    ]
    file = workbook(tmp_path, {"Notes": [("Read me",)], "Agreements": rows})
    book = openpyxl.load_workbook(file)
    book["Agreements"].merge_cells("A2:A3")
    book.save(file)
    with opened_sheet(file) as sheet:
        assert sheet.remarks == (
            "read the sheet 'Agreements', not Notes; --sheet NAME reads another",
        )
    assert facts(file) == [
        ("IT LY", "Memorandum", ["2017-02-02"]),
        ("IT LY", "Protocol", ["2007-12-29"]),
        ("ES MA", "Readmission", ["1992-02-13"]),
    ]


def test_formulas_are_text(tmp_path: Path) -> None:
    link = '=HYPERLINK("https://example.org/text", "Memorandum")'
    file = workbook(tmp_path, {"One": [("parties", "title", "url"), ("IT; LY", link, link)]})
    (found,) = agreements_of(file)
    assert (found.title, found.url) == ("Memorandum", "https://example.org/text")
    (summed,) = agreements_of(written(tmp_path, ["IT; LY,=1+1"]))
    assert summed.title == "=1+1"


def test_each_fault_is_named_by_row_and_column(tmp_path: Path) -> None:
    bad = [
        "Absurdistan; IT,One",
        "IT; LY,Two,agreement,31.02.2010",
        "Italy,Three",
        "IT; LY,Four,agreement,2017-02-02,2016-01-01",
    ]
    faults = [row for row in rows_of(written(tmp_path, [*bad, *ROWS])) if isinstance(row, RowFault)]
    assert [(fault.number, fault.message) for fault in faults] == [
        (2, "parties: no state or body is called 'Absurdistan'"),
        (3, "signed: 31.2.2010 is no day of the calendar"),
        (4, "parties: names IT only; an agreement has two parties or more"),
        (5, "in force: 2016-01-01 is before 2017-02-02, the day of an earlier step"),
    ]


def test_what_could_not_be_read_beside_them_is_left_out_with_a_remark(tmp_path: Path) -> None:
    (found,) = agreements_of(
        written(tmp_path, ["IT; LY,One,pamphlet,2017-02-02,2099-01-01,,ftp://x"])
    )
    assert [str(day) for day in found.days.values()] == ["2017-02-02"]
    assert found.remarks == (
        "in force: 2099-01-01 is still to come, so it is no step yet",
        "kind: 'pamphlet' is not known here",
        "url: 'ftp://x' is no address like https://example.org/text",
    )


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx", "list.ods"])
def test_a_file_that_is_no_list_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"")
    with pytest.raises(AccordwatchError, match=r"is empty|is no workbook|is no list"):
        rows_of(str(path))


def test_a_file_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(60):
            part.write(bytes(10_000_000))
    with pytest.raises(AccordwatchError, match="unpacks to 600 MB"):
        rows_of(str(path))


def test_a_damaged_workbook_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(AccordwatchError, match="is no workbook that can be read"):
        rows_of(str(path))
