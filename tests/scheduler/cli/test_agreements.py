"""`agreements`, `search`, `changes` and `pending`: what they list, for people and for programs."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from rich.text import Text

from scheduler.cli.commands.reading.search import _in_bold
from scheduler.configuration.config import load_configuration
from scheduler.searching.results import finder_of
from storage.errors import ConfigurationError
from storage.filter import Filter
from storage.records import Grade, Status
from tests.scheduler.command_line import EVERY_GRADE, accordwatch, json_lines, succeed
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
    succeed("export", "out", "--grade", "likely", cwd=folder)
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
        assert [row["id"] for row in json_lines("agreements", *asked, cwd=folder)] == ["A1"], asked
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


def test_the_words_of_a_search_give_the_order(tmp_path: Path) -> None:
    old = card(parties=("IT", "TN"), event_date=date(2011, 4, 5))
    register(tmp_path, judged(1, card=old), judged(2))
    for asked, ids in (
        (("oldest signed agreements",), ["A1", "A2"]),
        (("signed agreements",), ["A2", "A1"]),
        (("oldest signed agreements", "--sort", "day"), ["A2", "A1"]),
    ):
        assert [row["id"] for row in json_lines("agreements", *asked, cwd=tmp_path)] == ids, asked


def test_what_comes_closest_to_a_search_without_hits_is_said(folder: Path) -> None:
    said = accordwatch("agreements", "money for Morocco Niger unheard", cwd=folder).stderr
    assert "Without “money, unheard”: 1 agreement" in said
    assert "accordwatch agreements --party MA --party NE" in said
    said = accordwatch("agreements", "Germany Gambia unheard", cwd=folder).stderr
    assert "Without “unheard”: 0 agreements. Read as filters" in said
    assert "accordwatch agreements" not in said
    said = accordwatch("agreements", "what was signed by two ministers", cwd=folder).stderr
    assert said.count("accordwatch agreements") == 1


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


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    silent = judged(3, relevant=False, title="Football", text="A transfer of the week.")
    return register(tmp_path_factory.mktemp("searched"), judged(1), judged(2), silent).folder


def test_programs_get_the_pieces_in_which_the_words_stand(searched: Path) -> None:
    rows = json_lines("search", "minister", cwd=searched)
    assert [match["text"] for row in rows for match in row["snippet"][0]["matches"]] == [
        "ministers",
        "ministers",
    ]


def test_a_table_has_the_sentence_below_the_title(searched: Path) -> None:
    shown = accordwatch("search", "tuesday", "--sort", "relevance", cwd=searched)
    assert "The two ministers signed it on Tuesday." in shown.stdout
    assert "ministers signed" not in accordwatch("search", cwd=searched).stdout


def test_words_are_in_bold_on_a_terminal() -> None:
    text = _in_bold(finder_of("tuesday"), "It was Tuesday.", "dim")
    assert isinstance(text, Text)
    assert text.plain == "It was Tuesday."
    assert [(span.start, span.end) for span in text.spans if "bold" in str(span.style)] == [(7, 14)]


@pytest.mark.parametrize(
    ("typed", "locale", "said"),
    [
        ("declaraton", None, "Similar words in stored titles: declaration"),
        ("transfer", None, "Found among other documents: --everything"),
        ("OR", None, "Left out: OR. This cannot be searched for"),
        ('"', "fr_FR.UTF-8", "Laissé de côté"),
        ("unheard", "ar_MA.UTF-8", "جرى البحث عن: unheard."),
    ],
)
def test_nothing_found_is_answered_with_a_hint(
    searched: Path, typed: str, locale: str | None, said: str
) -> None:
    shown = accordwatch("search", typed, cwd=searched, locale=locale)
    assert (shown.returncode, shown.stdout) == (0, "")
    assert said in shown.stderr


def test_a_subscription_cannot_ask_for_a_day_in_the_past(searched: Path) -> None:
    shown = accordwatch("subscriptions", "preview", "--as-of", "2026-03-01", cwd=searched)
    assert shown.returncode == 2
    assert "--as-of: alerts tell what is new, so leave “2026-03-01” out." in shown.stderr


NOW = datetime.now(UTC)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A1 was learnt 20 days ago, and a new step of it now; A2 three days ago."""
    later = card(status=Status.RATIFIED, event_date=NOW.date())
    for days, one in (
        (20, judged(1)),
        (3, judged(2, card=card(parties=("IT", "TN")))),
        (0, judged(3, card=later)),
    ):
        register(tmp_path, one, now=NOW - timedelta(days=days))
    return tmp_path


def learnt(changed: Path, *asked: str) -> list[tuple[str, str]]:
    done = succeed("changes", *asked, "--format", "jsonl", cwd=changed)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [(row["agreement_id"], row["kind"]) for row in rows]


def test_a_week_is_shown_unless_somebody_says_since_when(changed: Path) -> None:
    step, agreement = ("A1", "new_step"), ("A2", "new_agreement")
    assert learnt(changed) == [step, agreement]
    assert learnt(changed, "--days", "1") == [step]
    month = (NOW - timedelta(days=30)).date().isoformat()
    assert learnt(changed, "--since", month) == [agreement, ("A1", "new_agreement")]
    assert learnt(changed, "--party", "Maroc") == [step]


def test_the_table_says_when_it_was_learnt_and_how_much_there_is(changed: Path) -> None:
    done = accordwatch("changes", cwd=changed)
    assert "New stage" in done.stdout
    assert "ratified" in done.stdout
    assert "2 changes" in done.stderr
    nothing = accordwatch("changes", "--days", "1", "--party", "IT", cwd=changed)
    assert nothing.stdout == ""
    assert "Nothing new" in nothing.stderr
    cut = accordwatch("changes", "--limit", "1", cwd=changed)
    assert "there may be more" in cut.stderr


def test_csv_has_the_same_rows(changed: Path) -> None:
    head, *rows = accordwatch("changes", "--format", "csv", cwd=changed).stdout.splitlines()
    assert head.startswith("learnt_at,kind,agreement_id,name,status,on,expected_on,parties,grade")
    assert len(rows) == 2


def test_a_table_and_lines_of_what_waits(tmp_path: Path) -> None:
    register(tmp_path, judged(1))
    table = accordwatch("pending", cwd=tmp_path)
    assert "2026-03-10" in table.stdout
    assert "no text found" in table.stdout
    (row,) = json_lines("pending", cwd=tmp_path)
    assert (row["id"], row["pending_since"], row["text"]) == ("A1", "2026-03-10", "missing")
    cited = accordwatch("show", "A1", "--cite", "bibtex", cwd=tmp_path).stdout
    assert cited.startswith("@misc{accordwatch-A1,\n")
    assert cited.endswith("}\n")
    nothing = accordwatch("pending", "--party", "IT", cwd=tmp_path)
    assert "Nothing waits for ratification." in nothing.stderr
    assert nothing.returncode == 0
    assert "--text: “x” is not one of" in accordwatch("pending", "--text", "x", cwd=tmp_path).stderr
