"""What is announced is told as announced: made sentences in seven languages, past and to come."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.judgement.judge import Rules, judge_reading, load_rules, read_document
from storage.records import Card, Document

_FILE = Path(__file__).with_name("announced.jsonl")
_ROWS = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines()]


@cache
def _rules() -> Rules:
    return load_rules()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _card(row: dict[str, Any]) -> Card:
    document = Document(row["title"], row["text"], row["lang"], _day(row["published"]))
    reading = read_document(document, _rules())
    return judge_reading(reading, document, _rules(), with_card=True).card


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["id"])
def test_what_is_announced_is_not_told_as_done(row: dict[str, Any]) -> None:
    card = _card(row)
    assert card.status in row["status"]
    assert card.event_date == _day(row["event_date"])
    assert card.expected_on == _day(row["expected_on"])


def test_the_sentences_are_of_both_kinds_in_every_language() -> None:
    told = Counter((row["lang"], row["told"]) for row in _ROWS)
    assert len(_ROWS) >= 100
    assert {lang for lang, _ in told} == {"en", "fr", "es", "it", "pt", "de", "ar"}
    assert all(told[lang, "announced"] >= 7 and told[lang, "done"] >= 4 for lang, _ in told)
