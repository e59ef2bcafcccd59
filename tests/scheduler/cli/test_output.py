"""What people and spreadsheets are shown."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from scheduler.cli.output import print_csv, print_table

COLUMNS = ("id", "parties", "what", "day", "place", "topics", "reports")
ROW = (
    "A12",
    "Switzerland, Tunisia",
    "memorandum of understanding",
    "2026-03-10",
    "Tunis",
    "readmission returns",
    "3",
)
SCRIPT = f"from scheduler.cli.output import print_table; print_table('', {COLUMNS!r}, [{ROW!r}, {ROW!r}])"


def on_a_terminal(script: str, columns: int) -> str:
    """What a terminal of that width is sent."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen([sys.executable, "-c", script], stdout=theirs, env=environ)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    assert process.wait() == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", said.decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 140])
def test_no_word_is_broken_however_narrow_the_screen(columns: int) -> None:
    said = on_a_terminal(SCRIPT, columns)
    words = said.replace("│", " ").replace(",", " ").split()
    for word in " ".join(ROW).replace(",", " ").split():
        assert words.count(word) >= 2, word
    assert max(map(len, said.splitlines())) <= columns


def test_a_wide_screen_has_a_table() -> None:
    assert "┃ id" in on_a_terminal(SCRIPT, 140)
    assert "┃" not in on_a_terminal(SCRIPT, 60)


def test_a_table_whose_words_fit_is_no_wider_than_the_screen() -> None:
    columns = ("pack", "sources", "trust", "states", "languages", "holds")
    row = (
        "international",
        "38",
        "official 14, press 17, ngo 7",
        "0",
        "en 34, fr 3, ar 1, es 2",
        "bodies of many states, and outlets of your own configuration",
    )
    script = SCRIPT.replace(repr(COLUMNS), repr(columns)).replace(repr(ROW), repr(row))
    said = on_a_terminal(script, 80)
    assert "┃ pack" in said
    assert said.splitlines()[0].endswith("┓")  # rich would cut it off


def test_a_pipe_has_room_for_the_longest_address(capsys: pytest.CaptureFixture[str]) -> None:
    address = "https://ministry.example/" + "x" * 300
    print_table("", ("id", "address"), [("a", address)])
    assert address in capsys.readouterr().out


def test_csv_has_the_keys_as_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv([{"slice": "all", "seen": 3}, {"slice": "fr", "seen": None}])
    print_csv([])
    assert capsys.readouterr().out == "slice,seen\r\nall,3\r\nfr,\r\n"
