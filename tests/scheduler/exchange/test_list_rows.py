"""Lists in files: the template, mapped columns, workbooks, and files that are none."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from scheduler.exchange.list_rows import (
    TEMPLATE,
    ListedAgreement,
    RowFault,
    day_in,
    given_columns,
    opened_rows,
    parties_in,
    read_rows,
)
from storage.errors import AccordwatchError
from storage.records import Instrument, Topic
from tests.scheduler.exchange.given_lists import NOW, ROWS, workbook, written

DOCS = Path(__file__).parents[3] / "docs"


def rows_of(
    file: str, columns: Mapping[str, str] | None = None, parties: Sequence[str] = ()
) -> list[ListedAgreement | RowFault]:
    with opened_rows(file) as found:
        return list(read_rows(found, file, NOW.date(), columns=columns, parties=parties)[1])


def agreements_of(
    file: str, columns: Mapping[str, str] | None = None, parties: Sequence[str] = ()
) -> list[ListedAgreement]:
    return [row for row in rows_of(file, columns, parties) if isinstance(row, ListedAgreement)]


def test_the_template_is_documented() -> None:
    text = (DOCS / "register.md").read_text(encoding="utf-8")
    table = text[text.index("| column | what stands in it |") :].split("\n\n")[0]
    assert [column for column in TEMPLATE if f"`{column}`" not in table] == []


def test_a_row_of_the_template_is_an_agreement(tmp_path: Path) -> None:
    first, second = agreements_of(written(tmp_path, ROWS))
    assert (first.parties, first.kind, first.topics) == (
        ("AL", "EU"),
        Instrument.AGREEMENT,
        (Topic.READMISSION,),
    )
    assert [str(day) for day in first.days.values()] == ["2005-04-14", "2006-05-01"]
    assert (second.number, second.place, second.url) == (3, "Rome", "https://example.org/it-ly")


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(tmp_path: Path, charset: str, separator: str) -> None:
    path = tmp_path / "list.csv"
    rows = (("parties", "title"), ("FR" if separator == ";" else '"FR; DZ"', "Mobilité"))
    path.write_bytes("\r\n".join(separator.join(row) for row in rows).encode(charset))
    (listed,) = agreements_of(str(path), parties=("DZ",))
    assert (listed.parties, listed.title) == (("DZ", "FR"), "Mobilité")


def test_columns_of_other_names_are_mapped(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Pays A,Pays B,Intitulé,Vu\nItalie,Libye,Mémorandum,x\n", encoding="utf-8")
    with pytest.raises(AccordwatchError, match="names no column `parties`; it has Pays A, Pays B"):
        rows_of(str(path))
    columns = given_columns(["Pays A=parties", "Pays B=parties", "Intitulé=title"])
    (listed,) = agreements_of(str(path), columns)
    assert (listed.parties, listed.title) == (("IT", "LY"), "Mémorandum")
    with opened_rows(str(path)) as rows:
        unread, _ = read_rows(rows, str(path), NOW.date(), columns=columns)
    assert unread == ["Vu"]
    with pytest.raises(AccordwatchError, match="no column is called 'Who'; there is Pays A"):
        rows_of(str(path), {"Who": "parties"})
    with pytest.raises(AccordwatchError, match="should be a header and its column"):
        given_columns(["parties=Pays"])


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("EU; Albania", "AL EU"),
        ("Union européenne; Guinée-Bissau", "EU GW"),
        ("المغرب; إسبانيا", "ES MA"),
        ("Niger ;Nigeria;", "NE NG"),
        ("USA; UK", "GB US"),
        ("", ""),
    ],
)
def test_parties_are_names_and_codes(cell: str, codes: str) -> None:
    assert parties_in(cell) == tuple(codes.split())


def test_a_party_that_nobody_knows_is_named_with_what_is_near() -> None:
    with pytest.raises(ValueError, match=r"called 'Morroco'; did you mean \w+ \(MA\)\?"):
        parties_in("Morroco; ES")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2005-04-14", "2005-04-14"),
        ("2005-04", "2005-04"),
        (2005, "2005"),
        (2005.0, "2005"),
        (datetime(2017, 2, 2), "2017-02-02"),
        (date(1992, 2, 13), "1992-02-13"),
        ("2017-02-02 00:00:00", "2017-02-02"),
    ],
)
def test_days_are_as_exact_as_they_are_written(cell: object, day: str) -> None:
    assert str(day_in(cell)) == day


@pytest.mark.parametrize("cell", ["14.4.2005", "spring", "2010-02-31", "0123-01-01"])
def test_what_is_no_day_is_said(cell: str) -> None:
    with pytest.raises(ValueError, match=r"is not a day like|no day of the calendar|is before"):
        day_in(cell)


def test_a_sheet_of_a_workbook_is_read(tmp_path: Path) -> None:
    rows: Sequence[Sequence[object]] = [
        ("parties", "title", "signed"),
        ("Italy; Libya", "Memorandum", datetime(2017, 2, 2)),
        (None, None, None),
        ("Spain; Morocco", "Readmission", date(1992, 2, 13)),
    ]
    file = workbook(tmp_path, {"Agreements": rows, "Notes": [("Read me",)]})
    found = agreements_of(file)
    assert [(" ".join(listed.parties), listed.number) for listed in found] == [
        ("IT LY", 2),
        ("ES MA", 4),
    ]
    with (
        pytest.raises(AccordwatchError, match="no sheet is called 'Liste'; there is Agreements"),
        opened_rows(file, "Liste"),
    ):
        pytest.fail("it was opened")


def test_formulas_are_text(tmp_path: Path) -> None:
    link = '=HYPERLINK("https://example.org/text", "Memorandum")'
    file = workbook(tmp_path, {"One": [("parties", "title", "url"), ("IT; LY", link, link)]})
    (listed,) = agreements_of(file)
    assert (listed.title, listed.url) == ("Memorandum", "https://example.org/text")
    (summed,) = agreements_of(written(tmp_path, ["IT; LY,=1+1"]))
    assert summed.title == "=1+1"


def test_each_fault_is_named_by_row_and_column(tmp_path: Path) -> None:
    bad = [
        "Absurdistan; IT,One",
        "IT; LY,Two,agreement,2010-02-31",
        "Italy,Three",
        "IT; LY,Four,agreement,2017-02-02,2016-01-01",
    ]
    faults = [row for row in rows_of(written(tmp_path, [*bad, *ROWS])) if isinstance(row, RowFault)]
    assert [(fault.number, fault.message) for fault in faults] == [
        (2, "parties: no state or body is called 'Absurdistan'"),
        (3, "signed: 2010-02-31 is no day of the calendar"),
        (4, "parties: names IT only; an agreement has two parties or more"),
        (5, "in_force: 2016-01-01 is before 2017-02-02, the day of an earlier step"),
    ]


def test_what_could_not_be_read_beside_them_is_left_out_with_a_remark(tmp_path: Path) -> None:
    (listed,) = agreements_of(
        written(tmp_path, ["IT; LY,One,MoU,2017-02-02,2099-01-01,,ftp://x,migration"])
    )
    assert [str(day) for day in listed.days.values()] == ["2017-02-02"]
    expected = (
        "in_force: 2099-01-01 is still to come, so it is no step yet",
        "kind: 'MoU' is not one of treaty, agreement, ",
        "topics: 'migration' is not one of readmission_returns, ",
        "url: 'ftp://x' is no address like https://example.org/a",
    )
    assert len(listed.remarks) == len(expected)
    for remark, said in zip(listed.remarks, expected, strict=True):
        assert remark.startswith(said)


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx", "list.ods"])
def test_a_file_that_is_no_list_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"")
    with pytest.raises(AccordwatchError, match=r"it has nothing|is no workbook|is no list"):
        rows_of(str(path))


def test_a_file_of_another_charset_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("parties,title\nFR; DZ,Mobilité\n".encode("cp1252"))
    with pytest.raises(AccordwatchError, match="save it as CSV UTF-8"):
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
