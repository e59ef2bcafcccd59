"""`changes`: what was learnt lately, for people and for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.records import Status
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import register
from tests.storage.given import card, judged

NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A1 was learnt 20 days ago, and a new step of it now; A2 three days ago."""
    later = card(status=Status.RATIFIED, event_date=NOW.date())
    for days, one in (
        (20, judged(1)),
        (3, judged(2, card=card(parties=("IT", "TN")))),
        (0, judged(3, card=later)),
    ):
        register(tmp_path, one, now=NOW - timedelta(days=days))
    return tmp_path


def learnt(folder: Path, *asked: str) -> list[tuple[str, str]]:
    done = accordwatch("changes", *asked, "--format", "jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [(row["agreement_id"], row["kind"]) for row in rows]


def test_a_week_is_shown_unless_somebody_says_since_when(folder: Path) -> None:
    step, agreement = ("A1", "new_step"), ("A2", "new_agreement")
    assert learnt(folder) == [step, agreement]
    assert learnt(folder, "--days", "1") == [step]
    month = (NOW - timedelta(days=30)).date().isoformat()
    assert learnt(folder, "--since", month) == [agreement, ("A1", "new_agreement")]
    assert learnt(folder, "--party", "Maroc") == [step]


def test_the_table_says_when_it_was_learnt_and_how_much_there_is(folder: Path) -> None:
    done = accordwatch("changes", cwd=folder)
    assert "New stage" in done.stdout
    assert "ratified" in done.stdout
    assert "2 changes" in done.stderr
    nothing = accordwatch("changes", "--days", "1", "--party", "IT", cwd=folder)
    assert nothing.stdout == ""
    assert "Nothing new" in nothing.stderr
    cut = accordwatch("changes", "--limit", "1", cwd=folder)
    assert "there may be more" in cut.stderr


def test_csv_has_the_same_rows(folder: Path) -> None:
    head, *rows = accordwatch("changes", "--format", "csv", cwd=folder).stdout.splitlines()
    assert head.startswith("learnt_at,kind,agreement_id,name,status,on,expected_on,parties,grade")
    assert len(rows) == 2
