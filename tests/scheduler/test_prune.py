"""`prune` as an operator types it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database.session import open_database
from storage.documents.documents import Origin, store
from storage.documents.tables import Texts
from tests.scheduler.command_line import accordwatch
from tests.storage.given import judged
from tests.storage.opened import session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
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


def texts(folder: Path) -> int:
    with session(f"sqlite:///{folder / 'accordwatch.db'}") as s:
        return s.scalar(select(func.count(Texts.document_id))) or 0


def test_a_dry_run_says_what_would_go_and_forgets_nothing(folder: Path) -> None:
    done = accordwatch("prune", "--dry-run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 text of documents that report nothing" in done.stderr
    assert "would be forgotten" in done.stderr
    assert texts(folder) == 3


def test_old_texts_that_report_nothing_go_and_reports_stay(folder: Path) -> None:
    done = accordwatch("prune", cwd=folder)
    assert "1 text of documents that report nothing" in done.stderr
    assert texts(folder) == 2
    assert "0 texts of documents" in accordwatch("prune", cwd=folder).stderr
