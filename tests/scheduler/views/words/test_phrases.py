"""Sentences about the system itself: complete in each language, and kept without their words."""

from __future__ import annotations

import json
import re
from copy import copy
from datetime import date
from pathlib import Path

import pytest

from scheduler.notify.channels.message import unreachable
from scheduler.views.words.phrases import (
    day,
    fault_in_words,
    figure,
    in_words,
    number,
    phrase,
    read,
    reason_in_words,
)
from scheduler.views.words.terms import TERMS
from storage.errors import FilledLine, packed, system_fault, unpacked

FILLED = phrase(
    "source_does",
    source="fleuve",
    what=phrase(
        "false_alarms",
        n=14,
        documents=number(1234),
        daily=number(88),
        rate=figure(4, 3),
        expected=figure(0.04, 2),
        few="",
    ),
)


def test_each_line_is_said_somewhere() -> None:
    ends = r"(_by)?"  # of lines that are chosen by their ends
    text = "".join(path.read_text("utf-8") for path in Path("scheduler").rglob("*.py"))
    before = "health.lines."
    lines = [code.removeprefix(before) for code in TERMS if code.startswith(before)]
    assert len(lines) > 50
    spoken = {key: re.sub(f"{ends}$", "", key) for key in lines}
    assert [key for key, of in spoken.items() if not re.search(rf"\b{of}\b", text)] == []


def test_a_phrase_that_was_kept_is_the_same_phrase() -> None:
    assert read(FILLED.stored_text) == FILLED
    assert in_words(FILLED.stored_text, "fr") == FILLED.in_words("fr")


@pytest.mark.parametrize(
    "text",
    [
        "the source fleuve fails",
        '{"say":',
        '{"say":"no such key","with":{}}',
        '{"say":"few"}',
        '{"say":"few","with":{"a":{}}}',
    ],
)
def test_a_finished_sentence_is_shown_as_it_is(text: str) -> None:
    assert in_words(text, "fr") == text


def test_values_are_written_as_the_language_does() -> None:
    assert "1,234" in FILLED.in_words("en")
    assert "1\u202f234" in FILLED.in_words("fr")
    stopped = phrase("dates_stopped", day=day(date(2026, 3, 7)), home="https://a.example")
    assert "is of 7 March;" in stopped.in_words("en")
    assert "del 7 de marzo;" in stopped.in_words("es")


def test_small_and_large_figures_are_written_out() -> None:
    text = phrase(
        "false_alarms",
        n=1,
        documents=1,
        daily=1,
        rate=figure(4, 3),
        expected=figure(0.00361, 2),
        few="",
    )
    assert "in 10,000, 0.0036 false alarms" in text.in_words("en")
    assert "0,0036" in text.in_words("fr")
    large = phrase(
        "false_alarms",
        n=1,
        documents=1,
        daily=1,
        rate=figure(4, 3),
        expected=figure(1234, 2),
        few="",
    )
    assert "10,000, 1200 false alarms" in large.in_words("en")


def test_a_fault_from_below_is_said_in_the_reader_s_language() -> None:
    server = FilledLine("the mail server {place}", place="127.0.0.1:25")
    line = unreachable(server, system_fault(ConnectionRefusedError(111, "Connection refused")))
    text = "le serveur de courrier 127.0.0.1:25 est injoignable : connexion refusée"
    assert line == "the mail server 127.0.0.1:25 cannot be reached: Connection refused"
    for stored in (line, unpacked(json.loads(json.dumps(packed(line)))), copy(line)):
        assert (fault_in_words(stored, "fr"), fault_in_words(stored, "en")) == (text, line)
    run_failed = read(phrase("run_failed", why=line).stored_text)
    assert text in in_words(run_failed, "fr")


def test_a_name_that_is_a_word_of_ours_stays_a_name() -> None:
    assert fault_in_words("never", "fr") == "never"
    assert fault_in_words("", "fr") == ""


def test_what_a_server_said_stays_as_it_was() -> None:
    assert fault_in_words("451 come back later", "ar") == "451 come back later"
    assert phrase("about", what="a", said="451 later").in_words("es") == "a: 451 later"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("http_404: https://a.example/: answers 404", "répond 404 (http_404)"),
        ("too_large: https://a.example/", "sa réponse est trop grande (too_large)"),
        ("unheard_of: of what", "illisible (unheard_of)"),
        ("", ""),
        ("Rabat et Niamey, deux", "Rabat et Niamey, deux"),  # no name of a reason
    ],
)
def test_why_a_source_fails(error: str, expected: str) -> None:
    assert reason_in_words(error, "fr") == expected
    assert reason_in_words(error, "en") == error


def test_a_broken_value_costs_nothing_but_its_own_form() -> None:
    assert read('{"say":"few","with":{"a":{"number":3}}}') == phrase("few", a=("number", 3))
