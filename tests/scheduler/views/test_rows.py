"""The shapes that scripts rely on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawler.register.grade import LEAST_SURE, LEAST_TOGETHER
from scheduler.cli.commands.notifications import PREVIEW
from scheduler.views.agreements import AGREEMENTS, DATASET, PENDING
from scheduler.views.changes import CHANGES
from scheduler.views.columns import Door, Table, json_schema
from scheduler.views.documents import DOCUMENTS, REVIEW
from scheduler.views.operations import RUNS, TOKENS, USERS
from scheduler.views.register_entries import Entry
from scheduler.views.words.labels import labels_of
from scheduler.views.writer import write_csv
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Card, Instrument, Status, Topic
from storage.register.entry import Agreement, Step
from storage.search.document_rows import DocumentRow

ROW = DocumentRow(
    id=7,
    external_id="doc-7",
    title='=HYPERLINK("x")',
    outlet="news.example",
    language="ar",
    url=None,
    published_on=date(2026, 3, 11),
    score=7.5,
    card=Card(
        parties=("MA", "NE"),
        topics=(Topic.TRAFFICKING,),
        status=Status.SIGNED,
        place="الرباط",
    ),
    agreement_id="A3",
    quote="They signed it,\nin Rabat.",
    first_seen_at=datetime(2026, 3, 11, tzinfo=UTC),
)
AGREEMENT = Agreement(
    id="A3",
    title="Declaration",
    parties=("MA", "NE"),
    instrument=Instrument.DECLARATION,
    topics=(Topic.TRAFFICKING,),
    status=Status.SIGNED,
    place=None,
    event_date=date(2026, 3, 10),
    history=(Step(Status.SIGNED, None, "They signed it.", (7, 8)),),
    mentions=(9,),
    first_reported_at=datetime(2026, 3, 11, tzinfo=UTC),
)


ENTRY = Entry(AGREEMENT, documents={7: ROW})
LISTS: tuple[Table[Any], ...] = (
    *DATASET,
    PENDING,
    CHANGES,
    DOCUMENTS,
    REVIEW,
    PREVIEW,
    USERS,
    TOKENS,
    RUNS,
)


def test_an_agreement_is_written_as_the_contract_says() -> None:
    written = json.loads(json.dumps(AGREEMENTS.row(ENTRY)))
    assert {
        key: written[key]
        for key in ("id", "title", "parties", "instrument", "topics", "status", "place")
    } == {
        "id": "A3",
        "title": "Declaration",
        "parties": ["MA", "NE"],
        "instrument": "declaration",
        "topics": ["trafficking_smuggling"],
        "status": "signed",
        "place": None,
    }
    assert (written["event_date"], written["first_reported_at"]) == (
        "2026-03-10",
        "2026-03-11T00:00:00+00:00",
    )
    assert written["history"] == [
        {
            "status": "signed",
            "on": None,
            "expected_on": None,
            "quote": "They signed it.",
            "document_ids": [7, 8],
        }
    ]
    assert written["reports"] == [
        {
            "document_id": 7,
            "external_id": "doc-7",
            "outlet": "news.example",
            "language": "ar",
            "url": None,
            "title": '=HYPERLINK("x")',
            "published": "2026-03-11",
        }
    ]
    assert written["mentions"] == [9]


@pytest.mark.parametrize("table", LISTS, ids=lambda table: table.name)
def test_a_list_says_what_each_column_means_and_has_it_once_at_each_door(table: Table[Any]) -> None:
    for door in (Door.JSON, Door.SHEET, Door.DATASET):
        columns = table.at(door)
        assert len({column.name for column in columns}) == len(columns)
        assert all(table.meaning(column) for column in columns)
    for language in SPOKEN_LANGUAGES:
        assert all(table.headings(labels_of(language)))


def test_the_schema_of_the_api_has_the_keys_of_the_rows() -> None:
    assert list(json_schema(AGREEMENTS)["properties"]) == list(AGREEMENTS.row(ENTRY))
    assert list(json_schema(DOCUMENTS)["properties"]) == list(DOCUMENTS.row(ROW))


def test_reports_are_counted_without_rows_of_lists() -> None:
    listed = replace(AGREEMENT, listed=(8,))
    assert AGREEMENTS.row(Entry(listed), Door.DATASET)["reports"] == 2
    assert AGREEMENTS.cells(Entry(listed), labels_of("en"))[-1] == "2"


def test_csv_survives_a_round_trip_and_runs_no_formula() -> None:
    out = io.StringIO(newline="")
    assert write_csv([DOCUMENTS.row(ROW)], DOCUMENTS.names(), out) == 1
    (read,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert read["title"] == '\'=HYPERLINK("x")'
    assert (read["parties"], read["place"], read["url"], read["score"]) == (
        "MA; NE",
        "الرباط",
        "",
        "7.5",
    )
    assert read["quote"] == ROW.quote


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "  =", "＝"])
@pytest.mark.parametrize("of", [str, lambda text: [text, "b"], lambda text: [{"url": text}]])
def test_no_cell_begins_a_formula(start: str, of: Callable[[str], object]) -> None:
    out = io.StringIO(newline="")
    write_csv([{"cell": of(f"{start}cmd()")}], ["cell"], out)
    (read,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert read["cell"].startswith("'")


def test_an_agreement_fits_on_a_line_of_csv() -> None:
    out = io.StringIO(newline="")
    write_csv([AGREEMENTS.row(ENTRY, Door.SHEET)], AGREEMENTS.names(), out)
    (read,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert read["history"] == "undated signed"
    assert (read["reports"], read["mentions"]) == ("doc-7", "9")


def test_csv_for_excel_begins_with_a_byte_order_mark_and_other_csv_does_not() -> None:
    rows = [{"title": "وقّع الوزيران"}]
    excel, plain = io.StringIO(), io.StringIO()
    write_csv(rows, ["title"], excel, byte_order_mark=True)
    write_csv(rows, ["title"], plain)
    assert excel.getvalue() == "\ufeff" + plain.getvalue()
    assert excel.getvalue().encode().startswith(b"\xef\xbb\xbftitle")


def test_the_codebook_names_the_probabilities_that_make_a_grade() -> None:
    grade, basis = (AGREEMENTS.meaning(AGREEMENTS.named[name]) for name in ("grade", "grade_basis"))
    assert f"each with a probability of {LEAST_TOGETHER:.2f} or more" in grade
    assert f"below {LEAST_SURE:.2f}" in basis
