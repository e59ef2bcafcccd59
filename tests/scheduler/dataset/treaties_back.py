"""From the columns of a treaty database back to our facts, by the same mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel import Locale

from scheduler.dataset.formats.treaties.facts import CLOSED
from scheduler.dataset.formats.treaties.mapping import TheirColumn, TreatyMapping
from scheduler.words.labels import body_codes, labels_of

Row = Mapping[str, str]
_LISTS = ("topics", "parties")
_DAYS = ("signed_on", "ratified_on", "in_force_on", "terminated_on")


def facts_back(rows: Sequence[Row], asked: TreatyMapping) -> dict[str, dict[str, Any]]:
    """The facts that survive, by the id of the agreement."""
    by_id: dict[str, dict[str, Any]] = {}
    for row in rows:
        found = _of_row(row, asked)
        facts = by_id.setdefault(str(found["id"]), found)
        if asked.rows == "party" and found.get("party"):
            facts["parties"] = (*facts.get("parties", ()), found["party"])
        if asked.two_parties:
            facts["parties"] = (found["first_party"], found["second_party"])
    return {
        name: {fact: facts.get(fact) or _nothing(fact) for fact in asked.survives}
        for name, facts in by_id.items()
    }


def _nothing(fact: str) -> Any:
    return () if fact in _LISTS else None


def _of_row(row: Row, asked: TreatyMapping) -> dict[str, Any]:
    assert list(row) == list(asked.column_names)
    facts: dict[str, Any] = {}
    for column in asked.columns:
        cell = re.sub(r"^'(?=[=+\-@\t\r])", "", row[column.name])
        if column.empty:
            assert cell == "", column.name
        elif cell:
            facts |= _of_cell(column, cell, asked)
    return facts


def _of_cell(column: TheirColumn, cell: str, asked: TreatyMapping) -> dict[str, Any]:
    if len(column.holds) == 1:
        return {column.holds[0]: _value(column.holds[0], cell, asked)}
    if not any(fact in CLOSED for fact in column.holds):  # a day, and what stands behind it
        return {column.holds[0]: _value(column.holds[0], cell.split(column.joint)[0], asked)}
    return {
        fact: _value(fact, "; ".join(mine), asked)
        for fact in column.holds
        if (mine := [word for word in cell.split("; ") if word in asked.values[fact].values()])
    }


def _value(fact: str, text: str, asked: TreatyMapping) -> Any:
    if fact in _DAYS:
        return _day(text, asked.day)
    if fact in _LISTS:
        return tuple(_ours(fact, word, asked) for word in text.split("; "))
    return _ours(fact, text, asked)


def _ours(fact: str, word: str, asked: TreatyMapping) -> str:
    if "part" in fact:
        return _party_codes(asked)[word]
    ours = {theirs: own for own, theirs in asked.values.get(fact, {}).items()}
    return ours.get(word, word)


def _party_codes(asked: TreatyMapping) -> dict[str, str]:
    territories = map(str, Locale("en").territories)
    codes = {code for code in territories if len(code) == 2} | body_codes()
    names = {labels_of("en").party(code): code for code in sorted(codes)}
    return names | {name: code for code, name in asked.values.get("parties", {}).items()}


def _day(text: str, pattern: str) -> date:
    marks = re.sub(r"\\?\{(\w+)(:\d+)?\\?\}", r"(?P<\1>\\d+)", pattern)
    found = re.fullmatch(marks, text)
    assert found, (text, pattern)
    return date(**{name: int(number) for name, number in found.groupdict().items()})
