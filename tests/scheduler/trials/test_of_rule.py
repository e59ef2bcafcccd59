"""A rule is tried on the newest documents that are stored, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.trials import of_rule
from scheduler.trials.of_rule import rule_tried
from tests.scheduler.given_digests import collect, configured, opened
from tests.storage.given import NOW, judged

WHALES = """\
schema: 1
concepts: {whale.treaty: {terms: {en: [whaling treaty]}}}
rules:
  - id: whales
    threshold: 1
    signals: [{id: said, any: [whale.treaty], weight: 1, core: true}]
"""
TITLES = ("A harbour is dredged", "Fiji signs a whaling treaty", "Tonga joins the whaling treaty")


def tried(folder: Path, text: str) -> dict[str, object]:
    chosen = configured(folder)
    database = opened(chosen)
    try:
        silent = [
            judged(number, title=title, relevant=False) for number, title in enumerate(TITLES, 1)
        ]
        collect(database, chosen, *silent, now=NOW)
    finally:
        database.close()
    return rule_tried(chosen, {"text": text})


def test_what_would_be_found_is_named_the_newest_first(tmp_path: Path) -> None:
    found = tried(tmp_path, WHALES)
    assert (found["read"], found["counts"]) == (3, {"alert": 2})
    rows = found["rows"]
    assert isinstance(rows, list)
    assert [(row["id"], row["title"]) for row in rows] == [(3, TITLES[2]), (2, TITLES[1])]


def test_faults_of_the_rule_are_told_by_line(tmp_path: Path) -> None:
    found = tried(tmp_path, "schema: 1\nrules:\n  - id: whales\n    treshold: 1\n")
    assert found["fault"] == "rule"
    assert str(found["line"]).startswith("4:")
    assert "treshold" in str(found["line"])


def test_no_more_is_read_than_there_is_time_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_rule, "JUDGING_S", -1.0)
    found = tried(tmp_path, WHALES)
    assert (found["read"], found["of"]) == (0, 3)
