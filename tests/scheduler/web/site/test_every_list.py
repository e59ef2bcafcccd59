"""Each list and each entry can be taken along, and says from where it is."""

from __future__ import annotations

import csv
import io
from itertools import product

import pytest
from pyarrow import parquet

from tests.scheduler.web.site.running import Answer, Site

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


def table(answer: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


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
