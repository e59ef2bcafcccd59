"""`search`: words in bold, snippets for programs, and hints where nothing is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.text import Text

from scheduler.cli.commands.reading.search import _in_bold
from scheduler.searching.results import finder_of
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import register
from tests.storage.given import judged


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    silent = judged(3, relevant=False, title="Football", text="A transfer of the week.")
    return register(tmp_path_factory.mktemp("searched"), judged(1), judged(2), silent).folder


def test_programs_get_the_pieces_in_which_the_words_stand(folder: Path) -> None:
    shown = accordwatch("search", "minister", "--format", "jsonl", cwd=folder)
    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [match["text"] for row in rows for match in row["snippet"][0]["matches"]] == [
        "ministers",
        "ministers",
    ]


def test_a_table_has_the_sentence_below_the_title(folder: Path) -> None:
    shown = accordwatch("search", "tuesday", "--sort", "relevance", cwd=folder)
    assert "The two ministers signed it on Tuesday." in shown.stdout
    assert "ministers signed" not in accordwatch("search", cwd=folder).stdout


def test_words_are_in_bold_on_a_terminal() -> None:
    found = _in_bold(finder_of("tuesday"), "It was Tuesday.", "dim")
    assert isinstance(found, Text)
    assert found.plain == "It was Tuesday."
    assert [(span.start, span.end) for span in found.spans if "bold" in str(span.style)] == [
        (7, 14)
    ]


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
    folder: Path, typed: str, locale: str | None, said: str
) -> None:
    shown = accordwatch("search", typed, cwd=folder, locale=locale)
    assert (shown.returncode, shown.stdout) == (0, "")
    assert said in shown.stderr


def test_a_subscription_cannot_ask_for_a_day_in_the_past(folder: Path) -> None:
    shown = accordwatch("subscriptions", "preview", "--as-of", "2026-03-01", cwd=folder)
    assert shown.returncode == 2
    assert "--as-of: alerts tell what is new, so leave “2026-03-01” out." in shown.stderr
