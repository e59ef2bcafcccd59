"""`review --audit` as a person uses it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.configuration.config import load_configuration
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.records import Judged
from storage.review.audit import Group
from tests.scheduler.cli.test_review import borne_out
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.given_digests import store
from tests.storage.given import judged
from tests.storage.opened import session

NOW = datetime.now(UTC)
LAST_WEEK = NOW - timedelta(weeks=1)


def silent(number: int, read: bool) -> Judged:
    one = judged(number, relevant=False)
    return replace(one, verdict=replace(one.verdict, probability=0.01 if read else None))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Last week brought one alert, and silent documents: 30 that the judge read, 30 others."""
    succeed("init", cwd=tmp_path)
    chosen = load_configuration(tmp_path / "accordwatch.yaml")
    made = (silent(number, number <= 30) for number in range(1, 61))
    store(chosen, *made, borne_out(61), now=LAST_WEEK)
    return tmp_path


def drawn(folder: Path) -> list[int]:
    return [row["document_id"] for row in json_lines("review", "--audit", "--list", cwd=folder)]


def test_the_next_one_is_shown_as_one_of_the_audit(folder: Path) -> None:
    done = succeed("review", "--audit", cwd=folder)
    year, week, _ = LAST_WEEK.isocalendar()
    first = done.stdout.splitlines()[0]
    assert first == f"drawn for the audit from documents of {year}-W{week:02}"
    assert f"review --answer yes|no {drawn(folder)[0]}" in done.stderr
    assert "5 documents of the sample waiting." in done.stderr
    assert "No document of the sample has been reviewed yet" in done.stderr


def test_review_says_at_its_end_that_some_wait(folder: Path) -> None:
    done = accordwatch("review", cwd=folder)
    assert done.stderr.splitlines()[-2:] == [
        "There is nothing to review.",
        "5 documents of the sample waiting. accordwatch review --audit",
    ]


def test_answers_are_decisions_that_say_where_they_come_from(folder: Path) -> None:
    yes, no, *rest = drawn(folder)
    done = accordwatch(
        "review", "--answer", "yes", str(yes), "--correct", "parties=IT,TN", cwd=folder
    )
    assert f"added document {yes} to the register" in done.stderr
    done = accordwatch("review", "--audit", "--answer", "no", str(no), cwd=folder)
    assert f"document {no} is not relevant" in done.stderr
    assert "how many relevant documents are missed; 38 more are needed." in done.stderr
    assert drawn(folder) == rest
    decisions = json_lines("decisions", cwd=folder)
    assert [(one["kind"], one["document_ids"], one["audit"]) for one in decisions] == [
        ("relevant", [yes], True),
        ("irrelevant", [no], True),
    ]


def test_a_silent_document_that_was_not_drawn_is_not_asked_about(folder: Path) -> None:
    other = next(number for number in range(1, 61) if number not in drawn(folder))
    done = accordwatch("review", "--audit", "--answer", "no", str(other), cwd=folder)
    assert done.returncode == 2
    assert f"document {other} does not wait for review" in done.stderr


def test_enough_answers_say_how_many_are_missed(folder: Path) -> None:
    chosen = load_configuration(folder / "accordwatch.yaml")
    curator = Curator("amina", "read", NOW)
    with session(chosen.database) as s:
        curation.set_relevant(s, 1, {"parties": "IT,TN"}, curator, Group.READ)
        for number in (*range(2, 31), *range(31, 61)):
            group = Group.READ if number <= 30 else Group.UNREAD
            curation.set_irrelevant(s, number, curator, group)
    done = accordwatch("review", "--audit", "--list", cwd=folder)
    assert "of 10,000 documents about 163.9 are relevant and raised no alert" in done.stderr
    assert "Recall is 0.50 (95 % interval 0.50 to 0.50)." in done.stderr


def test_the_audit_can_be_turned_off(folder: Path) -> None:
    file = folder / "accordwatch.yaml"
    text = file.read_text("utf-8")
    assert "audit_per_week: 5" in text
    file.write_text(text.replace("audit_per_week: 5", "audit_per_week: 0"), "utf-8")
    done = accordwatch("review", "--audit", cwd=folder)
    assert "Sampling is off: alerts.audit_per_week is 0." in done.stderr
    assert accordwatch("review", cwd=folder).stderr == "There is nothing to review.\n"
