"""The analyst's commands in real processes: rules, reclassification, lives, coverage, sources."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.configuration.config import load_configuration
from spiders.catalog.packs import bundled_pack
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.test_cli import ARTICLE

RABAT = {
    "id": "x1",
    "lang": "fr",
    "title": ARTICLE.splitlines()[0],
    "text": ARTICLE,
    "published": "2025-07-29",
    "outlet": "anp.ne",
}
OWN_RULES = "schema: 1\ndisable:\n  rules: [migration-cooperation]\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tools")
    (made / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    (made / "in.jsonl").write_text(json.dumps(RABAT) + "\n", encoding="utf-8")
    (made / "mine.yaml").write_text(OWN_RULES, encoding="utf-8")
    succeed("import", "in.jsonl", cwd=made)
    return made


def test_the_life_of_a_corridor_and_of_an_id_are_the_same(folder: Path) -> None:
    by_id = succeed("show", "a1", cwd=folder)
    assert "2025-07-28  signed" in by_id.stdout
    assert accordwatch("show", "NE-MA", cwd=folder).stdout == by_id.stdout


def test_a_life_that_is_not_there_is_one_line(folder: Path) -> None:
    done = accordwatch("show", "A99", cwd=folder)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "accordwatch agreements" in done.stderr


def test_the_shipped_rules_have_no_fault_and_no_warning() -> None:
    done = accordwatch("rules", "check")
    assert (done.returncode, done.stderr.strip().endswith("0 faults, 0 warnings")) == (0, True)


def test_a_fault_in_a_rule_file_is_named_with_its_place(folder: Path) -> None:
    (folder / "bad.yaml").write_text("schema: 1\nruls: []\n", encoding="utf-8")
    done = accordwatch("rules", "check", "bad.yaml", cwd=folder)
    assert done.returncode == 1
    assert "bad.yaml:2:" in done.stderr


def test_rules_are_scored_against_labels(folder: Path) -> None:
    labelled = RABAT | {"relevant": True, "parties": ["MA", "NE"], "status": "signed"}
    (folder / "labelled.jsonl").write_text(json.dumps(labelled) + "\n", encoding="utf-8")
    done = succeed("rules", "check", "--labelled", "labelled.jsonl", cwd=folder)
    assert "By language" in done.stdout
    assert "Missed" not in done.stdout


def test_labels_in_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "labels.jsonl")
    done = accordwatch("rules", "check", "--labelled", "labels.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "accordwatch: labels.jsonl: is not a file"


def test_what_other_rules_would_change_is_shown_and_not_stored(folder: Path) -> None:
    done = succeed("reclassify", "mine.yaml", "--dry-run", cwd=folder)
    assert done.stdout.startswith("vanishes: [1]")
    assert "1 document judged again, 1 would change" in done.stderr
    same = accordwatch("reclassify", "--dry-run", cwd=folder)
    assert (same.stdout, "0 would change" in same.stderr) == ("", True)


def test_other_rules_are_only_tried(folder: Path) -> None:
    done = accordwatch("reclassify", "mine.yaml", cwd=folder)
    assert (done.returncode, "--dry-run" in done.stderr) == (2, True)


def test_a_rule_says_what_it_found_in_a_stored_document(folder: Path) -> None:
    done = succeed("rules", "explain", "migration-cooperation", "1", cwd=folder)
    assert "agreement-in-one-sentence" in done.stdout


def test_reclassification_can_be_tried_before_it_is_done(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(OWN_RULES, encoding="utf-8")
    succeed("import", "-", cwd=tmp_path, text=json.dumps(RABAT))
    (tmp_path / "accordwatch.yaml").write_text(
        "sources: []\nrules: {files: [mine.yaml]}\n", encoding="utf-8"
    )
    tried = accordwatch("reclassify", "--dry-run", cwd=tmp_path)
    assert tried.stdout.startswith("vanishes: [1]")
    assert accordwatch("agreements", "--format", "jsonl", cwd=tmp_path).stdout != ""
    assert accordwatch("reclassify", cwd=tmp_path).stdout == tried.stdout
    assert accordwatch("agreements", "--format", "jsonl", cwd=tmp_path).stdout == ""


def test_a_line_that_is_no_document_harms_no_other(folder: Path) -> None:
    lines = ['{"title": "one"', json.dumps(RABAT), "[2]"]
    done = accordwatch("import", "-", cwd=folder, text="\n".join(lines))
    assert done.returncode == 1
    assert "stdin:1:" in done.stderr
    assert "stdin:3:" in done.stderr
    assert "1 document read, 0 stored" in done.stderr


@pytest.mark.parametrize("command", ["search", "agreements"])
def test_a_source_that_nobody_is_named_is_said_with_the_nearest(folder: Path, command: str) -> None:
    done = accordwatch(command, "--source", "ANP.En", "--format", "jsonl", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    said, *_ = done.stderr.splitlines()
    assert said == "no source or outlet is named 'ANP.En'; did you mean anp.ne?"
    assert (
        "see: accordwatch sources list"
        in accordwatch(command, "--source", "zzz", cwd=folder).stderr
    )
    known = accordwatch(command, "--source", "anp.ne", "--format", "jsonl", cwd=folder)
    assert (known.stdout.count("\n"), known.stderr) == (1, "")


def test_a_second_feed_of_one_host_gets_an_id_of_its_own_and_the_same_again_is_refused(
    tmp_path: Path,
) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    for address in ("https://ministry.example/feed", "https://ministry.example/ar/feed.xml"):
        succeed("sources", "add", address, "--kind", "feed", cwd=tmp_path)
    again = accordwatch("sources", "add", "https://ministry.example/feed", cwd=tmp_path)
    assert again.returncode == 2
    assert "is the address of ministry-example, too" in again.stderr
    succeed("sources", "switch", "ministry-example", "off", cwd=tmp_path)
    states = {row["id"]: row["enabled"] for row in json_lines("sources", "list", cwd=tmp_path)}
    assert states == {"ministry-example": False, "ministry-example-ar-feed-xml": True}
    succeed("sources", "remove", "ministry-example", cwd=tmp_path)
    assert (
        "ministry-example-ar"
        in accordwatch("sources", "list", "--format", "pack", cwd=tmp_path).stdout
    )


def test_sources_are_added_imported_listed_and_exported(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    succeed("sources", "add", "https://ministry.example/feed", "--kind", "feed", cwd=tmp_path)
    many = len(bundled_pack("all"))
    said = accordwatch("sources", "add", "all", cwd=tmp_path).stderr
    assert f"{many} sources added" in said
    again = accordwatch("sources", "add", "all", cwd=tmp_path).stderr
    assert f"0 sources added, {many} were there" in again
    listed = accordwatch("sources", "list", "--format", "jsonl", cwd=tmp_path).stdout.splitlines()
    assert json.loads(listed[0])["id"] == "ministry-example"
    (tmp_path / "pack.yaml").write_text(
        accordwatch("sources", "list", "--format", "pack", cwd=tmp_path).stdout, encoding="utf-8"
    )
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    whole = accordwatch("sources", "add", "pack.yaml", cwd=tmp_path).stderr
    assert f"{many + 1} sources added" in whole


def test_a_schedule_is_added_listed_exported_and_imported(tmp_path: Path) -> None:
    path = tmp_path / "accordwatch.yaml"
    path.write_text("schedule: {timezone: Europe/Madrid}\nsources: []\n", encoding="utf-8")
    add = ("sources", "add", "https://ministry.example/feed", "--kind", "feed", "--id", "m")
    refused = accordwatch(*add, "--cron", "0 25 * * *", "--every", "1h", cwd=tmp_path)
    assert refused.stderr.splitlines() == [
        "accordwatch: https://ministry.example/feed: --cron: stands beside every; keep one of the two"
    ]
    succeed(*add, "--cron", "0 6,18 * * mon-fri", "--jitter", "5m", cwd=tmp_path)
    (listed,) = json_lines("sources", "list", cwd=tmp_path)
    assert listed["schedule"] == "0 6,18 * * mon-fri (Europe/Madrid), up to 5m later"
    due = datetime.fromisoformat(listed["next_due_at"]).astimezone(ZoneInfo("Europe/Madrid"))
    assert (due.hour in (6, 18), due.minute <= 5, due.weekday() < 5) == (True, True, True)
    assert "0 6,18 * * mon-fri" in accordwatch("sources", "list", cwd=tmp_path).stdout
    (tmp_path / "pack.yaml").write_text(
        accordwatch("sources", "list", "--format", "pack", cwd=tmp_path).stdout, encoding="utf-8"
    )
    path.write_text("sources: []\n", encoding="utf-8")
    succeed("sources", "add", "pack.yaml", cwd=tmp_path)
    (source,) = load_configuration(path, environ={}).sources
    assert (source.cron, source.timezone, source.jitter_s) == (
        "0 6,18 * * mon-fri",
        "Europe/Madrid",
        300,
    )


def test_an_address_that_is_none_is_not_added(tmp_path: Path) -> None:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    done = accordwatch("sources", "add", "ministry.example/feed", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert (tmp_path / "accordwatch.yaml").read_text(encoding="utf-8") == "sources: []\n"
