"""Reports, documents and polls are counted in one way behind every door."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from storage.records import Status
from storage.register.list_rows import LIST_SOURCE, ListRow
from storage.sources.ledger import Tally, write
from storage.sources.states import record_poll
from storage.sources.tables import Poll
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.web.site.running import database_of, serving
from tests.storage.given import NOW, card, judged


def cells(row: str) -> list[str]:
    """The numbers of a row of a table."""
    return [
        re.sub(r"<[^>]*>", "", one)
        for one in re.findall(r'<td class="number"[^>]*>(.*?)</td>', row)
    ]


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_an_agreement_has_as_many_reports_behind_every_door(tmp_path: Path) -> None:
    """Two reports of two steps, one that recalls it without a step, and a row of a list."""
    signed = card(event_date=date(2024, 3, 10))
    talks = card(status=Status.NEGOTIATING, event_date=date(2024, 2, 1))
    row = judged(4, card=signed, source_id=f"{LIST_SOURCE}treaties", published_on=None)
    news = (
        judged(1, card=signed, published_on=date(2024, 3, 11)),
        judged(2, card=talks, published_on=date(2024, 2, 1)),
        judged(3, card=signed, published_on=date(2026, 3, 11)),
        replace(row, clues=(ListRow("treaties", "1").to_clue(),)),
    )
    with serving(tmp_path, *news) as site:
        folder = site.served.chosen.path.parent
        (found,) = site.ask("/api/v1/agreements?known=yes").json["items"]
        assert (len(found["reports"]), found["mentions"], found["listed"]) == (4, [3], [4])
        assert "3 reports" in site.ask("/").text
        table = accordwatch("agreements", cwd=folder).stdout
        (line,) = (line for line in table.splitlines() if "A1" in line)
        assert re.search(r"\b3\W*$", line)
        succeed("export", "out", cwd=folder)
    (one,) = rows_of(folder / "out/agreements.csv")
    rows = rows_of(folder / "out/reports.csv")
    assert one["reports"] == "3"
    assert sum(row["listed"] == "false" for row in rows) == 3


def test_page_command_and_api_count_looks_and_documents_alike(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, source_id=f"{LIST_SOURCE}treaties")) as site:
        with database_of(site).begin() as s:
            record_poll(s, "fleuve", Poll(NOW, True, 9, 9))
            outcomes = {"stored": 5, "changed": 2, "duplicate": 3}
            tally = Tally(700, 4, new=12, fetched=10, matched=3, outcomes=outcomes)
            write(s, NOW, [("fleuve", tally)])
        shown = site.ask("/sources").text
        (day,) = site.ask("/api/v1/sources").json["items"][0]["days"]
        folder = site.served.chosen.path.parent
    days = str(max(1, (date.today() - NOW.date()).days + 1))
    (row,) = json_lines("coverage", "--days", days, cwd=folder)
    of_source = shown.partition("<tbody>")[2].partition("</tr>")[0]
    assert cells(of_source) == ["700 (4 failed)", "12", "7", "3"]
    assert [row[name] for name in ("polls", "polls_failed", "new", "stored", "alerts")] == [
        *(700, 4, 12, 7, 3),
    ]
    assert [day[name] for name in ("polls", "polls_failed", "new", "matched")] == [700, 4, 12, 3]
    assert sum(day["outcomes"][name] for name in ("stored", "changed")) == 7
