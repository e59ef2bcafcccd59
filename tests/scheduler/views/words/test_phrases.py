"""Sentences about the system itself: complete in each language, and kept without their words."""

from __future__ import annotations

import json
from copy import copy
from datetime import date

import pytest

from scheduler.notify.channels.message import unreachable
from scheduler.views.words.phrases import in_words, reason_in_words
from storage.errors import system_fault
from storage.phrases import Phrase, day, figure, number, packed, read, stored_text, unpacked

FILLED = Phrase(
    "the source {source} {what}",
    source="fleuve",
    what=Phrase(
        "documents of the last day: {documents} ({daily} a day); at {rate} false "
        "alarms in 10,000, {expected} false alarms a day are expected{few}",
        "documents of the last {n} days: {documents} ({daily} a day); at {rate} "
        "false alarms in 10,000, {expected} false alarms a day are expected{few}",
        n=14,
        documents=number(1234),
        daily=number(88),
        rate=figure(4, 3),
        expected=figure(0.04, 2),
        few="",
    ),
)


def test_a_phrase_that_was_kept_is_the_same_phrase() -> None:
    assert read(stored_text(FILLED)) == FILLED
    assert in_words(read(stored_text(FILLED)), "fr") == in_words(FILLED, "fr")


@pytest.mark.parametrize(
    "text",
    [
        "the source fleuve fails",
        '{"form":',
        '{"form": "{n} days"}',
        '{"form": "{n} days", "with": {}}',
        '{"form": "{n} days", "with": {"n": {}}}',
    ],
)
def test_a_finished_sentence_is_shown_as_it_is(text: str) -> None:
    assert in_words(read(text), "fr") == text


def test_values_are_written_as_the_language_does() -> None:
    assert "1,234" in in_words(FILLED, "en")
    assert "1\u202f234" in in_words(FILLED, "fr")
    stopped = Phrase(
        "has new addresses, but its newest document is of {day}; find what took its"
        " place: accordwatch sources add {home}",
        day=day(date(2026, 3, 7)),
        home="https://a.example",
    )
    assert "is of 7 March;" in in_words(stopped, "en")
    assert "del 7 de marzo;" in in_words(stopped, "es")


def test_small_and_large_figures_are_written_out() -> None:
    text = Phrase(
        "documents of the last day: {documents} ({daily} a day); at {rate} false "
        "alarms in 10,000, {expected} false alarms a day are expected{few}",
        "documents of the last {n} days: {documents} ({daily} a day); at {rate} "
        "false alarms in 10,000, {expected} false alarms a day are expected{few}",
        n=1,
        documents=1,
        daily=1,
        rate=figure(4, 3),
        expected=figure(0.00361, 2),
        few="",
    )
    assert "in 10,000, 0.0036 false alarms" in in_words(text, "en")
    assert "0,0036" in in_words(text, "fr")
    large = Phrase(
        "documents of the last day: {documents} ({daily} a day); at {rate} false "
        "alarms in 10,000, {expected} false alarms a day are expected{few}",
        "documents of the last {n} days: {documents} ({daily} a day); at {rate} "
        "false alarms in 10,000, {expected} false alarms a day are expected{few}",
        n=1,
        documents=1,
        daily=1,
        rate=figure(4, 3),
        expected=figure(1234, 2),
        few="",
    )
    assert "10,000, 1200 false alarms" in in_words(large, "en")


def test_a_fault_from_below_is_said_in_the_reader_s_language() -> None:
    server = Phrase("the mail server {place}", place="127.0.0.1:25")
    line = unreachable(server, system_fault(ConnectionRefusedError(111, "Connection refused")))
    text = "le serveur de courrier 127.0.0.1:25 est injoignable : connexion refusée"
    assert line == "the mail server 127.0.0.1:25 cannot be reached: Connection refused"
    for stored in (line, unpacked(json.loads(json.dumps(packed(line)))), copy(line)):
        assert (in_words(stored, "fr"), in_words(stored, "en")) == (text, line)
    run_failed = read(stored_text(Phrase("a run could not do its work: {why}", why=line)))
    assert text in in_words(run_failed, "fr")


def test_a_name_that_is_a_word_of_ours_stays_a_name() -> None:
    assert in_words("never", "fr") == "never"
    assert in_words("", "fr") == ""


def test_what_a_server_said_stays_as_it_was() -> None:
    assert in_words("451 come back later", "ar") == "451 come back later"
    assert in_words(Phrase("{what}: {said}", what="a", said="451 later"), "es") == "a: 451 later"


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
