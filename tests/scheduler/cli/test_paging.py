"""A table that is longer than the screen goes through $PAGER, on a terminal only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scheduler.cli.screen import on_terminal
from tests.scheduler.command_line import succeed
from tests.scheduler.given_digests import register
from tests.storage.given import card, judged

STATES = ("AL", "DZ", "EG", "ES", "FR", "GM", "GR", "IT", "LY", "MA", "ML", "MR", "MT", "NE")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of 28 agreements; a pager that says that it ran and keeps what it was given."""
    made = tmp_path_factory.mktemp("paging")
    pairs = [(state, other) for other in ("SN", "TN") for state in STATES]
    register(made, *(judged(n, card=card(parties=pair)) for n, pair in enumerate(pairs, 1)))
    script = made / "pager"
    script.write_text('#!/bin/sh\necho "PAGED $*"\ncat > paged.txt\n', encoding="utf-8")
    script.chmod(0o755)
    return made


@pytest.fixture(autouse=True)
def nothing_paged(folder: Path) -> None:
    (folder / "paged.txt").unlink(missing_ok=True)


def test_a_long_table_goes_through_the_pager_with_its_options(folder: Path) -> None:
    code, screen = on_terminal("agreements", cwd=folder, PAGER="./pager -x 'two words'")
    assert code == 0
    assert "PAGED -x two words" in screen
    paged = (folder / "paged.txt").read_text(encoding="utf-8")
    assert "Albania" in paged
    assert "Albania" not in screen
    assert "28 agreements" in screen


@pytest.mark.parametrize("command", ["agreements", "search"])
def test_a_short_table_does_not(folder: Path, command: str) -> None:
    code, screen = on_terminal(command, "--party", "AL", cwd=folder, PAGER="./pager")
    assert (code, "PAGED" in screen, "Albania" in screen) == (0, False, True)


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (("--no-pager",), {"PAGER": "./pager"}),
        ((), {"PAGER": ""}),
        ((), {"PAGER": "cat"}),
        ((), {"PAGER": "./pager", "TERM": "dumb"}),
        (("--format", "jsonl"), {"PAGER": "./pager"}),
    ],
)
def test_where_no_pager_is_wanted_all_of_it_is_printed(
    folder: Path, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    code, screen = on_terminal("agreements", *options, cwd=folder, **environment)
    assert code == 0
    assert screen.count("Senegal") >= len(STATES)
    assert not (folder / "paged.txt").exists()


@pytest.mark.parametrize("pager", ["./gone --now", "'open quote"])
def test_a_pager_that_is_not_there_is_said_and_the_table_printed(folder: Path, pager: str) -> None:
    code, screen = on_terminal("agreements", cwd=folder, PAGER=pager)
    assert code == 0
    assert "see $PAGER, or --no-pager" in screen
    assert screen.count("Senegal") == len(STATES)


def test_a_reader_may_leave_in_the_middle(folder: Path) -> None:
    code, screen = on_terminal("agreements", cwd=folder, PAGER="true")
    assert (code, "Traceback" in screen, "fault" in screen) == (0, False, False)


def test_a_pipe_is_never_paged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "./pager")
    done = succeed("agreements", cwd=folder)
    assert done.stdout.count("Senegal") == len(STATES)
    assert not (folder / "paged.txt").exists()
