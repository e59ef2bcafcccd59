"""What people and spreadsheets are shown; nothing from outside reaches a terminal raw."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.cli.main import main
from scheduler.cli.output import print_csv, print_jsonl, print_table, say, stderr, stdout
from scheduler.jobs.daemon.host_system import set_up_log
from tests.scheduler.cli.screen import on_terminal
from tests.scheduler.command_line import accordwatch, succeed
from tests.scheduler.given_digests import begun, collect, configured, opened, register
from tests.scheduler.notify.channels.hook_receiver import SECRET, Receiver, receiving
from tests.storage.given import NOW, judged

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


def test_json_lines_hold_no_control_character_and_lose_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    title = "a\x1b[31mb\x7fc\x85d\x9be"
    print_jsonl([{"title": title}])
    written = capsys.readouterr().out.removesuffix("\n")
    assert written.isprintable()
    assert json.loads(written)["title"] == title


@pytest.mark.parametrize("command", ["agreements", "search"])
def test_csv_on_a_terminal_holds_no_control_character(tmp_path: Path, command: str) -> None:
    register(tmp_path, judged(title="Rabat \x1b[2J\x9b31m and Niamey sign"))
    code, screen = on_terminal(command, "--format", "csv", cwd=tmp_path)
    assert code == 0, screen
    assert "Rabat [2J31m and Niamey sign" in screen
    assert [one for one in screen if not one.isprintable() and one not in "\r\n"] == []


# colours, a title, a line that goes up and is deleted, C1, and an override of the direction
RAW = "\x1b[31mred\x1b]0;title\x07 \x1b[1A\x1b[2K \x9b31m \u202egnp.exe"
OBEYED = "\x1b\x07\x9b\u202e"
CHANNELS = """
alerts: {{operator: [desk]}}
channels:
  - {{id: desk, kind: webhook, url: "{url}", secrets: [{{env: HOOK_SECRET}}], allow_private: true}}
"""
SUBSCRIPTIONS = """
subscriptions:
  - {id: everything, channels: [desk], rate: immediately}
"""


def obeyed(text: str) -> list[str]:
    return [character for character in text if character in OBEYED]


@pytest.mark.parametrize("printing", [say, stdout().print, stderr().print])
def test_a_line_for_the_terminal_is_cleaned(
    printing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    printing(f"an answer: {RAW}")
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "an answer: [31mred]0;title [1A[2K 31m gnp.exe" in said.replace("\n", "")
    assert obeyed(said) == []


@pytest.mark.parametrize("command", ["digest send", "doctor --send"])
def test_the_answer_of_a_webhook_is_cleaned(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with receiving(Receiver(said=RAW, answers=[(500, {})] * 4)) as receiver:
        chosen = configured(tmp_path, SUBSCRIPTIONS, CHANNELS.format(url=receiver.url))
        database = opened(chosen)
        begun(database, chosen, NOW - timedelta(days=1))
        collect(database, chosen, judged(1), now=NOW)
        database.close()
        with pytest.raises(SystemExit):
            main([*command.split(), "--config", str(chosen.path)])
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "answered 500" in said
    assert obeyed(said) == []


def test_an_error_is_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--config", f"{RAW}.yaml", "doctor"])
    said = capsys.readouterr().err
    assert "no such file" in said
    assert obeyed(said) == []


@pytest.mark.parametrize("as_json", [True, False])
def test_the_log_of_the_daemon_is_cleaned(
    capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    set_up_log(as_json=as_json).warning("not delivered", why=RAW)
    said = capsys.readouterr().err
    assert "gnp.exe" in said
    assert "\x1b[1A" not in said
    assert [one for one in said if one in "\x07\x9b\u202e"] == []


@pytest.mark.parametrize(
    "arguments", [["reder", "--help"], ["reder", "-h"], ["sources", "reder", "--help"]]
)
def test_help_of_a_word_that_is_no_command_is_refused(arguments: list[str]) -> None:
    done = accordwatch(*arguments)
    assert done.returncode == 2
    assert 'Unknown command "reder"' in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("typed", "meant"), [("serve", "web"), ("list", "agreements")])
def test_a_command_by_the_name_of_other_programs_is_understood(typed: str, meant: str) -> None:
    done = accordwatch(typed)
    assert done.returncode == 2
    assert f'Unknown command "{typed}". Did you mean "{meant}"?' in done.stderr
    succeed(meant, "--help")
