"""How many days reports led the first official document of an agreement."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from storage.records import Judged
from tests.scheduler.command_line import EVERY_GRADE, accordwatch, succeed
from tests.scheduler.exchange.given import read_csv
from tests.scheduler.exchange.validation import faults
from tests.scheduler.given_digests import register
from tests.storage.given import judged

# `register` writes this behind its source: the list goes on.
OFFICIAL = """
  - {id: ministry, kind: feed, url: "https://www.interior.example/rss", official: true}
  - {id: paper, kind: feed, url: "https://paper.example/rss"}
"""


def said(folder: Path, *documents: Judged) -> tuple[str, str]:
    """The two cells of the only agreement."""
    register(folder, *documents, more=OFFICIAL)
    succeed("export", "out", *EVERY_GRADE, cwd=folder)
    assert faults(folder / "out") == []
    (row,) = read_csv(folder / "out/agreements.csv")
    return row["first_official_on"], row["days_before_official"]


def reported(number: int, day: int | None, source: str | None = None, **more: Any) -> Judged:
    on = date(2026, 3, day) if day else None
    return judged(number, published_on=on, source_id=source, **more)


def test_the_days_between_the_first_report_and_the_first_official_one(tmp_path: Path) -> None:
    documents = (
        reported(1, 11, "paper"),
        reported(2, 14, "ministry"),
        reported(3, 13, "paper"),
        reported(4, 16, "ministry"),
    )
    assert said(tmp_path, *documents) == ("2026-03-14", "3")


def test_what_was_official_from_the_first_day_led_by_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, reported(1, 11, "ministry"), reported(2, 12)) == ("2026-03-11", "0")


@pytest.mark.parametrize(
    "address", ["https://interior.example/a", "http://www.interior.example/press/2"]
)
def test_what_stands_on_the_host_of_an_official_source_is_official(
    tmp_path: Path, address: str
) -> None:
    assert said(tmp_path, reported(1, 11), reported(2, 12, url=address)) == ("2026-03-12", "1")


@pytest.mark.parametrize(
    "address",
    ["https://interior.example.evil.example/a", "http://[", "https://my-interior.example/"],
)
def test_what_stands_elsewhere_is_not(tmp_path: Path, address: str) -> None:
    assert said(tmp_path, reported(1, 11), reported(2, 12, url=address)) == ("", "")


def test_an_official_document_without_a_day_is_not_counted(tmp_path: Path) -> None:
    assert said(tmp_path, reported(1, 11), reported(2, None, "ministry")) == ("", "")


def test_a_mention_in_an_official_document_is_not_its_first(tmp_path: Path) -> None:
    recalled = judged(2, published_on=date(2026, 11, 20), source_id="ministry")
    assert said(tmp_path, reported(1, 11), recalled) == ("", "")


def test_a_mark_that_is_none_is_refused_with_its_place(tmp_path: Path) -> None:
    register(tmp_path)
    path = tmp_path / "accordwatch.yaml"
    entry = '\nsources:\n  - {id: a, kind: feed, url: "https://a.example/", official: perhaps}\n'
    path.write_text(entry, encoding="utf-8")
    done = accordwatch("export", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "accordwatch.yaml:3:" in done.stderr
    assert "sources[0].official" in done.stderr


def test_sources_list_says_which_are_official(tmp_path: Path) -> None:
    register(tmp_path, more=OFFICIAL)
    listed = accordwatch("sources", "list", "--format", "jsonl", cwd=tmp_path).stdout
    assert [line.count('"official": true') for line in listed.splitlines()] == [0, 1, 0]
