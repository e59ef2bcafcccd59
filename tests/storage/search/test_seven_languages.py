"""Queries by inflected and cliticised forms, in seven languages, find what speaks of them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from storage.database.session import Database
from storage.filter import Filter
from storage.languages import LANGUAGES
from storage.lists.queries import search
from storage.query_words import fold_query
from storage.records import Judged
from tests.storage.filing import put
from tests.storage.given import judged

LINES = Path(__file__).with_name("seven_languages.txt").read_text(encoding="utf-8").splitlines()
DOCUMENTS = [line for line in LINES if line.startswith("@")]
QUERIES = [line for line in LINES if re.match("[a-z]{2} ", line)]
# Queries that do not find all that speaks of them (lavoratrice: lavoratori; Boot: Boote), and hits in
# the query's own language that speak of something else (Botschaftern: Botschaften).
MISSED, WRONG = 2, 1


def document(number: int, line: str) -> Judged:
    _, name, language, whole = line.split(" ", 3)
    title, _, text = whole.partition(" | ")
    return judged(number, external_id=name, language=language, title=title, text=text)


@pytest.fixture(scope="module")
def filled(module_database: Database) -> Database:
    documents = [document(number, line) for number, line in enumerate(DOCUMENTS, 1)]
    with module_database.begin() as s:
        put(s, documents)
    return module_database


def test_inflected_forms_are_found_and_little_else(filled: Database) -> None:
    missed, wrong = list[str](), list[str]()
    with filled.read() as s:
        for line in QUERIES:
            query, _, names = line[3:].partition(": ")
            flt = Filter(query=fold_query(query))
            found = {row.external_id or "" for row in search(s, flt)}
            expected = set(names.split())
            missed += [line] * (not expected <= found)
            # Other languages have words of the same stem for the same thing: minister, ministre.
            own = {name for name in found if name.startswith(line[:2])}
            wrong += [f"{query}: {name}" for name in sorted(own - expected)]
    assert len(missed) <= MISSED, missed
    assert len(wrong) <= WRONG, wrong


def test_each_language_has_its_share_of_at_least_two_hundred_queries() -> None:
    count = Counter(line[:2] for line in QUERIES)
    assert set(count) == set(LANGUAGES)
    assert min(count.values()) >= 28
    assert sum(count.values()) >= 200
