"""`backup` and `restore` as an operator types them, and what `doctor` says of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler.jobs.locks import holding
from tests.scheduler.command_line import accordwatch
from tests.scheduler.test_tools import RABAT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    assert accordwatch("import", "-", cwd=tmp_path, text=json.dumps(RABAT)).returncode == 0
    return tmp_path


def agreements(folder: Path) -> int:
    return accordwatch("agreements", "--format", "jsonl", cwd=folder).stdout.count("\n")


def test_what_was_backed_up_is_restored_and_what_was_there_is_kept(folder: Path) -> None:
    assert "accordwatch backup FILE" in accordwatch("doctor", cwd=folder).stdout
    made = accordwatch("backup", "a.backup", cwd=folder)
    assert (made.returncode, "1 documents, 1 agreements, verified" in made.stderr) == (0, True)
    assert "the last backup was made on" in accordwatch("doctor", cwd=folder).stdout
    (folder / "accordwatch.db").write_text("struck by lightning")
    restored = accordwatch("restore", "a.backup", cwd=folder)
    assert (restored.returncode, "the previous database was saved" in restored.stderr) == (0, True)
    assert agreements(folder) == 1
    (kept,) = folder.glob("accordwatch.db.before-restore-*")
    assert kept.read_text() == "struck by lightning"


def test_nothing_is_restored_beside_a_daemon(folder: Path) -> None:
    assert accordwatch("backup", "a.backup", cwd=folder).returncode == 0
    with holding(folder / "accordwatch.db"):
        refused = accordwatch("restore", "a.backup", cwd=folder)
    assert (refused.returncode, "another Accordwatch" in refused.stderr) == (2, True)
    assert agreements(folder) == 1
