"""`sources list --packs` counts what comes with us, with and without a configuration."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from spiders.catalog.packs import PACKS, bundled_pack
from tests.scheduler.command_line import accordwatch


def test_packs_are_counted_without_a_configuration(tmp_path: Path) -> None:
    done = accordwatch("sources", "list", "--packs", "--format", "jsonl", cwd=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["pack"] for row in rows] == list(PACKS)
    for row in rows:
        assert row["sources"] == len(bundled_pack(row["pack"]))
        assert sum(row["countries"].values()) == row["sources"]
        assert not row["chosen"]


def test_chosen_packs_are_marked(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("packs: [gulf]\n", encoding="utf-8")
    table = accordwatch("sources", "list", "--packs", cwd=tmp_path).stdout
    assert "gulf (chosen)" in table
    assert table.count("(chosen)") == 1
    rows = csv.DictReader(
        accordwatch(
            "sources", "list", "--packs", "--format", "csv", cwd=tmp_path
        ).stdout.splitlines()
    )
    assert [row["pack"] for row in rows if row["chosen"].lower() == "true"] == ["gulf"]


def test_the_sources_of_a_chosen_pack_are_listed_and_switched_off(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("packs: [gulf]\n", encoding="utf-8")
    first = bundled_pack("gulf")[0].id
    assert accordwatch("sources", "switch", first, "off", cwd=tmp_path).returncode == 0
    listed = accordwatch("sources", "list", "--format", "jsonl", cwd=tmp_path).stdout
    rows = {row["id"]: row for row in map(json.loads, listed.splitlines())}
    assert len(rows) == len(bundled_pack("gulf"))
    assert rows[first]["enabled"] is False
