"""What the measurement on real news says of changes between two runs."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from benchmarks.crawl import site
from benchmarks.crawl.__main__ import chart
from benchmarks.filled import fill
from benchmarks.real import versioned
from benchmarks.real_changes import JudgedExample, changes, load, save
from benchmarks.real_entries import answered, entries_of, wilson
from crawler.judgement.judge import load_rules
from crawler.judgement.probability.weights import Weights
from crawler.process.process import judge_document
from storage.database.session import Database
from storage.lists import queries
from storage.records import Document
from storage.register.agreements import load_agreements

_SIGNED = Document(
    title="Morocco and Niger sign declaration against human trafficking",
    text="The ministers signed it in Rabat on Monday. It covers border control and returns.",
    language="en",
    published_on=date(2023, 4, 3),
    outlet="one.example",
    url="https://one.example/1",
    external_id="one",
)


def judged(name: str, outcome: str, is_ordinary: bool = True) -> JudgedExample:
    return JudgedExample(name, "feeds", outcome, 0.5, is_ordinary)


def test_alerts_that_come_and_go_are_told_and_nothing_else() -> None:
    before = [judged("stays", "alert"), judged("sinks", "alert"), judged("held back", "alert")]
    before += [judged("rises", "review"), judged("of one subject", "review", is_ordinary=False)]
    now = [judged("stays", "alert"), judged("sinks", "review"), judged("rises", "alert")]
    now += [judged("unheard of", "alert"), judged("of one subject", "alert", is_ordinary=False)]
    came, went = changes(before, now)
    assert [example.id for example in came] == ["rises", "unheard of"]
    assert [(example.id, example.outcome) for example in went] == [
        ("sinks", "review"),
        ("held back", "alert"),
    ]


def test_verdicts_are_kept_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    assert load(path) == []
    save([judged("one", "alert")], path)
    assert load(path) == [judged("one", "alert")]


def test_each_script_stands_in_the_table_with_a_document_that_is_there() -> None:
    folder = Path(__file__).parents[1] / "benchmarks"
    table = (folder / "README.md").read_text(encoding="utf-8")
    scripts = {path.name for path in folder.glob("*.py") if path.name != "__init__.py"}
    assert scripts == set(re.findall(r"`(\w+\.py)`", table)) - {"test_benchmarks.py"}
    for link in re.findall(r"\]\(([^)]+)\)", table):
        assert (folder / link.partition("#")[0]).exists(), link


def test_a_filled_database_has_so_many_documents_and_agreements(database: Database) -> None:
    fill(database, 30, 4)
    with database.read() as s:
        assert queries.count_stored(s) == 30
        assert [agreement.id for agreement in load_agreements(s, [4])] == ["A4"]


def test_real_pages_are_drawn_by_chance_and_always_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{folder}/{number}.html.gz" for folder in "ab" for number in range(40)]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(site, "_REAL", tmp_path)
    drawn = site.real_pages()
    assert site.real_pages() == drawn
    assert sorted(drawn) == sorted(tmp_path / name for name in names)
    assert 5 < sum(path.parent.name == "a" for path in drawn[:30]) < 25


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "page --documents 400 --agreements 20 --each 2",
        "page --documents 400 --agreements 20 --each 2 --filters",
        "register --documents 400",
        "judgement",
        "ratios",
        "crawl --pages 24 --share 15",
        "soak --minutes 0.3 --sites 3",
        "size",
    ],
)
def test_each_benchmark_runs(command: str) -> None:
    module, *options = command.split()
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_entries_of_a_stream_say_how_many_of_their_reports_are_right() -> None:
    again = replace(
        _SIGNED,
        title="Niger and Morocco agree to fight human trafficking",
        published_on=date(2023, 4, 5),
        outlet="two.example",
        url="https://two.example/2",
        external_id="two",
    )
    rules = load_rules()
    judged = [judge_document(document, rules) for document in (_SIGNED, again)]
    entries = entries_of(judged, {"one": True})
    assert [(len(entry.reports), entry.right) for entry in entries] == [(2, 1)]
    assert entries[0].agreement.parties == ("MA", "NE")
    assert entries_of(judged, {})[0].right == 0
    (beside_the_list,) = entries_of(judged, {"one": True}, knows_list=True)
    assert (len(beside_the_list.reports), beside_the_list.right) == (2, 1)


def test_an_entry_is_compared_with_what_a_second_reader_told_of_its_right_reports() -> None:
    answer = {
        "answer": "yes",
        "quote": "The ministers signed it in Rabat on Monday.",
        "parties": ["Morocco", "Niger"],
        "status": "signed",
        "day": "2023-04-03",
    }
    rules = load_rules()
    judged = answered(judge_document(_SIGNED, rules), answer, rules)
    (entry,) = entries_of([judged], {"one": True})
    assert (entry.is_sure, entry.is_open, entry.tells_what_was_read) == (True, False, True)
    (open_one,) = entries_of([judged], {"one": None})
    assert (open_one.is_open, open_one.tells_what_was_read) == (True, False)
    elsewhere = {**answer, "parties": ["Mali", "Niger"], "quote": "They met in Bamako on Monday."}
    (unproven,) = entries_of(
        [answered(judge_document(_SIGNED, rules), elsewhere, rules)], {"one": True}
    )
    assert not unproven.is_sure
    assert not unproven.tells_what_was_read


def test_an_interval_of_a_share_is_that_of_the_tables() -> None:
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)
    assert wilson(0, 0) == (0.0, 1.0)


def test_two_fits_of_one_day_have_versions_of_their_own() -> None:
    weights = Weights("2026-11-28", "news", -1.0, {"length": 0.5}, {})
    other = replace(weights, structure={"length": 0.6})
    assert versioned(weights).version == versioned(replace(weights)).version
    assert versioned(weights).version != versioned(other).version
    assert versioned(weights).version.startswith("2026-11-28-")


def test_the_chart_of_crawls_shows_what_was_kept() -> None:
    assert chart() in Path("docs/measured.md").read_text(encoding="utf-8")
