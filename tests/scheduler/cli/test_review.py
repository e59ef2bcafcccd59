"""`review` and its audit as a person uses them: on a terminal, from a script, and refused."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.reader.answer import with_second_reading
from scheduler.configuration.config import load_configuration
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.filter import Filter
from storage.lists import queries
from storage.records import Judged, ReadFrame, Reason, SecondReading
from storage.review.audit import Group
from storage.review.review_queue import count_waiting
from tests.scheduler.command_line import accordwatch, json_lines, succeed
from tests.scheduler.given_digests import store
from tests.storage.given import NOW, card, judged
from tests.storage.opened import session
from tests.warm.start import command


def unsure(number: int, probability: float) -> Judged:
    one = judged(number, relevant=False, near_miss=True)
    frame = ReadFrame(("MA", "NE"), "sign", "declaration", "migration")
    reasons = (Reason("two parties", 1.0),)
    verdict = replace(one.verdict, probability=probability, frame=frame, reasons=reasons)
    return replace(one, verdict=verdict)


def borne_out(number: int, **values: Any) -> Judged:
    """A report that a second reader bears out, so that its entry waits for nobody."""
    one = judged(number, **values)
    reading = SecondReading(
        "yes", "qwen3", "p1", NOW, card=one.verdict.card, quote="The two ministers signed it."
    )
    return with_second_reading(one, reading)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents 1 to 3 wait, 2 before 3 before 1; 4 was alerted."""
    succeed("init", cwd=tmp_path)
    chosen = load_configuration(tmp_path / "accordwatch.yaml")
    store(chosen, *(unsure(n, p) for n, p in ((1, 0.05), (2, 0.4), (3, 0.2))), borne_out(4))
    return tmp_path


def test_without_a_terminal_the_next_document_is_shown_and_nothing_asked(folder: Path) -> None:
    done = succeed("review", cwd=folder)
    assert done.stdout.splitlines()[0] == ("2   news.example   2026-03-11   https://news.example/2")
    for part in ("(2)", "TO REVIEW", "probability 40 %", "Morocco and Niger, sign", "[signed]"):
        assert part in done.stdout
    assert "to answer: accordwatch review --answer yes|no 2" in done.stderr
    assert "3 items waiting. Not enough answers yet" in done.stderr


def test_a_no_takes_it_out_and_can_be_taken_back(folder: Path) -> None:
    done = accordwatch("review", "--answer", "no", "2", "--who", "amina", cwd=folder)
    assert "document 2 is not relevant; to take it back: accordwatch curate undo 1" in done.stderr
    assert "2 items waiting" in done.stderr
    exported = accordwatch("decisions", "--format", "articles", cwd=folder).stdout
    assert [(one["id"], one["relevant"]) for one in map(json.loads, exported.splitlines())] == [
        ("doc-2", False)
    ]
    succeed("curate", "undo", "1", "--who", "ben", cwd=folder)
    with session(f"sqlite:///{folder / 'accordwatch.db'}") as s:
        assert count_waiting(s) == 3


def test_a_yes_makes_a_report_of_it_with_what_was_corrected(folder: Path) -> None:
    given = ("--correct", "parties=IT,TN", "--correct", "status=negotiating")
    done = succeed("review", "3", "--answer", "yes", *given, "--why", "read it", cwd=folder)
    assert "added document 3 to the register (A2)" in done.stderr
    with session(f"sqlite:///{folder / 'accordwatch.db'}") as s:
        (agreement,) = queries.agreements(s, Filter(corridors=("IT-TN",)))
        assert (agreement.document_ids, agreement.status) == ((3,), "negotiating")
        assert count_waiting(s) == 2


def test_the_list_is_in_order_for_programs_too(folder: Path) -> None:
    done = accordwatch("review", "--list", "--format", "jsonl", cwd=folder)
    rows = list(map(json.loads, done.stdout.splitlines()))
    assert [row["document_id"] for row in rows] == [2, 3, 1]
    assert rows[0]["probability"] == 0.4
    assert rows[0]["frame"]["agreement"] == "declaration"
    assert done.stderr == ""
    csv = accordwatch("review", "--list", "--format", "csv", cwd=folder).stdout
    assert "Morocco and Niger, sign, declaration, migration" in csv.splitlines()[1]
    table = accordwatch("review", "--list", cwd=folder)
    assert "40 %" in table.stdout
    assert "3 items waiting" in table.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--answer", "yes"), "--answer needs the number of a document"),
        (("--answer", "no", "99"), "no document has the number 99"),
        (("99",), "no document has the number 99"),
        (("--answer", "no", "4"), "it was alerted; to decide nevertheless: accordwatch curate irr"),
        (("--answer", "no", "2", "--correct", "status=signed"), "use it with --answer yes"),
        (("--answer", "yes", "2", "--correct", "status=sined"), "'sined' is not one of"),
        (("--answer", "yes", "2", "--correct", "status"), "is not like status=signed"),
        (("--answer", "no", "2", "--why", " "), "--why is empty"),
        (("--list", "2"), "leave out the document"),
        (("--format", "csv"), "say --list or --summary too"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = accordwatch("review", *arguments, cwd=folder)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr


def test_an_answer_is_given_once(folder: Path) -> None:
    succeed("review", "--answer", "no", "2", cwd=folder)
    again = accordwatch("review", "--answer", "yes", "2", cwd=folder)
    assert again.returncode == 2
    assert "document 2 was answered already: no" in again.stderr


def test_on_a_terminal_it_asks_until_nothing_is_left(folder: Path) -> None:
    # 2: a wrong value, a right one, yes; 3: skipped; 1: no.
    typed = "x\nc\nstatus\nsined\nc\nparties\nIT,TN\ny\ns\nn\n"
    shown = on_a_terminal(folder, typed)
    assert "'sined' is not one of" in shown
    assert "parties is IT,TN; y keeps it" in shown
    assert "added document 2 to the register (A2)" in shown
    assert "document 1 is not relevant" in shown
    assert "1 item waiting" in shown


def test_who_quits_leaves_the_rest(folder: Path) -> None:
    assert "3 items waiting" in on_a_terminal(folder, "q\n")


def on_a_terminal(folder: Path, typed: str) -> str:
    """What a terminal shows of `review` when this is typed."""
    ours, theirs = pty.openpty()
    review = command("scheduler.cli", "review")
    with subprocess.Popen(
        review, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder
    ) as running:
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        try:
            while part := os.read(ours, 65_536):
                shown += part
        except OSError:  # Linux says EIO once the other end is closed
            pass
        assert running.wait(timeout=60) == 0
    os.close(ours)
    return shown.decode()


def test_twenty_answers_say_how_many_may_be_left(tmp_path: Path) -> None:
    succeed("init", cwd=tmp_path)
    chosen = load_configuration(tmp_path / "accordwatch.yaml")
    store(chosen, *(unsure(n, 0.1) for n in range(1, 31)))
    with session(chosen.database) as s:
        for number in range(1, 21):
            curation.set_irrelevant(s, number, Curator("amina", "read", NOW))
    done = accordwatch("review", "--list", cwd=tmp_path)
    assert "at most 2 of the documents are relevant (0 of 20 answered ones were)" in done.stderr


def test_an_unconfirmed_entry_is_confirmed_with_what_was_corrected(folder: Path) -> None:
    chosen = load_configuration(folder / "accordwatch.yaml")
    store(chosen, judged(5, card=card(parties=("KE", "DE"))))
    shown = accordwatch("review", cwd=folder)
    assert "report of A2, an unconfirmed entry" in shown.stdout
    assert "4 items waiting. 1 of them is an unconfirmed entry." in shown.stderr
    answered = accordwatch(
        "review", "5", "--answer", "yes", "--correct", "status=ratified", cwd=folder
    )
    assert "confirmed A2; to take it back: accordwatch curate undo 1" in answered.stderr
    with session(chosen.database) as s:
        agreement = queries.agreement(s, "A2")
    assert agreement is not None
    assert (agreement.grade, agreement.status) == ("confirmed", "ratified")
    succeed("curate", "undo", "1", cwd=folder)
    with session(chosen.database) as s:
        agreement = queries.agreement(s, "A2")
    assert agreement is not None
    assert (agreement.grade, agreement.status) == ("unconfirmed", "signed")


TODAY = datetime.now(UTC)
LAST_WEEK = TODAY - timedelta(weeks=1)


def silent(number: int, read: bool) -> Judged:
    one = judged(number, relevant=False)
    return replace(one, verdict=replace(one.verdict, probability=0.01 if read else None))


@pytest.fixture
def with_silent(tmp_path: Path) -> Path:
    """Last week brought one alert, and silent documents: 30 that the judge read, 30 others."""
    succeed("init", cwd=tmp_path)
    chosen = load_configuration(tmp_path / "accordwatch.yaml")
    made = (silent(number, number <= 30) for number in range(1, 61))
    store(chosen, *made, borne_out(61), now=LAST_WEEK)
    return tmp_path


def drawn(with_silent: Path) -> list[int]:
    return [
        row["document_id"] for row in json_lines("review", "--audit", "--list", cwd=with_silent)
    ]


def test_the_next_one_is_shown_as_one_of_the_audit(with_silent: Path) -> None:
    done = succeed("review", "--audit", cwd=with_silent)
    year, week, _ = LAST_WEEK.isocalendar()
    first = done.stdout.splitlines()[0]
    assert first == f"drawn for the audit from documents of {year}-W{week:02}"
    assert f"review --answer yes|no {drawn(with_silent)[0]}" in done.stderr
    assert "5 documents of the sample waiting." in done.stderr
    assert "No document of the sample has been reviewed yet" in done.stderr


def test_review_says_at_its_end_that_some_wait(with_silent: Path) -> None:
    done = accordwatch("review", cwd=with_silent)
    assert done.stderr.splitlines()[-2:] == [
        "There is nothing to review.",
        "5 documents of the sample waiting. accordwatch review --audit",
    ]


def test_answers_are_decisions_that_say_where_they_come_from(with_silent: Path) -> None:
    yes, no, *rest = drawn(with_silent)
    done = accordwatch(
        "review", "--answer", "yes", str(yes), "--correct", "parties=IT,TN", cwd=with_silent
    )
    assert f"added document {yes} to the register" in done.stderr
    done = accordwatch("review", "--audit", "--answer", "no", str(no), cwd=with_silent)
    assert f"document {no} is not relevant" in done.stderr
    assert "how many relevant documents are missed; 38 more are needed." in done.stderr
    assert drawn(with_silent) == rest
    decisions = json_lines("decisions", cwd=with_silent)
    assert [
        (decision["kind"], decision["document_ids"], decision["audit"]) for decision in decisions
    ] == [
        ("relevant", [yes], True),
        ("irrelevant", [no], True),
    ]


def test_a_silent_document_that_was_not_drawn_is_not_asked_about(with_silent: Path) -> None:
    other = next(number for number in range(1, 61) if number not in drawn(with_silent))
    done = accordwatch("review", "--audit", "--answer", "no", str(other), cwd=with_silent)
    assert done.returncode == 2
    assert f"document {other} does not wait for review" in done.stderr


def test_enough_answers_say_how_many_are_missed(with_silent: Path) -> None:
    chosen = load_configuration(with_silent / "accordwatch.yaml")
    curator = Curator("amina", "read", TODAY)
    with session(chosen.database) as s:
        curation.set_relevant(s, 1, {"parties": "IT,TN"}, curator, Group.READ)
        for number in (*range(2, 31), *range(31, 61)):
            group = Group.READ if number <= 30 else Group.UNREAD
            curation.set_irrelevant(s, number, curator, group)
    done = accordwatch("review", "--audit", "--list", cwd=with_silent)
    assert "of 10,000 documents about 163.9 are relevant and raised no alert" in done.stderr
    assert "Recall is 0.50 (95 % interval 0.50 to 0.50)." in done.stderr


def test_the_audit_can_be_turned_off(with_silent: Path) -> None:
    file = with_silent / "accordwatch.yaml"
    text = file.read_text("utf-8")
    assert "audit_per_week: 5" in text
    file.write_text(text.replace("audit_per_week: 5", "audit_per_week: 0"), "utf-8")
    done = accordwatch("review", "--audit", cwd=with_silent)
    assert "Sampling is off: alerts.audit_per_week is 0." in done.stderr
    assert accordwatch("review", cwd=with_silent).stderr == "There is nothing to review.\n"
