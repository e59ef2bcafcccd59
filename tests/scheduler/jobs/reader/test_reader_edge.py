"""Whatever a reader does, a run sends what is due, says what was wrong, and so does `doctor`."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.reader.proof import prove
from scheduler.configuration.config import load_configuration
from scheduler.jobs.passes import read_again, run_pass
from scheduler.jobs.reader import client, second_reading
from scheduler.jobs.reader.second_reading import read_waiting
from scheduler.web.operations import health
from storage.errors import AnswerError, ReaderError
from storage.records import SecondReading
from tests.scheduler.jobs.reader import chat_server as served
from tests.scheduler.jobs.reader.chat_server import ChatServer
from tests.scheduler.jobs.reader.given import KEY, SIGNED, Setting, other, says


@pytest.fixture
def setting(setting: Setting) -> Setting:
    setting.collect(SIGNED)
    return setting


def _run(setting: Setting) -> tuple[int, list[str]]:
    """How many digests a run delivers, and what it says of the reader."""
    events: list[dict[str, Any]] = []
    passed = run_pass(setting.database, setting.chosen, (), events.append)
    lines = [str(event["line"]) for event in events if event.get("event") == "problem"]
    return passed.sent.delivered, [line for line in lines if line.startswith("second reader: ")]


EXCEPTIONS = [
    RuntimeError(KEY),
    KeyError(KEY),
    OverflowError(KEY),
    RecursionError(KEY),
    MemoryError(KEY),
    AssertionError(KEY),
    OSError(KEY),
    TimeoutError(KEY),
    UnicodeEncodeError("ascii", KEY, 0, 1, KEY),
    asyncio.CancelledError(KEY),
    AnswerError("no answer"),
    ReaderError("gone", is_down=True),
]


@pytest.mark.parametrize(
    ("place", "name", "error"),
    [
        *((client.ReaderClient, "ask", error) for error in EXCEPTIONS),  # a text
        (second_reading, "prove", ValueError(KEY)),  # an answer
        (second_reading._Pass, "_begin", TypeError(KEY)),  # the pass
        (client.ReaderClient, "__init__", ImportError(KEY)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_whatever_goes_wrong_with_a_reader_a_run_sends_and_says_so(
    setting: Setting,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    error: BaseException,
) -> None:
    def fails(*given: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(place, name, fails)
    delivered, lines = _run(setting)
    assert (delivered, len(lines)) == (1, 1)
    said = [*setting.reader_lines(), *_degraded(setting)]
    assert sum("the second reader small does not read: " in line for line in said) == 2
    assert KEY not in f"{lines}{said}"


def _degraded(setting: Setting) -> list[str]:
    _, body = health(setting.database, setting.chosen, [], {}, datetime.now(UTC))
    found = body["degraded"]
    assert isinstance(found, list)
    return found


def test_a_fault_is_no_longer_said_once_a_pass_came_to_its_end(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(second_reading, "load_judgeable", None)
        (line,) = read_again(setting.database, setting.chosen)
    assert line.startswith("second reader: a fault of ours: TypeError (second_reading.py:")
    assert read_again(setting.database, setting.chosen) == []
    assert [line for line in setting.reader_lines() if "does not read" in line] == []


UNUSABLE = {
    "": "is empty",
    " ": "is empty",
    "\n": "is empty",
    "sk-1\n": "has a blank or a line end",
    "sk-1\r\nX-More: 1": "has a blank or a line end",
    "sk 1": "has a blank or a line end",
    "sk-\x7f1": "has a blank or a line end",
    "sk-é1": "has a letter outside ASCII",
    "sk-\u202e1": "has a letter outside ASCII",
}


@pytest.mark.parametrize("key", UNUSABLE)
def test_with_a_key_that_cannot_be_sent_a_run_sends_and_doctor_says_what_is_wrong_with_it(
    tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    made = _keyed(tmp_path, server, monkeypatch, key)
    with closing(made.database):
        made.collect(SIGNED)
        why = f"the reader's key in $READER_KEY {UNUSABLE[key]}"
        delivered, (line,) = _run(made)
        assert (delivered, server.asked) == (1, [])
        assert line.startswith(f"second reader: {why}")
        assert any(
            said.startswith(f"the second reader small cannot be asked: {why}")
            for said in made.reader_lines()
        )


def test_a_key_of_ten_thousand_letters_is_sent(
    tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _keyed(tmp_path, server, monkeypatch, "k" * 10_000)
    with closing(made.database):
        made.collect(SIGNED)
        assert _run(made) == (1, [])
        assert server.keys == [f"Bearer {'k' * 10_000}"]


def _keyed(folder: Path, server: ChatServer, patch: pytest.MonkeyPatch, key: str) -> Setting:
    patch.setenv("READER_KEY", key)
    made = Setting(folder, server.url)
    path = folder / "accordwatch.yaml"
    written = path.read_text(encoding="utf-8").replace(f"file: {folder / 'key'}", "env: READER_KEY")
    path.write_text(written, encoding="utf-8")
    made.chosen = load_configuration(path, environ={})
    return made


@pytest.mark.parametrize(
    "reply",
    [
        served.Reply(body=b" " * 65_536, again_s=0),  # it has no end
        served.Reply(body=b" ", again_s=0.1),  # it takes for ever
    ],
)
def test_a_text_whose_answer_has_no_end_leaves_its_neighbours_their_answers(
    tmp_path: Path, server: ChatServer, reply: served.Reply
) -> None:
    made = Setting(tmp_path, server.url, "  at_once: 3\n")
    settings = made.chosen.settings.reader
    assert settings is not None
    server.answer = lambda body: (
        reply if "Malta" in body["messages"][1]["content"] else says({"answer": "unclear"})
    )
    with closing(made.database):
        made.collect(SIGNED, other("Libya", "Malta"), other("Egypt", "Greece"))
        done = read_waiting(made.database, made.chosen)
    assert (done.read, done.failed) == (2, 1)


def test_a_text_whose_proof_takes_long_leaves_its_neighbours_their_time(
    tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Setting(tmp_path, server.url, "  at_once: 2\n")
    path = tmp_path / "accordwatch.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("timeout_s: 5", "timeout_s: 1"))
    made.chosen = load_configuration(path, environ={})

    def prove_slowly(*given: Any, **named: Any) -> SecondReading:
        time.sleep(1.5)
        return prove(*given, **named)

    def answer(body: dict[str, Any]) -> served.Reply:
        time.sleep(0.5 if "Malta" in body["messages"][1]["content"] else 0)
        return says({"answer": "unclear"})

    monkeypatch.setattr(second_reading, "prove", prove_slowly)
    server.answer = answer
    with closing(made.database):
        made.collect(SIGNED, other("Libya", "Malta"))
        done = read_waiting(made.database, made.chosen)
    assert (done.read, done.failed) == (2, 0)


def test_what_a_server_refuses_is_found_out_once_and_not_anew_in_each_pass(
    tmp_path: Path, server: ChatServer
) -> None:
    made = Setting(tmp_path, server.url, "  per_day: 10\n")
    server.answer = lambda body: served.Reply(status=400, body=b"no")
    with closing(made.database):
        made.collect(SIGNED, other("Libya", "Malta"), other("Egypt", "Greece"))
        for _ in range(4):
            read_waiting(made.database, made.chosen)
            made.end_waits()
        assert len(server.asked) <= 10 + 2  # ten calls; the first was tried in two further forms
