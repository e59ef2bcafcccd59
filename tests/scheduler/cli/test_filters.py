"""A filter that is not understood ends every command that takes filters, and nothing is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scheduler.command_line import accordwatch
from tests.scheduler.configuration.misread_values import VALUES
from tests.scheduler.given_digests import register
from tests.storage.given import judged

COMMANDS = (
    ("agreements",),
    ("search",),
    ("changes",),
    ("pending",),
    ("export", "out"),
    ("subscriptions", "preview"),
    ("subscriptions", "add", "amina@ngo.example"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return register(tmp_path_factory.mktemp("asked"), judged(1)).folder


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_filter_says_what_it_does_not_understand_and_what_is_near(
    folder: Path, command: tuple[str, ...]
) -> None:
    options = [word for name, (value, _) in VALUES.items() for word in (_option(name), value)]
    shown = accordwatch(*command, *options, cwd=folder)
    assert (shown.returncode, shown.stdout) == (2, "")
    lines = shown.stderr.splitlines()
    assert len(lines) == len(VALUES)
    for name, (value, near) in VALUES.items():
        (line,) = (
            one for one in lines if one.startswith(f"accordwatch: {_option(name)}: “{value}”")
        )
        assert near in line
    assert not (folder / "out").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_slip_in_the_name_of_a_filter_too_many_values_or_words_are_refused(
    folder: Path, command: tuple[str, ...]
) -> None:
    sources = [word for number in range(51) for word in ("--source", f"s{number}")]
    for options in (["--partyy", "MA"], sources):
        shown = accordwatch(*command, *options, cwd=folder)
        assert (shown.returncode, shown.stdout) == (2, "")
    assert "--source: 51 values, but at most 50" in shown.stderr


def test_it_is_said_in_the_language_of_the_terminal(folder: Path) -> None:
    shown = accordwatch("agreements", "--party", "Marok", cwd=folder, locale="fr_FR.UTF-8")
    assert "« Marok » n’est pas une partie connue" in shown.stderr


def test_an_option_without_a_value_is_refused_rather_than_left_out(folder: Path) -> None:
    for options in (["--since", ""], ["--party", " "], ["--party", "MA", "--topic", ""]):
        answer = accordwatch("agreements", *options, cwd=folder)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr == f"accordwatch: {options[-2]}: the value is missing.\n"


def test_a_limit_beyond_all_numbers_of_rows_is_refused(folder: Path) -> None:
    answer = accordwatch("agreements", "--limit", "9" * 20, cwd=folder)
    assert answer.returncode == 2
    assert "Must be <= 2147483647" in answer.stderr
