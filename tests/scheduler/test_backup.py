"""`backup`, `restore` and `prune` as an operator types them, and what `doctor` says of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from scheduler.jobs.locks import holding
from storage.database.session import open_database
from storage.documents.documents import Origin, store
from storage.documents.tables import Texts
from tests.scheduler.command_line import accordwatch, succeed
from tests.scheduler.test_tools import RABAT
from tests.storage.given import judged
from tests.storage.opened import session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accordwatch.yaml").write_text("sources: []\n", encoding="utf-8")
    succeed("import", "-", cwd=tmp_path, text=json.dumps(RABAT))
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
    (path,) = folder.glob("accordwatch.db.before-restore-*")
    assert path.read_text() == "struck by lightning"


def test_nothing_is_restored_beside_a_daemon(folder: Path) -> None:
    succeed("backup", "a.backup", cwd=folder)
    with holding(folder / "accordwatch.db"):
        refused = accordwatch("restore", "a.backup", cwd=folder)
    assert (refused.returncode, "another Accordwatch" in refused.stderr) == (2, True)
    assert agreements(folder) == 1


@pytest.fixture
def aged(tmp_path: Path) -> Path:
    """An old report, and an old and a new document that report nothing."""
    (tmp_path / "accordwatch.yaml").write_text("retention: {unmatched_days: 30}\n")
    database = open_database(f"sqlite:///{tmp_path / 'accordwatch.db'}")
    now = datetime.now(UTC)
    old = now - timedelta(days=40)
    with database.begin() as s:
        for one, seen_at in (
            (judged(1), old),
            (judged(2, relevant=False), old),
            (judged(3, relevant=False), now),
        ):
            store(s, one, Origin(seen_at))
    database.close()
    return tmp_path


def texts(aged: Path) -> int:
    with session(f"sqlite:///{aged / 'accordwatch.db'}") as s:
        return s.scalar(select(func.count(Texts.document_id))) or 0


def test_a_dry_run_says_what_would_go_and_forgets_nothing(aged: Path) -> None:
    done = succeed("prune", "--dry-run", cwd=aged)
    assert "1 text of documents that report nothing" in done.stderr
    assert "would be forgotten" in done.stderr
    assert texts(aged) == 3


def test_old_texts_that_report_nothing_go_and_reports_stay(aged: Path) -> None:
    done = accordwatch("prune", cwd=aged)
    assert "1 text of documents that report nothing" in done.stderr
    assert texts(aged) == 2
    assert "0 texts of documents" in accordwatch("prune", cwd=aged).stderr
