"""Corridors that a second reader reads: what an answer changes, and that a person undoes it, that
nothing is notified twice, asked twice or left waiting.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crawler.reader.corridor import CORRIDOR_TOKENS, corridor_instructions
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.jobs.reader.second_reading import read_waiting, replay
from storage.documents.second_readings import calls_today
from storage.records import Grade, Status
from storage.register.corridors import readings_of_entry, unread_corridors
from storage.register.decisions import decisions
from storage.register.entry import Agreement, DecisionKind
from storage.register.tables import Pins
from tests.scheduler.jobs.reader.chat_server import ChatServer, Reply
from tests.scheduler.jobs.reader.given import Setting, other, says
from tests.scheduler.jobs.reader.one_reading import BOUNDARIES
from tests.warm import start as warm

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
ON_YESTERDAY = f"on {YESTERDAY:%A}"


def _article(name: str, title: str, text: str, published: date = TODAY) -> dict[str, Any]:
    return {
        "id": name,
        "lang": "en",
        "title": title,
        "text": text,
        "outlet": f"{name}.example",
        "published": published.isoformat(),
    }


SIGNED = _article(
    "signed",
    "Tunisia and Spain sign readmission agreement",
    "Tunisia and Spain signed an agreement on the readmission of irregular migrants in Tunis "
    f"{ON_YESTERDAY}, the two interior ministers said. It also covers the training of coast guards.",
    YESTERDAY,
)
RATIFIED = _article(
    "ratified",
    "Spain and Tunisia ratify visa facilitation agreement",
    f"The Spanish parliament ratified an agreement on visa facilitation with Tunisia {ON_YESTERDAY}. "
    "Spain and Tunisia signed the visa facilitation agreement last year.",
)
LATER = _article(
    "later",
    "Madrid, Tunis put names to returns deal",
    "Spain and Tunisia have signed a readmission deal under which Tunis takes back its nationals. "
    "Both governments confirmed the signature on Wednesday and promised to publish the text.",
)
QUOTE = "Tunisia and Spain signed an agreement on the readmission of irregular migrants in Tunis"
YES = {
    "answer": "yes",
    "quote": "",
    "parties": ["Tunisia", "Spain"],
    "kind": "agreement",
    "status": "",
    "day": "",
    "topics": [],
}


def group(
    *reports: object, status: str = "signed", quote: str = QUOTE, **more: Any
) -> dict[str, Any]:
    group = {"reports": [*reports], "parties": ["ES", "TN"], "status": status, "quote": quote}
    return {"day": YESTERDAY.isoformat()} | group | more


def answering(corridor: Callable[[dict[str, Any]], Reply]) -> Callable[[dict[str, Any]], Reply]:
    """Answer questions about corridors with `corridor`, and "yes" about each text."""

    def answer(body: dict[str, Any]) -> Reply:
        system, question = (message["content"] for message in body["messages"])
        if system == corridor_instructions():
            return corridor(body)
        headline = question.partition("<text>\n")[2].partition("\n")[0]
        return says(YES | {"quote": headline})

    return answer


@pytest.fixture(autouse=True)
def one_agreement(server: ChatServer) -> None:
    server.answer = answering(lambda body: says({"agreements": [group(1, 2)]}))


def of_corridors(server: ChatServer) -> list[dict[str, Any]]:
    instructions = corridor_instructions()
    return [body for body in server.asked if body["messages"][0]["content"] == instructions]


def read(setting: Setting) -> str:
    return read_waiting(setting.database, setting.chosen).summary


def facts(found: list[Agreement]) -> list[tuple[object, ...]]:
    return [
        (agreement.status, agreement.event_date, sorted(agreement.document_ids))
        for agreement in found
    ]


def test_two_entries_of_one_agreement_become_one_as_the_reader_says(
    setting: Setting, server: ChatServer
) -> None:
    setting.collect(SIGNED, RATIFIED)
    assert len(setting.register()) == 2
    assert read(setting) == "2 documents read: 2 yes; 1 corridor read"
    (one,) = setting.register()
    assert (one.status, one.event_date, one.grade) == (Status.SIGNED, YESTERDAY, Grade.LIKELY)
    assert one.history[-1].quote == QUOTE
    with setting.database.read() as s:
        (reading,) = readings_of_entry(s, one)
    assert (reading.decision.who, reading.reports, reading.quote) == ("small", 2, QUOTE)
    (body,) = of_corridors(server)
    assert body["max_tokens"] == CORRIDOR_TOKENS
    assert "A1 Spain–Tunisia" in body["messages"][1]["content"]


def test_what_was_read_is_notified_once_and_asked_about_once(
    setting: Setting, server: ChatServer
) -> None:
    setting.collect(SIGNED, RATIFIED)
    assert setting.send() == 0  # it waits for the reader
    read(setting)
    assert (setting.send(), setting.send()) == (1, 0)
    setting.collect(SIGNED, RATIFIED)
    assert read(setting) == "0 documents read"
    assert (len(of_corridors(server)), setting.send()) == (1, 0)
    with setting.database.read() as s:
        assert calls_today(s, "small", datetime.now(UTC)) == 3


def test_a_copy_of_what_was_read_is_not_asked_about_again(
    setting: Setting, server: ChatServer
) -> None:
    setting.collect(SIGNED, RATIFIED)
    read(setting)
    printed = SIGNED["text"].replace(ON_YESTERDAY, ON_YESTERDAY.removeprefix("on "))
    setting.collect(SIGNED | {"id": "copy", "outlet": "copy.example", "text": printed})
    read(setting)
    assert len(of_corridors(server)) == 1
    assert sorted(map(len, (one.document_ids for one in setting.register()))) == [3]


def test_a_regrouping_notifies_nobody_again(setting: Setting, server: ChatServer) -> None:
    ratified = group(
        2,
        status="ratified",
        quote="The Spanish parliament ratified an agreement on visa facilitation with Tunisia",
        day=None,
    )
    server.answer = answering(lambda body: says({"agreements": [group(1), ratified]}))
    setting.collect(SIGNED, RATIFIED)
    read(setting)
    assert (len(setting.register()), setting.send(), setting.send()) == (2, 1, 0)
    server.answer = answering(lambda body: says({"agreements": [group(1, 2, 3)]}))
    setting.collect(LATER)
    read(setting)
    assert (len(setting.register()), setting.send()) == (1, 0)


def test_one_report_alone_is_not_asked_about_again(setting: Setting, server: ChatServer) -> None:
    setting.collect(SIGNED)
    assert read(setting) == "1 document read: 1 yes"
    assert of_corridors(server) == []


def test_a_person_takes_it_back_and_no_later_answer_brings_it_again(
    setting: Setting, server: ChatServer
) -> None:
    setting.collect(SIGNED, RATIFIED)
    before = facts(setting.register())
    read(setting)
    with setting.database.begin() as s:
        (decision,) = (one for one in decisions(s) if one.kind is DecisionKind.READ)
        curation.undo(s, decision.id, Curator("amina", "two papers", datetime.now(UTC)))
    after = facts(setting.register())
    assert [documents for *_, documents in after] == [documents for *_, documents in before]
    setting.collect(LATER)
    server.answer = answering(lambda body: says({"agreements": [group(1, 2, 3)]}))
    read(setting)
    assert len(of_corridors(server)) == 2
    assert [2] in [documents for *_, documents in facts(setting.register())]


def test_a_report_of_no_step_waits_for_review_until_that_is_taken_back(
    setting: Setting, server: ChatServer
) -> None:
    server.answer = answering(lambda body: says({"agreements": [group(1)], "no_step": [2]}))
    setting.collect(SIGNED, RATIFIED)
    read(setting)
    assert (facts(setting.register()), setting.queue()) == ([("signed", YESTERDAY, [1])], 1)
    with setting.database.begin() as s:
        (decision,) = (one for one in decisions(s) if one.kind is DecisionKind.READ)
        curation.undo(s, decision.id, Curator("amina", "it is one", datetime.now(UTC)))
    assert (len(setting.register()), setting.queue()) == (2, 0)


JP = {"parties": ["JP", "PE"]}


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        ({"agreements": [group(1, 2) | JP]}, "parties"),
        ({"agreements": [group(1, 99)]}, "reports"),
        ({"agreements": [group(1, 1, 2)]}, "reports"),
        ({"agreements": [group(1, 2, quote="Peace was signed in Westphalia at last")]}, "quote"),
        ({"agreements": [group(1, 2, day="1998-03-01")]}, "day"),
    ],
)
def test_what_is_not_proven_changes_nothing_and_is_not_asked_again(
    setting: Setting, server: ChatServer, answer: dict[str, Any], doubt: str
) -> None:
    setting.collect(SIGNED, RATIFIED)
    server.answer = answering(lambda body: says(answer))
    before = [one.document_ids for one in setting.register()]
    assert read(setting).endswith("1 corridor read")
    assert [one.document_ids for one in setting.register()] == before
    with setting.database.read() as s:
        assert set(s.scalars(select(Pins.value))) == {doubt}
        assert unread_corridors(s, datetime.now(UTC) - timedelta(days=1)) == []
    assert read(setting) == "0 documents read"


@pytest.mark.parametrize(
    "reply",
    [
        says({"agreements": "all of them"}),
        Reply("[" * 100_000),
        Reply("x" * 2_000_000),
        Reply(json.dumps({"agreements": [group(1, 2, quote="x" * 900_000)]})),
        Reply(body=b"no", status=500),
    ],
    ids=["another form", "brackets", "two megabytes", "a long quote", "a fault"],
)
def test_no_answer_about_a_corridor_stops_what_is_due(
    setting: Setting, server: ChatServer, reply: Reply
) -> None:
    setting.collect(SIGNED, RATIFIED)
    server.answer = answering(lambda body: reply)
    read(setting)
    assert len(setting.register()) == 2
    assert setting.send(datetime.now(UTC) + timedelta(minutes=16)) == 1


def test_recorded_answers_about_corridors_are_taken_where_all_reports_are_there(
    setting: Setting,
) -> None:
    line = {"parties": ["ES", "TN"], "agreements": [group("signed", "ratified")], "no_step": []}
    lines = [json.dumps(line).encode()]
    setting.collect(SIGNED)
    said = "0 answers applied; 1 about documents that are not stored"
    assert replay(setting.database, setting.chosen, lines, "a.jsonl") == (said, [])
    setting.collect(RATIFIED, other("Peru", "Chile"))
    said = "0 answers applied; 1 about corridors"
    assert replay(setting.database, setting.chosen, lines, "a.jsonl") == (said, [])
    assert sorted(len(one.document_ids) for one in setting.register()) == [1, 2]


def test_a_recorded_answer_in_another_form_is_a_problem_of_its_line(setting: Setting) -> None:
    lines = [b'{"agreements": 1}', b'{"agreements": [{"reports": []}]}']
    _, problems = replay(setting.database, setting.chosen, lines, "a.jsonl")
    assert [problem[:10] for problem in problems] == ["a.jsonl:1:", "a.jsonl:2:"]


def test_a_reader_that_is_killed_wherever_it_may_be_reads_all_and_tells_it_once(
    setting: Setting, server: ChatServer
) -> None:
    """What was asked when it died is asked again when its lease is over, and nothing else."""
    setting.collect(SIGNED, RATIFIED)
    path, sent = str(setting.folder / "accordwatch.yaml"), []
    for when, name in BOUNDARIES:
        one_reading = warm.command("tests.scheduler.jobs.reader.one_reading", path, when, name)
        assert subprocess.run(one_reading, check=False).returncode in (-signal.SIGKILL, 137), name
        sent.append(setting.send())
        setting.end_waits()
    assert read(setting) == "0 documents read"
    (one,) = setting.register()
    assert (one.status, len(one.document_ids)) == (Status.SIGNED, 2)
    assert len(server.asked) <= 2 * len(BOUNDARIES)
    # What waits for the reader is not notified, and what it read once.
    assert ([*sent, setting.send()], sum(sent)) == ([0] * (len(sent) - 1) + [1, 0], 1)
