"""Lists as files, each with its source: what they hold, are called, and who gets which."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet

from tests.scheduler.exchange.given import hostile
from tests.scheduler.web.site.running import Answer, Site, running, serving
from tests.storage.given import card, judged

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def dangerous(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Titles that are formulas, have line ends, controls, or other directions."""
    with serving(tmp_path_factory.mktemp("dangerous"), *hostile()) as site:
        yield site


def table(answer: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def sheets(answer: Answer) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.body))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_register_is_a_table_of_the_selection(site: Site) -> None:
    answer = site.ask("/?party=MA&grade=unconfirmed&format=csv")
    assert (answer.code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    (row,) = table(answer)
    assert (row["id"], row["parties"], row["grade"]) == ("A1", "MA; NE", "unconfirmed")
    assert [one["id"] for one in table(site.ask("/?format=csv"))] == ["A3", "A2", "A1"]
    name = "accordwatch-agreements-party-MA-grade-unconfirmed-20260312T0930Z.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


def test_the_search_is_a_table_in_its_order_with_its_wishes(site: Site) -> None:
    assert len(table(site.ask("/search?format=csv"))) == 3
    everything = site.ask("/search?everything=1&format=csv")
    assert len(table(everything)) == 4
    assert "documents-everything-1-" in everything.headers["content-disposition"]


def test_json_says_what_was_asked_for_and_when(site: Site) -> None:
    answer = site.ask("/?party=MA&format=json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["made_at"] == "2026-03-12T09:30:00+00:00"
    assert answer.json["filters"] == [
        {"name": "party", "value": "MA"},
        {"name": "grade", "value": "confirmed; likely; unconfirmed"},
    ]
    assert answer.json["rows"] == 1
    assert answer.json["address"] == f"{site.url}/?party=MA&format=json"
    assert answer.json["items"] == site.ask("/api/v1/agreements?party=MA").json["items"]
    assert site.ask("/?q=unheard&format=json").json["items"] == []


def test_a_workbook_has_the_table_and_what_it_is_about(site: Site) -> None:
    answer = site.ask("/?party=MA&format=xlsx")
    assert answer.headers["content-type"] == EXCEL
    found = sheets(answer)
    head, row = found["agreements"]
    assert dict(zip(head, row, strict=True))["parties"] == "MA; NE"
    about = dict(found["about"])
    assert (about["party"], about["made_at"]) == ("MA", "2026-03-12T09:30:00+00:00")
    assert (about["rows"], about["grade"]) == ("1", "confirmed; likely; unconfirmed")
    assert head[0] == "name"


def test_a_workbook_opens_at_its_table_says_first_what_it_is_and_has_days_as_days(
    site: Site,
) -> None:
    answer = site.ask("/?grade=unconfirmed&format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.body))
    assert (book.sheetnames, book.active) == (["about", "agreements"], book["agreements"])
    head, *rows = sheets(answer)["agreements"]
    assert {row[head.index("event_date")] for row in rows} == {datetime(2026, 3, 10)}
    about = dict(sheets(answer)["about"])
    assert (about["rows"], about["grade"]) == ("3", "unconfirmed")


@pytest.mark.parametrize(("form", "each"), [("bib", "@misc{"), ("ris", "TY  - ELEC")])
def test_a_selection_is_cited_entry_by_entry(site: Site, form: str, each: str) -> None:
    whole = site.ask(f"/?sort=-id&format={form}")
    assert whole.code == 200
    assert whole.text.count(each) == 3
    places = [whole.text.index(f"accordwatch-A{number}") for number in (1, 2, 3)]
    assert places == sorted(places)
    assert "127.0.0.1" not in whole.text  # nobody else reaches it
    some = site.ask(f"/?party=MA&format={form}")
    assert some.text.count(each) == 1
    assert f"accordwatch-citations-party-MA-20260312T0930Z.{form}" in str(some.headers)
    assert f"/?party=MA&amp;format={form}" in site.ask("/?party=MA").text
    assert site.ask(f"/?party=Morroco&format={form}").code == 422


@pytest.mark.parametrize("form", ["bib", "ris"])
def test_a_citation_has_the_address_that_others_reach(tmp_path: Path, form: str) -> None:
    with serving(tmp_path) as site:
        for name, there in (("watch.example", True), ("localhost", False)):
            settings = site.served.chosen.settings
            own = settings.site.model_copy(update={"url": f"https://{name}/w/"})
            chosen = replace(site.served.chosen, settings=settings.model_copy(update={"site": own}))
            with running(replace(site.served, chosen=chosen)) as named:
                for path in (f"/?format={form}", f"/agreements/A1?format={form}"):
                    cited = named.ask(path).text
                    assert (f"https://{name}/w/agreements/A1" in cited) == there
                    assert "127.0.0.1" not in cited
                shown = named.ask("/agreements/A1").text
                assert (f'href="https://{name}/w/agreements/A1"' in shown) == there
                assert ("A permanent link needs site.url" in shown) != there


def test_a_side_file_says_what_a_file_is_about(site: Site) -> None:
    answer = site.ask("/search?language=en&format=txt")
    assert answer.headers["content-type"].startswith("text/plain")
    *about, license, row, id, _ = answer.text.splitlines()[:9]
    assert about == [
        "what: documents",
        "made_at: 2026-03-12T09:30:00+00:00",
        f"address: {site.url}/search?language=en&format=txt",
        "language: en",
        f"rows: {len(table(site.ask('/search?language=en&format=csv')))}",
    ]
    assert license == "license: none was granted: ask whoever runs this register"
    assert row == "about: One row a document."
    assert id.startswith("document_id: integer. ")
    columns = [line.partition(":")[0] for line in answer.text.splitlines()[7:]]
    assert columns == site.ask("/search?language=en&format=csv").text.split("\r\n")[0].split(",")


def test_nothing_of_a_file_is_run_as_a_formula(dangerous: Site) -> None:
    rows = table(dangerous.ask("/search?everything=1&format=csv"))
    starts = ("=", "+", "-", "@", "\t", "\r", "\n")
    assert not [
        cell for row in rows for cell in row.values() if cell.lstrip(" ").startswith(starts)
    ]
    assert any(cell.startswith("'=") for row in rows for cell in row.values())
    book = openpyxl.load_workbook(
        io.BytesIO(dangerous.ask("/search?everything=1&format=xlsx").body)
    )
    cells = [cell for row in book["documents"].iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=") for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "b", "d"}
    assert all("\x00" not in str(cell.value) for cell in cells)


def test_a_form_that_there_is_not_is_refused(site: Site) -> None:
    answer = site.ask("/?format=pdf")
    assert answer.code == 422
    assert "csv, xlsx, json" in answer.text


def test_the_page_links_to_each_form_with_its_filters(site: Site) -> None:
    shown = site.ask("/search?party=MA&everything=1&sort=relevance&lang=ar").text
    for form in ("csv", "xlsx", "json"):
        address = f"/search?party=MA&amp;everything=1&amp;sort=relevance&amp;format={form}"
        assert f'<a href="{address}">' in shown
    assert '<a href="/?party=MA&amp;format=csv">CSV</a>' in site.ask("/?party=MA").text


def test_a_list_of_several_pages_comes_whole_and_each_row_once(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.web.site.download._ROWS_AT_A_TIME", 2)
    pairs = (("MA", "NE"), ("IT", "TN"), ("EU", "MR"), ("ES", "SN"), ("DE", "KE"))
    news = [judged(number, card=card(parties=pair)) for number, pair in enumerate(pairs, 1)]
    with serving(tmp_path_factory.mktemp("pages"), *news) as site:
        ids = [row["id"] for row in table(site.ask("/?format=csv"))]
        assert sorted(ids) == ["A1", "A2", "A3", "A4", "A5"]
        found = json.loads(site.ask("/search?format=json").body)["items"]
        assert [one["document_id"] for one in found] == [5, 4, 3, 2, 1]


LISTS = (
    "/",
    "/search",
    "/changes?days=30",
    "/pending",
    "/corridors/MA-NE",
    "/map",
    "/agreements/A1",
)


def with_form(path: str, form: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}format={form}"


@pytest.mark.parametrize(("path", "form"), list(product(LISTS, ("csv", "xlsx", "json", "parquet"))))
def test_every_list_is_had_in_every_form_and_the_page_says_so(
    site: Site, path: str, form: str
) -> None:
    answer = site.ask(with_form(path, form))
    assert answer.code == 200
    assert f'.{form}"' in answer.headers["content-disposition"]
    assert f"format={form}" in site.ask(path).text


@pytest.mark.parametrize("path", LISTS)
def test_each_row_of_a_csv_says_from_where_and_when_it_is(site: Site, path: str) -> None:
    address = with_form(path, "csv")
    rows = table(site.ask(address))
    assert rows
    for row in rows:
        assert row["downloaded_from"] == f"{site.url}{address}"
        assert row["downloaded_at"] == "2026-03-12T09:30:00+00:00"


def test_parquet_has_types_and_says_from_where_it_is(site: Site) -> None:
    found = parquet.read_table(io.BytesIO(site.ask("/search?party=MA&format=parquet").body))
    (row,) = found.to_pylist()
    assert row["parties"] == "MA; NE"
    assert row["published"].isoformat() == "2026-03-11"
    assert row["relevant"] is True
    metadata: dict[bytes, bytes] = found.schema.metadata
    assert metadata[b"accordwatch.party"] == b"MA"
    assert metadata[b"accordwatch.address"].startswith(site.url.encode())


def test_parquet_that_cannot_be_made_here_is_not_offered(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.web.site.download.has_pyarrow", lambda: False)
    assert "format=parquet" not in site.ask("/").text
    answer = site.ask("/?format=parquet")
    assert answer.code == 501
    assert "pip install" in answer.text


def test_an_entry_is_a_table_of_its_reports_or_an_object(site: Site) -> None:
    (row,) = table(site.ask("/agreements/A1?format=csv"))
    assert (row["agreement_id"], row["status"], row["on"]) == ("A1", "signed", "2026-03-10")
    (found,) = site.ask("/agreements/A1?format=json").json["items"]
    assert found == site.ask("/api/v1/agreements/A1").json


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("bib", "application/x-bibtex", "@misc{accordwatch-A1,"),
        ("ris", "application/x-research-info-systems", "TY  - ELEC\r\n"),
    ],
)
def test_an_entry_is_cited(site: Site, form: str, kind: str, begins: str) -> None:
    answer = site.ask(f"/agreements/A1?format={form}")
    assert answer.headers["content-type"].startswith(kind)
    assert answer.text.startswith(begins)
    assert site.url not in answer.text  # nobody else reaches this machine
    assert "format=" not in answer.text
    assert "Accordwatch (2026)." in site.ask("/agreements/A1").text
    assert site.ask(f"/search?format={form}").code == 422


def test_the_licence_of_the_data_is_said_or_that_there_is_none(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1)) as site:
        assert "license: none was granted" in site.ask("/?format=txt").text
        assert "No licence was granted" in site.ask("/data").text
        assert "Aucune licence n’est accordée" in site.ask("/data?lang=fr").text
