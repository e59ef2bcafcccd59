"""A second reader at work, on real databases and a real HTTP server: what it changes, and that
nothing is lost or notified twice when it is slow, wrong, dead or out of budget.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawler.reader.question import reader_id
from scheduler.configuration.config import Configuration, load_configuration
from scheduler.configuration.sections import ReaderSettings
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.exchange import known_list
from scheduler.jobs.daemon.daemon import PATIENCE_S, READ_LENGTH_S
from scheduler.jobs.passes import held_back, read_again
from scheduler.jobs.reader.second_reading import read_waiting, replay
from scheduler.jobs.reclassify import reclassify
from scheduler.notify.deliver import send_due
from storage.documents.second_readings import reading_counts
from storage.documents.tables import MatchRules, SecondReadings
from storage.records import Status
from storage.register.decisions import imports_of
from tests.scheduler.command_line import accordwatch
from tests.scheduler.jobs.reader.chat_server import ChatServer, Reply, chat_server
from tests.scheduler.jobs.reader.given import KEY, NO, SIGNED, YES, Setting, other, says


def test_a_yes_is_stored_with_its_fields_and_notified_once(
    setting: Setting, server: ChatServer
) -> None:
    setting.collect(SIGNED)
    done = read_waiting(setting.database, setting.chosen)
    assert done.summary == "1 document read: 1 yes"
    (one,) = setting.register()
    assert (one.instrument, one.status) == ("treaty", Status.SIGNED)
    assert one.history[-1].quote == YES["quote"]
    assert (setting.send(), setting.send()) == (1, 0)
    assert server.keys == [f"Bearer {KEY}"]


def test_nothing_is_asked_twice(setting: Setting, server: ChatServer) -> None:
    setting.collect(SIGNED)
    read_waiting(setting.database, setting.chosen)
    setting.collect(SIGNED, SIGNED | {"id": "reprint", "outlet": "other.example"})
    assert read_waiting(setting.database, setting.chosen).read == 0
    assert len(server.asked) == 1


def test_a_no_takes_the_entry_back_to_review_and_nobody_is_notified(
    setting: Setting, server: ChatServer
) -> None:
    server.answer = lambda body: says(NO)
    setting.collect(SIGNED)
    assert len(setting.register()) == 1
    read_waiting(setting.database, setting.chosen)
    assert (setting.register(), setting.queue(), setting.send()) == ([], 1, 0)


def test_an_alert_waits_for_the_reader_and_no_longer_than_it_may(
    setting: Setting, server: ChatServer
) -> None:
    setting.collect(SIGNED)
    now = datetime.now(UTC)
    assert setting.send(now) == 0
    assert setting.send(now + timedelta(minutes=16)) == 1
    (mail,) = (setting.folder / "digests").glob("*.html")
    assert "unconfirmed, not read by the second reader yet" in mail.read_text(encoding="utf-8")
    read_waiting(setting.database, setting.chosen)  # late: it is notified already
    assert setting.send(now + timedelta(minutes=17)) == 0


def test_a_digest_of_a_period_waits_as_a_whole(tmp_path: Path, server: ChatServer) -> None:
    made = Setting(tmp_path, server.url)
    path = tmp_path / "accordwatch.yaml"
    path.write_text(path.read_text().replace("immediately", "hourly"), encoding="utf-8")
    made.chosen = load_configuration(path, environ={})
    with closing(made.database):
        made.collect(SIGNED)
        now = datetime.now(UTC).replace(minute=59, second=59) + timedelta(seconds=2)
        held = held_back(made.database, made.chosen, datetime.now(UTC))
        assert held
        assert send_due(made.database, made.chosen, now=now, held_back=held).delivered == 0
        read_waiting(made.database, made.chosen)
        assert made.send(now) == 1


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(body=b"<html>It works!</html>"), "no answer to a chat"),
        (Reply(body=b"{}"), "no answer to a chat"),
        (Reply(text="I think that this is about migration."), "no JSON"),
        (Reply(text='{"answer": "yes", "quote": "Tuni'), "no JSON"),
        (Reply(text="[" * 100_000), "no JSON"),
        (Reply(text=f"Incorrect API key provided: {KEY}"), "no JSON"),
        (Reply(body=b"[" * 100_000), "no answer to a chat"),
        (Reply(status=500, body=b"oops " + KEY.encode()), "HTTP 500"),
        (Reply(status=401, body=b'{"error": "bad key sk-very-secret"}'), "refuses the key"),
        (Reply(status=404, body=b"{}"), "no model 'small'"),
        (Reply(status=429, headers={"Retry-After": "120"}), "asked later"),
        (Reply(status=429, headers={"Retry-After": "9" * 40}), "asked later"),
        (Reply(status=429, headers={"Retry-After": "\u00b2"}), "asked later"),
    ],
)
def test_a_server_that_fails_costs_one_line_and_no_alert(
    setting: Setting, server: ChatServer, reply: Reply, problem: str
) -> None:
    server.answer = lambda body: reply
    setting.collect(SIGNED)
    (line,) = read_again(setting.database, setting.chosen)
    with setting.database.read() as s:
        now = datetime.now(UTC)
        waiting, _, error = reading_counts(s, reader_id("small"), now - timedelta(days=1))
    assert waiting == 1
    assert problem in (error or "")
    assert "sk-very" not in f"{line}{error}"
    later = datetime.now(UTC) + timedelta(minutes=16)
    assert (setting.send(later), setting.send(later)) == (1, 0)


def test_a_server_that_is_gone_is_asked_once_in_a_pass(tmp_path: Path) -> None:
    with chat_server(lambda body: says(YES)) as gone:
        url = gone.url
    made = Setting(tmp_path, url)
    with closing(made.database):
        made.collect(SIGNED, other("Libya", "Malta"), other("Egypt", "Greece"))
        done = read_waiting(made.database, made.chosen)
    assert done.failed == 1
    assert done.problem == f"the reader at {url} cannot be reached"


def test_a_server_that_is_down_is_left_alone_and_costs_neither_budget_nor_attempts(
    tmp_path: Path, server: ChatServer
) -> None:
    made = Setting(tmp_path, server.url, "  per_day: 2\n")
    server.answer = lambda body: Reply(status=503, headers={"Retry-After": "3600"})
    with closing(made.database):
        made.collect(SIGNED, other("Libya", "Malta"))
        for _ in range(7):
            read_waiting(made.database, made.chosen)
            assert read_waiting(made.database, made.chosen).failed == 0  # it rests
            made.end_waits()
        assert len(server.asked) == 7
        server.answer = lambda body: says({"answer": "unclear"})
        assert read_waiting(made.database, made.chosen).read == 2


def test_a_text_that_fails_is_tried_again_after_twice_as_long_each_time(
    setting: Setting, server: ChatServer
) -> None:
    server.answer = lambda body: Reply(status=500)
    setting.collect(SIGNED)
    minutes = []
    for _ in range(6):
        read_waiting(setting.database, setting.chosen)
        with setting.database.read() as s:
            row = s.execute(select(SecondReadings.next_try_at)).one()
        minutes.append(round((row.next_try_at - datetime.now(UTC)).total_seconds() / 60))
        setting.end_waits()
    assert minutes[:5] == [10, 20, 40, 80, 160]
    assert len(server.asked) == 5  # then it is given up


def test_a_reader_that_never_answers_is_left_after_its_time(
    tmp_path: Path, server: ChatServer
) -> None:
    made = Setting(tmp_path, server.url)
    server.gate.clear()
    quick = made.chosen.settings.reader
    assert quick is not None
    settings = made.chosen.settings.model_copy(
        update={"reader": quick.model_copy(update={"timeout_s": 0.2})}
    )
    chosen = Configuration(made.chosen.path, settings, made.chosen.database)
    with closing(made.database):
        made.collect(SIGNED)
        done = read_waiting(made.database, chosen)
    assert (done.read, done.failed) == (0, 1)


@pytest.mark.parametrize(("per_day", "asked"), [(0, 0), (1, 1), (2, 2)])
def test_the_budget_of_a_day_is_kept(
    tmp_path: Path, server: ChatServer, per_day: int, asked: int
) -> None:
    made = Setting(tmp_path, server.url, f"  per_day: {per_day}\n")
    server.answer = lambda body: says({"answer": "unclear"})
    with closing(made.database):
        made.collect(SIGNED, other("Libya", "Malta"), other("Egypt", "Greece"))
        done = read_waiting(made.database, made.chosen)
        assert (len(server.asked), "per_day is used up" in done.problem) == (asked, True)
        assert made.send() == 1  # nobody will read what is left today, so nothing waits


def test_an_old_server_is_asked_without_a_form(setting: Setting, server: ChatServer) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return Reply(status=400, body=b"{}") if "response_format" in body else says(YES)

    server.answer = answer
    setting.collect(SIGNED)
    assert read_waiting(setting.database, setting.chosen).read == 1
    assert len(server.asked) == 3


def test_an_answer_stays_when_the_rules_judge_again(setting: Setting, server: ChatServer) -> None:
    server.answer = lambda body: says(NO)
    setting.collect(SIGNED)
    read_waiting(setting.database, setting.chosen)
    reclassify(setting.database, setting.chosen, now=datetime.now(UTC))
    assert (setting.register(), setting.queue()) == ([], 1)


def test_what_a_person_decided_is_not_asked_about(setting: Setting, server: ChatServer) -> None:
    setting.collect(SIGNED)
    (one,) = setting.register()
    with setting.database.begin() as s:
        curation.confirm(s, one.id, Curator("amina", "read it", datetime.now(UTC)))
    assert read_waiting(setting.database, setting.chosen).read == 0
    assert server.asked == []


def test_recorded_answers_are_taken_as_if_given_now(setting: Setting, server: ChatServer) -> None:
    setting.collect(SIGNED)
    lines = [
        json.dumps(YES | {"id": "signed", "set": "dev"}).encode(),
        json.dumps(NO | {"id": "elsewhere"}).encode(),
        b"",
        b"no json",
        b'{"answer": "yes"}',
        b'{"id": "signed", "answer": "maybe"}',
        b"[" * 100_000,
    ]
    said, problems = replay(setting.database, setting.chosen, lines, "answers.jsonl")
    assert said.startswith("1 answers applied: 1 yes; 1 about documents that are not stored; ")
    assert [problem.split(":")[1] for problem in problems] == ["4", "5", "6", "7"]
    (one,) = setting.register()
    assert one.instrument == "treaty"
    assert server.asked == []


def test_doctor_names_a_reader_that_fails_and_no_longer_once_it_reads(
    setting: Setting, server: ChatServer
) -> None:
    server.answer = lambda body: Reply(status=401)
    setting.collect(SIGNED)
    read_waiting(setting.database, setting.chosen)
    said = setting.reader_lines()
    assert any(
        "does not read: the reader at" in line and "refuses the key" in line for line in said
    )
    server.answer = lambda body: says(YES)
    setting.end_waits()
    read_waiting(setting.database, setting.chosen)
    assert setting.reader_lines() == [
        "the second reader small: 1 texts read, 0 waiting, 1 of 500 calls today"
    ]


def test_an_unclear_answer_leaves_a_report_to_be_found_by_its_rules(
    setting: Setting, server: ChatServer
) -> None:
    server.answer = lambda body: says({"answer": "unclear"})
    setting.collect(SIGNED)
    before = _rules_of(setting)
    read_waiting(setting.database, setting.chosen)
    assert before
    assert _rules_of(setting) == before


def _rules_of(setting: Setting) -> list[str]:
    with setting.database.read() as s:
        return sorted(s.scalars(select(MatchRules.rule)))


@pytest.mark.parametrize("decision", ["confirm", "correct"])
def test_a_late_no_takes_nothing_back_that_a_person_has_confirmed_or_corrected(
    setting: Setting, server: ChatServer, decision: str
) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        amina = Curator("amina", "read it", datetime.now(UTC))
        (one,) = setting.register()
        with setting.database.begin() as s:  # she answers while the reader reads
            if decision == "confirm":
                curation.confirm(s, one.id, amina)
            else:
                curation.correct(s, one.document_ids[0], "status", "ratified", amina)
        return says(NO)

    server.answer = answer
    setting.collect(SIGNED)
    read_waiting(setting.database, setting.chosen)
    assert len(setting.register()) == 1
    reclassify(setting.database, setting.chosen, now=datetime.now(UTC))
    assert len(setting.register()) == 1


def test_alerts_that_wait_for_nobody_are_read_all_the_same(
    tmp_path: Path, server: ChatServer
) -> None:
    made = Setting(tmp_path, server.url, "  wait_minutes: 0\n")
    with closing(made.database):
        made.collect(SIGNED)
        assert made.send() == 1
        assert read_again(made.database, made.chosen) == []
        assert len(server.asked) == 1


def test_a_pass_ends_in_time_however_long_alerts_may_wait(
    tmp_path: Path, server: ChatServer
) -> None:
    made = Setting(tmp_path, server.url, "  wait_minutes: 1440\n")
    with closing(made.database):
        made.collect(SIGNED, other("Libya", "Malta"))
        read_again(made.database, made.chosen, longest_s=0)
        assert len(server.asked) == 1


def test_the_daemon_ends_a_pass_of_the_reader_before_it_counts_as_stuck() -> None:
    slowest = ReaderSettings(url="http://127.0.0.1", model="m", timeout_s=3600).timeout_s
    assert READ_LENGTH_S + slowest < PATIENCE_S["read"]


def test_a_run_without_sources_loads_lists_reads_and_sends(
    tmp_path: Path, server: ChatServer
) -> None:
    setting = Setting(tmp_path, server.url)
    with closing(setting.database):
        path = tmp_path / "accordwatch.yaml"
        text = path.read_text(encoding="utf-8")
        feed = "sources:\n  - {id: a, kind: feed, url: https://a.example/rss}\n"
        path.write_text(text.replace(feed, "sources: []\n"), encoding="utf-8")
        setting.collect(SIGNED)
        ended = accordwatch("run", cwd=tmp_path)
        assert (ended.returncode, "1 digest delivered." in ended.stderr) == (0, True)
        with setting.database.read() as s:
            assert reading_counts(s, reader_id("small"), datetime.now(UTC))[1] == 1
            assert len(imports_of(s, known_list.ID)) == 1
