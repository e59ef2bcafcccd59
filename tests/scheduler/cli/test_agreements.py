"""How sure agreements are, on the command line."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.configuration.config import load_configuration
from storage.errors import ConfigurationError
from storage.filter import Filter
from storage.records import Grade
from tests.scheduler.command_line import EVERY_GRADE, accordwatch
from tests.scheduler.exchange.given import read_csv
from tests.scheduler.given_digests import configured, register
from tests.storage.given import card, judged


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A1 is reported by two outlets, A2 by one, of which the judge is not sure."""
    cairo = card(parties=("EG", "EU"), place="العاصمة المصرية", place_key="cairo")
    guess = judged(3, card=cairo, outlet="Al Ahram")
    guess = replace(guess, verdict=replace(guess.verdict, probability=0.5))
    register(tmp_path, judged(1), judged(2, outlet="Le Fleuve"), guess)
    return tmp_path


def test_the_register_is_filtered_by_it_in_each_format(folder: Path) -> None:
    asked = ("agreements", "--grade", "unconfirmed")
    (line,) = accordwatch(*asked, "--format", "jsonl", cwd=folder).stdout.splitlines()
    assert json.loads(line)["grade"] == "unconfirmed"
    table = accordwatch(*asked, cwd=folder).stdout
    assert "unconfirmed" in table
    assert "Cairo" in table
    (row,) = csv.DictReader(accordwatch(*asked, "--format", "csv", cwd=folder).stdout.splitlines())
    assert row["grade"] == "unconfirmed"


def test_documents_are_filtered_by_it(folder: Path) -> None:
    asked = ("search", "--grade", "likely", "--format", "jsonl")
    found = accordwatch(*asked, cwd=folder).stdout.splitlines()
    assert {json.loads(line)["document_id"] for line in found} == {1, 2}


def test_what_is_no_degree_is_refused(folder: Path) -> None:
    done = accordwatch("agreements", "--grade", "maybe", cwd=folder)
    assert done.returncode == 2
    assert "--grade: “maybe” is not one of confirmed, likely," in done.stderr


def test_show_says_why(folder: Path) -> None:
    shown = accordwatch("show", "A1", cwd=folder).stdout
    assert "likely: Reported by 2 independent outlets: news.example and Le Fleuve." in shown
    assert "Reported only by Al Ahram" in accordwatch("show", "A2", cwd=folder).stdout


def test_the_data_set_has_it(folder: Path) -> None:
    done = accordwatch("export", "out", "--grade", "likely", cwd=folder)
    assert done.returncode == 0, done.stderr
    (agreement,) = read_csv(folder / "out/agreements.csv")
    unfiltered = accordwatch("export", "sure", cwd=folder)
    assert "1 unconfirmed are left out; with them: --grade confirmed" in unfiltered.stderr
    assert len(read_csv(folder / "sure/agreements.csv")) == 1
    every = accordwatch("agreements", "--format", "jsonl", cwd=folder)  # scripts rely on it
    assert len(every.stdout.splitlines()) == 2
    accordwatch("export", "all", *EVERY_GRADE, cwd=folder)
    assert len(read_csv(folder / "all/agreements.csv")) == 2
    assert (agreement["grade"], agreement["place_key"]) == ("likely", "rabat")


def test_a_subscription_asks_for_it(tmp_path: Path) -> None:
    wanted = "filter: {grades: [confirmed, likely]}"
    written = f"\nsubscriptions:\n  - {{id: a, channels: [file], {wanted}}}\n"
    chosen = configured(tmp_path, written)
    asked = Filter(grades=(Grade.CONFIRMED, Grade.LIKELY))
    assert chosen.subscriptions[0].filter == asked
    path = tmp_path / "accordwatch.yaml"
    path.write_text(path.read_text().replace("confirmed", "certain"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="grades"):
        load_configuration(path, environ={})


def test_names_find_parties_in_filters_and_in_words(folder: Path) -> None:
    for asked in (("--party", "Maroc"), ("المغرب والنيجر",), ("Morocco Niger",)):
        found = accordwatch("agreements", *asked, "--format", "jsonl", cwd=folder)
        assert [json.loads(line)["id"] for line in found.stdout.splitlines()] == ["A1"], asked
    said = accordwatch("search", "Morocco Niger", cwd=folder).stderr
    assert "Morocco and Niger as parties: 1 agreement: accordwatch agreements --party MA" in said
    said = accordwatch("agreements", "unheard Niger", cwd=folder).stderr
    assert "Niger as parties: 1 agreement: accordwatch agreements --party NE" in said


def test_what_finds_nothing_says_what_would_be_found(folder: Path) -> None:
    done = accordwatch("agreements", "--party", "MA", "--status", "ratified", cwd=folder)
    assert "Without “--status ratified”: 1 agreement" in done.stderr
    assert "Without “--party MA”" not in done.stderr
    assert (
        "Did you mean: Morocco Niger"
        in accordwatch("agreements", "Moroco Niger", cwd=folder).stderr
    )
    found = accordwatch("search", "unheard", "--party", "MA", cwd=folder).stderr
    assert "Without “unheard”: 2 documents" in found


def test_a_hint_names_an_option_as_it_is_typed(folder: Path) -> None:
    done = accordwatch("agreements", "--not-status", "signed", "--party", "MA", cwd=folder)
    assert "Without “--not-status signed”: 1 agreement" in done.stderr


def test_an_entry_is_confirmed_in_the_terminal(folder: Path) -> None:
    done = accordwatch("curate", "confirm", "A2", "--who", "amina", cwd=folder)
    assert "confirmed A2; to take it back: accordwatch curate undo 1" in done.stderr
    assert "Confirmed by a person: amina." in accordwatch("show", "A2", cwd=folder).stdout
    assert "confirmed A2" in accordwatch("decisions", cwd=folder).stdout
    assert "confirmed A2" in accordwatch("decisions", "--who", "Amina", cwd=folder).stdout
    nobody = accordwatch("decisions", "--who", "carl", cwd=folder)
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "'carl' has decided nothing; who has: amina" in nobody.stderr
    article = json.loads(accordwatch("decisions", "--format", "articles", cwd=folder).stdout)
    assert (article["relevant"], article["outlet"]) == (True, "Al Ahram")


def test_the_register_is_counted_by_rows_and_columns(folder: Path) -> None:
    asked = ("agreements", "--rows", "party", "--columns", "grade")
    shown = accordwatch(*asked, cwd=folder, locale="fr_FR.UTF-8")
    assert "Accords par partie et degré de confirmation" in shown.stderr
    assert [line.split("│")[1:3] for line in shown.stdout.splitlines() if "Maroc" in line]
    rows = [json.loads(line) for line in _lines(folder, *asked, "--format", "jsonl")]
    assert {row["party"]: row["total"] for row in rows} == {
        "EG": 1,
        "EU": 1,
        "MA": 1,
        "NE": 1,
        "": 2,
    }
    (row,) = (row for row in rows if row["party"] == "MA")
    assert (row["likely"], row["unconfirmed"]) == (1, 0)


def test_what_is_not_understood_of_a_count_ends_the_command(folder: Path) -> None:
    for asked in (
        ("--rows", "yaer"),
        ("--count", "all"),
        ("--rows", "year", "--compare", "Narnia"),
    ):
        ended = accordwatch("agreements", *asked, cwd=folder)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert asked[-1] in ended.stderr


def _lines(folder: Path, *arguments: str) -> list[str]:
    return accordwatch(*arguments, cwd=folder).stdout.splitlines()
