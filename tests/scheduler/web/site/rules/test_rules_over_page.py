"""An editor tries a rule on what is stored, and reads what it would change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.trials import TrialKind, begin_trial, end_trial
from tests.scheduler.web.site.editing.filled_forms import fill, form_in, send
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW

OVER = "/rules/over"
ROW = {"id": 1, "title": "Rabat talks", "change": "alert", "agreement": "A1", "language": "en"}


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path, editor="amina") as site:
        yield site


def ended(site: Site, found: dict[str, Any]) -> str:
    with database_of(site).begin() as s:
        number = begin_trial(s, TrialKind.RULE, {"text": "schema: 1"}, "amina", NOW)
        assert number is not None
        end_trial(s, number, found, NOW)
    return f"{OVER}/{number}"


def test_what_would_change_is_listed_by_kind_of_change(editing: Site) -> None:
    rows = [ROW, {**ROW, "id": 2, "title": "Tunis talks", "change": "silent"}]
    found = {"read": 900, "of": 2000, "counts": {"alert": 1, "silent": 7}, "rows": rows}
    shown = editing.ask(ended(editing, found)).text
    assert "900 documents were judged" in shown
    assert "There was no time for more" in shown
    assert shown.index("would become an alert") < shown.index("Rabat talks</a>")
    assert shown.index("would no longer wait") < shown.index("Tunis talks</a>")
    assert "1 is shown" in shown
    assert ">schema: 1</textarea>" in shown


def test_a_rule_that_cannot_be_read_is_shown_with_its_faults(editing: Site) -> None:
    place = ended(editing, {"fault": "rule", "line": "4:5: treshold: is no key of a rule"})
    assert "treshold: is no key of a rule" in editing.ask(place).text


@pytest.mark.parametrize(
    ("text", "said"), [(" ", "Write a rule"), ("x" * 20_001, "at most 20,000 characters")]
)
def test_what_is_no_rule_begins_nothing(editing: Site, text: str, said: str) -> None:
    answer = send(editing, OVER, fill(form_in(editing.ask(OVER), OVER), text=text))
    assert answer.code == 422
    assert said in answer.text


def test_one_rule_is_tried_at_a_time(editing: Site) -> None:
    with database_of(editing).begin() as s:
        begin_trial(s, TrialKind.RULE, {"text": "x"}, "edda", NOW)
    answer = send(editing, OVER, fill(form_in(editing.ask(OVER), OVER), text="schema: 1"))
    assert "Another rule is being tried" in answer.text


def test_the_trial_of_a_site_is_none_of_a_rule(editing: Site) -> None:
    with database_of(editing).begin() as s:
        begin_trial(s, TrialKind.SITE, {"url": "x"}, "edda", NOW)
    assert editing.ask(f"{OVER}/1").code == 404
